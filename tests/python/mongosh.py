# SPDX-License-Identifier: Apache-2.0
"""The real mongosh, which `tools/setup test` installs."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

_TOOLS = Path(__file__).resolve().parents[2] / "tools"


def program() -> str:
    """Its path. Fails where it isn't installed: a test of scripts that runs none tells nothing."""
    found = subprocess.run([_TOOLS / "mongosh-path"], capture_output=True, text=True)
    assert found.returncode == 0, found.stderr
    return found.stdout.strip()


def run(url: str, script: Path, home: Path) -> subprocess.CompletedProcess[str]:
    """Runs a script; `home` is where mongosh keeps its own files. The result has what it printed and its exit code."""
    environment = {**os.environ, "HOME": str(home)}
    command = [program(), "--quiet", "--norc", url, str(script)]
    return subprocess.run(command, capture_output=True, text=True, env=environment, stdin=subprocess.DEVNULL)


def run_well(url: str, script: Path, home: Path) -> str:
    """Gives what it printed; fails where it didn't end well."""
    done = run(url, script, home)
    assert done.returncode == 0, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_program(name: str) -> str:
    """The path of a program of the build folder, which stands beside print_header."""
    path = os.environ.get("TREERING_PRINT_HEADER")
    assert path, f"set TREERING_PRINT_HEADER to the path of the built program print_header ({name} is beside it)"
    return str(Path(path).with_name(name))
