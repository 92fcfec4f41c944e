# SPDX-License-Identifier: Apache-2.0
"""The facade against pymongo itself: the same calls on two databases of one server give the same results, the same exceptions and the same documents."""

from __future__ import annotations

import datetime
from typing import Any, Callable

import bson
import pymongo
import pytest
from differential import contents, outcome
from pymongo import (
    ASCENDING,
    DESCENDING,
    DeleteMany,
    DeleteOne,
    IndexModel,
    InsertOne,
    ReplaceOne,
    ReturnDocument,
    UpdateMany,
    UpdateOne,
)
from pymongo.collation import Collation

READS: dict[str, Callable[[Any], Any]] = {
    "find all": lambda db: db.people.find(),
    "find filter": lambda db: db.people.find({"name": "n3"}),
    "find nothing": lambda db: db.people.find({"name": "nobody"}),
    "find no collection": lambda db: db.nowhere.find(),
    "projection dict": lambda db: db.people.find({}, {"name": 1, "_id": 0}),
    "projection list": lambda db: db.people.find({}, ["name"]),
    "projection wrong": lambda db: db.people.find({}, "name" and 5),
    "skip limit": lambda db: db.people.find(skip=5, limit=120).sort("age"),
    "negative limit": lambda db: db.people.find().sort("age").limit(-3),
    "sort keyword": lambda db: db.people.find({}, sort=[("name", -1), ("age", 1)]),
    "sort string list": lambda db: db.people.find().sort(["name", ("age", DESCENDING)]),
    "sort dict": lambda db: db.people.find().sort({"age": -1}),
    "sort empty": lambda db: db.people.find().sort([]),
    "sort wrong": lambda db: db.people.find().sort(5),
    "batch size": lambda db: db.people.find(batch_size=10),
    "batch size and limit": lambda db: db.people.find().batch_size(20).limit(50).sort("_id"),
    "batch size is limit": lambda db: db.people.find().batch_size(20).limit(20).sort("_id"),
    "batch size wrong": lambda db: db.people.find().batch_size(-1),
    "skip wrong": lambda db: db.people.find().skip(-1),
    "limit wrong": lambda db: db.people.find().limit("1"),
    "filter wrong": lambda db: db.people.find([1]),
    "bad operator": lambda db: list(db.people.find({"age": {"$nope": 1}})),
    "hint by name": lambda db: db.people.find({"_id": 5}).hint("_id_"),
    "hint by keys": lambda db: db.people.find({"_id": 5}, hint=[("_id", 1)]),
    "hint unknown": lambda db: list(db.people.find({"_id": 5}).hint("nope_1")),
    "comment": lambda db: db.people.find({"_id": 5}).comment("why"),
    "max time": lambda db: db.people.find({"_id": 5}).max_time_ms(10000),
    "index": lambda db: db.people.find().sort("_id")[7],
    "index after skip": lambda db: db.people.find().sort("_id").skip(10)[7],
    "index past end": lambda db: db.people.find()[5000],
    "index negative": lambda db: db.people.find()[-1],
    "slice": lambda db: db.people.find().sort("_id")[5:9],
    "slice empty": lambda db: db.people.find()[5:5],
    "slice wrong": lambda db: db.people.find()[5:3],
    "slice step": lambda db: db.people.find()[::2],
    "to_list": lambda db: db.people.find().sort("_id").to_list(),
    "to_list length": lambda db: db.people.find().sort("_id").to_list(150),
    "to_list wrong": lambda db: db.people.find().to_list(0),
    "changed after use": lambda db: changed_after_use(db),
    "rewind": lambda db: rewound(db),
    "clone": lambda db: [list(cursor.clone()) for cursor in [db.people.find({"age": {"$lt": 4}})]],
    "closed": lambda db: closed_early(db),
    "alive": lambda db: alive_through(db),
    "cursor distinct": lambda db: sorted(db.people.find({"age": {"$lt": 4}}).distinct("name")),
    "find_one": lambda db: db.people.find_one({"age": 5}),
    "find_one by id": lambda db: db.people.find_one(5),
    "find_one none": lambda db: db.people.find_one({"age": -5}),
    "find_one sorted": lambda db: db.people.find_one({}, ["age"], sort=[("age", -1)]),
    "count": lambda db: db.people.count_documents({}),
    "count filter": lambda db: db.people.count_documents({"name": "n1"}, skip=3, limit=10),
    "count none": lambda db: db.nowhere.count_documents({}),
    "estimated": lambda db: db.people.estimated_document_count(),
    "distinct": lambda db: sorted(db.people.distinct("name")),
    "distinct filter": lambda db: sorted(db.people.distinct("name", {"age": {"$lt": 3}})),
    "distinct wrong": lambda db: db.people.distinct(5),
    "aggregate": lambda db: db.people.aggregate([{"$match": {"age": {"$lt": 200}}}, {"$sort": {"age": 1}}]),
    "aggregate batches": lambda db: db.people.aggregate([{"$sort": {"age": 1}}], batchSize=7),
    "aggregate group": lambda db: db.people.aggregate(
        [{"$group": {"_id": "$name", "n": {"$sum": 1}}}, {"$sort": {"_id": 1}}]
    ),
    "aggregate wrong type": lambda db: db.people.aggregate({"$match": {}}),
    "aggregate wrong stage": lambda db: db.people.aggregate([{"$nope": 1}]),
    "list_indexes": lambda db: db.people.list_indexes(),
    "list_indexes none": lambda db: db.nowhere.list_indexes(),
    "index_information": lambda db: db.people.index_information(),
    "options": lambda db: db.people.options(),
    "options none": lambda db: db.nowhere.options(),
    "command": lambda db: db.command("count", "people", query={"name": "n1"})["n"],
    "command dict": lambda db: db.command({"count": "people"})["n"],
    "command ping": lambda db: db.command("ping")["ok"],
    "command unknown": lambda db: db.command("nope"),
    "command unchecked": lambda db: db.command("nope", check=False)["ok"],
    "names": lambda db: sorted(db.list_collection_names()),
    "names filtered": lambda db: db.list_collection_names(filter={"name": "people"}),
    "list_collections": lambda db: [found["name"] for found in db.list_collections()],
    "bad name": lambda db: db["a..b"],
    "bad name dollar": lambda db: db["a$b"],
    "bad name dot": lambda db: db[".a"],
    "bad name type": lambda db: db[5],
    "truth": lambda db: bool(db.people),
    "dotted": lambda db: [db.a.b.c.name, db["a"]["b"].full_name],
    "not iterable": lambda db: list(db),
}


