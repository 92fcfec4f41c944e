# SPDX-License-Identifier: Apache-2.0
"""What a revision that fails, is stopped or dies did to collections and indexes is undone, on a real server."""

from __future__ import annotations

import signal
from typing import Any

import pytest
from workbench import Project, Running, clean_environment, is_alive

REVISION = "20241210120000"
SHORT_LEASE = 'url = "mongodb://unused/unused"\nlease = 2\n'

CHANGES = """\
env.create_collection('wallet')
env.db.wallet.create_index('uid', unique=True)
env.db.users.create_index('name')
env.db.users.drop_index('email_1')
env.db.old.rename('older')
env.db.kept.drop()
env.db.target.insert_one({'_id': 'written'})
env.db.users.update_many({}, {'$set': {'seen': True}})
"""


@pytest.fixture
def filled(project: Project) -> Project:
    project.db.users.insert_many([{"_id": "ann"}, {"_id": "bob"}])
    project.db.users.create_index("email", sparse=True)
    project.db.old.insert_one({"_id": "ancient"})
    project.db.create_collection("kept", validator={"_id": {"$type": "string"}})
    project.db.kept.insert_many([{"_id": str(number)} for number in range(10)])
    project.db.kept.create_index([("a", 1), ("b", -1)], name="by_a")
    return project


def schema(project: Project, trash: bool = False) -> dict[str, Any]:
    found = {}
    for listed in project.db.list_collections():
        name = listed["name"]
        if name.startswith("treering_") and not (trash and name.startswith("treering_trash.")):
            continue
        indexes = {index["name"]: index for index in project.db[name].list_indexes()}
        found[name] = (listed["options"], listed["info"].get("uuid"), indexes, project.db[name].count_documents({}))
    return found


def test_a_failure_undoes_the_schema_and_names_the_data(filled: Project) -> None:
    before = schema(filled, trash=True)
    filled.add(REVISION, upgrade=CHANGES + "raise ValueError('boom')")
    result = filled.run("upgrade", expect=1)
    assert schema(filled, trash=True) == before  # with the collections' UUIDs: nothing was copied
    assert "boom" in result.err
    assert "drop collection kept" in result.err and "create collection wallet" in result.err
    assert "2 documents changed in users" in result.err
    document = filled.json("upgrade", expect=1)
    assert document["failed"]["undone"][0] == "create collection target"
    assert document["failed"]["schema"] == []
    attempts = filled.json("log")["attempts"]
    assert [attempt["outcome"] for attempt in attempts] == ["failed", "failed"]


@pytest.mark.parametrize(
    "change",
    [
        'env.db.kept.drop(comment="why")',
        'env.db.command("drop", "kept", writeConcern={"w": 1})',
        'env.db.kept.rename("moved", comment="why", writeConcern={"w": 1})',
    ],
)
def test_drops_and_renames_are_undone_whatever_they_carry(filled: Project, change: str) -> None:
    before = schema(filled, trash=True)
    filled.add(REVISION, upgrade=f"{change}\nassert 'kept' not in env.collections\nraise ValueError('boom')")
    assert "boom" in filled.run("upgrade", expect=1).err
    assert schema(filled, trash=True) == before


def test_a_drop_whose_write_concern_is_not_met_fails_and_is_undone(filled: Project) -> None:
    before = schema(filled, trash=True)
    code = "env.db.kept.with_options(write_concern=WriteConcern(w=5, wtimeout=50)).drop()"
    filled.add(REVISION, upgrade=f"from pymongo.write_concern import WriteConcern\n{code}")
    assert "WriteConcernError" in filled.run("upgrade", expect=1).err
    assert schema(filled, trash=True) == before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_undoes_too_and_gives_the_lease_back(filled: Project, number: signal.Signals) -> None:
    before = schema(filled, trash=True)
    filled.add(REVISION, upgrade=CHANGES + "import time\nprint('working')\ntime.sleep(600)")
    runner = filled.start("upgrade")
    runner.read_until("working")
    assert schema(filled, trash=True) != before
    runner.signal(number)
    assert runner.finish().code == 128 + number
    assert schema(filled, trash=True) == before
    filled.add(REVISION)
    assert "applied" in filled.ok("upgrade").out


