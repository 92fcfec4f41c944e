# SPDX-License-Identifier: Apache-2.0
"""kill -9 of the runner at moments spread over the whole of an upgrade and of a downgrade."""

from __future__ import annotations

import random
from collections import Counter

from arena import Arena, Ground, spread

ROUNDS = 1000
SPREAD = 50  # moments that a run's length is divided into


def kill_once(ground: Ground, direction: str, moment: float, figures: Counter) -> None:
    runner = ground.start(direction)
    killed = runner.kill_after(moment)
    ground.tell(f"kill -9 {moment:.4f} s after the start of: {runner.finish()!r}")
    state = ground.database.treering_state.find_one({"_id": "state"}) or {}
    where = "after its end"
    if killed:
        where = "with a revision under way" if "attempt" in state else "before the first revision"
    figures[f"killed {where}"] += 1


def play(arena: Arena, chance: random.Random, number: int, figures: Counter) -> None:
    """One kill on the way up and one on the way down; one time in four the runner that mends it is killed as well."""
    with arena.ground() as ground:
        for direction in ("upgrade", "downgrade"):
            moment = arena.seconds[direction] * spread(chance, number, SPREAD)
            kill_once(ground, direction, moment, figures)
            if chance.random() < 0.25:
                kill_once(ground, direction, arena.seconds[direction] * chance.random() * 2, figures)
            ground.finish(direction)
            ground.require_done_once(direction)