def changed_after_use(db: Any) -> Any:
    cursor = db.people.find()
    next(cursor)
    return cursor.sort("age")


def rewound(db: Any) -> Any:
    cursor = db.people.find().sort("_id").batch_size(5)
    first = [next(cursor) for _ in range(8)]
    return [first, list(cursor.rewind())]


def closed_early(db: Any) -> Any:
    with db.people.find().sort("_id").batch_size(5) as cursor:
        first = next(cursor)
    return [first, list(cursor)]


def alive_through(db: Any) -> Any:
    cursor = db.people.find({"age": {"$lt": 2}})
    states = [cursor.alive]
    for _ in cursor:
        states.append(cursor.alive)
    return states + [cursor.alive]


WRITES: dict[str, Callable[[Any], Any]] = {
    "insert_one": lambda db: db.new.insert_one({"_id": 1, "a": [1, {"b": None}]}),
    "insert_one generated": lambda db: db.new.insert_one({"a": 1}),
    "insert_one duplicate": lambda db: db.people.insert_one({"_id": 5}),
    "insert_one wrong": lambda db: db.people.insert_one([1]),
    "insert_one unencodable": lambda db: type_of_error(lambda: db.people.insert_one({"a": object()})),
    "insert_many": lambda db: db.new.insert_many([{"_id": i} for i in range(10)]),
    "insert_many generator": lambda db: db.new.insert_many({"_id": i} for i in range(10)),
    "insert_many empty": lambda db: db.new.insert_many([]),
    "insert_many empty generator": lambda db: db.new.insert_many(iter(())),
    "insert_many dict": lambda db: db.new.insert_many({"a": 1}),
    "insert_many ordered errors": lambda db: db.new.insert_many([{"_id": 1}, {"_id": 1}, {"_id": 2}]),
    "insert_many unordered errors": lambda db: db.new.insert_many(
        [{"_id": 1}, {"_id": 1}, {"_id": 2}, {"_id": 2}], ordered=False
    ),
    "update_one": lambda db: db.people.update_one({"_id": 5}, {"$set": {"age": 1000}}),
    "update_one unchanged": lambda db: db.people.update_one({"_id": 5}, {"$set": {"age": 5}}),
    "update_one nobody": lambda db: db.people.update_one({"_id": -5}, {"$set": {"age": 5}}),
    "update_one upsert": lambda db: db.people.update_one({"_id": -5}, {"$set": {"age": 5}}, upsert=True),
    "update_one upsert generated": lambda db: db.new.update_one({"k": 1}, {"$set": {"age": 5}}, upsert=True),
    "update_one replacement": lambda db: db.people.update_one({"_id": 5}, {"age": 5}),
    "update_one empty": lambda db: db.people.update_one({"_id": 5}, {}),
    "update_one wrong filter": lambda db: db.people.update_one(5, {"$set": {"a": 1}}),
    "update_one wrong upsert": lambda db: db.people.update_one({}, {"$set": {"a": 1}}, upsert=1),
    "update_one unknown operator": lambda db: db.people.update_one({"_id": 5}, {"$nope": {"a": 1}}),
    "update_one to a duplicate": lambda db: [
        db.people.create_index("age", unique=True),
        db.people.update_one({"_id": 5}, {"$set": {"age": 6}}),
    ],
    "update_one pipeline": lambda db: db.people.update_one({"_id": 5}, [{"$set": {"age": {"$add": ["$age", 1]}}}]),
    "update_one array filters": lambda db: db.people.update_one(
        {"_id": 5}, {"$set": {"tags.$[t]": 0}}, array_filters=[{"t": 5}]
    ),
    "update_many": lambda db: db.people.update_many({"name": "n1"}, {"$inc": {"age": 1}}),
    "update_many unset": lambda db: db.people.update_many({}, {"$unset": {"tags": ""}}),
    "update_many exists": lambda db: db.people.update_many({"last": {"$exists": False}}, {"$set": {"last": None}}),
    "replace_one": lambda db: db.people.replace_one({"_id": 5}, {"only": 1}),
    "replace_one upsert": lambda db: db.people.replace_one({"_id": -5}, {"only": 1}, upsert=True),
    "replace_one operator": lambda db: db.people.replace_one({"_id": 5}, {"$set": {"a": 1}}),
    "delete_one": lambda db: db.people.delete_one({"name": "n1"}),
    "delete_many": lambda db: db.people.delete_many({"name": "n1"}),
    "delete nothing": lambda db: db.people.delete_many({"name": "nobody"}),
    "delete wrong": lambda db: db.people.delete_many("n1"),
    "find_one_and_update": lambda db: db.people.find_one_and_update({"_id": 5}, {"$set": {"age": 0}}),
    "find_one_and_update after": lambda db: db.people.find_one_and_update(
        {"name": "n2"}, {"$set": {"age": 0}}, ["age"], sort=[("age", -1)], return_document=ReturnDocument.AFTER
    ),
    "find_one_and_update upsert": lambda db: db.people.find_one_and_update(
        {"_id": -5}, {"$set": {"age": 0}}, upsert=True, return_document=True
    ),
    "find_one_and_update none": lambda db: db.people.find_one_and_update({"_id": -5}, {"$set": {"age": 0}}),
    "find_one_and_update wrong": lambda db: db.people.find_one_and_update({"_id": 5}, {"age": 0}),
    "find_one_and_replace": lambda db: db.people.find_one_and_replace({"_id": 5}, {"age": 0}),
    "find_one_and_delete": lambda db: db.people.find_one_and_delete({"_id": 5}, ["name"]),
    "bulk": lambda db: db.people.bulk_write(
        [
            InsertOne({"_id": 1000}),
            InsertOne({"_id": 1001}),
            UpdateOne({"_id": 5}, {"$set": {"age": 0}}),
            UpdateMany({"name": "n1"}, {"$inc": {"age": 1}}),
            UpdateOne({"_id": 2000}, {"$set": {"age": 0}}, upsert=True),
            ReplaceOne({"_id": 6}, {"only": 1}),
            ReplaceOne({"_id": 2001}, {"only": 1}, upsert=True),
            DeleteOne({"_id": 7}),
            DeleteMany({"name": "n2"}),
            InsertOne({"_id": 1002}),
        ]
    ),
    "bulk ordered errors": lambda db: db.people.bulk_write(
        [InsertOne({"_id": 1000}), InsertOne({"_id": 5}), InsertOne({"_id": 1001}), DeleteOne({"_id": 7})]
    ),
    "bulk unordered errors": lambda db: db.people.bulk_write(
        [
            DeleteOne({"_id": 7}),
            InsertOne({"_id": 1000}),
            InsertOne({"_id": 5}),
            UpdateOne({"_id": 8}, {"$nope": 1}),
            InsertOne({"_id": 6}),
        ],
        ordered=False,
    ),
    "bulk empty": lambda db: db.people.bulk_write([]),
    "bulk wrong": lambda db: db.people.bulk_write(5),
    "bulk wrong request": lambda db: type_of_error(lambda: db.people.bulk_write([{"insert": 1}])),
    "out": lambda db: [db.people.aggregate([{"$match": {"age": {"$lt": 3}}}, {"$out": "copied"}])],
    "merge": lambda db: [db.people.aggregate([{"$match": {"age": {"$lt": 3}}}, {"$merge": {"into": "copied"}}])],
    "create_index": lambda db: db.people.create_index("name"),
    "create_index pairs": lambda db: db.people.create_index([("name", ASCENDING), ("age", DESCENDING)]),
    "create_index names": lambda db: db.people.create_index(["name", ("age", -1)]),
    "create_index dict": lambda db: db.people.create_index({"name": 1, "at.x": -1}),
    "create_index named": lambda db: db.people.create_index("name", name="mine", sparse=True),
    "create_index unique fails": lambda db: db.people.create_index("name", unique=True),
    "create_index twice": lambda db: [db.people.create_index("name"), db.people.create_index("name")],
    "create_index other name": lambda db: [db.people.create_index("name"), db.people.create_index("name", name="mine")],
    "create_index ttl": lambda db: db.people.create_index("when", expireAfterSeconds=3600),
    "create_index partial": lambda db: db.people.create_index("name", partialFilterExpression={"age": {"$gt": 5}}),
    "create_index collation": lambda db: db.people.create_index("name", name="c", collation=Collation("fr")),
    "create_index empty": lambda db: db.people.create_index([]),
    "create_index wrong": lambda db: db.people.create_index(5),
    "create_index wrong direction": lambda db: db.people.create_index([("a", 1.5)]),
    "create_indexes": lambda db: db.people.create_indexes([IndexModel("name"), IndexModel([("age", -1)], unique=True)]),
    "create_indexes wrong": lambda db: db.people.create_indexes("name"),
    "create_indexes wrong item": lambda db: type_of_error(lambda: db.people.create_indexes(["name"])),
    "drop_index": lambda db: [db.people.create_index("name"), db.people.drop_index("name_1")],
    "drop_index by keys": lambda db: [db.people.create_index("name"), db.people.drop_index([("name", 1)])],
    "drop_index unknown": lambda db: db.people.drop_index("nope_1"),
    "drop_index no collection": lambda db: db.nowhere.drop_index("nope_1"),
    "drop_indexes": lambda db: [db.people.create_index("name"), db.people.drop_indexes()],
    "rename": lambda db: db.people.rename("humans")["ok"],
    "rename to a taken name": lambda db: [db.create_collection("humans"), db.people.rename("humans")],
    "rename dropping": lambda db: [db.create_collection("humans"), db.people.rename("humans", dropTarget=True)["ok"]],
    "rename wrong": lambda db: db.people.rename("a..b"),
    "drop": lambda db: db.people.drop(),
    "drop nothing": lambda db: db.nowhere.drop(),
    "drop_collection": lambda db: db.drop_collection("people")["ok"],
    "drop_collection object": lambda db: db.drop_collection(db.people)["ok"],
    "create_collection": lambda db: [db.create_collection("made"), db.made.options()],
    "create_collection twice": lambda db: [db.create_collection("made"), db.create_collection("made")],
    "create_collection capped": lambda db: [db.create_collection("made", capped=True, size=4096), db.made.options()],
    "create_collection validator": lambda db: [
        db.create_collection("made", validator={"$jsonSchema": {"required": ["a"]}}),
        db.made.options(),
        outcome(db, lambda db: db.made.insert_one({"_id": 1})),
    ],
    "collMod": lambda db: [db.command("collMod", "people", validator={"age": {"$gte": 0}})["ok"], db.people.options()],
    "command insert": lambda db: db.command("insert", "new", documents=[{"_id": 1}])["n"],
    "command create": lambda db: db.command("create", "new")["ok"],
    "command createIndexes": lambda db: db.command("createIndexes", "new", indexes=[{"key": {"a": 1}, "name": "a_1"}])[
        "ok"
    ],
    "command dropIndexes": lambda db: [
        db.people.create_index("name"),
        db.command("dropIndexes", "people", index="*")["ok"],
    ],
    "get_collection": lambda db: db.get_collection("new").insert_one({"_id": 1}),
}


