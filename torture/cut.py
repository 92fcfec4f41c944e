# SPDX-License-Identifier: Apache-2.0
"""A network that delays, loses the request, or loses the reply after the server acted: each message of a run in its turn."""

from __future__ import annotations

import random
from collections import Counter

from arena import Arena, Ground
from wire import Fault, Wire

ROUNDS = 600  # three for each message of the longer direction, and some more
FAULTS = [Fault.request_lost, Fault.reply_lost, Fault.late]
STRIDE = 37  # a few rounds are spread over the run, many meet each message
STOPPED_CLEANLY = (1, 5)  # the revision failed, the server can't be reached


def run_through(ground: Ground, direction: str, wire: Wire) -> None:
    result = ground.start(direction, url=ground.through(wire)).finish()
    ground.tell(f"{wire.hit}: {wire.fault.value}\n{result!r}")
    ground.require([] if result.code in (0, *STOPPED_CLEANLY) else [f"it ended with {result.code}"])
    ground.require_recorded(direction, result)


def measure(arena: Arena) -> None:
    with arena.ground() as ground:
        for direction in ("upgrade", "downgrade"):
            with ground.wire() as wire:
                run_through(ground, direction, wire)
                arena.messages[direction] = wire.counted


def play(arena: Arena, chance: random.Random, number: int, figures: Counter) -> None:
    fault = FAULTS[number % len(FAULTS)]
    with arena.ground() as ground:
        for direction in ("upgrade", "downgrade"):
            at = number // len(FAULTS) * STRIDE % arena.messages[direction]
            with ground.wire(fault, at) as wire:
                run_through(ground, direction, wire)
            figures[fault.value] += wire.hit is not None
            ground.finish(direction)
            ground.require_done_once(direction)
