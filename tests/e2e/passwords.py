# SPDX-License-Identifier: Apache-2.0
"""The passwords that the tests work with, and the search for them in whatever comes out: no output, log, record, journal entry or
error of the whole run may hold one, in any of the forms in which it could get there.

Every project of these tests signs in with PASSWORD, so each command is a case.
"""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import quote

USER = "keeper"
PASSWORD = "zEhn7-gEheim-9fUchs"  # like nothing else that could stand in an output

_known: set[str] = set()


def known(password: str) -> str:
    """From here on, this one too must not be found. Gives it back."""
    assert len(password) >= 6, "too short to be told from other text"
    _known.update(
        {
            password,
            quote(password, safe=""),
            base64.b64encode(password.encode()).decode().rstrip("="),
            password.encode().hex(),
        }
    )
    return password


known(PASSWORD)


def require_absent(text: str, place: str) -> None:
    for password in _known:
        at = text.find(password)
        assert at < 0, f"a password shows in {place}: ...{text[max(0, at - 200) : at]}[it]..."


def require_absent_in_database(database: Any) -> None:
    """In every document of a test's database, names of collections and indexes included."""
    for found in list(database.list_collections()):
        place = f"{database.name}.{found['name']}"
        require_absent(repr(found), place)
        if found["type"] == "view":
            continue
        for document in database[found["name"]].find():
            require_absent(repr(document), place)
        require_absent(repr(database[found["name"]].index_information()), place)
