# SPDX-License-Identifier: Apache-2.0
"""Times commands side by side: one of each, then the next round, so that whatever else the machine does meets all of them.

Each round begins with another one: what runs after a heavy command finds colder caches than what runs after a light one.
"""

from __future__ import annotations

import itertools
import os
import random
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field

# (from this many seconds on, so many rounds are enough)
SLOW = [(10.0, 1), (2.0, 3)]


@dataclass
class Sample:
    seconds: float
    processor_seconds: float
    peak_kib: int


@dataclass
class Series:
    """What one command took, round by round."""

    seconds: list[float] = field(default_factory=list)
    processor_seconds: list[float] = field(default_factory=list)
    peak_kib: int = 0

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)

    def add(self, sample: Sample) -> None:
        self.seconds.append(sample.seconds)
        self.processor_seconds.append(sample.processor_seconds)
        self.peak_kib = max(self.peak_kib, sample.peak_kib)

    def wants_more(self, rounds: int, in_full: bool) -> bool:
        if not self.seconds:
            return True
        for slow_from, enough in SLOW:
            if self.median >= slow_from and not in_full:
                return len(self.seconds) < min(rounds, enough)
        return len(self.seconds) < rounds


# The test server looks for new connections every 5 ms. Without this, each command would begin at a moment of that pace that
# the command before it decides, and wait for always the same part of it.
PACE = 0.01


class CommandFailed(Exception):
    pass


class Runner:
    def __init__(self, timed: str):
        self.timed = timed
        # Nothing of the user's own shell or virtual environment changes what a tool does.
        self.environment = {
            key: value
            for key, value in os.environ.items()
            if not key.startswith(("TREERING_", "VIRTUAL_ENV", "PYTHON"))
        }

    def run(self, command: list[str], folder) -> Sample:
        time.sleep(random.uniform(0, PACE))
        done = subprocess.run([self.timed, *command], cwd=folder, env=self.environment, capture_output=True, text=True)
        words = done.stdout.split()
        if done.returncode != 0 or words[3:] != ["0"]:
            raise CommandFailed(f"{' '.join(command)}: exit {words[3:]}\n{done.stderr[-2000:]}")
        return Sample(float(words[0]), float(words[1]), int(words[2]))


def interleave(jobs: dict[str, object], rounds: int, in_full: set[str]) -> dict[str, Series]:
    """`jobs`: name -> a function that runs it once and gives a Sample. `in_full`: those that get every round."""
    series = {name: Series() for name in jobs}
    for turn in itertools.count():
        left = [name for name in jobs if series[name].wants_more(rounds, name in in_full)]
        if not left:
            return series
        first = turn % len(left)
        for name in left[first:] + left[:first]:
            series[name].add(jobs[name]())
            print(".", end="", file=sys.stderr, flush=True)
