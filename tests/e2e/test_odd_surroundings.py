# SPDX-License-Identifier: Apache-2.0
"""What whoever starts the program may leave it without: a working directory."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from refusal import harmless
from workbench import Project, Result, clean_environment, execute

A = "20241210120000"
FACES = ["binary", "module"]


def in_a_folder_that_is_gone(project: Project, *words: str, face: str = "binary", **options: Any) -> Result:
    gone = 'mkdir gone && cd gone && rmdir ../gone && exec "$@"'
    shell = ["sh", "-c", gone, "sh", *project.command(*words, face=face)]
    return harmless(execute(shell, project.folder, clean_environment(**project.environment), **options))


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
