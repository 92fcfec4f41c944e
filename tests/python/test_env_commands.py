# SPDX-License-Identifier: Apache-2.0
"""Commands of odd forms, and calls that came to be odd ones, are met as pymongo meets them."""

from __future__ import annotations

from typing import Any, Callable

import pytest
from differential import contents, outcome
from pymongo.write_concern import WriteConcern

OUT = ({"$match": {"_id": {"$lt": 3}}}, {"$out": "copied"})
MERGE = ({"$match": {"_id": {"$lt": 3}}}, {"$merge": "copied"})
INDEXES = [{"key": {"a": 1}, "name": "a_1"}]

COMMANDS: dict[str, Callable[[Any], Any]] = {
    "aggregate a tuple out": lambda db: db.command("aggregate", "people", pipeline=OUT, cursor={})["ok"],
    "aggregate a tuple merge": lambda db: list(db.cursor_command("aggregate", "people", pipeline=MERGE, cursor={})),
    "aggregate a tuple": lambda db: list(db.cursor_command("aggregate", "people", pipeline=OUT[:1], cursor={})),
    "aggregate no stage": lambda db: db.command("aggregate", "people", pipeline=[5], cursor={}),
    "aggregate text for a stage": lambda db: db.command("aggregate", "people", pipeline=["$out"], cursor={}),
    "aggregate no pipeline": lambda db: db.command("aggregate", "people", pipeline=5, cursor={}),
    "create without a name": lambda db: db.command("create"),
    "create number": lambda db: db.command("create", 5),
    "drop number": lambda db: db.command("drop", 5),
    "collMod number": lambda db: db.command("collMod", 5),
    "createIndexes number": lambda db: db.command("createIndexes", 5, indexes=INDEXES),
    "dropIndexes number": lambda db: db.command("dropIndexes", 5, index="a_1"),
    "createIndexes no list": lambda db: db.command("createIndexes", "people", indexes=5),
    "createIndexes no documents": lambda db: db.command("createIndexes", "people", indexes=[5]),
    "createIndexes a tuple": lambda db: db.command("createIndexes", "people", indexes=tuple(INDEXES))["ok"],
    "drop with a write concern": lambda db: db.command("drop", "people", writeConcern={"w": 1})["ok"],
    "drop with a comment": lambda db: db.command("drop", "people", comment="why")["ok"],
    "drop with what is unknown": lambda db: type_of_error(lambda: db.command("drop", "people", nope=1)),
    "drop_collection with a comment": lambda db: db.drop_collection("people", comment="why")["ok"],
    "drop_collection of nothing": lambda db: db.drop_collection("nothing", comment="why").get("ns"),
    "drop with a comment that can't be": lambda db: type_of_error(lambda: db.people.drop(comment=object())),
    "rename with a comment that can't be": lambda db: type_of_error(lambda: db.people.rename("q", comment=object())),
    "rename with options": lambda db: db.people.rename("q", comment="why", writeConcern={"w": 1})["ok"],
    "names of a number": lambda db: db.list_collection_names(filter=5),
    "names of nothing": lambda db: db.list_collection_names(filter=0),
    "names of an empty list": lambda db: db.list_collection_names(filter=[]),
    "names": lambda db: db.list_collection_names(filter={"name": "people"}),
}