def test_under_nohup_a_closed_terminal_ends_nothing(project: Project) -> None:
    project.add(REVISION, upgrade="import time\nprint('working', flush=True)\ntime.sleep(0.5)")
    environment = clean_environment(**project.environment)
    runner = Running(["nohup", *project.command("upgrade")], project.folder, environment)
    runner.read_until("working")
    runner.signal(signal.SIGHUP)
    assert runner.finish().code == 0 and project.applied() == [REVISION]


def test_a_second_signal_ends_it_at_once_and_the_next_runner_undoes(filled: Project) -> None:
    filled.config(SHORT_LEASE)
    before = schema(filled, trash=True)
    stubborn = """\
import time
try:
    print('working')
    time.sleep(600)
except KeyboardInterrupt:
    print('cleaning up')
    time.sleep(600)
"""
    filled.add(REVISION, upgrade=CHANGES + stubborn)
    runner = filled.start("upgrade")
    runner.read_until("working")
    runner.signal(signal.SIGINT)
    runner.read_until("cleaning up")
    assert is_alive(runner.process.pid)
    runner.signal(signal.SIGINT)
    ended = runner.finish()
    assert ended.code == 130
    assert "stopped at once" in ended.err
    assert schema(filled, trash=True) != before
    filled.add(REVISION)
    result = filled.ok("upgrade", "--lock-timeout", "60")
    assert "was cut off: undone: " in result.err
    after = schema(filled, trash=True)
    # Nobody knows whose the document in it is.
    [trashed] = [name for name in after if name.endswith(".target")]
    del after[trashed]
    assert after == before


def test_a_killed_runner_s_attempt_is_undone_by_the_next(filled: Project) -> None:
    filled.config(SHORT_LEASE)
    before = schema(filled)
    filled.add(REVISION, upgrade=CHANGES + "import time\nprint('working')\ntime.sleep(600)")
    runner = filled.start("upgrade")
    runner.read_until("working")
    runner.signal(signal.SIGKILL)
    runner.finish()
    filled.add(REVISION)
    filled.ok("stamp", "base", "--lock-timeout", "60")
    assert schema(filled) == before
    assert [attempt["outcome"] for attempt in filled.json("log")["attempts"]] == ["done", "undone"]


def test_a_downgrade_brings_back_what_its_upgrade_dropped(filled: Project) -> None:
    before = schema(filled, trash=True)
    filled.add(
        REVISION,
        upgrade="env.drop_collection('kept')",
        downgrade="env.create_collection('kept')\nenv.db.kept.create_index([('a', 1), ('b', -1)], name='by_a')",
    )
    filled.ok("upgrade")
    assert "kept" not in schema(filled)
    filled.ok("downgrade", "base")
    assert schema(filled, trash=True) == before


def test_a_failed_downgrade_leaves_the_revision_applied(filled: Project) -> None:
    filled.add(REVISION, upgrade="pass", downgrade=CHANGES + "raise ValueError('boom')")
    filled.ok("upgrade")
    before = schema(filled, trash=True)
    filled.run("downgrade", "base", expect=1)
    assert schema(filled, trash=True) == before
    assert filled.heads() == [REVISION]


def test_what_a_session_outside_of_a_transaction_does_is_undone(filled: Project) -> None:
    before = schema(filled, trash=True)
    filled.add(
        REVISION,
        upgrade="with env.client.start_session() as session:\n"
        "    env.db.create_collection('wallet', session=session)\n"
        "    with session.start_transaction():\n"
        "        env.db.users.insert_one({'_id': 'eve'}, session=session)\n"
        "raise ValueError('boom')",
    )
    filled.run("upgrade", expect=1)
    after = schema(filled, trash=True)
    assert after.keys() == before.keys()
    assert after["users"][3] == 3  # committed data stays


def test_a_view_that_comes_back_is_not_told_as_empty(filled: Project) -> None:
    filled.db.create_collection("names", viewOn="users", pipeline=[])
    again = "env.db.create_collection('names', viewOn='users', pipeline=[])"
    filled.add(REVISION, upgrade="env.drop_collection('names')", downgrade=again)
    filled.ok("upgrade")
    assert "empty" not in filled.ok("downgrade").err
    assert filled.db.names.count_documents({}) == 2


