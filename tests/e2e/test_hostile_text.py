# SPDX-License-Identifier: Apache-2.0
"""Texts made to do harm: names, messages and errors never act on a terminal, never leave the versions folder, and never become code of
a revision, a script or a configuration."""

from __future__ import annotations

import ast
import os
import re
import subprocess
from pathlib import Path

import pytest
from refusal import ACTING, harmless
from workbench import Project, marker

A, B = "20241210120000", "20241210130000"
EVIL = "evil_was_here"
TEXTS = {
    "clear screen": "a\x1b[2Jb",
    "title": "a\x1b]0;owned\x07b",
    "link": "a\x1b]8;;http://evil\x1b\\b",
    "one-byte control": "a\x9b31mb",
    "carriage return": "error: none\rok",
    "backspace": "a\b\b\b",
    "reordered": "a\u202eb\u2066c",
    "line separator": "a\u2028b\u2029c\x85d",
    "byte order mark": "\ufeffa",
    "tags": "a\U000e0041b",
    "docstring": f'"""\nimport os; os.system("touch {EVIL}")\n"""',
    "docstring with a backslash": f'\\"""\nopen("{EVIL}", "w")\n#',
    "ends in a backslash": "a\\",
    "ends in a quote": 'a"',
    "single quotes": f"'''\nopen('{EVIL}', 'w')\n'''",
    "header": f"x\n\nRevision ID: {EVIL}\nrevision = '{EVIL}'\n",
    "function": f"\ndef upgrade(env):\n    open('{EVIL}', 'w')\n",
    "comment's end": f"*/ require('fs').writeFileSync('{EVIL}', '') /*",
    "script's line": f"\nrequire('fs').writeFileSync('{EVIL}', '')\n//",
    "template": f"${{require('fs').writeFileSync('{EVIL}', '')}}`",
    "TOML": f'"\n[env.evil]\nurl = "mongodb://{EVIL}"\n',
    "shell": f"$(touch {EVIL}) `touch {EVIL}` ; touch {EVIL} | touch {EVIL}",
    "way out": f"../../../{EVIL}",
    "absolute": f"/tmp/{EVIL}",
    "Windows": f"..\\..\\{EVIL} C:\\{EVIL} CON",
    "dots": "..",
    "option": "--config=/etc/passwd",
    "percent": "%s%n%x {0} {} ${A}",
    "nothing but space": "\u00a0\u3000x",
    "huge": "x\x1b[31m" * 3000,
}

# Those that act where they are shown, those that lead elsewhere, and those that are code somewhere.
ACTS = list(TEXTS)[:10]
PATHS = ["way out", "absolute", "Windows", "dots", "option", "shell"]
CODE = [name for name in TEXTS if name not in ACTS and name != "huge"]


def nothing_evil(project: Project) -> None:
    """Nothing was run, and nothing was written outside of the project."""
    assert not [path for path in project.folder.parent.rglob(f"*{EVIL}*") if path.parent != project.versions]
    assert not Path("/tmp", EVIL).exists()
    assert sorted(path.name for path in project.folder.parent.iterdir()) == [project.folder.name]


def only_new_file(project: Project, before: set[Path]) -> Path:
    [path] = set(project.folder.rglob("*")) - before
    assert path.parent == project.versions and path.is_file()
    return path


@pytest.mark.parametrize("name", TEXTS)
def test_a_message(project: Project, name: str) -> None:
    before = set(project.folder.rglob("*"))
    harmless(project.ok("revision", "-m", TEXTS[name]))
    path = only_new_file(project, before)
    assert re.fullmatch(r"[\w.]+\.py", path.name) and len(os.fsencode(path.name)) < 255
    source = path.read_text(encoding="utf-8")
    assert not ACTING.search(source), "an editor shows what is there"
    module = ast.parse(source)
    kinds = [type(statement).__name__ for statement in module.body]
    assert kinds == ["Expr", "Assign", "Assign", "Assign", "Assign", "FunctionDef", "FunctionDef"], source
    for command in ("upgrade", "history", "history -v", "current -v", "show head", "log", "heads -v"):
        harmless(project.ok(*command.split()))
        harmless(project.ok(*command.split(), "--json"))
    nothing_evil(project)


