# SPDX-License-Identifier: Apache-2.0
"""Operations of every kind in the journal's form, the commands that they are, and what a database then holds."""

from __future__ import annotations

from typing import Any, Iterator, Optional

import pymongo
from bson import CodecOptions, Int64, ObjectId
from bson.raw_bson import RawBSONDocument

_RAW = CodecOptions(document_class=RawBSONDocument)
_COMMANDS = {
    "insert": ("insert", "documents"),
    "update": ("update", "updates"),
    "delete": ("delete", "deletes"),
}


def write(verb: str, collection: str, *statements: dict, **options: Any) -> dict:
    body = {"operation": "write", "collection": collection, "verb": verb}
    return {**body, "statements": list(statements), "options": options}


def create(collection: str, **options: Any) -> dict:
    return {"operation": "create_collection", "collection": collection, "options": options}


def index(collection: str, *specifications: dict, **options: Any) -> dict:
    body = {"operation": "create_indexes", "collection": collection}
    return {**body, "indexes": list(specifications), "options": options}


def drop_index(collection: str, which: Any) -> dict:
    return {"operation": "drop_indexes", "collection": collection, "index": {"index": which}, "options": {}}


def drop(collection: str) -> dict:
    return {"operation": "drop_collection", "collection": collection}


def rename(collection: str, to: str, drop_target: bool = False) -> dict:
    return {"operation": "rename_collection", "collection": collection, "to": to, "drop_target": drop_target}


def modify(collection: str, **changes: Any) -> dict:
    return {"operation": "modify_collection", "collection": collection, "changes": changes}


def run_command(**command: Any) -> dict:
    return {"operation": "run_command", "command": command}


def _collections() -> list[dict]:
    view = [{"$match": {"n": {"$gt": 1}}}]
    return [
        create("users", validator={"n": {"$type": "number"}}, validationAction="error"),
        create("log", capped=True, size=Int64(4096), max=10),
        create("odd name"),
        create('it\'s "quoted"\n漢', collation={"locale": "fr"}),
        create("gone"),
        create("in the way"),
        create("moved"),
        create("many", viewOn="users", pipeline=view),
        modify("users", validationLevel="moderate", validator={"n": {"$gte": 0}}),
        drop("gone"),
        drop("never there"),
        rename("moved", "in the way", True),
        rename("odd name", "odd other"),
    ]


def _indexes() -> list[dict]:
    partial = {"n": {"$gt": 5}, "10": {"$exists": True}, "9": 1}
    return [
        index("users", {"key": {"email": 1}, "unique": True, "name": "email_1"}),
        index("users", {"key": {"a": 1, "b": -1}, "name": "its own", "sparse": True, "hidden": True}),
        index("users", {"key": {"at": 1.0}, "name": "at_1", "expireAfterSeconds": 60}),
        index("users", {"key": {"b": 1, "2": 1, "1": -1}, "name": "order"}),
        index("users", {"key": {"p": 1}, "name": "p_1", "partialFilterExpression": partial}),
        index("users", {"key": {"place": "2dsphere"}, "name": "place_2dsphere"}, {"key": {"c": 1}, "name": "c_1"}),
        index(
            "users", {"key": {"x": 1}, "name": "x_1"}, {"key": {"y": 1}, "name": "y_1"}, {"key": {"z": 1}, "name": "z"}
        ),
        drop_index("users", "x_1"),
        drop_index("users", ["y_1", "z"]),
        drop_index("users", {"c": 1}),
        index("in the way", {"key": {"a": 1}, "name": "a_1"}),
        drop_index("in the way", "*"),
    ]


