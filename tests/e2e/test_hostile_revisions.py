# SPDX-License-Identifier: Apache-2.0
"""Revision files and folders that somebody broke, or wrote to do harm: each an error with its file, and nothing changed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Callable, Union

import pytest
from refusal import harmless, refused
from workbench import Project, marker

A, B, C, D = "20241210120000", "20241210130000", "20241210140000", "20241210150000"
FILE_C = f"migrations/versions/{C}_step.py"


@pytest.fixture
def plain(bare_project: Project) -> Project:
    bare_project.versions.mkdir(parents=True)
    bare_project.config("")
    bare_project.add(A)
    bare_project.add(B, A)
    return bare_project


def refused_everywhere(project: Project, *holds: str) -> None:
    for command in ("heads", "upgrade"):
        refused(project, command, holds=holds)


# --- one value of the header

# What is no id: not a literal, or one that could act where ids are shown, leave the folder or mean something else.
VALUES = {
    "a call": "str('x')",
    "an f-string": "f'x'",
    "a format": "'%s' % 'x'",
    "a sum": "'a' + 'b'",
    "a name": "NAME",
    "an attribute": "os.sep",
    "a number": "20241210140000",
    "a float": "1.5",
    "true": "True",
    "bytes": "b'x'",
    "a lambda": "lambda: 'x'",
    "a comprehension": "[x for x in 'ab']",
    "a set": "{'a'}",
    "a dict": "{'a': 'b'}",
    "an ellipsis": "...",
    "a conditional": "'a' if 1 else 'b'",
    "a walrus": "(x := 'a')",
    "a star": "*'a',",
    "nested": "(('a',),)",
    "a number in a tuple": "('a', 1)",
    "None in a tuple": "('a', None)",
    "an open string": "'a",
    "an open triple string": '"""a',
    "an open bracket": "('a',",
    "a wrong bracket": "('a']",
    "brackets 1,000 deep": "(" * 1000 + "'a'" + ")" * 1000,
    "lists 1,000 deep": "[" * 1000 + "'a'" + "]" * 1000,
    "an escape that is none": "'\\x4'",
    "a name that is none": "'\\N{NO SUCH CHARACTER}'",
    "a surrogate": "'\\ud800'",
    "a line end": "'a\\nb'",
    "a NUL": "'a\\0b'",
    "a terminal's escape": "'a\\x1b[2Jb'",
    "a title": "'a\\x1b]0;owned\\x07b'",
    "a link": "'a\\x1b]8;;http://x\\x1b\\\\b'",
    "a bell": "'a\\x07'",
    "DEL": "'a\\x7fb'",
    "quotes": "'a\"b'",
    "a quote": '"a\'b"',
    "a backslash": "'a\\\\b'",
    "a way out": "'../../x'",
    "an absolute path": "'/etc/passwd'",
    "a path": "'a/b'",
    "a symbol": "'head'",
    "base": "'base'",
    "steps": "'a+1'",
    "minus": "'a-1'",
    "a label": "'a@b'",
    "a range": "'a:b'",
    "spaces": "'a b'",
    "nothing": "''",
    "huge": "'" + "x" * 5000 + "'",
}
# A bare expression is no find where the name may be missing; these are what the names of the header share.
NAMES = ("revision", "down_revision", "branch_labels", "depends_on")
HEADER = [(name, value) for name in NAMES for value in VALUES]


@pytest.mark.parametrize("name, value", HEADER)
def test_a_value_that_is_none(plain: Project, name: str, value: str) -> None:
    path = plain.add(C, B)
    lines = path.read_text(encoding="utf-8").split("\n")
    [at] = [number for number, line in enumerate(lines) if line.startswith(name + " = ")]
    lines[at] = f"{name} = {VALUES[value]}"
    path.write_text("\n".join(lines), encoding="utf-8")
    refused(plain, "heads", holds=(f"{FILE_C}:",))


# --- whole files

Text = Union[str, bytes]


def whole(header: str, body: str = "def upgrade(env):\n    pass\n\n\ndef downgrade(env):\n    pass\n") -> str:
    return f"{header}\n\n\n{body}"


