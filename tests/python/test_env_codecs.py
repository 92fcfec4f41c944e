# SPDX-License-Identifier: Apache-2.0
"""Codec options reach all that a call sends, and all that its reply tells, as with pymongo."""

from __future__ import annotations

import uuid
from typing import Any, Callable

import bson
import pymongo
import pytest
from bson.codec_options import CodecOptions, DatetimeConversion, TypeEncoder, TypeRegistry
from bson.datetime_ms import DatetimeMS
from bson.raw_bson import RawBSONDocument
from differential import contents, outcome, raw_contents
from pymongo import DeleteOne, InsertOne, ReturnDocument, UpdateOne
from pymongo.errors import BulkWriteError, DuplicateKeyError

STANDARD: CodecOptions[Any] = CodecOptions(uuid_representation=bson.binary.UuidRepresentation.STANDARD)
ID = uuid.UUID("12345678123456781234567812345678")
BY_VARIABLE = {"$expr": {"$eq": ["$owner", "$$owner"]}}
LET = {"owner": ID}
SET = {"$set": {"found": 1}}
AFTER = ReturnDocument.AFTER
LATE = DatetimeMS(2**55)  # beyond what Python's datetime can be
READERS: dict[str, CodecOptions[Any]] = {
    "auto": CodecOptions(datetime_conversion=DatetimeConversion.DATETIME_AUTO),
    "milliseconds": CodecOptions(datetime_conversion=DatetimeConversion.DATETIME_MS),
    "clamp": CodecOptions(datetime_conversion=DatetimeConversion.DATETIME_CLAMP),
    "raw": CodecOptions(document_class=RawBSONDocument),
}


class Money:
    pass


class MoneyEncoder(TypeEncoder):
    python_type = Money

    def transform_python(self, value: Money) -> Any:
        return 250


MONEY: CodecOptions[Any] = CodecOptions(type_registry=TypeRegistry([MoneyEncoder()]))

SENT: dict[str, Callable[[Any, Any, Any], Any]] = {
    "insert_one": lambda c, let, what: c.insert_one({"_id": -1}, comment=what),
    "insert_many": lambda c, let, what: c.insert_many([{"_id": -1}], comment=what),
    "update_one": lambda c, let, what: c.update_one(BY_VARIABLE, SET, let=let, comment=what),
    "update_many": lambda c, let, what: c.update_many(BY_VARIABLE, SET, let=let, comment=what),
    "replace_one": lambda c, let, what: c.replace_one(BY_VARIABLE, {"a": 1}, let=let, comment=what),
    "delete_one": lambda c, let, what: c.delete_one(BY_VARIABLE, let=let, comment=what),
    "bulk_write": lambda c, let, what: c.bulk_write(
        [InsertOne({"_id": -1}), UpdateOne(BY_VARIABLE, SET), DeleteOne({"_id": 7})], let=let, comment=what
    ),
    "find_one_and_update": lambda c, let, what: c.find_one_and_update(BY_VARIABLE, SET, let=let, comment=what)["_id"],
    "explain": lambda c, let, what: "queryPlanner" in c.find({"owner": what}).explain(),
    "getMore": lambda c, let, what: len(list(c.find({}, batch_size=100, comment=what))),
    "getMore of aggregate": lambda c, let, what: len(list(c.aggregate([], batchSize=100, comment=what))),
    "drop_index": lambda c, let, what: [c.create_index("a"), c.drop_index("a_1", comment=what)],
}


@pytest.mark.parametrize("codec, value", [(STANDARD, ID), (MONEY, Money())], ids=["uuid", "type"])
@pytest.mark.parametrize("name", SENT)
def test_all_that_a_call_sends_is_encoded_as_its_collection_does(
    both: tuple[Any, Any], mongo: pymongo.MongoClient, name: str, codec: Any, value: Any
) -> None:
    def call(db: Any) -> Any:
        people = db.people.with_options(codec)
        people.update_one({"_id": 5}, {"$set": {"owner": value}})
        return SENT[name](people, {"owner": value}, value)

    ours, theirs = both
    found = outcome(ours, call)
    assert found == outcome(theirs, call)
    assert not (isinstance(found, list) and isinstance(found[0], type)), found
    assert raw_contents(ours, mongo) == raw_contents(theirs, mongo)


