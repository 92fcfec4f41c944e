# SPDX-License-Identifier: Apache-2.0
"""A dry run says and refuses what the run would: the trash, other databases, transactions, batches, updates, and how sure it is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from workbench import Project, database_dump

FIRST, SECOND = "20240101000000", "20240102000000"


@pytest.fixture
def filled(project: Project) -> Project:
    project.db.users.insert_many([{"_id": number, "name": f"n{number}", "age": number % 50} for number in range(200)])
    return project


def planned(project: Project, code: str) -> list[dict[str, Any]]:
    project.add(FIRST, upgrade=code)
    before = database_dump(project.db)
    document = project.json("upgrade", "head", "--dry-run")
    assert database_dump(project.db) == before
    return [operation for step in document["done"] for operation in step["planned"]]


def transactional(project: Project, revision: str, below: Any, code: str) -> Path:
    path = project.add(revision, below, upgrade=code)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("def upgrade", "transactional = True\n\n\ndef upgrade", 1), encoding="utf-8")
    return path


def test_drops_that_the_trash_keeps(filled: Project) -> None:
    filled.db.others.insert_one({})
    filled.db.create_collection("names", viewOn="users", pipeline=[])
    code = """
env.db.users.rename("people", dropTarget=True)
env.db.others.rename("people", dropTarget=True)
env.drop_collection("people")
env.db.create_collection("people")
env.drop_collection("people", trash=False)
env.drop_collection("names")
env.drop_collection("nothing")
"""

    def drops(operations: list[dict[str, Any]]) -> list[tuple[str, bool]]:
        return [(each["note"], each["trash"]) for each in operations if not each["operation"].startswith("create")]

    assert drops(planned(filled, code)) == [
        ("", False),
        ("people goes into the trash", True),
        ("goes into the trash", True),
        ("", False),
        ("", False),
        ("not there", False),
    ]
    filled.config(filled.folder.joinpath("treering.toml").read_text() + "\ntrash = false\n")
    assert drops(planned(filled, code))[1:3] == [
        ("of people, 200 documents would be lost", False),
        ("1 document would be lost", False),
    ]


@pytest.mark.parametrize("pipeline", ['({"$match": {}}, {"$out": "copied"})', '({"$merge": "copied"},)'])
def test_a_pipeline_that_is_a_tuple_writes_nothing(filled: Project, pipeline: str) -> None:
    code = f"""
env.db.command("aggregate", "users", pipeline={pipeline}, cursor={{}})
env.db.cursor_command("aggregate", "users", pipeline={pipeline}, cursor={{}})
"""
    assert sum(each["operations"] for each in planned(filled, code)) == 2
    filled.ok("upgrade", "head", "--script", "-")
    assert "copied" not in filled.db.list_collection_names()


@pytest.mark.parametrize(
    "code, operation",
    [
        ('env.db.users.drop(comment="why")', "drop collection users"),
        ('env.db.drop_collection("users", comment="why")', "drop collection users"),
        ('env.db.command("drop", "users", writeConcern={"w": 1})', "drop collection users"),
        ('env.db.users.rename("people", comment="why")', "rename collection users to people"),
    ],
)
def test_drops_and_renames_are_told_whatever_they_carry(filled: Project, code: str, operation: str) -> None:
    [told] = planned(filled, code)
    assert (told["operation"], told["trash"]) == (operation, operation.startswith("drop"))


def test_other_databases_are_named(filled: Project, other_database: Any) -> None:
    name = other_database()
    filled.db.client[name].users.insert_one({"_id": 1})
    code = f"""
for database in (env.db, env.client[{name!r}]):
    database.users.update_many({{}}, {{"$set": {{"a": 1}}}})
