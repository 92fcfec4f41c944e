# SPDX-License-Identifier: Apache-2.0
"""Codec options, concerns and preferences, raw batches, cursors' lesser methods and the other names: as with pymongo."""

from __future__ import annotations

import uuid
from typing import Any, Callable

import bson
import pymongo
import pytest
from bson.codec_options import CodecOptions, DatetimeConversion, TypeEncoder, TypeRegistry
from bson.raw_bson import RawBSONDocument
from differential import outcome, raw_contents
from pymongo import ReadPreference
from pymongo.operations import SearchIndexModel
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern


class Money:
    def __init__(self, cents: int) -> None:
        self.cents = cents


class MoneyEncoder(TypeEncoder):
    python_type = Money

    def transform_python(self, value: Money) -> Any:
        return value.cents


AWARE: CodecOptions[Any] = CodecOptions(tz_aware=True)
RAW: CodecOptions[Any] = CodecOptions(document_class=RawBSONDocument)
STANDARD: CodecOptions[Any] = CodecOptions(uuid_representation=bson.binary.UuidRepresentation.STANDARD)
MONEY: CodecOptions[Any] = CodecOptions(type_registry=TypeRegistry([MoneyEncoder()]))
MILLISECONDS: CodecOptions[Any] = CodecOptions(datetime_conversion=DatetimeConversion.DATETIME_MS)
ID = uuid.UUID("12345678123456781234567812345678")


def seen(documents: Any) -> list[Any]:
    return [dict(each) if isinstance(each, RawBSONDocument) else each for each in documents]


def with_dates(db: Any, codec: Any) -> Any:
    db.dates.insert_one({"_id": 1, "at": bson.datetime_ms.DatetimeMS(1700000000123)})
    dates = db.get_collection("dates", codec_options=codec)
    found = [
        dates.find_one(),
        list(dates.aggregate([{"$project": {"at": 1}}]))[0],
        dates.find_one_and_update({}, {"$set": {"a": 1}}),
    ]
    return [[type(each), repr(each["at"])] for each in found] + [repr(each) for each in dates.distinct("at")]


def with_uuids(db: Any) -> Any:
    things = db.things.with_options(STANDARD)
    things.insert_one({"_id": ID})
    things.update_one({"_id": ID}, {"$set": {"other": ID}})
    things.bulk_write(
        [pymongo.InsertOne({"_id": 2, "other": ID}), pymongo.UpdateOne({"other": ID}, {"$inc": {"n": 1}})]
    )
    return [things.find_one(ID), things.count_documents({"other": ID}), outcome(db, lambda db: db.things.find_one(ID))]


