# SPDX-License-Identifier: Apache-2.0
"""Eight real processes run `treering upgrade head` at once: whatever happens, each revision runs exactly once."""

from __future__ import annotations

import os
import re
import signal

import pytest
from workbench import Project, Running, is_alive, wait_until

RUNNERS = 8
REVISIONS = [f"2024121012000{number}" for number in range(5)]

# A mark, and then some work, so that the runners meet.
SLOW_MARK = "import time\nenv.db.marks.insert_one({{'revision': {0!r}, 'direction': 'up', 'at': time.time_ns()}})\ntime.sleep({1})"


def add_slow_chain(project: Project, seconds: float) -> None:
    for below, revision in zip([None, *REVISIONS], REVISIONS):
        project.add(revision, below, upgrade=SLOW_MARK.format(revision, seconds))


def run_all(project: Project, *options: str) -> list[tuple[int, str, str]]:
    runners: list[Running] = [project.start("upgrade", "head", *options) for _ in range(RUNNERS)]
    finished = [runner.finish() for runner in runners]
    return [(result.code, result.out, result.err) for result in finished]


@pytest.mark.parametrize("seed", range(5))
def test_waiting_runners_all_end_well(project: Project, seed: int) -> None:
    add_slow_chain(project, 0.01 * seed)
    results = run_all(project, "--lock-timeout", "60")
    assert [code for code, _, _ in results] == [0] * RUNNERS, results
    assert project.marks() == REVISIONS
    assert project.applied() == REVISIONS
    assert project.heads() == [REVISIONS[-1]]
    workers = [out for _, out, _ in results if "applied in" in out]
    assert len(workers) == 1, results
    idle = [out for _, out, _ in results if out == f"already at head: {REVISIONS[-1]}\n"]
    assert len(idle) == RUNNERS - 1, results


@pytest.mark.parametrize("seed", range(5))
def test_runners_that_may_not_wait_name_the_holder(project: Project, seed: int) -> None:
    add_slow_chain(project, 0.05 * seed)
    results = run_all(project, "--lock-timeout", "0")
    assert project.marks() == REVISIONS
    assert project.heads() == [REVISIONS[-1]]
    workers = [out for code, out, _ in results if code == 0 and "applied in" in out]
    assert len(workers) == 1, results
    for code, out, err in results:
        if code == 0:
            assert "applied in" in out or out == f"already at head: {REVISIONS[-1]}\n"
        else:
            assert code == 3, (code, out, err)
            assert re.search(rf"locked by {re.escape(os.uname().nodename)} \(pid \d+, user \S+\) since ", err), err
            assert "--lock-timeout" in err


def test_the_holder_is_described(project: Project) -> None:
    project.add("20241210120000", upgrade="import time\nprint('working')\ntime.sleep(600)")
    holder = project.start("upgrade")
    holder.read_until("working")
    refused = project.run("upgrade", expect=3)
    assert f"(pid {holder.process.pid}, " in refused.err  # the process that took over from the binary has its pid
    assert "20241210120000" in refused.err
    document = project.json("upgrade", expect=3)
    assert document["error"]["kind"] == "locked" and document["exit_code"] == 3
    for command in (["downgrade", "base"], ["stamp", "head"]):
        assert "locked by" in project.run(*command, expect=3).err
    # Looking needs no lock.
    assert project.ok("current").out == ""
    project.ok("history", "-i")
    project.ok("log")
    holder.signal(signal.SIGTERM)
    assert holder.finish().code == 143


def test_a_waiting_runner_gives_up(project: Project) -> None:
    project.add("20241210120000", upgrade="import time\nprint('working')\ntime.sleep(600)")
    holder = project.start("upgrade")
    holder.read_until("working")
    assert "locked by" in project.run("upgrade", "--lock-timeout", "0.5", expect=3).err
    holder.signal(signal.SIGTERM)
    holder.finish()


def test_a_waiting_runner_can_be_stopped(project: Project) -> None:
    project.add("20241210120000", upgrade="import time\nprint('working')\ntime.sleep(600)")
    holder = project.start("upgrade")
    holder.read_until("working")
    waiting = project.start("upgrade", "--lock-timeout", "600")
    wait_until(lambda: b"locked by" in waiting.err_so_far() or b"wait" in waiting.err_so_far(), "a word about the wait")
    waiting.signal(signal.SIGINT)
    assert waiting.finish().code == 130
    assert is_alive(holder.process.pid)
    holder.signal(signal.SIGTERM)
    holder.finish()
    project.add("20241210120000")
    project.ok("upgrade")


def test_a_killed_runner_s_lease_ends_by_itself(project: Project) -> None:
    project.config('url = "mongodb://unused/unused"\nlease = 2\n')
    path = project.add("20241210120000", upgrade="import time\nprint('working')\ntime.sleep(600)")
    killed = project.start("upgrade")
    killed.read_until("working")
    killed.signal(signal.SIGKILL)
    killed.finish()
    path.unlink()
    project.add("20241210120000", upgrade="env.db.marks.insert_one({'revision': '20241210120000', 'direction': 'up'})")
    result = project.ok("upgrade", "--lock-timeout", "60")
    assert project.marks() == ["20241210120000"]
    assert "20241210120000" in result.err and f"pid {killed.process.pid}" in result.err  # it says what was cut off
    outcomes = [attempt["outcome"] for attempt in project.json("log")["attempts"]]
    assert outcomes == ["done", "unknown"]


def test_a_lease_is_renewed_while_a_migration_works_in_python(project: Project) -> None:
    """A loop that holds the interpreter for longer than the lease: nobody else may think that it is gone."""
    project.config('url = "mongodb://unused/unused"\nlease = 1\n')
    body = "import time\nprint('working', flush=True)\nend = time.monotonic() + 4\nwhile time.monotonic() < end:\n    sum(range(1000))\n"
    project.add(
        "20241210120000", upgrade=body + "env.db.marks.insert_one({'revision': '20241210120000', 'direction': 'up'})"
    )
    holder = project.start("upgrade")
    holder.read_until("working")
    late = project.start("upgrade", "--lock-timeout", "60")
    assert holder.finish().code == 0
    assert late.finish().code == 0
    assert project.marks() == ["20241210120000"]
