# SPDX-License-Identifier: Apache-2.0
"""Generated calls through the facade and through pymongo: equal results, equal exceptions, equal bytes."""

from __future__ import annotations

import datetime
import random
from operator import methodcaller
from typing import Any

import bson
import pymongo
import pytest
from bson.raw_bson import RawBSONDocument
from differential import outcome, raw_contents
from pymongo import DeleteMany, DeleteOne, InsertOne, ReplaceOne, UpdateMany, UpdateOne
from pymongo.collation import Collation

CALLS_A_SEED = 120
CALLS_A_TRANSACTION = 12


class Calls:
    """Calls as (method, arguments, keywords), each made anew for each side: pymongo changes documents that it inserts."""

    def __init__(self, seed: int, mistakes: bool = True) -> None:
        self._random = random.Random(seed)
        self._mistakes = mistakes  # may calls fail? In a transaction one that does ends it
        self._made_ids = 0

    def one(self) -> tuple[str, Any]:
        return self._random.choice([self._read, self._read, self._write, self._write, self._find_and, self._bulk])()

    def _id(self) -> Any:
        return self._random.choice(
            [self._random.randrange(40), self._random.randrange(40), f"s{self._random.randrange(9)}"]
        )

    def _value(self, depth: int = 2) -> Any:
        simple = [
            lambda: self._random.randrange(-5, 50),
            lambda: self._random.randrange(2**40),
            lambda: bson.Int64(self._random.randrange(5)),
            lambda: self._random.random(),
            lambda: self._random.choice(["", "a", "Ä", "ß€😀", "A"]),
            lambda: None,
            lambda: self._random.random() < 0.5,
            lambda: datetime.datetime(2024, 1, 1) + datetime.timedelta(milliseconds=self._random.randrange(10**9)),
            lambda: bson.Decimal128(str(self._random.randrange(100) / 10)),
            lambda: bson.Binary(bytes(self._random.randrange(256) for _ in range(3)), self._random.choice([0, 5, 128])),
            lambda: bson.Timestamp(self._random.randrange(1, 9), 1),
            lambda: bson.Regex("^a", "i"),
            lambda: bson.MinKey(),
        ]
        nested = [
            lambda: [self._value(depth - 1) for _ in range(self._random.randrange(4))],
            lambda: {key: self._value(depth - 1) for key in self._random.sample("xyz", self._random.randrange(3))},
        ]
        return self._random.choice(simple + (nested if depth else []))()

    def _document(self, with_id: bool = True) -> dict[str, Any]:
        self._made_ids += 1
        document = {"_id": self._id() if self._mistakes else 1000 + self._made_ids} if with_id else {}
        for key in self._random.sample(["a", "b", "c", "tags"], self._random.randrange(1, 5)):
            document[key] = [self._random.randrange(6) for _ in range(3)] if key == "tags" else self._value()
        return document

    def _filter(self) -> Any:
        return self._made(
            [
                lambda: {"_id": self._id()},
                lambda: {"_id": self._id()},
                lambda: {"a": {"$gt": self._random.randrange(30)}},
                lambda: {"b": {"$exists": self._random.random() < 0.5}},
                lambda: {"tags": self._random.randrange(6)},
                lambda: {"$or": [{"_id": self._id()}, {"c": "a"}]},
            ],
            [lambda: {"$expr": {"$eq": ["$a", "$$wanted"]}}, lambda: {"a": {"$nope": 1}}, lambda: "wrong"],
        )

    def _made(self, right: list[Any], wrong: list[Any]) -> Any:
        return self._random.choice(right + wrong if self._mistakes else right)()

    def _change(self) -> Any:
        return self._made(
            [
                lambda: {"$set": {self._random.choice("abc"): self._value()}},
                lambda: {"$set": {"at.x": self._value(0)}},
                lambda: {"$unset": {self._random.choice("abc"): ""}},
                lambda: [{"$set": {"d": {"$ifNull": ["$a", "none"]}}}],
                lambda: {"$rename": {"b": "c"}},
            ],
            [
                lambda: {"$inc": {"a": self._random.randrange(5)}},
                lambda: {"$push": {"tags": self._random.randrange(6)}},
                lambda: {"$set": {"tags.$[t]": 9}},
                lambda: {"$nope": {"a": 1}},
                lambda: {"a": 1},
                lambda: {},
            ],
        )

    def _some(self, **options: Any) -> dict[str, Any]:
        """A few of the options, of those given."""
        if not self._mistakes:
            options.pop("array_filters", None)
        chosen = {name: make() for name, make in options.items() if self._random.random() < 0.25}
        return chosen

    def _common(self) -> dict[str, Any]:
        return self._some(
            let=lambda: {"wanted": self._random.randrange(10)},
            comment=lambda: self._random.choice(["why", {"who": 1}]),
            hint=lambda: self._made([lambda: "_id_", lambda: [("_id", 1)]], [lambda: "nope_1"]),
            collation=lambda: self._random.choice([Collation("en", strength=2), {"locale": "en"}]),
        )

    def _read(self) -> tuple[str, Any]:
        order = {"sort": [("a", self._random.choice([1, -1])), ("_id", 1)]}
        options = self._common() | self._some(
            projection=lambda: self._random.choice([["a"], {"b": 0}, {"_id": 0, "a": 1}]),
            skip=lambda: self._random.randrange(3),
            limit=lambda: self._random.randrange(-5, 6),
            batch_size=lambda: self._random.randrange(5),
            max_time_ms=lambda: 10_000,
            allow_disk_use=lambda: True,
        )
        filter = self._filter()
        plain = {name: value for name, value in options.items() if name in ("comment", "collation", "hint")}
        return self._random.choice(
            [
                ("find", lambda c, s: list(c.find(filter, **{**options, **order}, session=s))),
                ("find_one", lambda c, s: c.find_one(filter, **{**options, **order}, session=s)),
                ("count_documents", lambda c, s: c.count_documents(filter, **plain, session=s)),
                ("distinct", lambda c, s: sorted(map(repr, c.distinct("a", filter, **plain, session=s)))),
                (
                    "aggregate",
                    lambda c, s: list(
                        c.aggregate([{"$match": filter}, {"$sort": {"_id": 1}}], **plain, batchSize=3, session=s)
                    ),
                ),
            ]
        )

    def _write(self) -> tuple[str, Any]:
        filter, change, document, many = self._filter(), self._change(), self._document(), self._random.random() < 0.3
        documents = [self._document() for _ in range(self._random.randrange(0 if self._mistakes else 1, 5))]
        ordered = self._random.random() < 0.5
        options = self._common()
        updating = options | self._some(upsert=lambda: True, array_filters=lambda: [{"t": {"$gt": 2}}])
        replacing = {name: value for name, value in updating.items() if name != "array_filters"}
        inserting = {name: value for name, value in options.items() if name == "comment"}
        sorting = self._some(sort=lambda: {"a": 1})
        fresh = bson.decode(bson.encode(document))
        return self._random.choice(
            [
                ("insert_one", lambda c, s: c.insert_one(copied(document), **inserting, session=s)),
                ("insert_one raw", lambda c, s: c.insert_one(RawBSONDocument(bson.encode(document)), session=s)),
                (
                    "insert_many",
                    lambda c, s: c.insert_many([copied(d) for d in documents], ordered=ordered, **inserting, session=s),
                ),
                (
                    "update",
                    lambda c, s: (c.update_many if many else c.update_one)(filter, change, **updating, session=s),
                ),
                ("update sorted", lambda c, s: c.update_one(filter, change, **updating, **sorting, session=s)),
                (
                    "replace_one",
                    lambda c, s: c.replace_one(filter, without_id(fresh), **replacing, **sorting, session=s),
                ),
                ("delete", lambda c, s: (c.delete_many if many else c.delete_one)(filter, **options, session=s)),
            ]
        )

    def _find_and(self) -> tuple[str, Any]:
        filter, change, document = self._filter(), self._change(), without_id(self._document())
        options = self._common() | {"sort": [("_id", self._random.choice([1, -1]))]}
        more = self._some(upsert=lambda: True, return_document=lambda: True, projection=lambda: ["a", "tags"])
        filters = self._some(array_filters=lambda: [{"t": 1}])
        only = {name: value for name, value in more.items() if name == "projection"}
        return self._random.choice(
            [
                (
                    "find_one_and_update",
                    lambda c, s: c.find_one_and_update(filter, change, **options, **more, **filters, session=s),
                ),
                (
                    "find_one_and_replace",
                    lambda c, s: c.find_one_and_replace(filter, document, **options, **more, session=s),
                ),
                ("find_one_and_delete", lambda c, s: c.find_one_and_delete(filter, **options, **only, session=s)),
            ]
        )

    def _bulk(self) -> tuple[str, Any]:
        requests = [self._request() for _ in range(self._random.randrange(8))]
        options = {"ordered": self._random.random() < 0.5} | self._some(
            comment=lambda: "bulk", bypass_document_validation=lambda: True
        )
        return "bulk_write", lambda c, s: c.bulk_write([make() for make in requests], **options, session=s)

    def _request(self) -> Any:
        filter, change, document = self._filter(), self._change(), self._document()
        upsert = self._random.random() < 0.3
        return self._random.choice(
            [
                lambda: InsertOne(copied(document)),
                lambda: UpdateOne(filter, change, upsert=upsert),
                lambda: UpdateMany(filter, change),
                lambda: ReplaceOne(filter, without_id(document), upsert=upsert),
                lambda: DeleteOne(filter),
                lambda: DeleteMany(filter, hint="_id_"),
            ]
        )