@pytest.mark.parametrize(
    "call",
    [
        "env.db.drop_collection('treering_state')",
        "env.db.treering_state.update_many({}, {'$set': {'x': 1}})",
        "env.client.drop_database(env.db.name)",
        "env.db.users.rename('treering_trash.mine')",
        "env.backfill('treering_state', {}, {'$set': {'x': 1}})",
        "for name in env.db.list_collection_names(): env.db[name].drop()",
        "env.db.users.aggregate([{'$out': 'treering_state'}])",
        "env.db.users.aggregate([{'$merge': {'into': {'db': env.db.name, 'coll': 'treering_revisions'}}}])",
        "env.client.admin.command('renameCollection', env.db.name + '.users', to=env.db.name + '.treering_journal', dropTarget=True)",
        "env.client.admin.command('renameCollection', env.db.name + '.treering_state', to=env.db.name + '.mine')",
    ],
)
def test_a_migration_does_not_change_what_the_run_is_noted_in(project: Project, call: str) -> None:
    project.db.users.insert_one({"_id": 1})
    project.add("20240101000000", upgrade=call)
    refused = project.run("upgrade", "head")
    assert refused.code == 1
    assert "Treering" in refused.err
    assert project.db.treering_state.count_documents({"x": 1}) == 0
    assert project.db.users.count_documents({}) == 1
    project.add("20240101000000", upgrade="pass")
    project.ok("upgrade", "head")


def test_writes_that_are_commands_are_counted_and_their_new_collection_undone(filled: Project) -> None:
    before = filled.db.list_collection_names()
    filled.add(
        "20240102000000",
        upgrade="""
env.db.command("insert", "fresh", documents=[{"_id": 1}])
env.db.command("update", "users", updates=[{"q": {}, "u": {"$set": {"z": 1}}, "multi": True}])
raise ValueError("boom")
""",
    )
    failed = filled.json("upgrade", expect=1)["failed"]
    assert failed["undone"] == ["create collection fresh"]
    assert failed["written"] == {"users": filled.db.users.count_documents({})}
    assert set(filled.db.list_collection_names()) - set(before) <= {
        "treering_state",
        "treering_journal",
        "treering_revisions",
    }


def test_a_downgrade_tells_of_an_empty_collection_only_where_it_stays(filled: Project) -> None:
    code = "env.create_collection('scratch')\nenv.db.scratch.insert_one({'_id': 1})\nenv.db.scratch.rename('users', dropTarget=True)\n"
    filled.add("20240102000000", upgrade="pass", downgrade=code + "env.create_collection('empty')")
    filled.ok("upgrade", "head")
    told = filled.ok("downgrade", "-1").err
    assert "made empty empty" in told
    assert "scratch" not in told


def test_what_aggregations_wrote_is_named(filled: Project) -> None:
    filled.db.b.insert_one({"_id": "old"})
    code = "for into in ('b', 'fresh'): env.db.users.aggregate([{'$match': {}}, {'$out': into}])\n"
    filled.add("20240102000000", upgrade=code + "raise ValueError")
    failed = filled.json("upgrade", expect=1)["failed"]
    assert len(failed["undone"]) == 1 and failed["undone"][0].startswith("create collection fresh (it is in the trash")
    assert failed["schema"] == ["change collection b by an aggregation"]
    assert "change collection b by an aggregation" in filled.json("current")["notes"][0]
    filled.add("20240102000000", upgrade=code)
    assert "no changes" not in filled.ok("upgrade").out


def test_documents_left_are_told_under_the_name_that_was_brought_back(filled: Project) -> None:
    code = """
env.db.users.rename("people")
env.db.people.update_many({}, {"$set": {"y": 1}})
env.db.fresh.insert_one({"_id": 1})
env.db.fresh.rename("fresh2")
env.db.fresh2.insert_one({"_id": 2})
raise ValueError
"""
    filled.add("20240102000000", upgrade=code)
    failed = filled.json("upgrade", expect=1)["failed"]
    assert failed["written"] == {"users": filled.db.users.count_documents({"y": 1})}
