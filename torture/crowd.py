# SPDX-License-Identifier: Apache-2.0
"""Eight runners started together, and one of them killed: each revision runs exactly once."""

from __future__ import annotations

import random
import time
from collections import Counter

import inspection
from arena import Arena, Ground, Runner, was_too_slow

ROUNDS = 100
RUNNERS = 8


def chosen(ground: Ground, runners: list[Runner], chance: random.Random) -> int:
    """Any of them; every other time the one that works, if one does."""
    victim = chance.randrange(RUNNERS)
    state = ground.database.treering_state.find_one({"_id": "state"}) or {}
    working = [n for n, runner in enumerate(runners) if runner.process.pid == state.get("lease", {}).get("pid")]
    return working[0] if working and chance.random() < 0.5 else victim


def play(arena: Arena, chance: random.Random, number: int, figures: Counter) -> None:
    with arena.ground() as ground:
        runners = [ground.start("upgrade") for _ in range(RUNNERS)]
        moment = arena.seconds["upgrade"] * 2 * chance.random()
        time.sleep(moment)
        victim = chosen(ground, runners, chance)
        killed = runners[victim].kill_after(0)
        results = [runner.finish() for runner in runners]
        for result in results:
            ground.tell(repr(result))
        ground.tell(f"runner {victim} was killed {moment:.4f} s after the start")
        figures["runners"] += RUNNERS
        figures["killed under way"] += killed
        slow = sum(was_too_slow(result) for result in results)
        figures["lost the lease"] += slow
        survivors = [result for index, result in enumerate(results) if not (killed and index == victim)]
        ground.require([f"one ended with {each.code}" for each in survivors if each.code and not was_too_slow(each)])
        # What counts itself up does so in a transaction, and is part of what is compared here.
        ground.finish("upgrade")
        ground.require_done_once("upgrade")
        cut_off = ground.database.treering_journal.count_documents({"outcome": {"$ne": "done"}})
        ground.require([f"{cut_off} revisions were cut off"] if cut_off > killed + slow else [])
        figures["revisions cut off"] += cut_off
        figures["revisions done"] += sum(inspection.done_counts(ground.database, "upgrade").values())
