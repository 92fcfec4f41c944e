# SPDX-License-Identifier: Apache-2.0
"""Measures what autogenerate is made of, on the server that TREERING_TEST_URL names; started by bench/run.

Reading a live schema goes side by side with pymongo reading the same. Comparing two schemas is measured alone: it has no server.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import statistics
import subprocess
import sys
import time
import uuid
from datetime import datetime, timezone
from pathlib import Path

from measure import PACE, CommandFailed
from pymongo import MongoClient
from report import Targets, over, ratio_of, rows, time_of, verdict

INDEXES = [
    {"key": {"email": 1}, "name": "email_1", "unique": True},
    {"key": {"created_at": 1}, "name": "created_at_1", "expireAfterSeconds": 3600},
    {"key": {"account": 1, "created_at": -1}, "name": "account_1_created_at_-1"},
]
COMPARED = [100, 1000, 10000]  # collections
READERS = ["pymongo", "treering"]
COMPARISONS = ["differences", "propose"]


def numbers_of(command: list[str]) -> list[float]:
    """What the command prints."""
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise CommandFailed(f"{' '.join(command)}: exit {done.returncode}\n{done.stderr[-2000:]}")
    return [float(word) for word in done.stdout.split()]


def fill(client: MongoClient, name: str, collections: int) -> None:
    for number in range(collections):
        client[name].command("createIndexes", f"collection_{number:05}", indexes=INDEXES)


def read_once(program: list[str], url: str, name: str, collections: int) -> tuple[float, float]:
    """Seconds and peak KiB; that it read everything is looked at."""
    time.sleep(random.uniform(0, PACE))
    read, indexes, seconds, peak_kib = numbers_of([*program, url, name])
    if (read, indexes) != (collections, collections * len(INDEXES)):
        raise CommandFailed(f"{program[-1]} read {read:.0f} collections with {indexes:.0f} indexes")
    return seconds, peak_kib


def measure_reading(plan: dict, url: str) -> dict:
    name, collections = f"bench_{uuid.uuid4().hex[:6]}_schema", plan["read"]
    client = MongoClient(url)
    print(f"bench: {collections:,} collections: preparing", end="", file=sys.stderr, flush=True)
    try:
        fill(client, name, collections)
        print(f"\nbench: {collections:,} collections: reading ", end="", file=sys.stderr, flush=True)
        samples: dict[str, list[tuple[float, float]]] = {reader: [] for reader in READERS}
        for reader in READERS:  # unmeasured
            read_once(plan["programs"][reader], url, name, collections)
        for turn in range(plan["rounds"]):
            for reader in READERS if turn % 2 == 0 else reversed(READERS):
                samples[reader].append(read_once(plan["programs"][reader], url, name, collections))
                print(".", end="", file=sys.stderr, flush=True)
    finally:
        client.drop_database(name)
    print(file=sys.stderr)
    return {
        reader: {
            "median_s": statistics.median(seconds for seconds, _ in of_one),
            "peak_kib": max(peak for _, peak in of_one),
            "seconds": [seconds for seconds, _ in of_one],
        }
        for reader, of_one in samples.items()
    }


def measure_comparing(plan: dict) -> dict:
    print("bench: comparing ", end="", file=sys.stderr, flush=True)
    rounds: dict[int, list[list[float]]] = {count: [] for count in COMPARED}
    for _, count in itertools.product(range(plan["rounds"]), COMPARED):
        rounds[count].append(numbers_of([plan["programs"]["diff"], str(count), "5"]))
        print(".", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return {
        str(count): {
            **{f"{what}_s": statistics.median(one[i] for one in of_one) / 1000 for i, what in enumerate(COMPARISONS)},
            "both_s": statistics.median(one[2] for one in of_one) / 1000,
            "processor_s": statistics.median(one[3] for one in of_one) / 1000,
            "peak_kib": max(one[4] for one in of_one),
        }
        for count, of_one in rounds.items()
    }


def targets(results: dict) -> list[dict]:
    found = Targets()
    reading, comparing = results["reading"], results["comparing"]
    largest, smaller = (comparing[str(count)] for count in (COMPARED[-1], COMPARED[-2]))
    growth = COMPARED[-1] // COMPARED[-2]
    found.add(
        f"reading {results['read']:,} collections: times pymongo",
        over(reading["treering"]["median_s"], reading["pymongo"]["median_s"]), 0.6,
    )  # fmt: skip
    at_largest = f"comparing {COMPARED[-1]:,} collections"
    for what in (*COMPARISONS, "both"):
        found.add(f"{at_largest}: {what}", largest[f"{what}_s"] * 1000, 50.0, " ms")
    found.add(f"{at_largest}: resident memory", largest["peak_kib"] * 1024 / 1e6, 100.0, " MB")
    found.add(f"{at_largest}: times {growth} x {COMPARED[-2]:,}", largest["both_s"] / (growth * smaller["both_s"]), 1.5)
    return found.all


def reading_table(results: dict) -> list[str]:
    table = [[f"reading {results['read']:,} collections", "time", "times pymongo", "resident"]]
    base = results["reading"]["pymongo"]["median_s"]
    for reader, one in results["reading"].items():
        seconds = one["median_s"]
        table.append([reader, time_of(seconds), ratio_of(seconds, base), f"{one['peak_kib'] / 1024:.1f} MiB"])
    return rows(table)


def comparing_table(results: dict) -> list[str]:
    comparing = results["comparing"]
    table = [["comparing, collections:", *(f"{count:,}" for count in COMPARED)]]
    for what in (*COMPARISONS, "both"):
        table.append([what])
        for count in COMPARED:
            seconds = comparing[str(count)][f"{what}_s"]
            table[-1].append(f"{seconds * 1000:.2f} ms ({seconds / count * 1e6:.2f} µs each)")
    table.append(["resident", *(f"{comparing[str(count)]['peak_kib'] / 1024:.1f} MiB" for count in COMPARED)])
    return rows(table)


def render(results: dict) -> str:
    lines = ["Median times. Every collection has three indexes beside the one on _id.", ""]
    lines += [*reading_table(results), "", *comparing_table(results), ""]
    lines += [*(verdict(target) for target in results["targets"]), ""]
    said = [f"{count:,}: {results['comparing'][str(count)]['processor_s'] * 1000:.2f} ms" for count in COMPARED]
    lines += [f"processor time of comparing (both): {', '.join(said)}", ""]
    lines.append(f"note: {results['rounds']} rounds, in turns; load average at the end: {results['load']:.1f} "
                 f"on {results['cores']} cores")  # fmt: skip
    lines.append("note: mongomig is left out: its diff looks at no database, its drift reads documents as well")
    return "\n".join(lines) + "\n"


def main() -> int:
    plan = json.loads(sys.argv[1])
    results = {
        "when": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "rounds": plan["rounds"],
        "cores": os.cpu_count(),
        "read": plan["read"],
        "reading": measure_reading(plan, os.environ["TREERING_TEST_URL"]),
        "comparing": measure_comparing(plan),
        "load": os.getloadavg()[0],
    }
    results["targets"] = targets(results)
    text = render(results)
    output = Path(plan["output"])
    output.mkdir(exist_ok=True)
    (output / "schema.json").write_text(json.dumps(results, indent=1) + "\n")
    (output / "schema.md").write_text(text)
    print(text, flush=True)
    os._exit(0)  # pymongo's threads


if __name__ == "__main__":
    sys.exit(main())
