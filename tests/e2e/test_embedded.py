# SPDX-License-Identifier: Apache-2.0
"""`url = "embedded:"`: a project with no server configured starts one of its own, shares it, and leaves none behind."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
from pathlib import Path
from typing import Iterator, Optional

import pytest
from servers import server_program
from workbench import Project, is_alive, wait_until


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[Project]:
    """A project on an embedded server of the kind that the tests run on."""
    folder = tmp_path / "shop"
    folder.mkdir()
    project = Project(folder, "", "shop", None)
    project.environment = {"TREERING_EMBEDDED": server_program()}
    project.init()
    project.config('url = "embedded:"\n')
    yield project
    pid = server_pid(project)
    if pid is not None and is_alive(pid):
        os.kill(pid, signal.SIGTERM)


def server_pid(project: Project) -> Optional[int]:
    """Of the server that runs or ran last; none where it never did."""
    path = project.folder / ".treering" / "server.json"
    try:
        return int(json.loads(path.read_text(encoding="utf-8"))["pid"])
    except (FileNotFoundError, ValueError):
        return None


def wait_until_stopped(project: Project, pid: Optional[int]) -> None:
    def stopped() -> bool:
        now = server_pid(project)
        return (now is None or not is_alive(now)) and (pid is None or not is_alive(pid))

    wait_until(stopped, "the embedded server to stop")


# What a migration can say about the server that it runs on.
REPORT_SERVER = (
    "import json, pathlib\n"
    "held = json.loads(pathlib.Path('.treering/server.json').read_text())\n"
    "print('server', held['pid'])\n"
    "env.db.wallet.insert_one({'balance': 1})\n"
)


def pid_in(out: str) -> int:
    found = re.search(r"^server (\d+)$", out, re.MULTILINE)
    assert found, out
    return int(found[1])


def test_from_nothing_to_applied(embedded: Project) -> None:
    created = embedded.json("revision", "-m", "add wallet")
    path = embedded.folder / created["path"]
    path.write_text(
        path.read_text(encoding="utf-8").replace(
            "    pass", "    " + REPORT_SERVER.replace("\n", "\n    ").rstrip(), 1
        ),
        encoding="utf-8",
    )
    assert not (embedded.folder / ".treering").exists()  # writing a file asks no server

    applied = embedded.ok("upgrade")
    pid = pid_in(applied.out)
    wait_until_stopped(embedded, pid)
    assert embedded.ok("current").lines == [f"{created['revision']} (head)"]  # on a server started anew
    assert embedded.ok("upgrade").lines == [f"already at head: {created['revision']}"]
    wait_until_stopped(embedded, None)
    data = embedded.folder / ".treering"
    assert data.is_dir()


def test_data_is_kept(embedded: Project) -> None:
    embedded.add("20241210120000", upgrade=REPORT_SERVER)
    embedded.add(
        "20241210130000", "20241210120000", upgrade="print('wallets', env.db.wallet.count_documents({}), env.db.name)"
    )
    embedded.ok("upgrade", "+1")
    wait_until_stopped(embedded, None)
    assert "wallets 1 shop" in embedded.ok("upgrade").lines


def test_two_commands_share_one_server(embedded: Project) -> None:
    gate = embedded.folder / "gate"
    embedded.add(
        "20241210120000",
        upgrade=REPORT_SERVER + "import os, time\nwhile not os.path.exists('gate'):\n    time.sleep(0.02)",
    )
    first = embedded.start("upgrade")
    first.read_until("server ")
    pid = server_pid(embedded)
    assert pid is not None
    assert embedded.ok("current").out == ""  # joins the server, sees nothing recorded yet
    assert embedded.run("upgrade", expect=3).err  # and the lease holds between the two
    assert is_alive(pid) and server_pid(embedded) == pid
    gate.touch()
    result = first.finish()
    assert result.code == 0, result
    assert pid_in(result.out) == pid
    wait_until_stopped(embedded, pid)
    assert embedded.ok("current").lines == ["20241210120000 (head)"]


def test_commands_that_start_together_agree_on_a_server(embedded: Project) -> None:
    embedded.add(
        "20241210120000", upgrade="env.db.marks.insert_one({})\nprint('marks', env.db.marks.count_documents({}))"
    )
    runners = [embedded.start("upgrade", "--lock-timeout", "60") for _ in range(4)]
    results = [runner.finish() for runner in runners]
    assert [result.code for result in results] == [0] * 4, results
    assert sum("marks 1" in result.out for result in results) == 1
    wait_until_stopped(embedded, None)


def test_a_killed_command_does_not_break_the_next(embedded: Project) -> None:
    embedded.config('url = "embedded:"\nlease = 1\n')
    path = embedded.add(
        "20241210120000", upgrade=REPORT_SERVER + "import time\nif not env.db.gate.find_one():\n    time.sleep(600)"
    )
    killed = embedded.start("upgrade")
    killed.read_until("server ")
    pid = server_pid(embedded)
    killed.signal(signal.SIGKILL)
    killed.finish()
    path.write_text(path.read_text(encoding="utf-8").replace("600", "0"), encoding="utf-8")
    result = embedded.ok("upgrade", "--lock-timeout", "60")
    assert "now at 20241210120000 (head)" in result.out
    wait_until_stopped(embedded, pid)


def test_a_killed_server_does_not_break_the_next(embedded: Project) -> None:
    embedded.add("20241210120000", upgrade=REPORT_SERVER)
    embedded.add(
        "20241210130000",
        "20241210120000",
        upgrade=REPORT_SERVER + "import time\nprint('waits', flush=True)\ntime.sleep(1)",
    )
    embedded.ok("upgrade", "+1")
    running = embedded.start("upgrade")
    running.read_until("server ")
    pid = server_pid(embedded)
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert running.finish().code != 0
    # What was written is there again.
    assert "20241210120000" in embedded.ok("current").out


def test_stopped_by_a_signal(embedded: Project) -> None:
    embedded.add("20241210120000", upgrade=REPORT_SERVER + "import time\ntime.sleep(600)")
    running = embedded.start("upgrade")
    running.read_until("server ")
    pid = server_pid(embedded)
    running.signal(
        signal.SIGINT
    )  # the whole group, as at a terminal: the server must outlive it until the lock is free
    result = running.finish()
    assert result.code == 130, result
    wait_until_stopped(embedded, pid)
    assert embedded.ok("current").out == ""


def test_a_python_without_treering_leaves_no_server(embedded: Project, tmp_path: Path) -> None:
    python = tmp_path / "bare" / "python"
    python.parent.mkdir()
    python.write_text(f'#!/bin/sh\nexec {sys.executable} -S -I "$@"\n')  # sees no installed package
    python.chmod(0o755)
    embedded.config(f'url = "embedded:"\npython = "{python}"\n')
    embedded.add("20241210120000")
    result = embedded.run("upgrade", expect=2)
    assert f"{python}, has no treering package" in result.err
    pid = server_pid(embedded)
    assert pid is not None
    wait_until_stopped(embedded, pid)


def test_manage_py_and_module(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    folder.mkdir()
    project = Project(folder, "", "shop", None)
    project.environment = {"TREERING_EMBEDDED": server_program(), "TREERING_URL": "embedded:"}
    project.init("baseapp")
    project.add("20241210120000", upgrade=REPORT_SERVER)
    pid = pid_in(project.ok("upgrade", face="manage").out)
    wait_until_stopped(project, pid)
    assert project.ok("current", face="module").lines == ["20241210120000 (head)"]
    wait_until_stopped(project, None)


def test_a_server_that_is_not_there(embedded: Project) -> None:
    embedded.environment = {"TREERING_EMBEDDED": str(embedded.folder / "no-such-server")}
    result = embedded.run("current", expect=2)
    assert "TREERING_EMBEDDED" in result.err and "no-such-server" in result.err


def test_a_program_that_is_no_server(embedded: Project) -> None:
    program = embedded.folder / "secantusd-rs"
    program.write_text("#!/bin/sh\necho 'cannot open the data folder' >&2\nexit 3\n", encoding="utf-8")
    program.chmod(0o755)
    embedded.environment = {"TREERING_EMBEDDED": str(program)}
    result = embedded.run("current", expect=5)
    assert "secantusd-rs" in result.err
    assert "cannot open the data folder" in result.err
