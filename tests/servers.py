# SPDX-License-Identifier: Apache-2.0
"""The servers that the tests run on."""

from __future__ import annotations

import re
import socket
import subprocess
from pathlib import Path
from typing import Optional
from urllib.parse import quote, urlsplit

import passwords
import pymongo

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 60  # seconds until a process that should have ended counts as hung


def server_program() -> str:
    found = subprocess.run([str(ROOT / "tools" / "test-server-path")], stdout=subprocess.PIPE, text=True)
    assert found.returncode == 0, "no server to start: see what tools/test-server-path said"
    return found.stdout.strip()


class TestServer:
    """A server of a test's own, on a folder that outlives its restarts."""

    __test__ = False
    password: Optional[str] = None  # ada's, where nobody else is let in

    def __init__(self, folder: Path, *options: str, port: int = 0) -> None:
        self._folder = folder
        self._folder.mkdir(parents=True, exist_ok=True)
        command = [
            server_program(),
            "--host",
            "127.0.0.1",
            "--port",
            str(port),
            "--storage-path",
            str(folder / "data"),
            "--sync-on-commit",
            "--log-file-max",
            "8MB",
            "--cache-size",
            "256M",
            "--log-level",
            "WARNING",
            *options,
        ]
        self._log = open(folder / "server.log", "ab")
        self._process = subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._log,
            start_new_session=True,
        )
        assert self._process.stdout
        for line in self._process.stdout:
            ready = re.search(rb"listening on (\S+:\d+)", line)
            if ready:
                self.address = ready[1].decode()
                return
        raise AssertionError(f"the server didn't start: {(folder / 'server.log').read_text(errors='replace')[-2000:]}")

    @property
    def url(self) -> str:
        return f"mongodb://{self.address}/"

    def url_for(self, password: str) -> str:
        """With ada's name (see `guarded`) and that password."""
        return self.url.replace("://", f"://ada:{quote(password, safe='')}@")

    def look_through(self) -> None:
        """For passwords, in every database."""
        url = self.url if self.password is None else self.url_for(self.password)
        with pymongo.MongoClient(url) as client:
            for name in client.list_database_names():
                passwords.look_at_database(client[name])

    def kill(self) -> None:
        """As a crash ends it."""
        self._process.kill()
        self._close()

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._close()

    def _close(self) -> None:
        self._process.wait()
        assert self._process.stdout
        self._process.stdout.close()
        self._log.close()


def guarded(folder: Path, password: str) -> TestServer:
    """A server that lets nobody in but ada, by that password."""
    server = TestServer(folder)
    with pymongo.MongoClient(server.url) as client:
        client.admin.command("createUser", "ada", pwd=passwords.known(password), roles=["root"])
    server.stop()
    server = TestServer(folder, "--auth")
    server.password = password
    return server


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def with_database(server_url: str, database: str) -> str:
    """The URL with that database in its path."""
    parts = urlsplit(server_url)
    return parts._replace(path="/" + database).geturl()
