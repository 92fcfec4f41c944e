# SPDX-License-Identifier: Apache-2.0
"""env.batch: small writes sent together, with the order, the reads and the errors of the code as written."""

from __future__ import annotations

import re

import pytest
from workbench import Project, database_dump

FIRST = "20240101000000"


WRITE = "env.db.users.update_one({'_id': user['_id']}, {'$set': {'last_login': user['_id']}})"


@pytest.fixture
def filled(project: Project) -> Project:
    project.db.users.insert_many([{"_id": number} for number in range(2500)])
    return project


def test_the_guides_loop_ends_as_it_does_without(filled: Project) -> None:
    code = "with env.batch():\n    for user in env.db.users.find():\n        " + WRITE
    filled.add(FIRST, upgrade=code)
    step = filled.json("upgrade", "head")["done"][0]
    assert step["written"] == {"users": 2500}
    assert [user["last_login"] for user in filled.db.users.find().sort("_id")] == list(range(2500))


def test_a_read_sees_what_was_written_before_it(filled: Project) -> None:
    filled.add(
        FIRST,
        upgrade="""
users, plans = env.db.users, env.db.plans
with env.batch(size=10):
    plans.insert_one({"_id": 1})
    result = users.update_one({"_id": 1}, {"$set": {"a": 1}})
    assert not result.acknowledged
    assert users.find_one({"_id": 1})["a"] == 1
    users.replace_one({"_id": 1}, {"b": 2})
    users.delete_one({"_id": 2})
    assert users.count_documents({"$or": [{"_id": 2}, {"a": 1}]}) == 0
    for number in range(25):
        plans.insert_one({"_id": f"plan {number}"})
    assert env.collections == ["plans", "users"]
    assert plans.estimated_document_count() == 26
    users.create_index("a")
    users.create_index("b")
    assert set(users.index_information()) == {"_id_", "a_1", "b_1"}
    users.insert_one({"_id": "last"})
    users.rename("people")
assert env.db.people.find_one({"_id": "last"})
with env.batch():
    env.db.people.update_many({}, {"$set": {"c": 1}})
assert env.db.people.update_one({"_id": "last"}, {"$set": {"c": 2}}).modified_count == 1
""",
    )
    filled.ok("upgrade", "head")


def test_a_refused_write_names_the_line_of_its_call(filled: Project) -> None:
    path = filled.add(
        FIRST,
        upgrade="""
with env.batch():
    env.db.users.insert_one({"_id": "new"})
    env.db.users.insert_one({"_id": 1})
    env.db.users.insert_one({"_id": "never"})
    x = 1
""",
    )
    failed = filled.run("upgrade", "head", expect=1)
    line = path.read_text().splitlines().index('        env.db.users.insert_one({"_id": 1})') + 1
    assert f"{path.name}:{line}: pymongo.errors.DuplicateKeyError" in failed.err
    assert 'env.db.users.insert_one({"_id": 1})' in failed.err
    assert filled.db.users.count_documents({"_id": {"$in": ["new", "never"]}}) == 1


INDEXES = """
with env.batch():
    env.db.users.create_index("a")
    env.db.users.create_index("same", unique=True)
    env.db.users.create_index("c")
"""


def test_a_refused_index_names_the_line_of_its_call(filled: Project) -> None:
    filled.db.users.update_many({}, {"$set": {"same": 1}})
    path = filled.add(FIRST, upgrade=INDEXES)
    failed = filled.run("upgrade", "head", expect=1)
    line = path.read_text().splitlines().index('        env.db.users.create_index("same", unique=True)') + 1
    assert f"{path.name}:{line}: pymongo.errors.DuplicateKeyError" in failed.err
    assert 'env.db.users.create_index("same", unique=True)\n' in failed.err


def test_where_the_server_names_no_index_all_their_lines_are_told(filled: Project) -> None:
    wrong = INDEXES.replace("unique=True", "partialFilterExpression={'a': {'$bad': 1}}")
    path = filled.add(FIRST, upgrade=wrong)
    failed = filled.run("upgrade", "head", expect=1)
    first = path.read_text().splitlines().index('        env.db.users.create_index("a")') + 1
    assert f"{path.name}:{first}: pymongo.errors.OperationFailure" in failed.err
    assert f"(one of the indexes created in lines {first}, {first + 1} and {first + 2})" in failed.err


def test_what_waits_is_not_sent_where_the_block_raises(filled: Project) -> None:
    before = filled.db.users.count_documents({})
    filled.add(FIRST, upgrade="with env.batch():\n    env.db.users.delete_many({})\n    raise KeyError('name')")
    assert "KeyError" in filled.run("upgrade", "head", expect=1).err
    assert filled.db.users.count_documents({}) == before


