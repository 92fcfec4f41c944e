# SPDX-License-Identifier: Apache-2.0
"""Arguments that pymongo lets pass, or refuses, where one wouldn't think so; and documents that are too large to be sent."""

from __future__ import annotations

import copy
import re
from typing import Any, Callable

import pytest
from differential import contents, outcome
from pymongo import InsertOne, ReplaceOne, UpdateOne

TOO_LARGE = "x" * (17 * 1024 * 1024)  # for a document
FAR_TOO_LARGE = "x" * (49 * 1024 * 1024)  # for a message

CALLS: dict[str, Callable[[Any], Any]] = {
    "find filter empty list": lambda db: db.people.find([]),
    "find filter empty text": lambda db: db.people.find(""),
    "find sort empty list": lambda db: db.people.find(sort=[]),
    "find sort empty dict": lambda db: db.people.find(sort={}),
    "find sort text": lambda db: db.people.find(sort="age"),
    "find sort list of text": lambda db: db.people.find(sort=["age"], limit=3),
    "find sort number": lambda db: db.people.find(sort=1),
    "find_one sort empty": lambda db: db.people.find_one({}, sort=[]),
    "find hint empty": lambda db: db.people.find({"_id": 1}, hint=""),
    "find let list": lambda db: db.people.find(let=[]),
    "find allow_partial_results none": lambda db: db.people.find(allow_partial_results=None),
    "find allow_disk_use number": lambda db: db.people.find(allow_disk_use=1),
    "find cursor_type none": lambda db: db.people.find(cursor_type=None),
    "find cursor_type wrong": lambda db: db.people.find(cursor_type=1),
    "aggregate batchSize text": lambda db: db.people.aggregate([{"$match": {"_id": 1}}], batchSize="10"),
    "aggregate batchSize wrong": lambda db: db.people.aggregate([], batchSize=1.5),
    "aggregate batchSize below nothing": lambda db: db.people.aggregate([], batchSize=-1),
    "aggregate explain": lambda db: db.people.aggregate([], explain=True),
    "create_collection size text": lambda db: db.create_collection("capped", capped=True, size="4096"),
    "create_collection size no number": lambda db: db.create_collection("capped", capped=True, size="big"),
    "create_collection encryptedFields none": lambda db: db.create_collection("plain", encryptedFields=None),
    "rename dropTarget none": lambda db: db.people.rename("persons", dropTarget=None),
    "bulk let before inserts": lambda db: db.people.bulk_write([InsertOne({"_id": -1})], let={"x": 1}),
    "bulk let": lambda db: db.people.bulk_write(
        [InsertOne({"_id": -1}), UpdateOne({"$expr": {"$eq": ["$age", "$$x"]}}, {"$set": {"found": 1}})], let={"x": 3}
    ),
}


@pytest.mark.parametrize("name", CALLS)
def test_an_odd_argument_is_met_as_pymongo_meets_it(both: tuple[Any, Any], name: str) -> None:
    ours, theirs = both
    assert outcome(ours, CALLS[name]) == outcome(theirs, CALLS[name])
    assert contents(ours) == contents(theirs)


def used(cursor: Any) -> Any:
    next(cursor)
    return cursor


COPIES = {"copy": copy.copy, "deepcopy": copy.deepcopy, "clone": lambda cursor: cursor.clone()}


@pytest.mark.parametrize("name", COPIES)
def test_a_copied_cursor_asks_anew_and_leaves_the_other_as_it_is(both: tuple[Any, Any], name: str) -> None:
    copied = COPIES[name]

    def of_a_used_one(db: Any) -> Any:
        cursor = used(db.people.find({"name": re.compile("n")}).sort("_id").limit(5).batch_size(2))
        twin = copied(cursor)
        return [[found["_id"] for found in each] for each in (twin, cursor)]

    def with_a_filter_that_changes(db: Any) -> Any:
        condition = {"age": {"$lt": 5}}
        cursor = db.people.find(condition, {"age": 1}).sort("_id")
        twin = copied(cursor)
        condition["age"]["$lt"] = 2
        return [len(list(each)) for each in (twin, cursor)]

    def that_is_changed(db: Any) -> Any:
        cursor = db.people.find().sort("_id").limit(3)
        copied(cursor).limit(1).sort("_id", -1).hint("_id_")
        return list(cursor)

    ours, theirs = both
    for call in (of_a_used_one, with_a_filter_that_changes, that_is_changed):
        assert outcome(ours, call) == outcome(theirs, call), call.__name__


