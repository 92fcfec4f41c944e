# SPDX-License-Identifier: Apache-2.0
"""A network that delays, loses the request, or loses the reply after the server acted: each message of a run in its turn."""

from __future__ import annotations

import random
from collections import Counter

from arena import Arena, Ground, was_too_slow
from wire import Fault, Wire

ROUNDS = 600  # three for each message of the longer direction, and some more
FAULTS = [Fault.request_lost, Fault.reply_lost, Fault.late]
STRIDE = 37  # a few rounds are spread over the run, many meet each message
UNREACHABLE = 5


def run_through(ground: Ground, direction: str, wire: Wire) -> bool:
    """Whether it came to its end: what is lost on the way stops a run only where nobody can know what the server did."""
    result = ground.start(direction, url=ground.through(wire)).finish()
    ground.tell(f"{wire.hit}: {wire.fault.value}\n{result!r}")
    may_stop = wire.hit is not None and wire.hit.is_of_many() and wire.fault is not Fault.late
    # The lease is so short that a busy machine may lose it.
    is_clean = result.code == 0 or was_too_slow(result) or (may_stop and result.code == UNREACHABLE)
    ground.require([] if is_clean else [f"it ended with {result.code}"])
    ground.require_recorded(direction, result)
    return result.code == 0


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
                ended = run_through(ground, direction, wire)
            figures[fault.value] += wire.hit is not None
            figures["stopped by it"] += not ended
            ground.finish(direction)
            ground.require_done_once(direction)
