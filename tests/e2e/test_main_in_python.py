# SPDX-License-Identifier: Apache-2.0
"""treering.command_line.main as a program calls it, and what code of the project prints when such a program ends."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Optional

import pytest
from workbench import Project, Result, clean_environment, execute

A, B = "20241210120000", "20241210120100"


def program(project: Project, code: str, *arguments: str, folder: Optional[Path] = None, **environment: Any) -> Result:
    """Runs such a program, which has `main`, and the configuration's path as the first of `arguments`."""
    words = [sys.executable, "-c", f"import os, sys\nfrom treering.command_line import main\n{code}"]
    around = clean_environment(**{**project.environment, **environment})
    return execute([*words, str(project.folder / "treering.toml"), *arguments], folder or project.folder, around, 0)


@pytest.fixture
def other(project: Project, tmp_path: Path) -> Path:
    """A second project with a head of its own: its configuration."""
    versions = tmp_path / "other" / "migrations" / "versions"
    versions.mkdir(parents=True)
    (project.add(B, None)).rename(versions / f"{B}_step.py")
    path = tmp_path / "other" / "treering.toml"
    path.write_bytes((project.folder / "treering.toml").read_bytes())
    return path


def test_each_call_has_its_own_configuration(project: Project, other: Path) -> None:
    project.chain(A)
    code = """
before = dict(os.environ)
assert main(["heads"], config=sys.argv[1]) == 0
assert main(["heads"], config=sys.argv[2]) == 0
assert main(["--config", sys.argv[1], "heads"], config=sys.argv[2]) == 0
assert dict(os.environ) == before
"""
    assert program(project, code, str(other)).lines == [f"{A} (head)", f"{B} (head)", f"{A} (head)"]


def test_a_variable_goes_before_it_and_one_set_to_nothing_does_not(project: Project, other: Path) -> None:
    project.chain(A)
    code = 'assert main(["heads"], config=sys.argv[1]) == 0'
    assert program(project, code, folder=other.parents[1], TREERING_CONFIG="").lines == [f"{A} (head)"]
    assert program(project, code, TREERING_CONFIG=str(other)).lines == [f"{B} (head)"]


BYE = "\nimport atexit\natexit.register(print, 'bye')\n"


@pytest.mark.parametrize("face", ["binary", "module"])
def test_what_code_prints_at_the_end_is_not_in_the_document(project: Project, face: str) -> None:
    path = project.add(A, None)
    path.write_text(path.read_text(encoding="utf-8") + BYE, encoding="utf-8")
    done = project.ok("upgrade", "--dry-run", "--json", face=face)
    assert done.json["dry_run"] is True and done.err.splitlines()[-1] == "bye"
    assert project.ok("upgrade", "--dry-run", face=face).lines[-1] == "bye"
    (project.folder / "models.py").write_text(BYE, encoding="utf-8")
    checked = project.run("check", "--json", "--offline", face=face)
    assert "pending" in checked.json and checked.err.splitlines()[-1] == "bye"


def test_a_program_that_goes_on_has_its_stdout(project: Project) -> None:
    path = project.add(A, None)
    path.write_text(path.read_text(encoding="utf-8") + BYE, encoding="utf-8")
    code = """
print("before")
assert main(["upgrade", "--dry-run", "--json"]) == 0
print("after")
assert main(["heads", "--json"]) == 0
print("last")
"""
    said = program(project, code)
    first, _, rest = said.out.partition("after\n")
    assert first.startswith("before\n") and json.loads(first[len("before\n") :])["dry_run"] is True
    second = rest.removesuffix("last\n")
    assert second != rest and json.loads(second)["revisions"] and said.err.splitlines()[-1] == "bye"