def raised(db: Any, call: Callable[[Any], Any]) -> Any:
    """The outcome, without the size of what the drivers put around the documents."""
    found = outcome(db, call)
    return [re.sub(r"\d{8,} bytes\)", "N bytes)", part) if isinstance(part, str) else part for part in found]


COMMANDS: dict[str, Callable[[Any, str], Any]] = {
    "insert_one": lambda db, text: db.people.insert_one({"_id": -1, "text": text}),
    "replace_one": lambda db, text: db.people.replace_one({"_id": 1}, {"text": text}),
    "update_one": lambda db, text: db.people.update_one({"_id": 1}, {"$set": {"text": text}}),
    "update_many": lambda db, text: db.people.update_many({}, {"$set": {"text": text}}),
    "delete_one": lambda db, text: db.people.delete_one({"text": text}),
    "find_one_and_update": lambda db, text: db.people.find_one_and_update({"_id": 1}, {"$set": {"text": text}}),
    "find": lambda db, text: db.people.find_one({"text": text}),
    "aggregate": lambda db, text: db.people.aggregate([{"$match": {"text": text}}]),
    "command": lambda db, text: db.command({"insert": "people", "documents": [{"text": text}]}),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_document_too_large_to_be_sent_is_refused_as_by_pymongo(both: tuple[Any, Any], name: str) -> None:
    ours, theirs = both
    found = raised(ours, lambda db: COMMANDS[name](db, TOO_LARGE))
    assert found[0].__name__ == "DocumentTooLarge"
    assert found == raised(theirs, lambda db: COMMANDS[name](db, TOO_LARGE))
    assert contents(ours) == contents(theirs)


MANY: dict[str, Callable[[Any, str], Any]] = {
    "insert_many": lambda db, text: db.people.insert_many([{"_id": -1}, {"_id": -2, "text": text}, {"_id": -3}]),
    "insert_many first": lambda db, text: db.people.insert_many([{"_id": -1, "text": text}, {"_id": -2}]),
    "insert_many unordered": lambda db, text: db.people.insert_many(
        [{"_id": -1}, {"_id": 1}, {"_id": -2, "text": text}, {"_id": -3}], ordered=False
    ),
    "insert_many after an error": lambda db, text: db.people.insert_many([{"_id": 1}, {"_id": -2, "text": text}]),
    "bulk_write": lambda db, text: db.people.bulk_write(
        [InsertOne({"_id": -1}), ReplaceOne({"_id": 1}, {"text": text}), InsertOne({"_id": -2})]
    ),
}


@pytest.mark.parametrize("text", [TOO_LARGE, FAR_TOO_LARGE], ids=["document", "message"])
@pytest.mark.parametrize("name", MANY)
def test_of_many_documents_one_that_is_too_large_stops_what_it_stops_with_pymongo(
    both: tuple[Any, Any], name: str, text: str
) -> None:
    ours, theirs = both
    assert raised(ours, lambda db: MANY[name](db, text)) == raised(theirs, lambda db: MANY[name](db, text))
    assert contents(ours) == contents(theirs)


def test_in_a_batch_a_document_that_is_too_large_is_refused_at_its_call(both: tuple[Any, Any], project: Any) -> None:
    from pymongo.errors import DocumentTooLarge

    from treering import MigrationManager

    with MigrationManager(project.root).open() as env, env.batch():
        env.db.people.insert_one({"_id": -1})
        with pytest.raises(DocumentTooLarge):
            env.db.people.insert_one({"_id": -2, "text": TOO_LARGE})
    assert [found["_id"] for found in both[0].people.find({"_id": {"$lt": 0}})] == [-1]