@pytest.mark.parametrize("name", ["clear screen", "line separator", *CODE])
def test_a_script_for_mongosh(project: Project, name: str) -> None:
    """As message, as name of a collection where it can be one, as field and as value."""
    text = TEXTS[name]
    body = (
        f"env.db['things'].insert_one({{{text!r}.replace('\\0', ''): {text!r}}})\n"
        f"env.create_collection({text!r}.replace('$', '_').strip('.')[:60])"
    )
    project.ok("revision", "-m", text)
    [path] = project.versions.glob("*.py")
    head, _, tail = path.read_text(encoding="utf-8").partition("    pass\n")
    path.write_text(head + "".join(f"    {line}\n" for line in body.split("\n")) + tail, encoding="utf-8")
    result = project.run("upgrade", "--script", "out.js")
    assert not ACTING.search(result.text), result
    if result.code != 0:  # no such collection can be
        assert result.code in (1, 2), result
        return
    script = (project.folder / "out.js").read_text(encoding="utf-8")
    assert not ACTING.search(script)
    assert f"\nrequire('fs').writeFileSync('{EVIL}'" not in script
    checked = subprocess.run(["node", "--check", "out.js"], cwd=project.folder, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
    nothing_evil(project)


FOLDERS = [name for name in TEXTS if "/" not in TEXTS[name] and len(TEXTS[name]) < 100 and TEXTS[name] != ".."]


@pytest.mark.parametrize("name", FOLDERS)
def test_a_project_in_a_folder_of_that_name(bare_project: Project, name: str) -> None:
    """`init` names the database after the folder."""
    folder = bare_project.folder / TEXTS[name]
    folder.mkdir()
    bare_project.environment = {}
    harmless(bare_project.ok("init", folder=folder))
    for command in ("heads", "revision -m x", "history -v"):
        harmless(bare_project.ok(*command.split(), folder=folder))
    text = (folder / "treering.toml").read_text(encoding="utf-8")
    assert not ACTING.search(text) and "[env.evil]" not in text
    [line] = [line for line in text.splitlines() if line.startswith("database")]
    assert re.fullmatch(r'database = "[^"\\/. $]{1,63}"', line), line


@pytest.mark.parametrize("name", [*ACTS, "huge"])
def test_an_error_of_a_migration(project: Project, name: str) -> None:
    text = TEXTS[name]
    project.add(A, upgrade=f"raise ValueError({text!r})")
    result = harmless_failure(project, "upgrade")
    assert "ValueError" in result
    harmless_failure(project, "upgrade", "--json")
    assert not ACTING.search(project.ok("log").text + project.ok("log", "--json").text)


def harmless_failure(project: Project, *words: str) -> str:
    result = project.run(*words, expect=1)
    assert not ACTING.search(result.text), result
    assert "internal error" not in result.text
    return result.text


@pytest.mark.parametrize("name", [*ACTS, *PATHS])
def test_a_name_that_the_server_refuses_or_takes(project: Project, name: str) -> None:
    text = TEXTS[name][:60]
    project.add(A, upgrade=f"env.create_collection({text!r})")
    for words in (("upgrade", "--dry-run"), ("upgrade", "-v"), ("log",), ("current", "-v")):
        result = project.run(*words)
        assert not ACTING.search(result.text), result
    nothing_evil(project)


@pytest.mark.parametrize("name", TEXTS)
def test_words_of_the_command_line(project: Project, name: str) -> None:
    project.add(A)
    text = TEXTS[name]
    for words in (
        ("upgrade", text),
        (text,),
        ("show", text),
        ("history", "-r", text + ":"),
        ("--env", text, "current"),
        ("--config", text, "heads"),
        ("revision", "-m", "x", "--rev-id", text),
        ("revision", "-m", "x", "--branch-label", text),
        ("init", "--template", text),
        ("upgrade", "--lock-timeout", text),
    ):
        with project.unchanged():
            result = harmless(project.run(*words))
        assert result.code == 2, result
    nothing_evil(project)


# --- on a terminal, where colours and progress are ours


OURS = re.compile(r"\x1b\[(0|1|2|31|32|33)m|\r\x1b\[K")


@pytest.mark.parametrize("name", ACTS)
def test_a_terminal_gets_our_colours_only(project: Project, name: str) -> None:
    text = TEXTS[name]
    project.add(A, message=text.replace("\\", "").replace('"""', ""), **marker(A))
    project.add(B, A, upgrade=f"env.create_collection({text!r}[:60])\nraise ValueError({text!r})")
    for words in (("history",), ("upgrade", "-v"), ("log",), ("current",), ("show", text)):
        sent = OURS.sub("", project.in_terminal(*words).out)
        found = ACTING.search(sent)
        assert not found, f"{found[0]!r} of {words} in {sent!r}"
