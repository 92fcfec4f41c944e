# SPDX-License-Identifier: Apache-2.0
"""What the journal costs: one revision of many operations on collections and indexes, beside bare pymongo, and many that do nothing.

Round trips are counted by a proxy between the two and the server; times are of the same runs, in turns.
"""

from __future__ import annotations

import json
import os
import socket
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any, Callable

import pymongo
from report import rows, time_of

from treering import MigrationManager

BODY = """\
    for number in range({0}):
        collection = env.db[f'c{{number:04}}']
        collection.create_index('a')
        collection.create_index('b')
"""


class CountingProxy:
    """Passes everything on at once, and counts the messages to the server. One message is one OP_MSG, by its length."""

    def __init__(self, host: str, port: int) -> None:
        self.requests = 0
        self._there = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            here, _ = self._listener.accept()
            there = socket.create_connection(self._there)
            for one in (here, there):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._requests, args=(here, there), daemon=True).start()
            threading.Thread(target=self._pass_on, args=(there, here), daemon=True).start()

    def _requests(self, here: socket.socket, there: socket.socket) -> None:
        waiting = b""
        while data := self._receive(here):
            there.sendall(data)
            waiting += data
            while len(waiting) >= 4 and len(waiting) >= (size := int.from_bytes(waiting[:4], "little")):
                waiting = waiting[size:]
                self.requests += 1
        there.close()

    def _pass_on(self, there: socket.socket, here: socket.socket) -> None:
        while data := self._receive(there):
            here.sendall(data)
        here.close()

    @staticmethod
    def _receive(one: socket.socket) -> bytes:
        try:
            return one.recv(1 << 20)
        except OSError:
            return b""


def project(folder: Path, revisions: list[str]) -> str:
    versions = folder / "migrations" / "versions"
    versions.mkdir(parents=True)
    (folder / "treering.toml").write_text('url = "mongodb://unused/unused"\n')
    below = None
    for number, body in enumerate(revisions):
        revision = f"{20240101000000 + number}"
        text = f"revision = {revision!r}\ndown_revision = {below!r}\nbranch_labels = None\ndepends_on = None\n\n\n"
        text += f"def upgrade(env):\n{body}\n\n\ndef downgrade(env):\n    pass\n"
        (versions / f"{revision}_r.py").write_text(text)
        below = revision
    return str(folder / "treering.toml")


class Bench:
    def __init__(self, url: str) -> None:
        host, _, port = url.removeprefix("mongodb://").partition("/")[0].rpartition(":")
        self.proxy = CountingProxy(host, int(port))
        self.url = f"mongodb://127.0.0.1:{self.proxy.port}/"
        self.direct = pymongo.MongoClient(url)

    def measure(self, work: Callable[[str], None]) -> tuple[float, int]:
        self.direct.drop_database("journal")
        before, began = self.proxy.requests, time.perf_counter()
        work(self.url + "journal")
        return time.perf_counter() - began, self.proxy.requests - before

    def upgrade(self, config: str) -> Callable[[str], None]:
        def work(url: str) -> None:
            MigrationManager(config=config, url=url).upgrade("head")

        return work

    def bare(self, count: int) -> Callable[[str], None]:
        def work(url: str) -> None:
            with pymongo.MongoClient(url) as client:
                database = client.get_default_database()
                for number in range(count):
                    collection = database[f"c{number:04}"]
                    collection.create_index("a")
                    collection.create_index("b")

        return work


def measure(plan: dict, url: str) -> dict:
    operations, revisions = plan["operations"], plan["revisions"]
    bench = Bench(url)
    with tempfile.TemporaryDirectory() as folder:
        work = {
            "bare pymongo": bench.bare(operations // 2),
            "treering": bench.upgrade(project(Path(folder) / "one", [BODY.format(operations // 2)])),
            "revisions that do nothing": bench.upgrade(project(Path(folder) / "many", ["    pass"] * revisions)),
            "one that does nothing": bench.upgrade(project(Path(folder) / "none", ["    pass"])),
        }
        found: dict[str, list[tuple[float, int]]] = {name: [] for name in work}
        for _ in range(plan["rounds"]):
            for name, each in work.items():
                found[name].append(bench.measure(each))
    median = {name: tuple(statistics.median(column) for column in zip(*runs)) for name, runs in found.items()}
    extra = (median["treering"][1] - median["one that does nothing"][1]) / operations
    return {
        "operations": operations,
        "revisions": revisions,
        "series": median,
        "extra": extra - 1,
        "of_a_revision": (median["revisions that do nothing"][1] - median["one that does nothing"][1])
        / (revisions - 1),
    }


def render(results: dict) -> str:
    base = results["series"]["bare pymongo"]
    table = [["what", "time", "times bare pymongo", "round trips"]]
    for name, (seconds, trips) in results["series"].items():
        table.append([name, time_of(seconds), f"{seconds / base[0]:.2f}", f"{trips:.0f}"])
    targets = [
        ["target", "limit", "measured", ""],
        *(
            [text, limit, f"{value:.2f}", "reached" if round(value, 2) <= float(limit) else "MISSED"]
            for text, limit, value in (
                ("round trips more for each operation, what reads the schema before the first ones among them", "1.00", results["extra"]),
                ("round trips of bookkeeping for each revision", "3", results["of_a_revision"]),
            )
        ),
    ]
    head = f"{results['operations']:,} operations in one revision, and {results['revisions']:,} revisions.\n"
    return "\n".join([head, *rows(table), "", *rows(targets), ""])


def main() -> int:
    plan = json.loads(sys.argv[1])
    results: dict[str, Any] = measure(plan, os.environ["TREERING_TEST_URL"])
    text = render(results)
    print(text)
    output = Path(plan["output"])
    output.mkdir(parents=True, exist_ok=True)
    (output / "journal.md").write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