def copied(document: dict[str, Any]) -> dict[str, Any]:
    return dict(document)


def without_id(document: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key != "_id"}


def both_outcomes(call: Any, ours: Any, theirs: Any, sessions: tuple[Any, Any] = (None, None)) -> tuple[Any, Any]:
    return tuple(
        outcome(db, lambda db, session=session: call(db.things, session))
        for db, session in zip((ours, theirs), sessions)
    )


@pytest.mark.parametrize("seed", range(6))
def test_generated_calls(both: tuple[Any, Any], mongo: pymongo.MongoClient, seed: int) -> None:
    ours, theirs = both
    calls = Calls(seed)
    for number in range(CALLS_A_SEED):
        name, call = calls.one()
        mine, wanted = both_outcomes(call, ours, theirs)
        assert mine == wanted, f"seed {seed}, call {number}, {name}"
    assert raw_contents(ours, mongo) == raw_contents(theirs, mongo), f"seed {seed}"


@pytest.mark.parametrize("seed", range(100, 104))
def test_generated_transactions(both: tuple[Any, Any], mongo: pymongo.MongoClient, seed: int) -> None:
    ours, theirs = both
    calls = Calls(seed, mistakes=False)
    with ours.client.start_session() as mine, theirs.client.start_session() as twin:
        for number in range(10):
            mine.start_transaction()
            twin.start_transaction()
            for _ in range(CALLS_A_TRANSACTION):
                name, call = calls.one()
                found, wanted = both_outcomes(call, ours, theirs, (mine, twin))
                assert found == wanted, f"seed {seed}, transaction {number}, {name}"
            end = methodcaller("commit_transaction" if number % 3 else "abort_transaction")
            assert outcome(mine, end) == outcome(twin, end)
            assert raw_contents(ours, mongo) == raw_contents(theirs, mongo), f"seed {seed}, transaction {number}"