def type_of_error(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except Exception as error:  # the words are bson's, the server's or ours
        return type(error).__name__


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_of_an_odd_form_does_what_it_does_with_pymongo(both: tuple[Any, Any], name: str) -> None:
    ours, theirs = both
    found = outcome(ours, COMMANDS[name])
    assert found == outcome(theirs, COMMANDS[name])
    assert "nanobind" not in repr(found)
    assert contents(ours) == contents(theirs)


FIVE = WriteConcern(w=5, wtimeout=50)

CONCERNED: dict[str, Callable[[Any], Any]] = {
    "create_index": lambda db: db.people.with_options(write_concern=FIVE).create_index("a"),
    "create_indexes": lambda db: db.people.with_options(write_concern=FIVE).create_index([("a", 1), ("b", 1)]),
    "drop_index": lambda db: [
        db.people.create_index("a"),
        db.people.with_options(write_concern=FIVE).drop_index("a_1"),
    ],
    "create_collection": lambda db: db.create_collection("made", write_concern=FIVE),
    "create_collection of the database": lambda db: db.with_options(write_concern=FIVE).create_collection("made"),
    "rename": lambda db: db.people.with_options(write_concern=FIVE).rename("q"),
    "rename by keyword": lambda db: db.people.rename("q", writeConcern=FIVE.document),
    "drop": lambda db: db.people.with_options(write_concern=FIVE).drop(),
    "drop nothing": lambda db: db.nothing.with_options(write_concern=FIVE).drop(),
    "drop_collection": lambda db: db.with_options(write_concern=FIVE).drop_collection("people"),
    "command drop": lambda db: sorted(db.command("drop", "people", writeConcern=FIVE.document)),
    "find_one_and_update": lambda db: db.people.with_options(write_concern=FIVE).find_one_and_update(
        {"_id": 1}, {"$set": {"a": 1}}
    ),
}


@pytest.mark.parametrize("name", CONCERNED)
def test_an_unmet_write_concern_is_told_as_by_pymongo(both: tuple[Any, Any], name: str) -> None:
    ours, theirs = both
    assert outcome(ours, CONCERNED[name]) == outcome(theirs, CONCERNED[name])
    assert contents(ours) == contents(theirs)


NOBODY = WriteConcern(0)
UNACKNOWLEDGED: dict[str, Callable[[Any, Any], Any]] = {
    "insert_one": lambda c, session: c.insert_one({"_id": -1}, session=session).acknowledged,
    "insert_many": lambda c, session: c.insert_many([{"_id": -1}], session=session).acknowledged,
    "update_one": lambda c, session: c.update_one({"_id": 1}, {"$set": {"a": 1}}, session=session).acknowledged,
    "delete_many": lambda c, session: c.delete_many({"_id": 1}, session=session).acknowledged,
    "find_one_and_delete": lambda c, session: c.find_one_and_delete({"_id": 1}, session=session)["_id"],
}


@pytest.mark.parametrize("transaction", [True, False], ids=["transaction", "session"])
@pytest.mark.parametrize("name", UNACKNOWLEDGED)
def test_a_session_waits_for_its_writes(both: tuple[Any, Any], name: str, transaction: bool) -> None:
    def call(db: Any) -> Any:
        people = db.people.with_options(write_concern=NOBODY)
        with db.client.start_session() as session:
            if not transaction:
                return UNACKNOWLEDGED[name](people, session)
            with session.start_transaction():
                return UNACKNOWLEDGED[name](people, session)

    ours, theirs = both
    assert outcome(ours, call) == outcome(theirs, call)
    assert contents(ours) == contents(theirs)


@pytest.mark.parametrize("kind", ["find", "aggregate", "unasked"])
def test_a_cursor_beyond_its_session_says_so(both: tuple[Any, Any], kind: str) -> None:
    def call(db: Any) -> Any:
        with db.client.start_session() as session:
            if kind == "aggregate":
                cursor = db.people.aggregate([], session=session, batchSize=10)
            else:
                cursor = db.people.find({}, session=session, batch_size=10)
            if kind != "unasked":
                next(cursor)
        return list(cursor)

    ours, theirs = both
    assert outcome(ours, call) == outcome(theirs, call)


def test_a_find_that_fails_is_closed(both: tuple[Any, Any]) -> None:
    def call(db: Any) -> Any:
        cursor = db.people.find({"$bad": 1})
        failed = outcome(db, lambda db: next(cursor))
        return [failed, cursor.alive, list(cursor), next(cursor, "nothing")]

    ours, theirs = both
    assert outcome(ours, call) == outcome(theirs, call)


def test_the_client_is_a_context_that_closes_nothing(both: tuple[Any, Any]) -> None:
    ours, _ = both
    with ours.client as client:
        assert client is ours.client
    assert ours.people.count_documents({}) == 300
