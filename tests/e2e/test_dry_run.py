# SPDX-License-Identifier: Apache-2.0
"""upgrade and downgrade with --dry-run: what a person sees, and that nothing whatever is written."""

from __future__ import annotations

from typing import Any

import pytest
from workbench import Project, database_dump

FIRST, SECOND, THIRD = "20240101000000", "20240102000000", "20240103000000"


def fill(project: Project) -> dict[str, Any]:
    project.db.users.insert_many([{"_id": number, "name": f"n{number}", "age": number % 50} for number in range(200)])
    project.db.users.create_index("age")
    return database_dump(project.db)


def planned(project: Project, *arguments: str, **options: Any) -> list[dict[str, Any]]:
    document = project.json(*arguments, "--dry-run", **options)
    assert document["dry_run"] is True
    return [operation for step in document["done"] for operation in step["planned"]]


def test_what_a_person_sees(project: Project) -> None:
    before = fill(project)
    project.add(
        FIRST,
        message="grow up",
        upgrade="""
env.create_collection("wallet")
env.db.wallet.create_index([("uid", 1)], unique=True)
env.db.users.update_many({"age": {"$lt": 18}}, {"$set": {"minor": True}})
env.db.users.update_many({"name": "n7"}, {"$set": {"seven": True}})
for user in env.db.users.find({"age": 3}):
    env.db.wallet.insert_one({"uid": user["_id"]})
    env.db.users.update_one({"_id": user["_id"]}, {"$set": {"wallet": True}})
env.db.users.drop_index("age_1")
env.db.command("collMod", "users", validator={"age": {"$gt": 0}})
env.drop_collection("users")
""",
    )
    result = project.ok("upgrade", "head", "--dry-run")
    assert result.lines == [
        f"{FIRST}  grow up",
        "  create collection wallet",
        "  create index wallet.uid_1",
        '  update users                  72 documents         index age_1      { "age" : { "$lt" : 18 } }',
        '  update users                  1 document           collection scan  { "name" : "n7" }',
        "  insert into wallet (4 times)  4 documents",
        '  update users (4 times)        4 documents          index _id        { "_id" : "?" }',
        "  drop index users.age_1",
        "  change collection users                                             ! 4 documents don't match the validator",
        "  drop collection users         about 200 documents                   ! goes into the trash",
        "dry run: 1 revision would be applied; nothing was written",
    ], result.out
    assert database_dump(project.db) == before
    assert "pending" in project.ok("current").out or FIRST not in project.ok("current").out


def test_with_nothing_to_do_it_is_a_dry_run_too(project: Project) -> None:
    project.chain(FIRST)
    project.ok("upgrade")
    for target in ([], ["head"], [FIRST]):
        document = project.json("upgrade", *target, "--dry-run")
        assert (document["dry_run"], document["at_head"], document["heads"]) == (True, True, [FIRST]), target
    assert project.ok("upgrade", "--dry-run").out == f"already at head: {FIRST}\n"


def test_later_revisions_find_what_earlier_ones_would_have_made(project: Project) -> None:
    before = fill(project)
    project.add(FIRST, upgrade="env.db.users.rename('people')\nenv.db.create_collection('plans')")
    project.add(
        SECOND,
        FIRST,
        upgrade="""
assert env.dry_run
assert env.collections == ["people", "plans"], env.collections
assert env.create_collection("plans") is not None
env.db.people.update_many({}, {"$set": {"a": 1}})
env.db.people.create_index("a")
assert "a_1" in env.db.people.index_information()
env.db.people.drop_index("a_1")
assert env.db.plans.update_one({"_id": 1}, {"$set": {"a": 1}}, upsert=True).upserted_id == 1
assert env.db.people.find_one_and_delete({"_id": 7})["name"] == "n7"
""",
    )
    project.add(THIRD, SECOND, upgrade="env.db.drop_collection('plans')\nassert env.collections == ['people']")
    operations = planned(project, "upgrade", "head")
    texts = [operation["operation"] for operation in operations]
    assert "rename collection users to people" in texts and "drop collection plans" in texts
    [everyone] = [operation for operation in operations if operation["operation"] == "update people"]
    assert everyone["documents"] == 200
    assert database_dump(project.db) == before