SOUND_HEADER = f"revision = '{C}'\ndown_revision = '{B}'\n"
FILES: dict[str, tuple[Text, tuple[str, ...]]] = {
    "nothing": ("", (FILE_C,)),
    "no header": ("def upgrade(env):\n    pass\n", (FILE_C, "header")),
    "a header inside a function": ("def upgrade(env):\n    revision = 'x'\n", (FILE_C, "header")),
    "a header inside a class": ("class A:\n    revision = 'x'\n", (FILE_C, "header")),
    "a header after the code": (whole("", "def upgrade(env):\n    pass\n" + SOUND_HEADER), (FILE_C, "header")),
    "a header in a string": (f'"""\n{SOUND_HEADER}"""\n', (FILE_C, "header")),
    "UTF-16": (whole(SOUND_HEADER).encode("utf-16"), (FILE_C,)),
    "only a byte order mark": (b"\xef\xbb\xbf", (FILE_C,)),
    "bytes": (bytes(range(256)) * 40, (FILE_C,)),
    "zeros": (b"\0" * 10_000, (FILE_C,)),
    "no parent": (f"revision = '{C}'\n", (FILE_C + ":1", "down_revision")),
    "an unpacking": (f"revision, down_revision = '{C}', '{B}'\n", (FILE_C + ":1",)),
    "an addition": (f"revision = '{C}'\nrevision += 'x'\ndown_revision = None\n", (FILE_C + ":2",)),
    "another id": (f"revision = '{D}'\ndown_revision = None\n", (FILE_C, D)),
    "the parent's id": (f"revision = '{B}'\ndown_revision = None\n", (FILE_C, B)),
    "itself as parent": (f"revision = '{C}'\ndown_revision = '{C}'\n", (FILE_C,)),
    "itself as dependency": (SOUND_HEADER + f"depends_on = '{C}'\n", (FILE_C,)),
    "a parent that nobody has": (f"revision = '{C}'\ndown_revision = 'nosuch'\n", (FILE_C, "nosuch")),
    "a dependency that nobody has": (SOUND_HEADER + "depends_on = 'nosuch'\n", (FILE_C, "nosuch")),
    "a dependency that is two": (SOUND_HEADER + "depends_on = '202412101'\n", (FILE_C, A, B)),
    "a label like an id": (SOUND_HEADER + f"branch_labels = '{A}'\n", (FILE_C, A)),
    "a label twice": (SOUND_HEADER + "branch_labels = ('x', 'x')\ntransactional = 5\n", (FILE_C + ":4",)),
    "a transaction of text": (SOUND_HEADER + "transactional = 'yes'\n", (FILE_C + ":3", "transactional")),
    "a transaction of a call": (SOUND_HEADER + "transactional = bool(1)\n", (FILE_C + ":3", "transactional")),
    "10,000 brackets": (SOUND_HEADER + "depends_on = " + "(" * 10_000 + "\n", (FILE_C + ":3",)),
    "10,000 parents": (
        f"revision = '{C}'\ndown_revision = ({', '.join(repr(str(n)) for n in range(10_000))})\n",
        (FILE_C,),
    ),
    "a huge docstring left open": ('"""' + "x" * 1_000_000 + "\n" + SOUND_HEADER, (FILE_C,)),
}


@pytest.mark.parametrize("name", FILES)
def test_a_broken_file(plain: Project, name: str) -> None:
    text, holds = FILES[name]
    (plain.versions / f"{C}_step.py").write_bytes(text if isinstance(text, bytes) else text.encode())
    result = refused(plain, "heads", holds=holds)
    assert len(result.err) < 4000, "an error is for people"


# Sound for the header's reader; what Python says is found before anything is changed.
CODE: dict[str, tuple[Text, tuple[str, ...]]] = {
    "a syntax error": (whole(SOUND_HEADER, "def upgrade(env):\n    (\n"), (FILE_C,)),
    "a NUL in the code": (whole(SOUND_HEADER) + "\0", (FILE_C,)),
    "code that is not UTF-8": (whole(SOUND_HEADER).encode() + b"# caf\xe9\n", (FILE_C, "UTF-8")),
    "mixed indentation": (whole(SOUND_HEADER, "def upgrade(env):\n\tif 1:\n        pass\n\tpass\n"), (FILE_C,)),
    "no functions": (SOUND_HEADER, (FILE_C, "upgrade")),
    "brackets 1,000 deep in code": (
        whole(SOUND_HEADER, "def upgrade(env):\n    x = " + "(" * 1000 + ")" * 1000 + "\n"),
        (FILE_C,),
    ),
    "an escape in a syntax error": (whole(SOUND_HEADER, "def upgrade(env):\n    x = = '\x1b[2J'\n"), (FILE_C,)),
    "a return outside": (whole(SOUND_HEADER, "return\ndef upgrade(env):\n    pass\n"), (FILE_C,)),
}


