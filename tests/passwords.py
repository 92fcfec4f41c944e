# SPDX-License-Identifier: Apache-2.0
"""The passwords that the tests work with, and the search for them in whatever comes out: no output, log, record, journal entry or
error of the whole run may hold one, in any of the forms in which it could get there.

Every project of these tests signs in with PASSWORD, so each command is a case. tests/conftest.py has all of it looked at without a word in the tests: what
processes print, what errors say, what is logged, what a test's databases and project folders hold. A test in which a password came
out fails.
"""

from __future__ import annotations

import base64
import contextlib
import json
import logging
import subprocess
from pathlib import Path
from typing import Any, Iterator, Union
from urllib.parse import quote

import pytest
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pymongo.errors import PyMongoError
from treering.errors import TreeringError

USER = "keeper"
PASSWORD = "zEhn7-gEheim-9fUchs"  # like nothing else that could stand in an output

_RAW = CodecOptions(document_class=RawBSONDocument)  # whatever a document holds

_known: set[str] = set()
_found: list[str] = []  # not raised at once: an error's text is looked at where nobody could tell of another error


def known(password: str) -> str:
    """From here on, this one too must not be found. Gives it back."""
    assert len(password) >= 6, "too short to be told from other text"
    in_json = json.dumps(password)[1:-1]
    _known.update(
        {
            password,
            repr(password)[1:-1],
            in_json,
            in_json.replace("/", "\\/"),
            quote(password, safe=""),
            base64.b64encode(password.encode()).decode().rstrip("="),
            password.encode().hex(),
        }
    )
    return password


known(PASSWORD)


def look_at(text: Union[str, bytes, None], place: str) -> None:
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    for password in _known:
        at = (text or "").find(password)
        if at >= 0:
            _found.append(f"a password shows in {place}: ...{text[max(0, at - 200) : at]}[it]...")


def look_at_database(database: Any) -> None:
    """Every document of it, names of collections and indexes included."""
    for found in list(database.list_collections()):
        place = f"{database.name}.{found['name']}"
        look_at(repr(found), place)
        if found["type"] == "view":
            continue
        collection = database.get_collection(found["name"], _RAW)
        for document in collection.find():
            look_at(bytes(document.raw), place)
        look_at(repr(list(collection.list_indexes())), place)


def look_at_folder(folder: Path) -> None:
    """Every file of a project but its configuration, which a person wrote."""
    for path in folder.rglob("*"):
        if path.is_file() and path.name not in ("treering.toml", "pyproject.toml"):
            look_at(path.read_bytes(), str(path))


# --- what is looked at in every test


def _look_at_processes(patch: pytest.MonkeyPatch) -> None:
    """All that is read with `communicate`, as by subprocess.run. A test that reads a process in another way calls `look_at`."""
    communicate = subprocess.Popen.communicate

    def looking(process: Any, *arguments: Any, **options: Any) -> Any:
        streams = communicate(process, *arguments, **options)
        for printed in streams:
            look_at(printed, f"what {process.args!r:.200} printed")
        return streams

    patch.setattr(subprocess.Popen, "communicate", looking)


def _look_at_errors(patch: pytest.MonkeyPatch, kind: type[Exception]) -> None:
    """Each error of this process as it is made, whoever catches it."""
    make = kind.__init__

    def looking(error: Any, *arguments: Any, **options: Any) -> None:
        make(error, *arguments, **options)
        look_at(f"{error} {arguments!r} {vars(error)!r}", f"the text of a {type(error).__name__}")

    patch.setattr(kind, "__init__", looking)


class _LookAtLogs(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        look_at(self.format(record), f"the log of {record.name}")


@contextlib.contextmanager
def watched() -> Iterator[None]:
    """Processes, errors and logs are looked at."""
    handler, log = _LookAtLogs(), logging.getLogger("treering")
    level = log.level
    with pytest.MonkeyPatch.context() as patch:
        _look_at_processes(patch)
        _look_at_errors(patch, TreeringError)
        _look_at_errors(patch, PyMongoError)
        logging.getLogger().addHandler(handler)
        log.setLevel(logging.DEBUG)
        yield
    log.setLevel(level)
    logging.getLogger().removeHandler(handler)


def fail_where_found(report: pytest.TestReport) -> None:
    """Looks at what the test itself printed and logged, and lets it fail for everything that was found meanwhile."""
    for name, text in report.sections:
        look_at(text, name)
    if not _found:
        return
    told = "\n".join(dict.fromkeys(_found))
    _found.clear()
    if report.failed:
        report.sections.append(("passwords", told))
    else:
        report.outcome, report.longrepr = "failed", told