@pytest.mark.parametrize(
    "code, exception",
    [
        ("env.db.create_collection('users')", "CollectionInvalid"),
        ("env.db.users.drop_index('nothing_1')", "index not found"),
        ("env.db.users.rename('users2'); env.db.users.rename('users3')", "does not exist"),
        ("env.db.users.create_index('age', unique=True)", "same name"),
        ("raise KeyError('full_name')", "KeyError: 'full_name'"),
        ("env.db.users.update_many({'a': {'$bad': 1}}, {'$set': {'x': 1}})", "WriteError: unknown operator: $bad"),
        ("env.db.users.delete_many({'$bad': 1})", "unknown top level operator: $bad"),
        ("env.db.none.delete_many({'$bad': 1})", "unknown top level operator: $bad"),
        (
            "env.db.users.update_one({'age': 1}, {'$set': {'x': 1}}, hint='nope')",
            "does not correspond to an existing index",
        ),
        ("env.db.users.find_one_and_delete({'age': 1}, hint='nope')", "does not correspond to an existing index"),
        ("env.db.users.drop_index('age_1'); env.db.users.delete_many({'age': 1}, hint='age_1')", "does not correspond"),
        ("env.backfill('users', {'$bad': 1}, {'$set': {'x': 1}})", "unknown top level operator: $bad"),
        ("env.db.users.drop_index('_id_')", "cannot drop _id index"),
        ("env.db.users.create_indexes([])", "at least one index"),
        ("env.db.command('bogus')", "no such command: 'bogus'"),
    ],
)
def test_what_would_fail_fails(project: Project, code: str, exception: str) -> None:
    before = fill(project)
    project.add(FIRST, upgrade=code)
    project.add(SECOND, FIRST)
    failed = project.run("upgrade", "head", "--dry-run", expect=1)
    assert exception in failed.err and f"not begun: {SECOND}" in failed.err
    assert database_dump(project.db) == before


def test_downgrade_and_python(project: Project) -> None:
    fill(project)
    project.add(FIRST, upgrade="env.db.users.create_index('name')", downgrade="env.db.users.drop_index('name_1')")
    project.ok("upgrade", "head")
    before = database_dump(project.db)
    [operation] = planned(project, "downgrade", "base")
    assert operation["operation"] == "drop index users.name_1"
    from treering import MigrationManager

    run = MigrationManager(config=project.folder, url=project.url).downgrade("base", dry_run=True)
    assert run.dry_run and [each.operation for each in run.done[0].planned] == ["drop index users.name_1"]
    assert run.heads == (FIRST,)
    assert database_dump(project.db) == before
    assert "already at head" in project.ok("upgrade", "head", "--dry-run").out


def test_an_unadopted_version_stays_unadopted(project: Project) -> None:
    project.add(FIRST, upgrade="env.db.marks.insert_one({})")
    project.add(SECOND, FIRST, upgrade="env.db.marks.insert_one({})")
    project.db["_db_version"].insert_one({"version_num": FIRST})
    before = database_dump(project.db)
    [operation] = planned(project, "upgrade", "head")
    assert operation["operation"] == "insert into marks"
    assert database_dump(project.db) == before


def test_plausible_results(project: Project) -> None:
    before = fill(project)
    project.add(
        FIRST,
        upgrade="""
from pymongo import DeleteOne, InsertOne, ReturnDocument, UpdateMany
users = env.db.users
result = users.update_many({"age": 1}, {"$set": {"x": 1}})
assert (result.matched_count, result.modified_count) == (4, 4), result
assert users.delete_many({"age": {"$in": [1, 2]}}).deleted_count == 8
assert users.insert_one({"_id": "new"}).inserted_id == "new"
assert len(users.insert_many([{}, {}]).inserted_ids) == 2
assert users.find_one_and_update({"_id": 5}, {"$set": {"x": 1}}, return_document=ReturnDocument.AFTER)["name"] == "n5"
assert users.find_one_and_update({"_id": -5}, {"$set": {"x": 1}}) is None
bulk = users.bulk_write([InsertOne({}), UpdateMany({"age": 3}, {"$set": {"x": 1}}), DeleteOne({"_id": 9})])
assert (bulk.inserted_count, bulk.matched_count, bulk.deleted_count) == (1, 4, 1)
assert list(users.aggregate([{"$match": {"age": 1}}, {"$out": "copies"}])) == []
assert "copies" in env.collections
assert env.db.copies.count_documents({}) == 0
assert users.count_documents({}) == 200
""",
    )
    operations = planned(project, "upgrade", "head")
    assert [operation["documents"] for operation in operations if "aggregate" in operation["operation"]] == [4]
    assert database_dump(project.db) == before