CASES: dict[str, Callable[[Any], Any]] = {
    "dates aware": lambda db: with_dates(db, AWARE),
    "dates as milliseconds": lambda db: with_dates(db, MILLISECONDS),
    "dates raw": lambda db: [
        type(db.people.with_options(RAW).find_one()).__name__,
        seen(db.people.with_options(RAW).find().limit(3)),
    ],
    "uuids": with_uuids,
    "uuid without representation": lambda db: outcome(db, lambda db: db.things.insert_one({"_id": ID})),
    "a type of one's own": lambda db: [
        db.things.with_options(codec_options=MONEY).insert_one({"_id": 1, "price": Money(250)}),
        db.things.find_one({"price": 250}),
    ],
    "codec of the database": lambda db: db.with_options(codec_options=AWARE).people.codec_options.tz_aware,
    "codec of another collection": lambda db: db.get_collection("x", AWARE).y.codec_options.tz_aware,
    "codec of the client": lambda db: db.client.get_database(db.name, AWARE)["people"].codec_options.tz_aware,
    "defaults": lambda db: [
        db.people.codec_options,
        db.people.read_preference,
        db.people.write_concern,
        db.people.read_concern,
        db.read_concern,
        db.client.write_concern,
    ],
    "changed": lambda db: [
        db.people.with_options(read_preference=ReadPreference.SECONDARY).read_preference,
        db.people.with_options(write_concern=WriteConcern("majority")).write_concern,
        db.get_collection("people", read_concern=ReadConcern("majority")).read_concern,
    ],
    "changed wrongly": lambda db: outcome(db, lambda db: db.people.with_options(codec_options=5)),
    "concern wrongly": lambda db: outcome(db, lambda db: db.people.with_options(write_concern={"w": 1})),
    "read concern": lambda db: db.people.with_options(read_concern=ReadConcern("majority")).find_one(5),
    "read concern unknown": lambda db: db.people.with_options(read_concern=ReadConcern("nope")).find_one(5),
    "write concern": lambda db: db.people.with_options(write_concern=WriteConcern("majority", j=True)).delete_one(
        {"_id": 5}
    ),
    "unacknowledged": lambda db: (
        db.people.with_options(write_concern=WriteConcern(0)).insert_one({"_id": 1000}).acknowledged
    ),
    "from the secondary": lambda db: db.people.with_options(read_preference=ReadPreference.NEAREST).find_one(5),
    "command with codec": lambda db: [
        type(db.command("find", "people", codec_options=RAW)).__name__,
        db.command("ping", read_preference=ReadPreference.NEAREST)["ok"],
    ],
    "cursor_command": lambda db: list(db.cursor_command("find", "people", filter={"_id": {"$lt": 3}})),
    "cursor_command batches": lambda db: len(list(db.cursor_command({"find": "people", "batchSize": 7}))),
    "cursor_command without": lambda db: db.cursor_command("ping"),
    "dereference": lambda db: [
        db.dereference(bson.DBRef("people", 5)),
        db.dereference(bson.DBRef("people", -5)),
        outcome(db, lambda db: db.dereference(bson.DBRef("people", 5, "elsewhere"))),
        outcome(db, lambda db: db.dereference(5)),
    ],
    "validate": lambda db: [
        db.validate_collection("people")["valid"],
        db.validate_collection(db.people, True, True)["valid"],
    ],
    "validate nowhere": lambda db: db.validate_collection("nowhere"),
    "validate wrong": lambda db: db.validate_collection(5),
    "raw find": lambda db: [
        bson.decode_all(each) for each in db.people.find_raw_batches({}, batch_size=70, sort=[("_id", 1)])
    ],
    "raw find nothing": lambda db: list(db.people.find_raw_batches({"_id": -5})),
    "raw index": lambda db: outcome(db, lambda db: db.people.find_raw_batches()[0]),
    "raw aggregate": lambda db: [
        bson.decode_all(each) for each in db.people.aggregate_raw_batches([{"$sort": {"_id": 1}}], batchSize=70)
    ],
    "where": lambda db: db.people.find().where("this.age < 3"),
    "options of cursors": lambda db: [
        db.people.find({"_id": 5}).add_option(16).remove_option(16).max_await_time_ms(5).to_list(),
        outcome(db, lambda db: db.people.find().add_option("16")),
        outcome(db, lambda db: db.people.find().max_await_time_ms("5")),
    ],
    "clone keeps": lambda db: [list(db.people.find({"age": {"$lt": 9}}).sort("_id", -1).skip(2).limit(3).clone())],
    "slice of a slice": lambda db: list(db.people.find().sort("_id")[3:9].clone()),
    "explain": lambda db: sorted(set(db.people.find({"_id": 5}).explain()) & {"queryPlanner", "ok"}),
    "cursor of a session": lambda db: of_session(db),
    "search index": lambda db: db.people.create_search_index(
        {"definition": {"mappings": {"dynamic": True}}, "name": "s"}
    ),
    "search indexes": lambda db: db.people.create_search_indexes([SearchIndexModel({"mappings": {}}, "s")]),
    "search indexes wrong": lambda db: outcome(db, lambda db: db.people.create_search_indexes([5])),
    "drop search index": lambda db: db.people.drop_search_index("s"),
    "update search index": lambda db: db.people.update_search_index("s", {}),
    "list search indexes": lambda db: list(db.people.list_search_indexes("s")),
    "estimated with session": lambda db: db.people.estimated_document_count(session=None),
    "distinct twice filtered": lambda db: db.people.distinct("a", {"a": 1}, query={}),
    "rename with a comment": lambda db: db.people.rename("humans", comment="why")["ok"],
    "databases": lambda db: [db.name in db.client.list_database_names(), "version" in db.client.server_info()],
    "client": lambda db: [db.client.address, db.client.is_primary, db.client.is_mongos],
    "drop database": lambda db: [db.client.drop_database(db.name), db.list_collection_names()],
    "drop database wrong": lambda db: db.client.drop_database(5),
    "default database": lambda db: db.client.get_database(db.name).people.count_documents({}),
}


def of_session(db: Any) -> Any:
    with db.client.start_session() as session:
        cursor = db.people.find({"_id": {"$lt": 30}}, session=session, batch_size=4).sort("_id")
        return [cursor.session is session, list(cursor), cursor.distinct("name")]


@pytest.mark.parametrize("name", CASES)
def test_the_rest_does_what_pymongos_does(both: tuple[Any, Any], mongo: pymongo.MongoClient, name: str) -> None:
    ours, theirs = both
    assert outcome(ours, CASES[name]) == outcome(theirs, CASES[name])
    assert raw_contents(ours, mongo) == raw_contents(theirs, mongo)