"""
    ours, theirs = planned(filled, code)
    assert (ours["operation"], ours["database"], ours["documents"]) == ("update users", None, 200)
    assert (theirs["operation"], theirs["database"], theirs["documents"]) == (f"update users in {name}", name, 1)


@pytest.mark.parametrize(
    "code",
    [
        "env.drop_collection('users')",
        "env.db.users.create_index('name')",
        "env.db.users.drop_index('nothing_1')",
        "env.db.made.create_index('name')",
        "env.db.users.estimated_document_count()",
        "list(env.db.users.aggregate([{'$out': 'copies'}]))",
        "env.db.command('collMod', 'users', validator={})",
        "env.client['admin'].x.insert_one({})",
        "env.backfill('users', {}, {'$set': {'a': 1}})",
        "with env.batch():\n    env.db.users.create_index('name')",
        "env.db.new.insert_one({'name': 1})\nenv.db.new.create_index('name')",
        "try:\n    env.db.users.update_many({'$bad': 1}, {'$set': {'x': 1}})\nexcept Exception:\n    pass",
    ],
)
def test_what_a_transaction_refuses(filled: Project, code: str) -> None:
    filled.add(FIRST, upgrade="env.db.create_collection('made')")
    transactional(filled, SECOND, FIRST, code)
    dry = filled.run("upgrade", "head", "--dry-run", "--json")
    script = filled.run("upgrade", "head", "--script", "out.js", "--json")
    real = filled.run("upgrade", "head", "--json")
    assert dry.code == script.code == real.code == 1
    assert dry.json["error"]["message"] == script.json["error"]["message"] == real.json["error"]["message"]


def test_what_a_transaction_takes(filled: Project) -> None:
    code = """
assert env.collections == ["users"]
env.db.create_collection("made")
env.db.made.create_index("name")
env.db.written.insert_one({"_id": 1})
assert env.collections == ["made", "users", "written"], env.collections
assert env.db.users.count_documents({"age": 3}) == 4
env.db.users.update_many({"age": 3}, {"$set": {"x": 1}})
"""
    transactional(filled, FIRST, None, code)
    filled.ok("upgrade", "head", "--dry-run")
    filled.ok("upgrade", "head")


def test_a_batch_gives_back_what_it_really_does(filled: Project) -> None:
    code = """
from pymongo.errors import InvalidOperation
with env.batch():
    results = [
        env.db.users.update_one({"_id": 1}, {"$set": {"a": 1}}),
        env.db.users.delete_one({"_id": 2}),
        env.db.users.insert_one({"_id": "new"}),
    ]
    assert not any(result.acknowledged for result in results)
    try:
        results[0].modified_count
    except InvalidOperation:
        pass
    else:
        raise AssertionError("it has a count")
    assert env.db.fresh.create_index("a") == "a_1"
    assert "fresh" in env.collections
    env.db.late.insert_one({})
    assert env.db.list_collection_names(filter={"name": "late"}) == ["late"]
"""
    texts = [operation["operation"] for operation in planned(filled, code)]
    assert texts == [
        "update users",
        "delete from users",
        "insert into users",
        "create index fresh.a_1",
        "insert into late",
    ]
    filled.ok("upgrade", "head")


def test_a_refused_write_of_a_batch_names_its_call(filled: Project) -> None:
    code = """
with env.batch():
    env.db.users.update_one({"_id": 1}, {"$set": {"a": 1}})
    env.db.users.delete_many({"$bad": 1})
    x = 1
"""
    path = filled.add(FIRST, upgrade=code)
    dry = filled.run("upgrade", "head", "--dry-run", expect=1)
    line = path.read_text().splitlines().index('        env.db.users.delete_many({"$bad": 1})') + 1
    assert f"{path.name}:{line}: " in dry.err
    assert f"{path.name}:{line}: " in filled.run("upgrade", "head", expect=1).err


def test_how_sure_it_is(filled: Project) -> None:
    """Whether what was planned before may have changed the documents that a filter means."""
    code = """
users = env.db.users
users.update_many({"age": 3}, {"$set": {"minor": True}})
users.update_many({"age": 4}, {"$set": {"minor": True}})
users.delete_many({"minor": True})
for number in range(3):
    users.update_one({"_id": number}, {"$set": {"seen": True}})
