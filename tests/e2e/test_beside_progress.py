# SPDX-License-Identifier: Apache-2.0
"""What a migration prints on a terminal while progress is shown: on lines of its own."""

from __future__ import annotations

import pytest
from workbench import Project

FIRST = "20240101000000"
ERASED = "\r\x1b[K"

# Each turn reads one batch more, and by then progress is shown.
READING = """
import sys, time
cursor = env.db.users.find(batch_size=2)
seen = [next(cursor), next(cursor)]
time.sleep(1.1)
seen.append(next(cursor))
{}
seen.extend(cursor)
assert len(seen) == 8
"""


def on_terminal(project: Project, code: str) -> list[str]:
    """The lines as they stay on the terminal, each without what was erased; and progress has been there."""
    project.db.users.insert_many([{"_id": number} for number in range(8)])
    project.add(FIRST, upgrade=READING.format(code))
    result = project.in_terminal("upgrade", NO_COLOR="1")
    assert result.code == 0, result
    assert "reading users" in result.out
    return [line.rpartition(ERASED)[2] for line in result.out.rstrip("\n").split("\n")]


@pytest.mark.parametrize(
    "code",
    [
        "print('by the migration')",
        "print('by the migration', file=sys.stderr)",
        "env.log.warning('by the migration')",
        "sys.stdout.write('by the migration\\n')",
        "sys.stdout.writelines(['by the ', 'migration', '\\n'])",
        "print('by the', end=' ')\nprint('migration')",
        "print('by the migration', end='', flush=True)",
        "sys.stdout.write('by the '); sys.stdout.flush(); print('migration')",
    ],
)
def test_what_is_printed_has_lines_of_its_own(project: Project, code: str) -> None:
    lines = on_terminal(project, code)
    assert [line for line in lines if "migration" in line] in (["by the migration"], ["WARNING by the migration"])
    assert not any("reading" in line for line in lines[:-1] if "migration" in line)
    assert "" not in lines


def test_many_lines_stay_in_their_order(project: Project) -> None:
    code = "print('one')\nprint('two', file=sys.stderr)\nenv.log.info('three')\nprint('four\\nfive')"
    lines = on_terminal(project, code)
    begin = lines.index("one")
    assert lines[begin : begin + 5] == ["one", "two", "INFO three", "four", "five"]


def test_the_streams_stay_what_they_are(project: Project) -> None:
    code = "assert sys.stdout.isatty() and sys.stdout.fileno() == 1 and sys.stderr.encoding\nprint('as ever')"
    assert "as ever" in on_terminal(project, code)
