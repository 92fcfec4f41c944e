# SPDX-License-Identifier: Apache-2.0
"""The server is killed in the middle of a run, and started again on the same data."""

from __future__ import annotations

import random
import tempfile
import time
from collections import Counter
from pathlib import Path

import pymongo
import pymongo.errors
from arena import Arena, Ground
from servers import TestServer

ROUNDS = 100
# What the test server says when it can't read what it was killed over, at its start or later.
DAMAGED = ("failed to open storage", "WiredTiger error")


def is_servers_own(error: BaseException) -> bool:
    """Its storage is broken, and there is nothing left to look at."""
    return any(said in str(error) for said in DAMAGED)


def kill_server(ground: Ground, direction: str, server: TestServer, chance: random.Random, folder: Path) -> TestServer:
    """Gives the server that is there afterwards."""
    runner = ground.start(direction)
    moment = ground.arena.seconds[direction] * chance.random()
    away = chance.choice([0, 0.3])
    time.sleep(moment)
    server.kill()
    time.sleep(away)
    try:
        again = TestServer(folder, port=int(server.address.rsplit(":", 1)[1]))
    except AssertionError:
        runner.finish()
        raise
    try:
        result = runner.finish()
        ground.tell(f"kill -9 of the server {moment:.4f} s after the start, away for {away} s\n{result!r}")
        ground.require([] if result.code in (0, 1, 5) else [f"it ended with {result.code}"])
        ground.require_recorded(direction, result)
    except BaseException:
        again.kill()
        raise
    return again


def play(arena: Arena, chance: random.Random, number: int, figures: Counter) -> None:
    with tempfile.TemporaryDirectory(prefix="treering-torture-server.") as name:
        folder = Path(name)
        server = TestServer(folder)
        try:
            with pymongo.MongoClient(server.url) as client, arena.ground(server.url, client) as ground:
                for direction in ("upgrade", "downgrade"):
                    figures["server killed"] += 1
                    server = kill_server(ground, direction, server, chance, folder)
                    ground.finish(direction)
                    ground.require_done_once(direction)
        except (AssertionError, pymongo.errors.OperationFailure) as error:
            if not is_servers_own(error):
                raise
            figures["server that didn't survive it"] += 1
        finally:
            server.kill()
