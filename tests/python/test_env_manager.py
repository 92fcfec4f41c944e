# SPDX-License-Identifier: Apache-2.0
"""MigrationManager: the verbs as methods, in somebody else's process."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import treering.errors

from treering import MigrationManager

FIRST, SECOND, THIRD = "20241210000000", "20241210120000", "20241210120100"


@pytest.fixture
def manager(project: Any) -> MigrationManager:
    project.add(FIRST, None, "env.create_collection('wallet')", "env.drop_collection('wallet')", "add wallet")
    project.add(
        SECOND,
        FIRST,
        "env.db.wallet.insert_many([{'_id': i} for i in range(3)])",
        "env.db.wallet.delete_many({})",
        "fill it",
    )
    return MigrationManager(project.root)


def test_the_way_up_and_down(manager: MigrationManager, project: Any) -> None:
    assert manager.current().heads == () and manager.current().pending == (FIRST, SECOND)
    run = manager.upgrade("head")
    assert [step.revision for step in run.done] == [FIRST, SECOND]
    assert run.done[0].schema == ("create collection wallet",) and run.done[1].written == {"wallet": 3}
    assert run.heads == (SECOND,) and run.at_head
    assert manager.current().at_head and manager.current().count == 2
    assert manager.upgrade().done == ()
    assert [step.direction for step in manager.downgrade("-1").done] == ["downgrade"]
    assert manager.current().heads == (FIRST,)
    manager.stamp("head")
    assert [(found.id, found.applied, found.current) for found in manager.history()] == [
        (SECOND, True, True),
        (FIRST, True, False),
    ]
    assert [found.id for found in manager.heads()] == [SECOND]
    assert manager.show("head")[0].parents == (FIRST,)
    assert manager.branches() == []
    assert {entry.outcome for entry in manager.log()} == {"done"}
    assert all(entry.duration is not None for entry in manager.log())  # the stamp's too
    manager.wait(5)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda manager: manager.upgrade(5), "target must be an instance of str, not"),
        (lambda manager: manager.downgrade(None), "target must be an instance of str, not"),
        (lambda manager: manager.upgrade(dry_run="no"), "dry_run must be an instance of bool, not"),
        (lambda manager: manager.log("5"), "limit must be an instance of int, not"),
        (lambda manager: manager.wait("5"), "timeout must be an instance of float, not"),
        (lambda manager: manager.stamp([5]), "must be an instance of str, or a list of them, not"),
        (lambda manager: manager.empty_trash(5), "older_than must be an instance of timedelta, not"),
        (lambda manager: MigrationManager(url=5), "url must be an instance of str, not"),
        (lambda manager: MigrationManager(lock_timeout="1"), "lock_timeout must be an instance of float, not"),
    ],
)
def test_an_argument_of_a_wrong_type_is_named(manager: MigrationManager, call: Any, words: str) -> None:
    with pytest.raises(TypeError, match=words) as raised:
        call(manager)
    assert "_native" not in str(raised.value)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda manager: manager.log(-1), "limit takes a number of attempts, not -1"),
        (lambda manager: manager.wait(-1), "timeout takes a number of seconds, not -1"),
        (lambda manager: manager.empty_trash(timedelta(days=-1)), "older_than takes a number of seconds, not -86400"),
        (lambda manager: MigrationManager(lock_timeout=-1), "lock_timeout takes a number of seconds, not -1"),
        (
            lambda manager: MigrationManager(lock_timeout=float("nan")),
            "lock_timeout takes a number of seconds, not nan",
        ),
    ],
)
def test_numbers_that_can_not_be(manager: MigrationManager, call: Any, words: str) -> None:
    with pytest.raises(treering.errors.UsageError, match=words):
        call(manager)


def test_new_revisions(manager: MigrationManager, project: Any) -> None:
    made = manager.revision("a third: 'quoted'")
    assert made.parents == (SECOND,) and (project.root / made.path).is_file()
    other = manager.revision("beside it", head=SECOND, splice=True)
    assert [branch.point.id for branch in manager.branches()] == [SECOND]
    assert set(manager.merge(message="together").parents) == {made.id, other.id}
    with pytest.raises(treering.errors.ConfigError, match="no models are configured"):
        manager.revision("models", autogenerate=True)


def test_a_failure_carries_the_report_and_what_was_raised(manager: MigrationManager, project: Any) -> None:
    path = project.add(
        THIRD, SECOND, "env.db.wallet.insert_one({'_id': 9})\nraise KeyError('full_name')", message="broken"
    )
    with pytest.raises(treering.errors.MigrationFailed) as raised:
        manager.upgrade("head")
    error = raised.value
    assert isinstance(error.__cause__, KeyError)
    assert [step.revision for step in error.report.done] == [FIRST, SECOND]
    assert error.report.failed.revision == THIRD and error.report.failed.written == {"wallet": 1}
    line = path.read_text().splitlines().index("    raise KeyError('full_name')") + 1
    assert error.fields["file"].endswith(path.name) and error.fields["line"] == str(line)
    assert error.fields["exception"] == "KeyError: 'full_name'"
    assert "raise KeyError('full_name')" in error.fields["traceback"]
    assert "treering" not in error.fields["traceback"].replace(str(project.root), "")
    assert manager.current().heads == (SECOND,)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("env.db.wallet.insert_one({'_id': 0})", "DuplicateKeyError"),
        ("import sys; sys.exit(0)", "SystemExit"),
        ("exit", None),
        ("env.nothing", "AttributeError"),
    ],
)
def test_what_counts_as_a_failure(manager: MigrationManager, project: Any, body: str, words: str) -> None:
    project.add(THIRD, SECOND, body)
    if words is None:
        assert manager.upgrade().at_head
        return
    with pytest.raises(treering.errors.MigrationFailed, match=words):
        manager.upgrade()


def test_broken_files_are_found_before_anything_runs(manager: MigrationManager, project: Any) -> None:
    path = project.add(THIRD, SECOND)
    good = path.read_text()
    for text, words in [
        (good + "def broken(:\n", rf"{path.name}:{good.count(chr(10)) + 1}: SyntaxError"),
        (good.replace("def upgrade", "def upgarde"), "defines no function upgrade"),
        (good.replace("def upgrade(env):", "def outer():\n    def upgrade(env): pass"), "defines no function upgrade"),
    ]:
        path.write_text(text)
        with pytest.raises(treering.errors.RevisionError, match=words):
            manager.upgrade()
        assert manager.current().count == 0


@pytest.mark.parametrize(
    "definition",
    [
        "upgrade = lambda env: None",
        "from helpers_of_this_test import upgrade",
        "if True:\n    def upgrade(env): pass",
        "async def upgrade(env): pass",
    ],
)
def test_ways_to_define_the_function(manager: MigrationManager, project: Any, definition: str) -> None:
    (project.root / "helpers_of_this_test.py").write_text("def upgrade(env): pass\n")
    path = project.add(THIRD, SECOND)
    path.write_text(path.read_text().replace("def upgrade(env):\n    pass\n", definition + "\n"))
    before = list(sys.path)
    try:
        if definition.startswith("async"):
            with pytest.raises(treering.errors.MigrationFailed, match="async function"):
                manager.upgrade()
        else:
            assert manager.upgrade().at_head
    finally:
        sys.modules.pop("helpers_of_this_test", None)
    assert sys.path == before


def test_a_file_that_is_not_utf_8_is_refused(manager: MigrationManager, project: Any) -> None:
    path = project.add(THIRD, SECOND)
    path.write_bytes(b"# -*- coding: latin-1 -*-\n# \xe9\n" + path.read_bytes())
    with pytest.raises(treering.errors.RevisionError, match=f"{path.name}:2: .*UTF-8"):
        manager.upgrade()
    assert manager.current().count == 0


def test_a_module_has_a_name_and_a_file(manager: MigrationManager, project: Any) -> None:
    path = project.add(THIRD, SECOND)
    text = path.read_text().replace(
        "def upgrade(env):\n    pass",
        "from dataclasses import dataclass\n\n@dataclass\nclass Row:\n    name: str\n\ndef upgrade(env):\n"
        "    env.db.seen.insert_one({'_id': __name__, 'file': __file__, 'text': Row('é').name})",
    )
    path.write_text(text, encoding="utf-8")
    manager.upgrade()
    with manager.open() as env:
        assert env.db.seen.find_one() == {"_id": path.stem, "file": str(path), "text": "é"}


def test_inside_a_running_event_loop(manager: MigrationManager) -> None:
    async def endpoint() -> Any:
        return manager.upgrade("head").heads, await asyncio.to_thread(manager.current)

    heads, current = asyncio.run(endpoint())
    assert heads == (SECOND,) and current.heads == heads


def test_threads_behave_like_processes(project: Any) -> None:
    project.add(FIRST, None, "import time\nenv.db.runs.insert_one({'_id': 1})\ntime.sleep(0.3)")
    outcomes: list[Any] = []

    def work() -> None:
        try:
            outcomes.append(len(MigrationManager(project.root, lock_timeout=30).upgrade().done))
        except BaseException as error:
            outcomes.append(error)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes, key=repr) == [0, 0, 0, 0, 0, 1]


def test_a_held_lock(project: Any) -> None:
    project.add(FIRST, None, "import builtins\nbuiltins._treering_test_held.set()\nbuiltins._treering_test_go.wait()")
    import builtins

    held, go = builtins._treering_test_held, builtins._treering_test_go = threading.Event(), threading.Event()
    try:
        thread = threading.Thread(target=MigrationManager(project.root).upgrade)
        thread.start()
        assert held.wait(30)
        with pytest.raises(treering.errors.Locked):
            MigrationManager(project.root, lock_timeout=0).upgrade()
    finally:
        go.set()
        thread.join()
        del builtins._treering_test_held, builtins._treering_test_go


def test_it_leaves_the_process_as_it_was(
    manager: MigrationManager, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture
) -> None:
    handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    path, modules_of_files = list(sys.path), [name for name in sys.modules if name.startswith("2024")]
    with caplog.at_level(logging.DEBUG):
        manager.upgrade()
        manager.downgrade("base")
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == handlers
    assert sys.path == path
    assert [name for name in sys.modules if name.startswith("2024")] == modules_of_files == []
    assert {record.name for record in caplog.records if record.name.startswith("treering")} <= {"treering"}
    assert not logging.getLogger("treering").handlers and not logging.getLogger("treering.migration").handlers
    assert capfd.readouterr() == ("", "")


def test_ctrl_c_is_pythons_own_exception_and_nothing_is_recorded(manager: MigrationManager, project: Any) -> None:
    project.add(THIRD, SECOND, "import os, signal, time\nos.kill(os.getpid(), signal.SIGINT)\ntime.sleep(10)")
    with pytest.raises(KeyboardInterrupt):
        manager.upgrade()
    assert manager.current().heads == (SECOND,)
    assert manager.upgrade(SECOND).done == ()


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        ({"config": "/nonexistent/treering.toml"}, treering.errors.ConfigError),
        ({"url": "nonsense"}, treering.errors.ConfigError),
        ({"environment": "nowhere"}, treering.errors.ConfigError),
        ({"url": "mongodb://127.0.0.1:1/x"}, treering.errors.ServerUnreachable),
    ],
)
def test_errors_are_of_one_hierarchy(project: Any, arguments: dict[str, str], kind: type[Exception]) -> None:
    with pytest.raises(kind) as raised:
        MigrationManager(**{"config": str(project.root), **arguments}).current()
    assert isinstance(raised.value, treering.errors.TreeringError)
    assert raised.value.kind and raised.value.message in str(raised.value)


def test_every_name_of_the_package_is_there() -> None:
    assert [name for name in treering.__all__ if not hasattr(treering, name)] == []
    assert treering.MigrationFailed is treering.errors.MigrationFailed
    assert set(treering.errors.__all__) - {"Terminated"} <= set(treering.__all__)


def test_unknown_targets_name_candidates(manager: MigrationManager) -> None:
    with pytest.raises(treering.errors.RevisionError, match="20249"):
        manager.upgrade("20249")


def test_config_is_a_file_a_folder_or_found_from_the_working_directory(
    manager: MigrationManager, project: Any, monkeypatch: Any
) -> None:
    inner = project.root / "deep" / "inside"
    inner.mkdir(parents=True)
    monkeypatch.chdir(inner)
    for config in (project.root / "treering.toml", str(project.root), inner, os.path.relpath(project.root), None):
        assert [found.id for found in MigrationManager(config).heads()] == [SECOND]


def test_another_database(manager: MigrationManager, project: Any, mongo: Any) -> None:
    other = project.database + "_other"
    try:
        MigrationManager(project.root, database=other).upgrade()
        assert mongo[other].wallet.count_documents({}) == 3
        assert manager.current().count == 0
    finally:
        mongo.drop_database(other)


def test_the_command_line_from_python(manager: MigrationManager, project: Any, tmp_path: Path) -> None:
    import subprocess

    (project.root / "manage.py").write_text(
        "import sys\nfrom treering.command_line import main\nsys.exit(main(start=__file__))\n"
    )
    (project.root / "own_code.py").write_text("VALUE = 5\n")
    project.add(THIRD, SECOND, "import own_code\nenv.log.info('value %s', own_code.VALUE)\nprint('shown')")
    run = subprocess.run(
        [sys.executable, f"{project.root.name}/manage.py", "upgrade", "head"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    assert "shown" in run.stdout and "INFO value 5" in run.stderr
    run = subprocess.run(
        [sys.executable, "-m", "treering", "nonsense"], cwd=project.root, capture_output=True, text=True
    )
    assert run.returncode == 2


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize(
    "body",
    [
        "print('begun')\nimport time\ntime.sleep(60)",
        "print('begun')\nwhile True: env.db.wallet.count_documents({}); env.db.wallet.insert_one({})",
    ],
)
def test_signals_end_a_migration(manager: MigrationManager, project: Any, number: int, code: int, body: str) -> None:
    import subprocess

    project.add(THIRD, SECOND, body)
    process = subprocess.Popen(
        [sys.executable, "-m", "treering", "upgrade"],
        cwd=project.root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert any("begun" in line for line in process.stdout)
    process.send_signal(number)
    _, err = process.communicate()
    assert process.returncode == code, err
    assert manager.current().heads == (SECOND,)
    assert manager.downgrade().heads == (FIRST,)  # the lock is free