def test_a_refused_write_that_is_caught_loses_no_other_silently(filled: Project) -> None:
    filled.add(
        FIRST,
        upgrade="""
with env.batch():
    env.db.users.insert_one({"_id": 1})
    env.db.users.insert_one({"_id": 9001})
    env.db.others.insert_one({"_id": 5})
    try:
        env.db.users.find_one()
    except Exception:
        pass
""",
    )
    refused = filled.run("upgrade", "head")
    assert refused.code == 1
    assert re.search(r"a write of this batch was refused \(\S+\.py:\d+: .*E11000 .*_id: 1 .*\)", refused.err)
    assert "what waited behind it was not sent" in refused.err


@pytest.mark.parametrize("code, words", [("0", "a batch of 0 writes"), ("1000):\n    with env.batch(", "open already")])
def test_what_is_no_batch(filled: Project, code: str, words: str) -> None:
    filled.add(FIRST, upgrade=f"with env.batch({code}):\n        pass")
    assert words in filled.run("upgrade", "head", expect=1).err


def test_a_dry_run_waits_as_the_run_does(filled: Project) -> None:
    before = database_dump(filled.db)
    filled.add(FIRST, upgrade="with env.batch():\n    for user in env.db.users.find():\n        " + WRITE)
    [planned] = filled.json("upgrade", "head", "--dry-run")["done"][0]["planned"]
    assert planned["documents"] == 2500
    assert database_dump(filled.db) == before


@pytest.mark.parametrize(
    "code",
    [
        "people.insert_one({'_id': 'x'})\n    assert people.update_one({'_id': 'x'}, {'$set': {'v': 2}}, session=s).matched_count == 1",
        "people.update_one({'_id': 1}, {'$set': {'v': 1}})\n    people.update_one({'_id': 1}, {'$set': {'v': 2}}, session=s)"
        "\nassert people.find_one({'_id': 1})['v'] == 2",
        "people.insert_one({'_id': 'x'})\n    assert people.find_one({'_id': 'x'}, session=s)",
        "people.insert_one({'_id': 'x'})\n    joined = {'$lookup': {'from': 'users', 'localField': 'a', 'foreignField': 'b', 'as': 'c'}}"
        "\n    assert next(env.db.one.aggregate([joined], session=s))['c']",
    ],
)
def test_a_session_finds_what_waits(filled: Project, code: str) -> None:
    filled.db.one.insert_one({"_id": 1})
    filled.add(FIRST, upgrade=f"people = env.db.users\nwith env.client.start_session() as s, env.batch():\n    {code}")
    filled.ok("upgrade", "head")


def test_bulk_writes_do_not_wait_and_find_what_does(filled: Project) -> None:
    filled.add(
        FIRST,
        upgrade="""
from pymongo import InsertOne, UpdateOne
from pymongo.errors import BulkWriteError
with env.batch():
    env.db.users.update_one({"_id": 1}, {"$set": {"v": 1}})
    done = env.db.users.bulk_write([UpdateOne({"v": 1}, {"$set": {"q": 1}})])
    assert (done.acknowledged, done.matched_count) == (True, 1), done
    assert env.db.users.insert_many([{"_id": "x"}]).acknowledged
    try:
        env.db.users.insert_many([{"_id": "x"}])
    except BulkWriteError as refused:
        assert refused.details["nInserted"] == 0
    else:
        raise AssertionError
""",
    )
    filled.ok("upgrade", "head")


@pytest.mark.parametrize(
    "code",
    [
        "env.batch().__enter__()\nenv.db.users.insert_one({'_id': 'x'})",
        "def copies():\n    with env.batch():\n        for number in range(3):\n            env.db.users.insert_one({'_id': f'x{number}'})"
        "\n            yield number\nfor number in copies():\n    if number == 1: break",
    ],
)
@pytest.mark.parametrize("option", ["--dry-run", "--json"])
def test_a_batch_that_is_never_left_is_an_error(filled: Project, code: str, option: str) -> None:
    filled.add(FIRST, upgrade=code)
    refused = filled.run("upgrade", "head", option, expect=1)
    assert "of a batch that was begun and not ended" in refused.out + refused.err
    assert filled.applied() == []


def test_an_index_that_waits_already_is_made_once(filled: Project) -> None:
    filled.add(
        FIRST,
        upgrade="with env.batch():\n    for _ in range(2):\n        env.db.users.create_index('a')\n        env.db.users.create_index('b')",
    )
    filled.ok("upgrade", "head")
    assert set(filled.db.users.index_information()) == {"_id_", "a_1", "b_1"}


def test_no_indexes_are_the_servers_to_refuse(filled: Project) -> None:
    filled.add(FIRST, upgrade="with env.batch():\n    env.db.users.create_indexes([])")
    assert "Must specify at least one index to create" in filled.run("upgrade", "head", expect=1).err