def test_what_is_fine_passes(project: Project) -> None:
    """Of hints and filters that only this run's own indexes make possible, and of variables."""
    fill(project)
    project.add(
        FIRST,
        upgrade="""
from pymongo import DeleteMany, UpdateOne
from pymongo.errors import BulkWriteError
users = env.db.users
users.create_index("name")
assert users.update_many({"name": "n7"}, {"$set": {"x": 1}}, hint="name_1").matched_count == 1
assert users.find_one_and_update({"name": "n7"}, {"$set": {"x": 1}}, hint=[("name", 1)])["_id"] == 7
users.create_index([("about", "text")])
users.update_many({"$text": {"$search": "a"}}, {"$set": {"x": 1}})
by_variable = {"$expr": {"$eq": ["$age", "$$age"]}}
assert users.update_many(by_variable, {"$set": {"x": 1}}, let={"age": 3}).matched_count == 4
assert users.find_one_and_update(by_variable, {"$set": {"x": 1}}, let={"age": 3})["age"] == 3
env.db.none.update_many({"a": 1}, {"$set": {"x": 1}}, hint="nope")
try:
    users.bulk_write([DeleteMany({"age": 1}), DeleteMany({"$bad": 1}), DeleteMany({"age": 2})])
except BulkWriteError as error:
    assert error.details["nRemoved"] == 4 and error.details["writeErrors"][0]["index"] == 1, error.details
try:
    users.bulk_write([DeleteMany({"age": 1}), DeleteMany({"$bad": 1}), DeleteMany({"age": 2})], ordered=False)
except BulkWriteError as error:
    assert error.details["nRemoved"] == 8, error.details
""",
    )
    operations = planned(project, "upgrade", "head")
    [text] = [operation for operation in operations if operation["filter"] and "$text" in operation["filter"]]
    assert text["documents"] is None and "not counted" in text["note"], text


def test_filters_of_different_shapes_are_different_lines(project: Project) -> None:
    fill(project)
    project.add(
        FIRST,
        upgrade="""
from pymongo import UpdateMany, UpdateOne
change = {"$set": {"x": 1}}
env.db.users.bulk_write([UpdateOne({"_id": 1}, change), UpdateMany({}, change), UpdateOne({"_id": 2}, change)])
env.db.users.bulk_write([UpdateMany({"a": {"$elemMatch": {name: 1}}}, change) for name in "bc"])
""",
    )
    lines = project.ok("upgrade", "head", "--dry-run").lines
    assert [line.split() for line in lines[1:5]] == [
        ["update", "users", "(2", "times)", "2", "documents", "index", "_id", "{", '"_id"', ":", '"?"', "}"],
        ["update", "users", "200", "documents", "collection", "scan", "{", "}"],
        [*"update users 0 documents collection scan".split(), *'{ "a" : { "$elemMatch" : { "b" : 1 } } }'.split()],
        [*"update users 0 documents collection scan".split(), *'{ "a" : { "$elemMatch" : { "c" : 1 } } }'.split()],
    ], lines


def test_commands_answer_plausibly(project: Project) -> None:
    before = fill(project)
    project.add(
        FIRST,
        upgrade="""
db = env.db
assert db.command("update", "users", updates=[{"q": {"age": 1}, "u": {"$set": {"x": 1}}, "multi": True}])["n"] == 4
assert db.command("insert", "users", documents=[{}, {}])["n"] == 2
assert db.command("delete", "users", deletes=[{"q": {"_id": 9}, "limit": 1}])["n"] == 1
assert db.command("create", "users")["ok"] == 1
model = {"name": "words", "definition": {"mappings": {"dynamic": True}}}
assert db.users.create_search_index(model) == "words"
""",
    )
    project.ok("upgrade", "head", "--dry-run")
    assert database_dump(project.db) == before


def test_find_one_and_update_gives_what_it_would_be(project: Project) -> None:
    project.db.counters.insert_one({"_id": "old", "n": 4, "kept": True})
    code = """
def count(name, **more):
    return env.db.counters.find_one_and_update({"_id": name}, {"$inc": {"n": 1}}, upsert=True, return_document=True, **more)
assert count("new") == {"_id": "new", "n": 1}
assert count("old") == {"_id": "old", "n": 5, "kept": True}
assert count("old", projection={"n": 1}) in ({"_id": "old", "n": 5}, {"_id": "old", "n": 6})
replaced = env.db.counters.find_one_and_replace({"_id": "q"}, {"z": 1}, upsert=True, return_document=True)
assert replaced == {"_id": "q", "z": 1}
"""
    project.add("20240101000000", upgrade=code)
    project.ok("upgrade", "head", "--dry-run")
    project.ok("upgrade", "head")
