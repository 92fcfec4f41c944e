# SPDX-License-Identifier: Apache-2.0
"""env.backfill: every document once, also when a run is killed, shared or stopped."""

from __future__ import annotations

import json
import signal
from datetime import datetime, timezone
from typing import Any, Callable

import bson
import pymongo
import pytest
from servers import TestServer
from workbench import Project, database_dump, wait_until

FIRST = "20240101000000"


@pytest.fixture
def filled(project: Project) -> Project:
    project.db.users.insert_many([{"_id": number, "n": 0, "k": number // 30} for number in range(2000)])
    return project


def counts(project: Project) -> list[int]:
    """The distinct values of `n`: [1] where every document was changed once."""
    return sorted(project.db.users.distinct("n"))


@pytest.mark.parametrize(
    "change, options",
    [
        ("{'$inc': {'n': 1}}", ""),
        ("[{'$set': {'n': {'$add': ['$n', 1]}}}]", "batch=7"),
        ("lambda user: {'$set': {'n': user['n'] + 1}}", "workers=3, batch=100"),
        ("lambda user: {**user, 'n': user['n'] + 1}", "batch=5000"),
        ("lambda user: [{'$set': {'n': {'$add': ['$n', 1]}}}]", "key='k'"),
        ("{'$inc': {'n': 1}}", "workers=4, batch=10"),
    ],
)
def test_every_document_once(filled: Project, change: str, options: str) -> None:
    code = f"done = env.backfill('users', {{}}, {change}, {options})\nassert (done.found, done.changed) == (2000, 2000), done"
    filled.add(FIRST, upgrade=code, downgrade="pass")
    step = filled.json("upgrade", "head")["done"][0]
    assert step["written"] == {"users": 2000}
    assert counts(filled) == [1]
    assert filled.db.treering_backfills.count_documents({}) == 0
    filled.ok("downgrade", "-1")
    filled.ok("upgrade", "head")
    assert counts(filled) == [2]  # run anew, not taken for done


def test_only_what_the_filter_means(filled: Project) -> None:
    code = """
done = env.backfill("users", {"_id": {"$lt": 100}}, lambda user: {"$set": {"n": 1}} if user["_id"] % 2 else None, batch=30)
assert (done.found, done.changed) == (100, 50), done
assert env.backfill("users", {"_id": -1}, {"$set": {"n": 9}}).found == 0
assert env.backfill("nothing", None, {"$set": {"n": 9}}).found == 0
"""
    filled.add(FIRST, upgrade=code)
    filled.ok("upgrade", "head")
    assert filled.db.users.count_documents({"n": 1}) == 50


def test_keys_of_every_type(project: Project) -> None:
    ids = [
        1,
        2.5,
        "a",
        "",
        bson.ObjectId(),
        b"x",
        True,
        {"a": 1},
        bson.Timestamp(1, 1),
        bson.MinKey(),
        bson.MaxKey(),
        None,
        float("nan"),
        float("-inf"),
    ]
    project.db.users.insert_many([{"_id": _id, "n": 0} for _id in ids])
    project.add(FIRST, upgrade="assert env.backfill('users', {}, {'$inc': {'n': 1}}, batch=1).changed == 14")
    project.ok("upgrade", "head")
    assert counts(project) == [1]


def test_a_killed_run_goes_on_where_it_stopped(filled: Project) -> None:
    with (filled.folder / "treering.toml").open("a", encoding="utf-8") as config:
        config.write("\nlease = 3\nlock_timeout = 60\n")
    # However late a kill comes on a busy machine, the revision is under way.
    code = """
import os, time
assert env.backfill("users", {}, {"$inc": {"n": 1}}, batch=20, max_rate=300).changed == 2000
while not os.path.exists("gate"):
    time.sleep(0.05)
"""
    path = filled.add(FIRST, upgrade=code)
    for round in range(3):
        running = filled.start("upgrade", "head")
        enough = 200 * (round + 1)
        wait_until(lambda enough=enough: filled.db.users.count_documents({"n": 1}) > enough, "some batches")
        running.signal(signal.SIGKILL)
        assert running.finish().code == -signal.SIGKILL
    assert filled.applied() == []
    (filled.folder / "gate").touch()
    path.write_text(path.read_text(encoding="utf-8").replace(", max_rate=300", ""), encoding="utf-8")
    filled.ok("upgrade", "head")
    assert counts(filled) == [1]
    assert filled.applied() == [FIRST]


def test_a_failed_run_goes_on_where_it_stopped(filled: Project) -> None:
    code = """
import os
def change(user):
    if user["_id"] == 1234 and not os.path.exists("mended"):
        raise KeyError("full_name")
    return {"$inc": {"n": 1}}
env.backfill("users", {}, change, batch=100)
"""
    filled.add(FIRST, upgrade=code)
    failed = filled.run("upgrade", "head", expect=1)
    assert "KeyError: 'full_name'" in failed.err
    assert filled.db.users.count_documents({"n": 1}) == 1200
    (filled.folder / "mended").touch()
    filled.ok("upgrade", "head")
    assert counts(filled) == [1]


@pytest.mark.parametrize("prefix", ["", "{database}."])
def test_others_help(filled: Project, prefix: str) -> None:
    name = prefix.format(database=filled.db.name) + "users"
    if prefix:
        filled.db.users.rename(name)
    code = f"assert env.backfill({name!r}, {{}}, {{'$inc': {{'n': 1}}}}, batch=10, max_rate=1500).changed == 2000"
    filled.add(FIRST, upgrade=code)
    running = filled.start("upgrade", "head", "--json")
    wait_until(lambda: filled.db.treering_backfills.count_documents({}), "the backfill")
    helped = filled.json("work", "--workers", "2")
    ended = running.finish()
    assert ended.code == 0
    assert helped["backfills"] == 1 and helped["changed"] > 0
    assert filled.db[name].distinct("n") == [1]
    assert json.loads(ended.out)["done"][0]["written"] == {name: 2000}
    assert "no backfill" in filled.ok("work").out


def test_a_rate_for_helpers_is_a_number_above_nothing(filled: Project) -> None:
    for wrong in ("0", "-5", "fast", "nan"):
        assert (
            "--max-rate takes a number of documents a second" in filled.run("work", "--max-rate", wrong, expect=2).err
        )
    assert "no backfill" in filled.ok("work", "--max-rate", "500").out


def test_a_helper_has_one_to_64_threads(filled: Project) -> None:
    filled.add(FIRST, upgrade="env.backfill('users', {}, {'$inc': {'n': 1}}, batch=10, max_rate=1000)")
    running = filled.start("upgrade", "head")
    wait_until(lambda: filled.db.treering_backfills.count_documents({}), "the backfill")
    for wrong in ("0", "65", "1000000000000000000", "1" * 30, "-1", "some"):
        refused = filled.run("work", "--workers", wrong, expect=2).err
        assert f"--workers takes a whole number from 1 to 64, not {wrong}\n" in refused
    assert running.finish().code == 0 and counts(filled) == [1]


def test_a_collection_that_is_not_there_is_told(filled: Project) -> None:
    filled.add(
        FIRST, upgrade="env.backfill('user', {}, {'$inc': {'n': 1}})\nenv.backfill('users', {}, {'$inc': {'n': 1}})"
    )
    told = "backfill user: there is no such collection, so nothing to change"
    assert told in filled.ok("upgrade", "head", "--dry-run").err
    done = filled.ok("upgrade", "head").err
    assert told in done and "backfill users" not in done
    assert counts(filled) == [1]


def test_ctrl_c_stops_it_cleanly(filled: Project) -> None:
    path = filled.add(FIRST, upgrade="env.backfill('users', {}, {'$inc': {'n': 1}}, batch=10, max_rate=500)")
    running = filled.start("upgrade", "head")
    wait_until(lambda: filled.db.users.count_documents({"n": 1}), "a batch")
    running.signal(signal.SIGINT)
    assert running.finish().code == 130
    assert filled.applied() == []
    path.write_text(path.read_text(encoding="utf-8").replace(", max_rate=500", ""), encoding="utf-8")
    filled.ok("upgrade", "head")
    assert counts(filled) == [1]


@pytest.mark.parametrize(
    "call, words",
    [
        ("'users', {}, {'n': 1}", "operators like $set"),
        ("'users', {}, {}", "has to be a document"),
        ("'users', {}, {'$set': {'n': 1}}, batch=0", "a batch of 0 documents"),
        ("'users', {}, {'$set': {'n': 1}}, workers=0", "0 workers"),
        ("'users', {}, {'$set': {'n': 1}}, max_rate=float('nan')", "a rate"),
        ("'users', {}, {'$inc': {'k': 1000}}, key='k'", "a backfill along k can't change it"),
        ("'users', {}, {'$rename': {'n': 'k'}}, key='k'", "a backfill along k can't change it"),
        ("'users', {}, [{'$set': {'k.a': 1}}], key='k'", "a backfill along k can't change it"),
        ("'users', {}, [{'$unset': ['n', 'k']}], key='k'", "a backfill along k can't change it"),
        ("'users', {}, lambda user: {'$set': {'k': 5}}, key='k'", "a backfill along k can't change it"),
        ("'users', {'n': {'$foo': 1}}, {'$set': {'n': 1}}", "$foo"),
        ("'users', {}, {'$foo': {'n': 1}}", "$foo"),
        ("'users', {}, lambda user: 5", "function has to give a document, a pipeline or None, not 5"),
        ("'users', {}, None", "change has to be a document, a pipeline or a function, not None"),
    ],
)
def test_what_is_no_backfill(filled: Project, call: str, words: str) -> None:
    filled.add(FIRST, upgrade=f"env.backfill({call})")
    assert words in filled.run("upgrade", "head", expect=1).err
    assert counts(filled) == [0]


def test_a_function_that_forgets_the_operator_changes_nothing(filled: Project) -> None:
    filled.add(FIRST, upgrade="env.backfill('users', {}, lambda user: {'z': 1})")
    refused = filled.run("upgrade", "head")
    assert refused.code == 1
    assert "a whole document with its _id or None, not {'z': 1}" in refused.err
    assert filled.db.users.count_documents({"z": 1}) == 0


def test_another_databases_collection_is_not_taken_for_ours(filled: Project) -> None:
    for call in ("env.backfill(there, {}, {'$set': {'z': 1}})", "env.drop_collection(there)"):
        filled.add(FIRST, upgrade=f"there = env.client['other'].users\n{call}")
        refused = filled.run("upgrade", "head")
        assert refused.code == 1
        assert "other.users isn't in " in refused.err
        assert filled.db.users.count_documents({"z": {"$exists": False}}) == 2000


def test_a_refused_write_says_why(filled: Project) -> None:
    filled.db.users.insert_one({"_id": 5000, "n": "text"})
    filled.add(FIRST, upgrade="env.backfill('users', {}, {'$inc': {'n': 1}})")
    refused = filled.run("upgrade", "head")
    assert refused.code == 1
    assert "WriteError: " in refused.err
    assert "OperationFailure: None" not in refused.err
    assert "left in place: 2000 documents changed in users" in refused.err
    assert "a backfill goes on where it stopped" in refused.err


def test_a_helper_that_is_stopped_keeps_no_range(filled: Project) -> None:
    change = "[{'$set': {'n': {'$add': ['$n', 1]}}}]"
    filled.add(FIRST, upgrade=f"env.backfill('users', {{}}, {change}, batch=5, max_rate=200)")
    upgrade = filled.start("upgrade", "head")
    wait_until(lambda: filled.db.treering_backfills.count_documents({"state": "done"}) > 3, "some ranges")
    work = filled.start("work")
    wait_until(lambda: filled.db.treering_backfills.count_documents({"runner": False}) > 3, "the helper")
    work.signal(signal.SIGINT)
    work.finish()
    assert (
        filled.db.treering_backfills.count_documents(
            {"runner": False, "state": "open", "until": {"$gt": datetime.now(timezone.utc)}}
        )
        == 0
    )
    assert upgrade.finish().code == 0
    assert counts(filled) == [1]


def test_a_dry_run_counts(filled: Project) -> None:
    before = database_dump(filled.db)
    filled.add(FIRST, upgrade="done = env.backfill('users', {'n': 0}, {'$inc': {'n': 1}})\nassert done.found == 2000")
    planned: list[dict[str, Any]] = filled.json("upgrade", "head", "--dry-run")["done"][0]["planned"]
    assert [(each["operation"], each["documents"]) for each in planned] == [("backfill users", 2000)]
    assert database_dump(filled.db) == before


def test_a_server_without_transactions(bare_project: Project, own_server: Callable[..., TestServer]) -> None:
    server = own_server("--standalone")
    with pymongo.MongoClient(server.url) as client:
        project = Project(bare_project.folder, server.url, "shop", client).init()
        project.db.users.insert_many([{"_id": number, "n": 0} for number in range(500)])
        project.add(
            FIRST, upgrade="assert env.backfill('users', {}, {'$inc': {'n': 1}}, batch=60, workers=2).changed == 500"
        )
        project.ok("upgrade", "head")
        assert counts(project) == [1]


@pytest.mark.parametrize("call", ["batch=0", "workers=0", "max_rate=-1", "key='n'", "key=''"])
def test_a_dry_run_refuses_what_the_run_does(filled: Project, call: str) -> None:
    filled.add(FIRST, upgrade=f"env.backfill('users', {{}}, {{'$inc': {{'n': 1}}}}, {call})")
    assert [filled.run("upgrade", "head", *option, expect=1).code for option in (["--dry-run"], [])] == [1, 1]
    assert counts(filled) == [0]


def test_what_an_earlier_run_did_is_in_no_dry_run_and_no_script(filled: Project) -> None:
    code = "env.backfill('users', {}, {'$inc': {'n': 1}}, batch=100)\nopen('mended')"
    filled.add(FIRST, upgrade=code)
    filled.run("upgrade", expect=1)
    planned = filled.json("upgrade", "--dry-run", expect=1)["failed"]["planned"]
    assert [(each["operation"], each["documents"], each["exact"]) for each in planned] == [("backfill users", 0, False)]
    assert "goes on after 2000 documents" in planned[0]["note"]
    (filled.folder / "mended").touch()
    refused = filled.run("upgrade", "--script", "out.js", expect=1)
    assert "a script would change them again" in refused.err
    assert not (filled.folder / "out.js").exists()
    filled.ok("upgrade")
    assert counts(filled) == [1]


def test_a_backfill_whose_collection_is_undone_does_not_go_on(filled: Project) -> None:
    code = "env.db.fresh.insert_many([{'n': 0} for _ in range(50)])\nenv.backfill('fresh', {}, {'$inc': {'n': 1}})\nraise ValueError"
    filled.add(FIRST, upgrade=code)
    assert "goes on where it stopped" not in filled.run("upgrade", expect=1).err


@pytest.mark.parametrize(
    "options, words",
    [({"capped": True, "size": 100000}, "a capped collection"), ({"timeseries": {"timeField": "t"}}, "a time series")],
)
def test_what_only_the_server_could_change(filled: Project, options: dict[str, Any], words: str) -> None:
    filled.db.create_collection("odd", **options)
    filled.add(FIRST, upgrade="env.backfill('odd', {}, {'$set': {'n': 1}})")
    for option in (["--dry-run"], []):
        refused = filled.run("upgrade", "head", *option, expect=1).err
        assert f"odd is {words}" in refused
        assert "update_many" in refused


def test_one_name_for_two_backfills_is_told_before_the_second_does_nothing(filled: Project) -> None:
    call = "env.backfill('users', {}, {'$inc': {'n': 1}}, name='once')\n"
    filled.add(FIRST, upgrade=call * 2)
    for option in (["--dry-run"], []):
        refused = filled.run("upgrade", "head", *option, expect=1).err
        assert 'a backfill of users named "once" is done already in this revision' in refused
    filled.db.users.update_many({}, {"$set": {"n": 0}})
    filled.add(FIRST, upgrade=call + "env.backfill('users', {}, {'$inc': {'n': 1}}, name='twice')\n")
    filled.ok("upgrade", "head")
    assert counts(filled) == [1]  # the first was done by the run before


def test_code_may_read_beside_its_workers_and_in_other_threads(filled: Project) -> None:
    code = """
import threading
stop, errors = [], []
def read():
    try:
        while not stop:
            list(env.db.users.find({}, {"n": 1}, batch_size=4).limit(20))
    except BaseException as error:
        errors.append(error)
def change(user):
    return {"$set": {"other": env.db.users.find_one({"_id": user["_id"] % 30})["_id"]}}
reader = threading.Thread(target=read)
reader.start()
try:
    env.backfill("users", {"_id": {"$lt": 600}}, change, batch=20, workers=8)
finally:
    stop.append(1)
    reader.join()
assert errors == [], errors
"""
    filled.add(FIRST, upgrade=code)
    filled.ok("upgrade", "head")
    assert filled.db.users.count_documents({"other": {"$exists": True}}) == 600


@pytest.mark.parametrize("end", ["", "raise KeyError('name')"])
@pytest.mark.parametrize("change", ["{'$inc': {'n': 1}}", "lambda user: {'$inc': {'n': 1}}"])
def test_a_backfill_that_outlives_its_migration_is_stopped_and_told(filled: Project, end: str, change: str) -> None:
    code = f"""
import threading
threading.Thread(target=lambda: env.backfill("users", {{}}, {change}, batch=10, max_rate=500), daemon=True).start()
while not env.db.users.count_documents({{"n": 1}}):
    pass
{end}
"""
    filled.add(FIRST, upgrade=code)
    failed = filled.run("upgrade", "head", expect=1).err
    assert ("KeyError" if end else "a backfill was still under way in a thread") in failed
    assert filled.heads() == []
    filled.add(FIRST, upgrade=f"assert env.backfill('users', {{}}, {change}, batch=10).resumed")
    filled.ok("upgrade", "head")
    assert counts(filled) == [1]
