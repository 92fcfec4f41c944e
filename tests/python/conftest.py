# SPDX-License-Identifier: Apache-2.0
"""A project for each Python test, to open and to run commands in."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Optional

import pytest
from differential import both  # noqa: F401
from servers import with_database


class Project:
    """A project folder with a configuration, and the `treering` binary to run in it."""

    def __init__(self, root: Path, server_url: str, database: str) -> None:
        self.root = root
        self.url = with_database(server_url, database)
        self.database = database
        self.versions = root / "migrations" / "versions"
        self.versions.mkdir(parents=True)
        (root / "treering.toml").write_text(f'url = "{self.url}"\npython = "{sys.executable}"\n')

    def add(
        self,
        revision: str,
        parent: Optional[str],
        upgrade: str = "pass",
        downgrade: str = "pass",
        message: str = "a change",
    ) -> Path:
        """Writes a revision; the bodies are statements without indentation."""
        indented = ["\n".join("    " + line for line in body.splitlines()) for body in (upgrade, downgrade)]
        path = self.versions / f"{revision}_{message.replace(' ', '_')}.py"
        path.write_text(
            f'"""{message}\n"""\n\nrevision = {revision!r}\ndown_revision = {parent!r}\nbranch_labels = None\ndepends_on = None\n\n\n'
            f"def upgrade(env):\n{indented[0]}\n\n\ndef downgrade(env):\n{indented[1]}\n"
        )
        return path

    def start(self, *arguments: str, **options: Any) -> subprocess.Popen:
        binary = os.environ.get("TREERING_BINARY", "treering")
        environment = {**os.environ, "NO_COLOR": "1", **options.pop("env", {})}
        options.setdefault("stdout", subprocess.PIPE)
        options.setdefault("stderr", subprocess.PIPE)
        return subprocess.Popen([binary, *arguments], cwd=self.root, env=environment, text=True, **options)

    def run(self, *arguments: str, expect: Optional[int] = 0, **options: Any) -> subprocess.CompletedProcess:
        """Runs `treering ARGUMENTS` and expects that exit code (None: any)."""
        process = self.start(*arguments, **options)
        out, err = process.communicate()
        assert expect is None or process.returncode == expect, f"exit {process.returncode}\n{out}\n{err}"
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def json(self, *arguments: str, expect: int = 0) -> Any:
        return json.loads(self.run(*arguments, "--json", expect=expect).stdout)


@pytest.fixture
def project(project_folder: Path, server_url: str, database_name: str) -> Project:
    """A configured project with no revisions yet, on a database of its own."""
    return Project(project_folder, server_url, database_name)
