# SPDX-License-Identifier: Apache-2.0
"""What the Python tests stand on: a real server, a database of one's own, a project to run commands in."""

from __future__ import annotations

import json
import os
import runpy
import shutil
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path
from typing import Any, Iterator, Optional

import pymongo
import pytest
from differential import both  # noqa: F401

_TOOLS = Path(__file__).resolve().parents[2] / "tools"


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """A mongodb:// URL without a database: TREERING_TEST_URL, or a server of this session's own."""
    given = os.environ.get("TREERING_TEST_URL")
    if given:
        yield given
        return
    tool = runpy.run_path(str(_TOOLS / "with-test-server"))
    folder = tempfile.mkdtemp(prefix="treering-test-server.")
    server, url = tool["start_server"](tool["server_program"](), folder)
    try:
        yield url
    finally:
        tool["stop_server"](server)
        server.stdout.close()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def mongo(server_url: str) -> Iterator[pymongo.MongoClient]:
    """pymongo on that server, to see what is really there."""
    with pymongo.MongoClient(server_url) as client:
        yield client


@pytest.fixture
def database_name(mongo: pymongo.MongoClient) -> Iterator[str]:
    """A name that nobody else uses; the database is dropped afterwards."""
    name = f"treering_{uuid.uuid4().hex[:16]}"
    yield name
    mongo.drop_database(name)


class Project:
    """A project folder with a configuration, and the `treering` binary to run in it."""

    def __init__(self, root: Path, server_url: str, database: str) -> None:
        self.root = root
        self.url = server_url.rstrip("/") + "/" + database
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
def project(tmp_path: Path, server_url: str, database_name: str) -> Project:
    """A configured project with no revisions yet, on a database of its own."""
    return Project(tmp_path / "project", server_url, database_name)