users.delete_many({"name": "nobody"})
users.delete_one({"name": "n7"})
users.update_many({}, {"$set": {"last": True}})
env.db.fresh.insert_one({})
env.db.fresh.update_many({"a": 1}, {"$set": {"b": 1}})
users.rename("people")
env.db.people.find_one_and_update({"age": 5}, {"$set": {"x": 1}})
env.backfill("people", {"age": 6}, {"$set": {"x": 1}})
"""
    found = [(each["operation"], each["filter"], each["exact"]) for each in planned(filled, code)]
    assert [exact for *_, exact in found] == [
        True,  # by age
        False,  # by minor, which was set; it may have removed anything
        False,
        False,
        False,
        True,  # what is inserted is known
        False,
        True,  # the rename
        False,
        False,
    ], found
    texts = filled.ok("upgrade", "head", "--dry-run").lines
    assert any(line.split()[:6] == "update users about 200 documents collection".split() for line in texts), texts


def test_certain_loops_stay_certain(filled: Project) -> None:
    code = """
for user in env.db.users.find({"age": 3}):
    env.db.users.update_one({"_id": user["_id"], "age": 3}, {"$set": {"age": 4}})
for number in range(5):
    env.db.users.delete_one({"_id": 100 + number})
"""
    found = planned(filled, code)
    assert [(each["documents"], each["exact"]) for each in found] == [(4, True), (5, True)], found


@pytest.mark.parametrize(
    "code",
    [
        "env.db.users.update_many({}, {'$set': {'a': 1}, '$ste': {'b': 1}})",
        "env.db.none.update_many({}, {'$ste': {'b': 1}})",
        "env.db.users.find_one_and_update({'_id': 1}, {'$ste': {'b': 1}})",
        "env.db.users.update_many({}, [{'$match': {'a': 1}}])",
        "env.backfill('users', {}, {'$ste': {'b': 1}})",
    ],
)
def test_unknown_operators_are_refused_as_the_server_does(filled: Project, code: str) -> None:
    filled.add(FIRST, upgrade=code)
    dry = filled.run("upgrade", "head", "--dry-run", "--json")
    real = filled.run("upgrade", "head", "--json")
    assert dry.code == real.code == 1
    same = [each.json["error"]["message"].split(". Expected")[0] for each in (dry, real)]
    assert same[0] == same[1]


@pytest.mark.parametrize(
    "code",
    [
        "names.insert_one({'_id': 5})",
        "names.insert_many([{'_id': 5}, {'_id': 6}], ordered=False)",
        "names.update_many({}, {'$set': {'a': 1}})",
        "names.replace_one({'_id': 1}, {'a': 1}, upsert=True)",
        "names.delete_many({})",
        "names.find_one_and_update({'_id': 1}, {'$set': {'a': 1}})",
        "names.create_index('a')",
        "names.drop_index('a_1')",
        "list(env.db.users.aggregate([{'$merge': 'names'}]))",
        "env.db.command('collMod', 'names', validator={})",
        "env.backfill('names', {}, {'$set': {'a': 1}})",
        "env.backfill('names', {}, lambda user: {'$set': {'a': 1}})",
    ],
)
def test_views_refuse_what_changes_them(filled: Project, code: str) -> None:
    filled.db.create_collection("names", viewOn="users", pipeline=[])
    filled.add(FIRST, upgrade=f"names = env.db.names\n{code}")
    dry = filled.run("upgrade", "head", "--dry-run", "--json")
    real = filled.run("upgrade", "head", "--json")
    assert dry.code == real.code == 1
    told = re.compile(r"Executor error during aggregate command on namespace: \S+ :: caused by :: ")
    assert dry.json["error"]["message"] == told.sub("", real.json["error"]["message"])


def test_a_database_that_would_be_lost_is_told(filled: Project, other_database: Any) -> None:
    name = other_database()
    filled.db.client[name].a.insert_one({})
    filled.db.client[name].b.insert_one({})
    [operation] = planned(filled, f"env.client.drop_database({name!r})")
    assert operation["note"] == "2 collections would be lost"


def test_a_view_can_be_changed_and_read(filled: Project) -> None:
    code = """
env.db.create_collection("names", viewOn="users", pipeline=[])
assert env.db.command("collMod", "names", viewOn="users", pipeline=[{"$match": {"age": 3}}])["ok"]
env.db.drop_collection("names")
env.db.names.insert_one({})
"""
    assert [each["operation"] for each in planned(filled, code)] == [
        "create collection names", "change collection names", "drop collection names", "insert into names",
    ]  # fmt: skip
