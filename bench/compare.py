# SPDX-License-Identifier: Apache-2.0
"""Measures everything in one run on the server that TREERING_TEST_URL names; started by bench/run, which installs what it needs."""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import uuid
from datetime import datetime, timezone
from functools import partial
from pathlib import Path

import report
from measure import SLOW, CommandFailed, Runner, Sample, Series, interleave
from pymongo import MongoClient

import tools

IN_FULL = {"floor", "bare pymongo", "treering"}  # what the targets are about


class Comparison:
    def __init__(self, plan: dict, url: str, folder: Path):
        self.plan, self.url, self.folder = plan, url, folder
        self.client = MongoClient(url)
        self.runner = Runner(plan["timed"])
        self.prefix = (
            "bench_" + uuid.uuid4().hex[:6]
        )  # the server may be somebody's: ours are named, and dropped at the end
        self.databases: set[str] = set()
        self.missing: dict[str, str] = dict(plan["missing"])

    def make(self, kind: type[tools.Tool], label: str) -> tools.Tool:
        return kind(self.plan["programs"][kind.name], self.url, self.folder / label / kind.name.replace(" ", "-"))

    def database(self, tool: tools.Tool, label: str) -> str:
        name = f"{self.prefix}_{label}_{tool.name.replace(' ', '_').replace('-', '_')}"
        self.databases.add(name)
        return name

    def wanted(self, kinds: list[type[tools.Tool]]) -> list[type[tools.Tool]]:
        return [kind for kind in kinds if kind.name in self.plan["programs"] and kind.name not in self.missing]

    def give_up(self, tool: tools.Tool, error: Exception) -> None:
        print(f"\nbench: {tool.name} is left out from here on: {error}", file=sys.stderr)
        self.missing[tool.name] = str(error).splitlines()[0]

    def prepared(self, size: int) -> list[tools.Tool]:
        ready = []
        for kind in self.wanted(tools.TOOLS):
            tool = self.make(kind, f"s{size}")
            try:
                tool.write(size)
                database = self.database(tool, f"s{size}")
                tool.use(database)
                tool.mark_applied(self.client, database, size)
                for verb in tool.verbs or ("current",):  # fills caches, its own and the system's
                    self.runner.run(tool.command(verb), tool.folder)
            except Exception as error:  # a peer that fails must not cost the others' results
                if kind.name not in tools.PEERS:
                    raise
                self.give_up(tool, error)
            else:
                ready.append(tool)
        return ready

    def measure_size(self, size: int, verbs: dict) -> None:
        print(f"\nbench: {size:,} revisions: preparing", end="", file=sys.stderr, flush=True)
        ready = self.prepared(size)
        for verb in tools.VERBS:
            print(f"\nbench: {size:,} revisions: {verb} ", end="", file=sys.stderr, flush=True)
            jobs = {
                tool.name: partial(self.runner.run, tool.command(verb), tool.folder)
                for tool in ready
                if verb in tool.verbs or not tool.verbs
            }
            verbs.setdefault(verb, {})[str(size)] = as_json(interleave(jobs, self.plan["rounds"], IN_FULL))
        for tool in ready:
            tools.remove(tool.folder)

    def measure_apply(self, count: int) -> dict:
        print(f"\nbench: applying {count:,} revisions: ", end="", file=sys.stderr, flush=True)
        jobs = {}
        for kind in [tools.BarePymongo, *self.wanted(tools.TOOLS[1:])]:
            tool = self.make(kind, "apply")
            tool.write(count)
            jobs[tool.name] = partial(self.apply_once, tool, count)
        return {"count": count, "series": as_json(interleave(jobs, self.plan["rounds"], IN_FULL))}

    def apply_once(self, tool: tools.Tool, count: int) -> Sample:
        """On a fresh database, and what it says that it did is looked at."""
        database = self.database(tool, f"apply_{uuid.uuid4().hex[:6]}")
        tool.use(database)
        sample = self.runner.run(tool.command("upgrade"), tool.folder)
        done = tool.count_applied(self.client, database)
        if done != count:
            raise CommandFailed(f"{tool.name} applied {done} of {count} revisions")
        self.client.drop_database(database)
        return sample

    def run(self) -> dict:
        verbs: dict = {}
        for size in self.plan["sizes"]:
            self.measure_size(size, verbs)
        results = {
            "when": datetime.now(timezone.utc).isoformat(timespec="seconds"),
            "server": self.client.server_info()["version"],
            "cores": os.cpu_count(),
            "sizes": self.plan["sizes"],
            "tools": [kind.name for kind in tools.TOOLS if kind.name in {*self.plan["programs"], *self.missing}],
            "peers": self.plan["peers"],
            "script_peers": [kind.name for kind in tools.TOOLS if kind.script_language],
            "versions": self.plan["versions"],
            "rounds": self.plan["rounds"],
            "verbs": verbs,
        }
        if self.plan["apply"]:
            results["apply"] = self.measure_apply(self.plan["apply"])
        print(file=sys.stderr)
        results |= {"missing": self.missing, "left_out": self.plan["left_out"], "notes": self.notes()}
        return results

    def notes(self) -> list[str]:
        fewer = ", ".join(f"{enough} where one takes {seconds:g} s" for seconds, enough in reversed(SLOW))
        return [
            f"{self.plan['rounds']} interleaved rounds, fewer of a peer's slow commands: {fewer}",
            "alembic works on SQLite, and applies all revisions in one transaction",
            f"load average at the end: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores",
        ]

    def clean(self) -> None:
        for name in self.databases:
            self.client.drop_database(name)


def as_json(series: dict[str, Series]) -> dict:
    return {
        name: {
            "median_s": one.median,
            "median_processor_s": statistics.median(one.processor_seconds),
            "peak_kib": one.peak_kib,
            "seconds": one.seconds,
        }
        for name, one in series.items()
    }


def main() -> int:
    plan = json.loads(sys.argv[1])
    with tempfile.TemporaryDirectory(prefix="treering-bench.") as folder:
        comparison = Comparison(plan, os.environ["TREERING_TEST_URL"], Path(folder))
        try:
            results = comparison.run()
        finally:
            comparison.clean()
    results["targets"] = report.targets(results)
    text = report.render(results)
    output = Path(plan["output"])
    output.mkdir(exist_ok=True)
    (output / "latest.json").write_text(json.dumps(results, indent=1) + "\n")
    (output / "latest.md").write_text(text)
    print(text, end="")
    print(f"written: {output}/latest.json, latest.md", file=sys.stderr)
    sys.stdout.flush()
    os._exit(0)  # pymongo's threads


if __name__ == "__main__":
    sys.exit(main())
