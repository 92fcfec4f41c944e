# SPDX-License-Identifier: Apache-2.0
"""The way to the server breaks in the middle of a run, and is there again before the lease is over, or isn't."""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path
from typing import Any, Iterator

import pytest
from workbench import ROOT, Project, Running, with_database

sys.path.insert(0, str(ROOT / "torture"))
from wire import Wire  # noqa: E402

A = "20241210120000"
AWAY = 0.5  # seconds


class Way:
    """To the server, always from the same port."""

    def __init__(self, project: Project) -> None:
        self._project, self._address = project, project.db.client.address
        self._wire = Wire(self._address)

    def start(self) -> Running:
        return self._project.start("upgrade", TREERING_URL=with_database(self._wire.url, self._project.database))

    def cut(self) -> None:
        self._wire.close()

    def mend(self) -> None:
        self._wire = Wire(self._address, port=self._wire.port)


@pytest.fixture
def way(project: Project) -> Iterator[Way]:
    made = Way(project)
    yield made
    made.cut()


def loop(count: int, *lines: str) -> str:
    body = "".join(f"    {line}\n" for line in (*lines, "print('made', n, flush=True)", "time.sleep(0.02)"))
    return f"import time\nfor n in range({count}):\n{body}"


def cut_for_a_moment(way: Way, runner: Running, *numbers: int) -> None:
    for number in numbers:
        runner.read_until(f"made {number}\n")
        way.cut()
        time.sleep(AWAY)
        way.mend()


def cut_for_good(project: Project, way: Way, lease: int) -> tuple[Path, Running]:
    """In the middle of a revision that makes indexes; its file, and its run."""
    project.config(f'url = "mongodb://unused/unused"\nlease = {lease}\n')
    path = project.add(A, upgrade=loop(1000, "env.db.made.create_index(f'a{n}')"))
    runner = way.start()
    runner.read_until("made 3\n")
    way.cut()
    return path, runner


def test_for_less_than_the_lease_stops_nobody(project: Project, way: Way) -> None:
    """In one run of operations on collections, indexes and single documents, three times."""
    project.add(
        A,
        upgrade=loop(
            60,
            "env.create_collection(f'made_{n}')",
            "env.db[f'made_{n}'].create_index('a')",
            "env.db[f'made_{n}'].insert_one({'_id': n})",
            "env.db[f'made_{n}'].rename(f'named_{n}')",
        ),
    )
    runner = way.start()
    cut_for_a_moment(way, runner, 5, 20, 40)
    result = runner.finish()
    assert result.code == 0, result
    names = {name for name in project.db.list_collection_names() if not name.startswith("treering_")}
    assert names == {f"named_{n}" for n in range(60)}
    for name in names:
        indexes: dict[str, Any] = project.db[name].index_information()
        assert project.db[name].count_documents({}) == 1 and set(indexes) == {"_id_", "a_1"}
    assert len(project.json("log")["attempts"]) == 1


def test_a_transaction_begins_anew(project: Project, way: Way) -> None:
    project.db.create_collection("made")
    path = project.add(A, upgrade=loop(30, "env.db.made.insert_one({'n': n})"))
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("def upgrade", "transactional = True\n\n\ndef upgrade", 1), encoding="utf-8")
    runner = way.start()
    cut_for_a_moment(way, runner, 10)
    result = runner.finish()
    assert result.code == 0 and result.out.count("made 5\n") == 2, result
    assert project.db.made.count_documents({}) == 30


def test_for_good_ends_the_run_and_the_next_one_undoes_it(project: Project, way: Way) -> None:
    path, runner = cut_for_good(project, way, lease=2)
    result = runner.finish()
    assert result.code == 5 and "Traceback" not in result.err, result
    assert "the connection to" in result.err and "the next command that writes undoes it" in result.err, result
    assert result.err.count("is away: asking again for up to 2 s") == 1, result
    path.unlink()
    project.add(A, upgrade="assert 'made' not in env.db.list_collection_names()")
    project.ok("upgrade", "--lock-timeout", "60")


def test_ctrl_c_ends_the_wait(project: Project, way: Way) -> None:
    """With a lease so long that it would be waited for in vain."""
    path, runner = cut_for_good(project, way, lease=600)
    time.sleep(1.5)
    runner.process.send_signal(signal.SIGINT)
    result = runner.finish()
    assert result.code == 130 and "Traceback" not in result.err, result
    assert "is away: asking again for up to 600 s" in result.err, result
    assert "the next command that writes undoes it" in result.err, result
    path.unlink()
    project.ok("unlock", "--force")
    project.add(A, upgrade="assert 'made' not in env.db.list_collection_names()")
    project.ok("upgrade")


def test_after_a_write_of_many_documents_nobody_knows(project: Project, way: Way) -> None:
    """It may count up: whether to do it again is for a person to say."""
    project.db.users.insert_many([{"_id": n, "n": 0} for n in range(10)])
    project.add(A, upgrade=loop(1000, "env.db.users.update_many({}, {'$inc': {'n': 1}})"))
    runner = way.start()
    cut_for_a_moment(way, runner, 3)
    result = runner.finish()
    if result.code == 0:
        pytest.fail(f"nothing was lost\n{result}")
    assert result.code == 5 and "Whether the server carried that out is unknown" in result.err, result