def type_of_error(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except Exception as error:  # the words are bson's or ours
        return type(error)


@pytest.mark.parametrize("name", READS)
def test_reads(both: tuple[Any, Any], name: str) -> None:
    ours, theirs = both
    assert outcome(ours, READS[name]) == outcome(theirs, READS[name])


@pytest.mark.parametrize("name", WRITES)
def test_writes(both: tuple[Any, Any], name: str) -> None:
    ours, theirs = both
    assert outcome(ours, WRITES[name]) == outcome(theirs, WRITES[name])
    assert contents(ours) == contents(theirs)


def test_every_bson_type_comes_back_as_pymongo_gives_it(both: tuple[Any, Any]) -> None:
    document = {
        "_id": "types",
        "double": 1.5,
        "nan_free_inf": float("inf"),
        "string": "ä\u0000ö€😀",
        "document": {"a": {"b": {}}},
        "array": [1, [2, [3]], {}],
        "binary": b"\x00\xff",
        "subtype": bson.Binary(b"12", 128),
        "objectid": bson.ObjectId("0123456789abcdef01234567"),
        "true": True,
        "date": datetime.datetime(2024, 12, 10, 1, 2, 3, 456000),
        "early": datetime.datetime(1, 1, 1),
        "null": None,
        "regex": bson.Regex("a.*b", "im"),
        "code": bson.Code("function() {}"),
        "scoped": bson.Code("function() {}", {"x": 1}),
        "int32": 2**31 - 1,
        "int64": 2**40,
        "small_int64": bson.Int64(5),
        "timestamp": bson.Timestamp(1700000000, 7),
        "decimal": bson.Decimal128("1.10"),
        "min": bson.MinKey(),
        "max": bson.MaxKey(),
        "ref": bson.DBRef("people", 5),
        "dotted.key": 1,
        "": "empty key",
    }
    ours, theirs = both
    found = []
    for db in (ours, theirs):
        db.types.insert_one(dict(document))
        found.append(db.types.find_one({"_id": "types"}))
    assert found[0] == found[1] == document
    assert [type(value) for value in found[0].values()] == [type(value) for value in found[1].values()]
    assert list(found[0]) == list(found[1])


def test_a_long_insert_is_split_and_its_errors_keep_their_places(both: tuple[Any, Any]) -> None:
    ours, _ = both
    result = ours.many.insert_many([{"_id": i} for i in range(100_000)])
    assert result.inserted_ids == list(range(100_000))
    assert ours.many.estimated_document_count() == 100_000
    assert sum(1 for _ in ours.many.find({}, ["_id"])) == 100_000

    documents = [{"_id": 200_000 + i} for i in range(100_050)]
    documents[100_020] = {"_id": 7}
    details = []
    with pytest.raises(pymongo.errors.BulkWriteError) as raised:
        ours.many.insert_many(documents)
    details.append(raised.value.details)
    assert details[0]["nInserted"] == 100_020
    assert [error["index"] for error in details[0]["writeErrors"]] == [100_020]
    assert details[0]["writeErrors"][0]["op"] == {"_id": 7}


def test_large_documents_are_split_by_size(both: tuple[Any, Any]) -> None:
    ours, _ = both
    text = "x" * 3_000_000
    ours.large.insert_many([{"_id": i, "text": text} for i in range(40)])
    assert ours.large.count_documents({}) == 40
    assert sum(len(document["text"]) for document in ours.large.find()) == 40 * len(text)