@pytest.mark.parametrize("of_database", [True, False], ids=["database", "collection"])
def test_the_options_of_a_new_collection_are_encoded_too(both: tuple[Any, Any], of_database: bool) -> None:
    def call(db: Any) -> Any:
        options = {"validator": {"owner": {"$ne": ID}}}
        if of_database:
            db.with_options(STANDARD).create_collection("made", **options)
        else:
            db.create_collection("made", STANDARD, **options)
        return outcome(db, lambda db: db.made.with_options(STANDARD).insert_one({"_id": 1, "owner": ID}))

    ours, theirs = both
    assert outcome(ours, call) == outcome(theirs, call)
    assert contents(ours) == contents(theirs)


def shown(document: Any) -> Any:
    """Its class and its text; of a raw one as the other codecs read it, since its own can't."""
    if isinstance(document, RawBSONDocument):
        return [type(document).__name__, repr(bson.decode(document.raw, READERS["auto"]))]
    return [type(document).__name__, repr(document)]


@pytest.mark.parametrize("codec", READERS.values(), ids=READERS)
def test_a_document_that_only_the_codec_can_read_is_changed_and_given(both: tuple[Any, Any], codec: Any) -> None:
    def call(db: Any) -> Any:
        db.dates.insert_many([{"_id": number, "at": LATE} for number in range(3)])
        dates = db.dates.with_options(codec)
        found = [
            dates.find_one_and_update({"_id": 0}, {"$set": {"a": 1}}, return_document=AFTER),
            dates.find_one_and_replace({"_id": 1}, {"a": 1}),
            dates.find_one_and_delete({"_id": 2}),
            dates.find_one_and_delete({"_id": 9}),
        ]
        return [shown(each) for each in found], db.dates.count_documents({})

    ours, theirs = both
    found = outcome(ours, call)
    assert found == outcome(theirs, call)
    assert found[-1] == ["int", 2], found


@pytest.mark.parametrize("codec", READERS.values(), ids=READERS)
def test_cursor_command_gives_what_only_the_codec_can_read(both: tuple[Any, Any], codec: Any) -> None:
    def call(db: Any) -> Any:
        db.dates.insert_one({"_id": 1, "at": LATE})
        cursor = db.cursor_command("find", "dates", codec_options=codec)
        return [shown(each) for each in cursor]

    ours, theirs = both
    found = outcome(ours, call)
    assert found == outcome(theirs, call)
    assert "at" in repr(found), found


def duplicate(things: Any, call: Callable[[Any], Any]) -> Any:
    things.insert_one({"_id": ID})
    try:
        call(things)
    except DuplicateKeyError as error:
        return error.details["keyValue"]
    except BulkWriteError as error:
        return [each["keyValue"] for each in error.details["writeErrors"]]


RESULTS: dict[str, Callable[[Any], Any]] = {
    "upserted_id": lambda c: c.update_one({"_id": ID}, SET, upsert=True).upserted_id,
    "upserted_id of replace": lambda c: c.replace_one({"_id": ID}, {"a": 1}, upsert=True).upserted_id,
    "upserted_ids": lambda c: (
        c.bulk_write(
            [InsertOne({"_id": 1}), UpdateOne({"_id": ID}, SET, upsert=True), UpdateOne({"_id": 2}, SET, upsert=True)]
        ).upserted_ids
    ),
    "duplicate of insert_one": lambda c: duplicate(c, lambda c: c.insert_one({"_id": ID})),
    "duplicate of insert_many": lambda c: duplicate(c, lambda c: c.insert_many([{"_id": 1}, {"_id": ID}])),
    "counts": lambda c: [c.insert_one({"_id": ID}), c.update_many({}, SET), c.delete_many({"_id": ID})],
}


@pytest.mark.parametrize(
    "codec", [STANDARD, STANDARD.with_options(document_class=RawBSONDocument)], ids=["dict", "raw"]
)
@pytest.mark.parametrize("name", RESULTS)
def test_results_of_writes_are_decoded_as_the_collection_does(both: tuple[Any, Any], name: str, codec: Any) -> None:
    ours, theirs = both
    found = [outcome(db, lambda db: RESULTS[name](db.things.with_options(codec))) for db in both]
    assert found[0] == found[1]
    assert name == "counts" or "UUID" in repr(found[0]), found
