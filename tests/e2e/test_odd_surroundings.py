# SPDX-License-Identifier: Apache-2.0
"""What whoever starts the program may leave it without: standard streams, a working directory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from refusal import harmless
from workbench import Project, Result, clean_environment, execute

A, B = "20241210120000", "20241210120100"
FACES = ["binary", "module"]


def without(project: Project, closed: str, *words: str, face: str = "binary", **options: Any) -> Result:
    """Runs the program as a shell does with these redirections: `>&-`."""
    shell = ["sh", "-c", f'exec "$@" {closed}', "sh", *project.command(*words, face=face)]
    return harmless(execute(shell, project.folder, clean_environment(**project.environment), **options))


def in_a_folder_that_is_gone(project: Project, *words: str, face: str = "binary", **options: Any) -> Result:
    gone = 'mkdir gone && cd gone && rmdir ../gone && exec "$@"'
    shell = ["sh", "-c", gone, "sh", *project.command(*words, face=face)]
    return harmless(execute(shell, project.folder, clean_environment(**project.environment), **options))


# --- streams


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("closed", [">&-", "<&- >&-"])
def test_a_closed_stdout_is_nobody_elses(project: Project, face: str, closed: str) -> None:
    project.chain(A, B)
    for words, heads in ((("upgrade", "head"), [B]), (("downgrade", A), [A]), (("downgrade", "base", "--json"), [])):
        done = without(project, closed, *words, face=face, expect=1)
        assert done.err.count("can't be written to stdout") == 1, done
        assert project.heads() == heads
    for words in (["history"], ["heads", "--json"], ["--version"]):
        assert "can't be written to stdout" in without(project, closed, *words, face=face, expect=1).err


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("closed", ["2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_whatever_is_closed_the_work_is_done(project: Project, face: str, closed: str) -> None:
    project.add(
        A, None, upgrade="import sys\nprint('seen')\nprint('said', file=sys.stderr)\nenv.create_collection('a')"
    )
    without(project, closed, "upgrade", "head", face=face, expect=1 if ">&- " in closed else 0)
    assert project.applied() == [A] and "a" in project.db.list_collection_names()
    without(project, closed, "downgrade", "nosuch", face=face, expect=2)


def test_a_closed_stdout_leaves_the_exit_code(project: Project) -> None:
    code = "import sys; from treering.command_line import main; sys.exit(main(['show', 'nosuch']))"
    shell = ["sh", "-c", 'exec "$@" >&-', "sh", sys.executable, "-c", code]
    done = harmless(execute(shell, project.folder, clean_environment(**project.environment)))
    assert done.code == 2 and done.err.startswith("error: "), done


@pytest.mark.parametrize("closed", [">&-", "2>&-"])
@pytest.mark.parametrize("style", [[], ["--json"]])
def test_a_python_without_treering_is_told_to_nobody(
    project: Project, tmp_path_factory: pytest.TempPathFactory, closed: str, style: list[str]
) -> None:
    bare = tmp_path_factory.mktemp("bare") / "python"
    bare.write_text(f'#!/bin/sh\nexec "{Path(sys.executable).resolve()}" -I "$@"\n', encoding="utf-8")
    bare.chmod(0o755)
    project.config((project.folder / "treering.toml").read_text(encoding="utf-8") + f'\npython = "{bare}"\n')
    project.chain(A)
    without(project, closed, "upgrade", "head", *style, expect=2)


# --- the working directory


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize("words", [["heads"], ["upgrade", "head"], ["init"], ["--config", "treering.toml", "heads"]])
def test_a_folder_that_is_gone(project: Project, words: list[str], face: str) -> None:
    project.chain(A)
    said = in_a_folder_that_is_gone(project, *words, face=face, expect=2)
    assert said.err == "error: the working directory is gone\n  cd to one that exists\n"


@pytest.mark.parametrize("face", FACES)
def test_a_project_is_named_from_a_folder_that_is_gone(project: Project, face: str) -> None:
    project.chain(A)
    named = ["--config", str(project.folder / "treering.toml")]
    assert A in in_a_folder_that_is_gone(project, *named, "heads", face=face, expect=0).out
    in_a_folder_that_is_gone(project, *named, "upgrade", "head", face=face, expect=0)
    assert project.applied() == [A]
    in_a_folder_that_is_gone(project, *named, "revision", "-m", "next", face=face, expect=0)
    assert len(project.json("heads")["revisions"]) == 1


def test_python_from_a_folder_that_is_gone(project: Project) -> None:
    project.chain(A)
    code = """
import os, sys
os.mkdir("gone"), os.chdir("gone"), os.rmdir("../gone")
from treering import MigrationManager
from treering.command_line import main
from treering.errors import ConfigError
for config in (None, "treering.toml"):
    try:
        MigrationManager(config).heads()
    except ConfigError as error:
        assert str(error).startswith("the working directory is gone"), error
    else:
        sys.exit("no error")
assert len(MigrationManager(sys.argv[1]).heads()) == 1
assert main(["heads"], start="folder") == 2
assert main(["heads"], config="treering.toml") == 2
"""
    command = [sys.executable, "-c", code, str(project.folder)]
    done = subprocess.run(
        command, cwd=project.folder, env=clean_environment(**project.environment), capture_output=True
    )
    assert done.returncode == 0, done
