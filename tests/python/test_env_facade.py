# SPDX-License-Identifier: Apache-2.0
"""What `env` has beyond pymongo, and what it says where it has less."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
from types import SimpleNamespace
from typing import Any, Iterator

import bson
import pymongo
import pytest
from treering.env import Env
from treering.errors import UsageError

from treering import MigrationManager


@pytest.fixture
def env(project: Any) -> Iterator[Any]:
    with MigrationManager(project.root).open() as opened:
        yield opened


def test_names_with_a_leading_underscore_are_collections(env: Any, mongo: pymongo.MongoClient) -> None:
    env.db._user.insert_one({"_id": 1})
    env.db._private.insert_one({"_id": 1})  # a name that pymongo's own Database might use for itself
    env.db.audit._trail.insert_one({"_id": 1})
    assert sorted(mongo[env.database_name].list_collection_names()) == ["_private", "_user", "audit._trail"]


def test_a_document_that_cannot_be_decoded_ends_the_cursor(env: Any, mongo: pymongo.MongoClient) -> None:
    past_python = [{"_id": 2, "at": bson.DatetimeMS(2**62)}]
    mongo[env.database_name].odd.insert_many([{"_id": 1}, *past_python, *({"_id": number} for number in range(3, 9))])
    for batch_size in (2, 0):
        cursor = env.db.odd.find(sort=[("_id", 1)], batch_size=batch_size)
        assert cursor.next() == {"_id": 1}  # pymongo decodes a batch as a whole, and would give none of it
        with pytest.raises(bson.errors.InvalidBSON, match="year"):
            cursor.next()
        assert (list(cursor), cursor.alive, cursor.cursor_id) == ([], False, 0)
    with pytest.raises(bson.errors.InvalidBSON):
        env.db.odd.find().to_list()


def test_python_finds_no_special_methods_by_accident(env: Any) -> None:
    for thing in (env.db, env.db.users, env.client):
        with pytest.raises(AttributeError):
            _ = thing.__deepcopy__
        assert not hasattr(thing, "__array__")


@pytest.mark.parametrize("name", ["watch"])
def test_missing_methods_say_so_instead_of_naming_a_collection(env: Any, name: str) -> None:
    with pytest.raises(AttributeError, match=name):
        getattr(env.db.users, name)


def test_a_method_that_does_not_exist_can_not_be_called(env: Any) -> None:
    with pytest.raises(TypeError, match="no method 'insert'"):
        env.db.users.insert({"a": 1})


def test_create_and_drop_collection_are_fine_with_what_is_there(env: Any) -> None:
    wallet = env.create_collection("wallet", validator={"a": {"$gte": 0}})
    assert wallet == env.db.wallet
    assert env.db.wallet.options() == {
        "validator": {"a": {"$gte": 0}},
        **{k: v for k, v in wallet.options().items() if k != "validator"},
    }
    env.create_collection("wallet")
    assert env.collections == ["wallet"]
    env.drop_collection("wallet")
    env.drop_collection("wallet")
    assert env.collections == []


def test_collections_is_live_sorted_and_without_internals(env: Any, mongo: pymongo.MongoClient) -> None:
    database = mongo[env.database_name]
    for name in ("b", "_a", "treering_state", "treering_revisions", "treering_journal", "_db_version"):
        database.create_collection(name)
    assert env.collections == ["_a", "b"]
    database.create_collection("c")
    assert env.collections == ["_a", "b", "c"]


def test_other_databases(env: Any, mongo: pymongo.MongoClient) -> None:
    name = env.database_name + "_other"
    try:
        env.client[name].things.insert_one({"_id": 1})
        assert mongo[name].things.find_one() == {"_id": 1}
        assert name in env.client.list_database_names()
        assert env.client.get_database().name == env.database_name
        assert env.db.client[name].things.count_documents({}) == 1
        env.client.drop_database(name)
        assert name not in env.client.list_database_names()
    finally:
        mongo.drop_database(name)


def test_options_of_wrong_types_are_refused(env: Any) -> None:
    with pytest.raises(ValueError, match="session"):
        env.db.users.insert_one({}, session=object())
    with pytest.raises(TypeError, match="read_preference"):
        env.db.get_collection("users", read_preference=object())


def test_pymongo_db_is_the_same_database_through_pymongo(project: Any) -> None:
    with MigrationManager(project.root).open() as env:
        env.db.users.insert_one({"_id": 1})
        theirs = env.pymongo_db
        assert isinstance(theirs, pymongo.database.Database)
        assert theirs.users.find_one() == {"_id": 1}
        assert env.pymongo_db.client is theirs.client
    with pytest.raises(pymongo.errors.InvalidOperation):
        theirs.users.find_one()


def test_pymongo_db_warns_in_a_dry_run() -> None:
    access = ("mongodb://127.0.0.1:1/shop?connect=false", "", "")
    env = Env(SimpleNamespace(database="shop", dry_run=True, access=lambda: access))
    with pytest.warns(RuntimeWarning, match="dry run"):
        assert env.pymongo_db.name == "shop"
    env._close()


def test_an_id_is_set_on_the_callers_document(env: Any) -> None:
    document = {"a": 1}
    result = env.db.users.insert_one(document)
    assert document["_id"] == result.inserted_id
    documents = [{"a": 1}, {"a": 2}]
    assert [each["_id"] for each in documents if "_id" in each] == []
    assert env.db.users.insert_many(documents).inserted_ids == [each["_id"] for each in documents]


def test_env_is_of_no_use_once_it_is_closed(project: Any) -> None:
    with MigrationManager(project.root).open() as env:
        env.db.users.insert_many([{"_id": i} for i in range(500)])
        cursor = env.db.users.find()
        next(cursor)
    with pytest.raises(UsageError, match="closed"):
        env.db.users.find_one()
    with pytest.raises(UsageError, match="closed"):
        list(cursor)


def test_threads_of_one_migration_take_turns(env: Any) -> None:
    failures = []

    def work(number: int) -> None:
        try:
            for i in range(50):
                env.db.counters.update_one({"_id": i % 5}, {"$inc": {"n": 1}}, upsert=True)
                assert env.db.counters.count_documents({}) <= 5
        except BaseException as error:
            failures.append((number, error))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert sum(each["n"] for each in env.db.counters.find()) == 200


def test_abandoned_cursors_are_closed_on_the_server(env: Any, mongo: pymongo.MongoClient) -> None:
    env.db.users.insert_many([{"_id": i} for i in range(500)])
    cursor = env.db.users.find(batch_size=10)
    next(cursor)
    cursor_id = cursor.cursor_id
    assert cursor_id
    del cursor
    gc.collect()
    env.db.users.find_one()
    with pytest.raises(pymongo.errors.CursorNotFound):
        env.db.command({"getMore": cursor_id, "collection": "users"})


def test_importing_treering_and_shaping_collections_leaves_pymongo_alone(project: Any) -> None:
    code = (
        "import sys, treering\n"
        "assert 'treering._native' not in sys.modules and 'bson' not in sys.modules\n"
        f"with treering.MigrationManager({str(project.root)!r}).open() as env:\n"
        "    env.create_collection('wallet')\n"
        "    env.db.wallet.create_index([('user', 1)], unique=True)\n"
        "    env.db.wallet.drop_index('user_1')\n"
        "    env.drop_collection('wallet')\n"
        "assert 'pymongo' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
