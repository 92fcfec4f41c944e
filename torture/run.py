# SPDX-License-Identifier: Apache-2.0
"""Kills, stops and cuts off runners and servers, and looks whether anything is lost. REQUIRES: TREERING_TEST_URL.

--rounds N instead of each scenario's own number; --only NAME a scenario; --seed S that of another run; --first N begins there.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import crowd
import cut
import kill
import pause
import restart
from arena import Arena, Broken
from history import KINDS, REVISIONS

SCENARIOS: dict[str, Any] = {"kill": kill, "crowd": crowd, "restart": restart, "cut": cut, "pause": pause}

HEADING = """# What Treering was put through
`make torture` writes this file. After each round the database is that of an undisturbed run, each revision is recorded once and
done once in the journal, no attempt is open and nobody holds the lease. Nothing wrong was found in these rounds.
"""


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tools/torture", description=__doc__)
    parser.add_argument("--rounds", type=int, metavar="N")
    parser.add_argument("--first", type=int, default=0, metavar="N")
    parser.add_argument("--only", action="append", choices=sorted(SCENARIOS))
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    parser.add_argument("--jobs", type=int, default=2 * (os.cpu_count() or 1), metavar="N", help="rounds at a time")
    parser.add_argument("--figures", type=Path, metavar="FILE", help="write what came of it there")
    return parser.parse_args()


def play(name: str, folder: Path, url: str, seed: int, rounds: range, jobs: int = 1) -> Counter:
    """Plays these rounds of a scenario, and gives what it counted. Throws the first Broken, with how to play it again."""
    # All of the thirty where that is what is asked; else one of each kind.
    with Arena(folder / name, url, len(REVISIONS) if name == "kill" else len(KINDS)) as arena:
        if hasattr(SCENARIOS[name], "measure"):
            SCENARIOS[name].measure(arena)
        return play_rounds(name, arena, seed, rounds, jobs)


def play_rounds(name: str, arena: Arena, seed: int, rounds: range, jobs: int) -> Counter:
    figures: Counter = Counter()

    def one(number: int) -> None:
        counted: Counter = Counter()
        try:
            SCENARIOS[name].play(arena, random.Random(f"{seed} {name} {number}"), number, counted)
        except Exception as error:
            again = f"tools/torture --only {name} --seed {seed} --first {number} --rounds 1"
            raise Broken(f"{name}, round {number} ({again}): {type(error).__name__}: {error}") from error
        with counting:
            figures.update(counted)
            figures["rounds"] += 1

    counting = threading.Lock()
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        playing = [pool.submit(one, number) for number in rounds]
        try:
            for each in playing:
                each.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return figures


def in_words(figures: Counter) -> str:
    return ", ".join(f"{count:,} {what}" for what, count in sorted(figures.items()))


def rounds_of(name: str, given: argparse.Namespace) -> range:
    count = SCENARIOS[name].ROUNDS if given.rounds is None else given.rounds
    return range(given.first, given.first + count)


def main() -> int:
    given = arguments()
    print(f"seed {given.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="treering-torture.") as folder:
        try:
            for name in given.only or SCENARIOS:
                rounds, url = rounds_of(name, given), os.environ["TREERING_TEST_URL"]
                figures = play(name, Path(folder), url, given.seed, rounds, given.jobs)
                print(f"{name}: {in_words(figures)}", flush=True)
                if given.figures:
                    write_figures(given.figures, name, figures)
        except Broken as error:
            print(error, file=sys.stderr)
            return 1
    return 0


def write_figures(path: Path, name: str, counted: Counter) -> None:
    """A scenario's row, of a run that found nothing wrong. Those of other scenarios stay."""
    written = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    rows = {line.split("|")[1].split(":")[0].strip(): line for line in written if line.startswith("| ")}
    rounds = counted.pop("rounds")
    date = time.strftime("%Y-%m-%d", time.gmtime())
    rows[name] = f"| {name}: {summary(name)} | {rounds:,} | {date} | {in_words(counted)} |"
    table = ["| scenario | rounds | run on | what happened in them |", "| --- | --- | --- | --- |"]
    table += [rows[each] for each in SCENARIOS if each in rows]
    path.write_text("\n".join([HEADING, *table]) + "\n", encoding="utf-8")


def summary(name: str) -> str:
    text = SCENARIOS[name].__doc__.strip().splitlines()[0].rstrip(".")
    return text[0].lower() + text[1:]


if __name__ == "__main__":
    sys.exit(main())
