# SPDX-License-Identifier: Apache-2.0
"""A C++ program of a user's own, compiled against what `cmake --install` gives, as the README tells."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("TREERING_BUILD") or ROOT / "build" / "release")


def run(*command: str | Path, **options: object) -> str:
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, **options)  # type: ignore[call-overload]
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


def test_the_readmes_program_compiles_and_runs(tmp_path: Path) -> None:
    [source] = re.findall(r"```cpp\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "service.cc").write_text(source, encoding="utf-8")
    prefix = tmp_path / "prefix"
    run("cmake", "--install", BUILD, "--prefix", prefix)
    search = {**os.environ, "PKG_CONFIG_PATH": str(next(prefix.rglob("pkgconfig")))}
    flags = run("pkg-config", "--cflags", "--libs", "treering", env=search).split()
    program = tmp_path / "service"
    run("c++", "-std=c++20", "-Wall", "-Wextra", "-Werror", "-o", program, tmp_path / "service.cc", *flags)

    project = tmp_path / "project"
    run(prefix / "bin" / "treering", "init", project)
    run(prefix / "bin" / "treering", "revision", "-m", "first", cwd=project)
    heads = run(program, cwd=project)
    assert re.fullmatch(r"newest revision: \d{14} first\n", heads)
