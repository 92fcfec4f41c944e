# SPDX-License-Identifier: Apache-2.0
"""What an error has to be like, whatever it is about."""

from __future__ import annotations

import re
from typing import Any

from workbench import Project, Result

# What acts on a terminal or reorders what a reader sees. Line ends and tabs are layout.
ACTING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


def harmless(result: Result) -> Result:
    """Nothing in the output acts on a terminal, and no error of ours was left uncaught."""
    found = ACTING.search(result.text)
    assert not found, f"{found[0]!r} in\n{result!r}"
    assert "Traceback" not in result.text and "internal error" not in result.text, result
    assert result.code >= 0, f"killed by a signal\n{result}"
    return result


def refused(project: Project, *arguments: str, code: int = 2, holds: tuple[str, ...] = (), **options: Any) -> Result:
    """The command ends with that code, says all of `holds` on stderr without a traceback, and changes nothing."""
    with project.unchanged():
        result = harmless(project.run(*arguments, expect=code, **options))
    for text in holds:
        assert text in result.err, f"{text!r} is missing in\n{result}"
    assert result.err.startswith("error: "), result
    with project.unchanged():
        document = harmless(project.run(*arguments, "--json", expect=code, **options)).json
    assert document["exit_code"] == code and document["error"]["message"], document
    return result
