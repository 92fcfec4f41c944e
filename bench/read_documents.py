# SPDX-License-Identifier: Apache-2.0
"""Measures what a migration's Python code does with documents, on the server that TREERING_TEST_URL names; started by bench/run.

Each work goes through treering's env and through pymongo, in one process and in turns.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from datetime import datetime, timedelta, timezone
from importlib.metadata import version
from pathlib import Path
from typing import Any, Callable
from urllib.parse import urlsplit

from bson import Decimal128, Int64, ObjectId
from pymongo import MongoClient, UpdateOne
from report import Targets, over, ratio_of, rows, time_of, verdict

from treering import MigrationManager

CLIENTS = ["pymongo", "treering"]
SEED = 5
START = datetime(2024, 1, 1)
WORDS = "alder birch cedar elm fir hazel juniper larch maple oak pine rowan spruce willow yew".split()


def document(number: int, chance: random.Random) -> dict[str, Any]:
    """One of 20 fields, as the users of a shop have them."""
    return {
        "_id": ObjectId(),
        "username": f"user{number}",
        "email": f"user{number}@example.com",
        "full_name": f"{chance.choice(WORDS).title()} {chance.choice(WORDS).title()}",
        "age": chance.randrange(18, 90),
        "active": chance.random() < 0.9,
        "created_at": START + timedelta(seconds=chance.randrange(10**7)),
        "last_login": START + timedelta(milliseconds=chance.randrange(10**10)),
        "logins": chance.randrange(10_000),
        "points": Int64(chance.randrange(10**12)),
        "balance": chance.random() * 1000,
        "limit": Decimal128("1500.00"),
        "phone": None,
        "tags": chance.sample(WORDS, 3),
        "address": {"street": f"{chance.choice(WORDS)} street {number % 300}", "city": "Zürich", "zip": "8001"},
        "referrer": ObjectId(),
        "language": "de",
        "newsletter": False,
        "note": " ".join(chance.choices(WORDS, k=20)),
        "version": 1,
    }


def documents(count: int) -> list[dict[str, Any]]:
    chance = random.Random(SEED)
    return [document(number, chance) for number in range(count)]


def read(db: Any, count: int) -> None:
    found = 0
    for _ in db.users.find():
        found += 1
    assert found == count


def insert(db: Any, fresh: list[dict[str, Any]]) -> None:
    assert len(db.copies.insert_many(fresh).inserted_ids) == len(fresh)


def change_each(db: Any, count: int) -> None:
    """The loop of the guide, as written."""
    for user in db.people.find():
        first, last = user["full_name"].split(" ", 1)
        db.people.update_one({"_id": user["_id"]}, {"$set": {"first_name": first, "last_name": last}})
    assert db.people.count_documents({"first_name": {"$exists": True}}) == count


def change_by_hand(db: Any, count: int) -> None:
    """What a careful author writes instead of the loop."""
    requests: list[UpdateOne] = []
    for user in db.people.find():
        first, last = user["full_name"].split(" ", 1)
        requests.append(UpdateOne({"_id": user["_id"]}, {"$set": {"first_name": first, "last_name": last}}))
        if len(requests) == 1000:
            db.people.bulk_write(requests)
            requests = []
    if requests:
        db.people.bulk_write(requests)
    assert db.people.count_documents({"first_name": {"$exists": True}}) == count


PIPELINE = [{"$set": {"label": {"$concat": ["$username", " ", "$full_name"]}}}]


def change_all(db: Any, count: int) -> None:
    assert db.people.update_many({}, PIPELINE).modified_count == count


class Bench:
    """Both ways to one database, and what was measured on them."""

    def __init__(self, plan: dict, pymongo_db: Any, env: Any) -> None:
        self.plan = plan
        self.env = env
        self.databases = {"pymongo": pymongo_db, "treering": env.db}
        self.samples: dict[str, dict[str, list[tuple[float, float]]]] = {}

    def change_in_batches(self, db: Any, count: int) -> None:
        with self.env.batch():
            change_each(db, count)

    def backfill(self, _: Any, count: int) -> None:
        assert self.env.backfill("people", {}, PIPELINE).changed == count

    def measure(
        self,
        work: str,
        prepare: Callable[[], Any],
        run: Callable[[Any, Any], None],
        run_treering: Callable[[Any, Any], None] | None = None,
    ) -> None:
        """`prepare` brings the database to the start before each, unmeasured, and gives what `run` takes beside the database.
        `run_treering`: where treering does the same in another way."""
        print(f"\nbench: {work} ", end="", file=sys.stderr, flush=True)
        samples = self.samples.setdefault(work, {client: [] for client in CLIENTS})
        for turn in range(-1, self.plan["rounds"]):  # the first is unmeasured
            for client in CLIENTS if turn % 2 == 0 else reversed(CLIENTS):
                argument = prepare()
                processor, began = time.process_time(), time.perf_counter()
                (run_treering if run_treering and client == "treering" else run)(self.databases[client], argument)
                sample = time.perf_counter() - began, time.process_time() - processor
                if turn >= 0:
                    samples[client].append(sample)
                print(".", end="", file=sys.stderr, flush=True)

    def run(self) -> None:
        db, plan = self.databases["pymongo"], self.plan

        def fresh_people() -> int:
            db.people.drop()
            db.people.insert_many(documents(plan["change"]))
            return plan["change"]

        def fresh_documents() -> list[dict[str, Any]]:
            db.copies.drop()
            return documents(plan["insert"])

        self.measure("batch", fresh_people, change_by_hand, self.change_in_batches)
        self.measure("backfill", fresh_people, change_all, self.backfill)
        db.users.insert_many(documents(plan["read"]))
        self.measure("read", lambda: plan["read"], read)
        self.measure("insert", fresh_documents, insert)
        db.copies.drop()
        self.measure("change", fresh_people, change_each)

    def run_behind_proxy(self) -> None:
        db, count = self.databases["pymongo"], self.plan["far"]

        def fresh_people() -> int:
            db.people.drop()
            db.people.insert_many(documents(count))
            return count

        self.measure("far", fresh_people, change_each, self.change_in_batches)


def measure(plan: dict, url: str) -> dict:
    samples = measured_at(plan, url, Bench.run)
    host, port = urlsplit(url).netloc.rsplit(":", 1)
    proxy = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("slow_proxy.py")), host, port, "1"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        # A direct connection: the server would name itself, and clients go there past the proxy.
        far = f"mongodb://127.0.0.1:{proxy.stdout.readline().strip()}/?directConnection=true"
        samples.update(measured_at(plan, far, Bench.run_behind_proxy))
    finally:
        proxy.stdin.close()
        proxy.wait()
    return samples


def measured_at(plan: dict, url: str, run: Callable[[Bench], None]) -> dict:
    name = f"bench_{uuid.uuid4().hex[:6]}_documents"
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "migrations" / "versions").mkdir(parents=True)
        (Path(folder) / "treering.toml").write_text(f'url = "{url}"\ndatabase = "{name}"\n')
        with MongoClient(url) as client, MigrationManager(folder).open() as env:
            bench = Bench(plan, client[name], env)
            try:
                run(bench)
            finally:
                client.drop_database(name)
    print(file=sys.stderr)
    return {
        work: {
            client: {
                "median_s": statistics.median(seconds for seconds, _ in of_one),
                "median_processor_s": statistics.median(processor for _, processor in of_one),
                "seconds": [seconds for seconds, _ in of_one],
                "processor_seconds": [processor for _, processor in of_one],
            }
            for client, of_one in of_work.items()
        }
        for work, of_work in bench.samples.items()
    }


def ratio(results: dict, work: str, what: str) -> float | None:
    return over(results["works"][work]["treering"][what], results["works"][work]["pymongo"][what])


def titles(results: dict) -> dict[str, str]:
    return {
        "read": f"find loop of {results['read']:,} documents",
        "insert": f"insert_many of {results['insert']:,}",
        "change": f"find and update_one of {results['change']:,}",
        "batch": f"bulk_write by hand, env.batch() of {results['change']:,}",
        "backfill": f"update_many, env.backfill of {results['change']:,}",
        "far": f"1 ms away: the loop, in env.batch() of {results['far']:,}",
    }


def targets(results: dict) -> list[dict]:
    found, said = Targets(), titles(results)
    found.add(f"{said['read']}: times pymongo's time", ratio(results, "read", "median_s"), 1 / 1.8)
    found.add(f"{said['read']}: times pymongo's processor time", ratio(results, "read", "median_processor_s"), 0.55)
    found.add(f"{said['change']}: times pymongo's time", ratio(results, "change", "median_s"), 1 / 1.4)
    found.add(f"{said['batch']}: times pymongo's time", ratio(results, "batch", "median_s"), 1.1)
    found.add(f"{said['backfill']}: times pymongo's time", ratio(results, "backfill", "median_s"), 1.3)
    found.add(f"{said['far']}: times pymongo's time", ratio(results, "far", "median_s"), 1 / 8)
    return found.all


def work_table(results: dict, work: str) -> list[str]:
    count = results[work if work in results else "change"]
    table = [[titles(results)[work], "time", "documents a second", "times pymongo", "processor", "times pymongo"]]
    base = results["works"][work]["pymongo"]
    for client, one in results["works"][work].items():
        table.append([
            client, time_of(one["median_s"]), f"{count / one['median_s']:,.0f}", ratio_of(one["median_s"], base["median_s"]),
            time_of(one["median_processor_s"]), ratio_of(one["median_processor_s"], base["median_processor_s"]),
        ])  # fmt: skip
    return rows(table)


def render(results: dict) -> str:
    lines = [
        "Median times; the processor's is the client's, in user and system mode. Every document has 20 fields.",
        "",
    ]
    for work in results["works"]:
        lines += [*work_table(results, work), ""]
    lines += [*(verdict(target) for target in results["targets"]), ""]
    lines.append(f"note: {results['rounds']} rounds, in turns; pymongo {results['pymongo']}; load average at the end: "
                 f"{results['load']:.1f} on {results['cores']} cores")  # fmt: skip
    return "\n".join(lines) + "\n"


def main() -> int:
    plan = json.loads(sys.argv[1])
    results = {
        "when": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        **{key: plan[key] for key in ("rounds", "read", "insert", "change", "far")},
        "pymongo": version("pymongo"),
        "cores": os.cpu_count(),
        "works": measure(plan, os.environ["TREERING_TEST_URL"]),
        "load": os.getloadavg()[0],
    }
    results["targets"] = targets(results)
    text = render(results)
    output = Path(plan["output"])
    output.mkdir(exist_ok=True)
    (output / "documents.json").write_text(json.dumps(results, indent=1) + "\n")
    (output / "documents.md").write_text(text)
    print(text, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
