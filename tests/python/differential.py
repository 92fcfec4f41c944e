# SPDX-License-Identifier: Apache-2.0
"""The same calls through the facade and through pymongo, on two databases of one server, made comparable."""

from __future__ import annotations

import re
from typing import Any, Callable, Iterator

import bson
import pymongo
import pytest
from bson.raw_bson import RawBSONDocument
from pymongo.errors import DocumentTooLarge, PyMongoError
from pymongo.results import BulkWriteResult, DeleteResult, InsertManyResult, InsertOneResult, UpdateResult

from treering import MigrationManager

ADDED_BY_THE_CLUSTER = {"operationTime", "$clusterTime", "electionId", "opTime", "lastCommittedOpTime"}

GENERATED = [
    (r"test_[0-9a-f]{16}(_twin)?", "DB"),
    (r"txnNumber: \d+", "txnNumber"),
    (r"ObjectId\('[0-9a-f]+'\)", "OID"),
    (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "UUID"),
]


@pytest.fixture
def both(mongo: pymongo.MongoClient, project: Any) -> Iterator[tuple[Any, Any]]:
    """The database through the facade, and its twin through pymongo."""
    twin = mongo[project.database + "_twin"]
    with MigrationManager(project.root).open() as env:
        for db in (env.db, twin):
            db.people.insert_many(
                [
                    {"_id": i, "name": f"n{i % 7}", "age": i, "tags": [i, i + 1], "at": {"x": i * 1.5}}
                    for i in range(300)
                ]
            )
        yield env.db, twin
    mongo.drop_database(twin.name)


def plain(value: Any) -> Any:
    """A value without what differs on purpose: names of the databases, generated ids, the cluster's own fields."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items() if key not in ADDED_BY_THE_CLUSTER}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, str):
        for found, shown in GENERATED:
            value = re.sub(found, shown, value)
        return value
    if isinstance(value, bson.ObjectId):
        return "OID"
    if isinstance(value, InsertOneResult):
        return ["InsertOneResult", plain(value.inserted_id), value.acknowledged]
    if isinstance(value, InsertManyResult):
        return ["InsertManyResult", plain(value.inserted_ids), value.acknowledged]
    if isinstance(value, UpdateResult):
        return [
            "UpdateResult",
            value.matched_count,
            value.modified_count,
            plain(value.upserted_id),
            plain(value.raw_result),
            value.acknowledged,
        ]
    if isinstance(value, DeleteResult):
        return ["DeleteResult", value.deleted_count, plain(value.raw_result)]
    if isinstance(value, BulkWriteResult):
        return ["BulkWriteResult", plain(value.bulk_api_result)]
    if type(value).__name__ in ("Cursor", "CommandCursor"):
        return [plain(item) for item in value]
    if type(value).__name__ in ("Collection", "Database"):
        return [type(value).__name__, plain(value.name)]
    return [type(value).__name__, value]


def outcome(db: Any, call: Callable[[Any], Any]) -> Any:
    try:
        return plain(call(db))
    except PyMongoError as error:
        return [
            type(error),
            getattr(error, "code", None),
            plain(getattr(error, "details", None)),
            plain(str(error).split(", full error")[0]),
        ]
    except (DocumentTooLarge, TypeError, ValueError, IndexError, NotImplementedError) as error:
        return [type(error), str(error)]


def contents(db: Any) -> Any:
    names = sorted(name for name in db.list_collection_names() if not name.startswith("system."))
    return {name: [plain(list(db[name].find().sort("_id", 1))), plain(db[name].index_information())] for name in names}


def raw_contents(db: Any, mongo: pymongo.MongoClient) -> dict[str, list[bytes]]:
    """Every document of a database, byte for byte but for the ids that the server made."""
    options = bson.CodecOptions(document_class=RawBSONDocument)
    there = mongo[db.name]
    return {
        name: sorted(map(_without_made_id, there.get_collection(name, codec_options=options).find()))
        for name in sorted(there.list_collection_names())
    }


def _without_made_id(document: RawBSONDocument) -> bytes:
    raw = document.raw
    start = 4 + len(b"\x07_id\x00")
    return raw[:start] + raw[start + 12 :] if raw[4:start] == b"\x07_id\x00" else raw
