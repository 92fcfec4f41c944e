# SPDX-License-Identifier: Apache-2.0
"""A runner that stops past its lease, while another takes over, and then goes on: it starts nothing more, and what it had sent is refused.

On the way are held only messages that a server can refuse; docs/recovery.md ("The lock") has those that none can.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
from collections import Counter
from typing import Callable, Iterator

import history
import inspection
from arena import Arena, Ground, Runner
from wire import Fault, Message

ROUNDS = 100
PATIENCE = 60
CLEAN = (0, 1, 3, 5)

Paused = tuple[Runner, Callable[[], None], str]  # a runner, what wakes it, and where it is


def wake(runner: Runner) -> None:
    with contextlib.suppress(ProcessLookupError):
        runner.process.send_signal(signal.SIGCONT)


@contextlib.contextmanager
def at_any_moment(ground: Ground, direction: str, chance: random.Random) -> Iterator[Paused]:
    runner = ground.start(direction)
    moment = ground.arena.seconds[direction] * chance.random()
    with contextlib.suppress(Exception):
        runner.process.wait(moment)
    if runner.process.poll() is None:
        runner.process.send_signal(signal.SIGSTOP)
    yield runner, lambda: wake(runner), f"stopped {moment:.4f} s after the start"


@contextlib.contextmanager
def before_a_write(ground: Ground, direction: str, chance: random.Random) -> Iterator[Paused]:
    """By its own code, just before it asks for something."""
    number = chance.randrange(ground.arena.length)
    where = f"{history.REVISIONS[number]}:{chance.randrange(history.steps_of(number, direction))}"
    runner = ground.start(direction, TORTURE_STOP_BEFORE=where)
    os.waitid(os.P_PID, runner.process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
    yield runner, lambda: wake(runner), f"stopped before {where}"


@contextlib.contextmanager
def between_check_and_server(ground: Ground, direction: str, chance: random.Random) -> Iterator[Paused]:
    """What it has sent stays on the way, and so does the renewal of its lease."""
    at = chance.randrange(ground.arena.fenced[direction])
    with ground.wire(Fault.held, at, Message.is_fenced) as wire:
        runner = ground.start(direction, url=ground.through(wire))
        wire.struck.wait(PATIENCE)
        yield runner, wire.let_go, f"held back: {wire.hit}, the {at}th of its kind"


WAYS = [between_check_and_server, at_any_moment, before_a_write]


def measure(arena: Arena) -> None:
    """How many messages of a run the server can refuse when they come late."""
    with arena.ground() as ground:
        for direction in ("upgrade", "downgrade"):
            with ground.wire(counts=Message.is_fenced) as wire:
                ground.start(direction, url=ground.through(wire)).finish()
                arena.fenced[direction] = wire.counted


def everything(ground: Ground) -> inspection.Contents:
    return {**inspection.contents(ground.database), **inspection.bookkeeping(ground.database)}


def play(arena: Arena, chance: random.Random, number: int, figures: Counter) -> None:
    way = WAYS[number % len(WAYS)]
    with arena.ground() as ground:
        for direction in ("upgrade", "downgrade"):
            with way(ground, direction, chance) as (late, go_on, where):
                ground.tell(where)
                ground.finish(direction)
                before = everything(ground)
                go_on()
                result = late.finish()
            ground.tell(f"the one that was late: {result!r}")
            ground.require(inspection.difference(before, everything(ground)))
            ground.require([] if result.code in CLEAN else [f"it ended with {result.code}"])
            ground.require(inspection.disagreements(ground.database, arena.applied[direction]))
            figures[way.__name__.replace("_", " ")] += 1
            figures["came to nothing"] += result.code != 0