@pytest.mark.parametrize("name", CODE)
def test_broken_code(plain: Project, name: str) -> None:
    text, holds = CODE[name]
    (plain.versions / f"{C}_step.py").write_bytes(text if isinstance(text, bytes) else text.encode())
    refused(plain, "upgrade", holds=holds)


# --- what isn't a file


def link_to_itself(path: Path) -> None:
    path.symlink_to(path)


def dangling(path: Path) -> None:
    path.symlink_to(path.parent / "nowhere")


def endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


def link_to_a_folder(path: Path) -> None:
    path.symlink_to("/")


@pytest.mark.parametrize("make", [link_to_itself, dangling, endless, link_to_a_folder, os.mkfifo])
def test_what_is_no_file(plain: Project, make: Callable[[Path], None]) -> None:
    make(plain.versions / f"{C}_step.py")
    refused(plain, "heads", holds=(FILE_C,))


@pytest.mark.parametrize("make", [link_to_itself, dangling, endless, os.mkfifo, Path.touch])
def test_what_is_no_folder(plain: Project, make: Callable[[Path], None]) -> None:
    plain.versions.rename(plain.folder / "gone")
    make(plain.versions)
    refused_everywhere(plain, "migrations/versions")


def test_a_file_of_another_folder_by_a_link(plain: Project) -> None:
    outside = plain.folder.parent / "outside.py"
    outside.write_text(whole(SOUND_HEADER), encoding="utf-8")
    (plain.versions / f"{C}_step.py").symlink_to(outside)
    harmless(plain.ok("upgrade"))
    assert outside.read_text(encoding="utf-8") == whole(SOUND_HEADER)


NAMES_OF_FILES = [
    f"{C}_\x1b[2Jstep.py",
    f"{C}_a\nb.py",
    f"{C}_\u202estep.py",
    f"{C}_'; rm -rf x; '.py",
    f"{C}_$(id).py",
]


@pytest.mark.parametrize("name", NAMES_OF_FILES)
def test_a_file_of_a_name_that_acts(plain: Project, name: str) -> None:
    (plain.versions / name).write_text(whole(SOUND_HEADER), encoding="utf-8")
    for command in ("history -v", "show head", "heads", "upgrade", "current"):
        harmless(plain.ok(*command.split()))
        harmless(plain.ok(*command.split(), "--json"))
    (plain.versions / name).write_text("def upgrade(env):\n    pass\n", encoding="utf-8")
    refused(plain, "heads", holds=(C,))


def test_a_file_whose_name_is_not_utf8(plain: Project) -> None:
    path = os.fsencode(plain.versions) + b"/" + C.encode() + b"_caf\xe9.py"
    with open(path, "wb") as file:
        file.write(whole(SOUND_HEADER).encode())
    refused_everywhere(plain, f"{C}_caf\\xe9.py: the file's name is not UTF-8")


# --- graphs


def cycle(project: Project, length: int) -> None:
    ids = [str(30000000000000 + number) for number in range(length)]
    for below, revision in zip([ids[-1], *ids], ids):
        project.add(revision, below)


@pytest.mark.parametrize("length", [1, 2, 3, 1000])
def test_a_cycle_of_any_length(plain: Project, length: int) -> None:
    cycle(plain, length)
    result = refused(plain, "heads", holds=("30000000000000",))
    assert len(result.err) < 10_000


def test_a_cycle_through_a_dependency(plain: Project) -> None:
    plain.add(C, B, depends_on=D)
    plain.add(D, C)
    refused_everywhere(plain, C, D)


def test_a_line_of_a_thousand(plain: Project) -> None:
    """Deep, and sound."""
    ids = [B, *(str(30000000000000 + number) for number in range(1000))]
    for below, revision in zip(ids, ids[1:]):
        plain.add(revision, below)
    assert harmless(plain.ok("heads")).out.startswith(ids[-1])
    assert len(harmless(plain.ok("history")).lines) == 1002


def test_one_id_in_three_files(plain: Project) -> None:
    for slug in ("a", "b", "c"):
        plain.add(C, B, slug=slug)
    refused_everywhere(plain, f"{C}_a.py", f"{C}_b.py")


def test_sound_files_of_odd_form(plain: Project) -> None:
    text = whole(SOUND_HEADER).replace("\n", "\r\n")
    (plain.versions / f"{C}_step.py").write_bytes(b"\xef\xbb\xbf" + text.encode())
    plain.add(D, C, **marker(D))
    harmless(plain.ok("upgrade"))
    assert plain.marks() == [D]
    harmless(plain.ok("downgrade", "base"))
