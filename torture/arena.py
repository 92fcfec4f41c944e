# SPDX-License-Identifier: Apache-2.0
"""Where rounds take place: a project, a database for each round, and what an undisturbed run leaves in one."""

from __future__ import annotations

import contextlib
import os
import random
import re
import subprocess
import tempfile
import time
import uuid
from pathlib import Path
from typing import Any, Iterator, Optional

import history
import inspection
import passwords
import pymongo
from history import REVISIONS
from servers import PATIENCE, with_database
from wire import Chooser, Fault, Wire
from workbench import BINARY, Project, Result, clean_environment

LEASE = 1  # seconds. So long a runner waits behind one that was killed
WAIT = "40"  # --lock-timeout
ATTEMPTS = 10  # of a runner that a busy machine gives no time to renew so short a lease
TARGET = {"upgrade": "head", "downgrade": "base"}


class Broken(AssertionError):
    """A round found something that should not be."""


class Runner:
    """A command under way in a database."""

    def __init__(self, folder: Path, url: str, *arguments: str, **environment: str) -> None:
        self._out = tempfile.TemporaryFile()
        self.command = [str(BINARY), *arguments]
        self.process = subprocess.Popen(
            self.command,
            cwd=folder,
            env=clean_environment(TREERING_URL=url, **environment),
            stdin=subprocess.DEVNULL,
            stdout=self._out,
            stderr=subprocess.STDOUT,
        )

    def kill_after(self, seconds: float) -> bool:
        """False where it had ended before."""
        try:
            self.process.wait(seconds)
            return False
        except subprocess.TimeoutExpired:
            self.process.kill()
            return True

    def finish(self) -> Result:
        try:
            code = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise Broken(f"{' '.join(self.command)} hung\n{self.output()}") from None
        result = Result(self.command, code, self.output(), "")
        self._out.close()
        return result

    def output(self) -> str:
        size = os.fstat(self._out.fileno()).st_size
        return os.pread(self._out.fileno(), size, 0).decode("utf-8", "replace")


class Ground:
    """One round's database."""

    def __init__(self, arena: Arena, name: str, server_url: str, client: Any) -> None:
        self.arena, self.name, self.database = arena, name, client[name]
        self.url = with_database(server_url, name)
        self._address = client.address
        self._said: list[str] = []

    def start(self, direction: str, *, url: Optional[str] = None, **environment: str) -> Runner:
        arguments = (direction, TARGET[direction], "--lock-timeout", WAIT)
        return Runner(self.arena.folder, url or self.url, *arguments, **environment)

    @contextlib.contextmanager
    def wire(self, fault: Fault = Fault.none, at: int = -1, counts: Optional[Chooser] = None) -> Iterator[Wire]:
        """A network to the server."""
        wire = Wire(self._address, fault, at, counts)
        try:
            yield wire
        finally:
            wire.close()

    def through(self, wire: Wire) -> str:
        return with_database(wire.url, self.name)

    def tell(self, line: str) -> None:
        """What led here, for whoever reads of a failure."""
        self._said.append(line)

    def run(self, direction: str) -> Result:
        result = self.start(direction).finish()
        self.tell(repr(result))
        return result

    def finish(self, direction: str) -> None:
        """The next run after whatever happened: it ends well, and everything is as after an undisturbed one."""
        for _ in range(ATTEMPTS):
            result = self.run(direction)
            if not was_too_slow(result):
                break
        self.require([] if result.code == 0 else [f"the next run ended with {result.code}"])
        self.require_undisturbed(direction)

    def require_undisturbed(self, direction: str) -> None:
        self.require(inspection.difference(self.arena.undisturbed[direction], inspection.contents(self.database)))
        self.require(inspection.disagreements(self.database, self.arena.applied[direction]))

    def require_done_once(self, direction: str) -> None:
        self.require(inspection.not_done_once(self.database, direction, self.arena.applied["upgrade"]))

    def require_recorded(self, direction: str, result: Result) -> None:
        """What it said is done, is: nothing that was acknowledged gets lost."""
        told = {line.split()[0] for line in result.lines if re.match(r"\d{14}  (?!.* failed ).* ms$", line)}
        recorded = {record["_id"] for record in self.database.treering_revisions.find({}, {"_id": 1})}
        lost = told - recorded if direction == "upgrade" else told & recorded
        self.require([f"{sorted(lost)} were told to be done, and aren't"] if lost else [])

    def require(self, wrong: list[str]) -> None:
        if wrong:
            raise Broken("\n".join([*wrong, "--- what happened", *self._said]))


class Arena:
    """A history of that many revisions. Borrows the server. Rounds may run in several threads."""

    def __init__(self, folder: Path, server_url: str, length: int) -> None:
        self.folder, self.server_url, self.length = folder, server_url, length
        self.applied: dict[str, list[str]] = {"upgrade": REVISIONS[:length], "downgrade": []}
        self.client: Any = pymongo.MongoClient(server_url, retryReads=True, retryWrites=True)
        project = Project(folder, server_url, "unused", self.client)
        project.versions.mkdir(parents=True)
        project.config(f'url = "mongodb://unused/unused"\nlease = {LEASE}\n')
        history.write_history(project, length)
        self.undisturbed: dict[str, inspection.Contents] = {}
        self.seconds: dict[str, float] = {}
        self.messages: dict[str, int] = {}  # of an undisturbed run
        self.fenced: dict[str, int] = {}  # those of them that the server can refuse when they come late
        self._measure()

    def __enter__(self) -> Arena:
        return self

    def __exit__(self, *_: Any) -> None:
        self.client.close()

    def _measure(self) -> None:
        """What an undisturbed run leaves, and how long one takes here."""
        with self.ground() as ground:
            before = inspection.contents(ground.database)
            for direction in ("upgrade", "downgrade"):
                began = time.monotonic()
                result = ground.run(direction)
                self.seconds[direction] = time.monotonic() - began
                ground.require([] if result.code == 0 else ["the undisturbed run failed"])
                self.undisturbed[direction] = inspection.contents(ground.database)
                ground.require_undisturbed(direction)
                ground.require_done_once(direction)
            ground.require(inspection.difference(before, self.undisturbed["downgrade"]))

    @contextlib.contextmanager
    def ground(self, server_url: Optional[str] = None, client: Any = None) -> Iterator[Ground]:
        """A filled database, here or on another server, dropped afterwards."""
        client = client or self.client
        name = f"torture_{uuid.uuid4().hex[:12]}"
        history.fill(client[name])
        try:
            yield Ground(self, name, server_url or self.server_url, client)
        finally:
            with contextlib.suppress(pymongo.errors.PyMongoError):
                passwords.look_at_database(client[name])
                client.drop_database(name)


def was_too_slow(result: Result) -> bool:
    """Whether it lost its lease while it worked. It changes nothing then, so it is enough to ask again."""
    return result.code == 3 and "ran out while we worked" in result.text


def spread(chance: random.Random, number: int, count: int) -> float:
    """A moment between 0 and 1: the n-th of so many that are spread evenly, each moved by chance."""
    return (number % count + chance.random()) / count