def _writes() -> list[dict]:
    five = ObjectId("0123456789abcdef01234567")
    push = [{"$set": {"both": {"$concat": ["$email", "!"]}}}]
    return [
        write("insert", "users", {"_id": 1, "email": "a", "n": 1}),
        write("insert", "users", {"_id": 2, "email": "b", "n": 2}, {"_id": five, "email": "c", "n": 3}),
        write("insert", "users", {"email": "d", "_id": 4, "n": 4, "2": 1, "1": 2}, comment="order of names"),
        write("insert", "users", {"_id": 6, "email": "f", "n": 6}, {"_id": 7, "email": "g", "n": 7}, ordered=False),
        write("update", "users", {"q": {"_id": 1}, "u": {"$set": {"at.once": Int64(5), "10": 1, "9": 2}}}),
        write("update", "users", {"q": {"n": {"$gt": 1}}, "u": {"$inc": {"n": 1}}, "multi": True}),
        write("update", "users", {"q": {}, "u": push, "multi": True}, let={"unused": 1}),
        write("update", "users", {"q": {"_id": 2}, "u": {"b": 1, "n": 9, "email": "b2"}}),
        write("update", "users", {"q": {"_id": 8}, "u": {"$set": {"n": 8, "email": "h"}}, "upsert": True}),
        write("update", "users", {"q": {"_id": 9}, "u": {"n": 9.0, "email": "i"}, "upsert": True, "multi": False}),
        write("update", "users", {"q": {"_id": 8}, "u": {"2": 1, "1": 1, "n": 5, "email": "h"}}),
        write("update", "users", {"q": {"_id": 1}, "u": {"$set": {"list": [1, 5, 9]}}, "hint": "_id_"}),
        write(
            "update",
            "users",
            {"q": {"_id": 1}, "u": {"$set": {"list.$[big]": 0}}, "arrayFilters": [{"big": {"$gt": 4}}]},
        ),
        write(
            "update",
            "users",
            {"q": {"_id": 6}, "u": {"$set": {"s": 1}}},
            {"q": {"_id": 7}, "u": {"$unset": {"email": ""}}},
        ),
        write("delete", "users", {"q": {"email": "F"}, "limit": 1, "collation": {"locale": "en", "strength": 2}}),
        write("delete", "users", {"q": {"n": {"$gt": 100}}, "limit": 0}),
        write("delete", "users", {"q": {"_id": 4}, "limit": 1}, {"q": {"_id": five}, "limit": 0}),
        write("insert", "odd other", {"_id": 1}),
        write("insert", "nothing"),
    ]


def _commands() -> list[dict]:
    change = {"$set": {"found": True}}
    pipeline = [{"$match": {"n": {"$gt": 1}}}, {"$out": "copied"}]
    return [
        run_command(findAndModify="users", query={"_id": 2}, update=change, new=True),
        run_command(aggregate="users", pipeline=pipeline, cursor={}),
    ]


def operations(database: str) -> list[dict]:
    elsewhere = {"database": database + "_other", **create("in another database")}
    body = _collections() + _indexes() + _writes() + _commands()
    return [{"database": database, **operation} for operation in body] + [elsewhere]


def _command(operation: dict) -> Optional[dict]:
    kind, name = operation["operation"], operation.get("collection")
    if kind == "create_collection":
        return {"create": name, **operation["options"]}
    if kind == "drop_collection":
        return {"drop": name}
    if kind == "create_indexes":
        return {"createIndexes": name, "indexes": operation["indexes"], **operation["options"]}
    if kind == "drop_indexes":
        return {"dropIndexes": name, **operation["index"], **operation["options"]}
    if kind == "modify_collection":
        return {"collMod": name, **operation["changes"]}
    if kind == "run_command":
        return operation["command"]
    verb, statements = _COMMANDS[operation["verb"]]
    if not operation["statements"]:
        return None
    return {verb: name, statements: operation["statements"], **operation["options"]}


def as_commands(operations: list[dict]) -> Iterator[tuple[str, dict]]:
    """Each operation's database and command."""
    for operation in operations:
        if operation["operation"] == "rename_collection":
            space = operation["database"] + "."
            command = {"renameCollection": space + operation["collection"], "to": space + operation["to"]}
            yield "admin", {**command, "dropTarget": operation["drop_target"]}
        elif command := _command(operation):
            yield operation["database"], command


def snapshot(mongo: pymongo.MongoClient, database: str, skip: tuple[str, ...] = ()) -> dict[str, Any]:
    """Every collection but those in `skip`: its options, its indexes and the bytes of its documents, by name."""
    result: dict[str, Any] = {}
    for listed in mongo[database].list_collections():
        name = listed["name"]
        if name in skip or name.startswith("system."):  # the views there are named with their database
            continue
        held: dict[str, Any] = {"type": listed["type"], "options": listed["options"]}
        if listed["type"] != "view":
            raw = mongo[database].get_collection(name, _RAW)
            held["indexes"] = {each["name"]: list(each.items()) for each in mongo[database][name].list_indexes()}
            held["documents"] = sorted(each.raw for each in raw.find())
        result[name] = held
    return result
