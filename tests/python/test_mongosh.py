# SPDX-License-Identifier: Apache-2.0
"""Values and operations as mongosh source: run by the real mongosh, they leave the bytes that they were rendered from."""

from __future__ import annotations

import json
import struct
import subprocess
from datetime import datetime
from pathlib import Path
from typing import Any

import bson
import mongosh
import pymongo
import pytest
from any_document import Generator
from bson import Binary, Code, DatetimeMS, Decimal128, Int64, ObjectId, Regex
from bson.raw_bson import RawBSONDocument
from operations import as_commands, operations, snapshot
from servers import with_database

SEED = 20241211
DOCUMENTS = 1000
# What JavaScript would move, take for something else or can't write without quotes.
NAMES = ("0", "1", "10", "9", "00", "-1", "4294967294", "4294967295", "99999999999", "__proto__", "_bsontype", "toJSON")
NAMES += ("constructor", "then", "length", "class", "a-b", "$ref", "$id", "$oid", "$numberLong", "a.b", "", "é", "size")
RAW = bson.CodecOptions(document_class=RawBSONDocument)


class Documents(Generator):
    """What mongosh can send, which is all but dates past JavaScript's, the sign of a NaN and vectors that are none."""

    def double(self) -> float:
        value = super().double()
        return value if value == value else float("nan")

    def date(self) -> Any:
        value = super().date()
        last = 8640000000000000
        if isinstance(value, DatetimeMS) and not -last <= int(value) <= last:
            return DatetimeMS(self.random.choice((-last, last, self.random.randrange(-last, last))))
        return value

    def name(self) -> str:
        return self.random.choice(NAMES) if self.random.random() < 0.4 else self.text()

    def document(self, depth: int) -> dict[str, Any]:
        return {self.name(): self.value(depth) for _ in range(self.random.randint(0, 5))}


def printed(documents: list[bytes], *arguments: str) -> list[dict[str, str]]:
    command = [mongosh.test_program("print_mongosh"), *arguments]
    done = subprocess.run(command, input=b"".join(documents), capture_output=True, check=True)
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


def by_hand() -> list[Any]:
    deep: Any = 1
    for level in range(80):
        deep = {"1": [deep], "0": 1} if level % 2 else {"a": deep}
    return [
        deep,
        {"b": 1, "1": 2, "0": {"10": 1, "9": 2}},
        {"__proto__": {"__proto__": 1}, "a": 1},
        {"_bsontype": "Long", "low": 1},
        Code("f", {"1": 1, "0": 2}),
        [Binary(b"\x03\x00\x01", 9), Binary(b"\x27\x00abcd", 9), Binary(b"\x10\x07\xff", 9), Binary(b"\x10\x00", 9)],
        [Binary(b"", 0), Binary(b"", 2), Binary(b"", 4), Binary(b"abc", 4), Binary(b"x" * 16, 3)],
        [datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59, 999000), DatetimeMS(253402300800000)],
        [Regex("a/b\\/\n\"'", "imsx"), Regex("", "u"), Regex("^\u2028")],
        [Decimal128((1, 1 << 63)), Decimal128("-0E+3"), Decimal128("1E-6176"), Decimal128("9.999E+6144")],
        [
            1.0,
            -0.0,
            0.0,
            2147483648.0,
            -2147483648.0,
            9007199254740993.0,
            1e21,
            5e-324,
            Int64(1),
            2147483647,
            2**63 - 1,
        ],
        {"$ref": "users", "$id": ObjectId(), "$db": "shop"},
        {"a": 5e-324, "lone surrogates need no test, BSON has none": "\U0001f600"},
    ]


def test_expressions_are_sent_as_the_same_bytes(
    server_url: str, mongo: pymongo.MongoClient, database_name: str, tmp_path: Path
) -> None:
    generator = Documents(SEED)
    values = by_hand() + [generator.document(3) for _ in range(DOCUMENTS)]
    documents = [bson.encode({"_id": number, "v": value}) for number, value in enumerate(values)]
    answers = printed(documents, "documents")
    refused = [answer for answer in answers if "error" in answer]
    assert not refused, f"seed {SEED}: {refused[0]}"

    script = tmp_path / "values.js"
    sources = ",\n".join(answer["source"] for answer in answers)
    script.write_text(
        f"const documents = [\n{sources}\n];\n"
        "for (let i = 0; i < documents.length; i += 100) {\n"
        "  const reply = db.runCommand({insert: 'values', documents: documents.slice(i, i + 100)});\n"
        "  if (reply.writeErrors) throw new Error(JSON.stringify(reply.writeErrors));\n"
        "}\n"
    )
    mongosh.run_well(with_database(server_url, database_name), script, tmp_path)

    found = [each.raw for each in mongo[database_name].get_collection("values", RAW).find().sort("_id")]
    assert len(found) == len(documents)
    for there, document, answer in zip(found, documents, answers):
        assert there == document, f"seed {SEED}: {answer['source']}"


@pytest.mark.parametrize(
    ("words", "element"),
    [
        ("undefined", b"\x06a\0"),
        ("DBPointer", b"\x0ca\0\x02\0\0\0c\0" + b"0" * 12),
        ("two fields", b"\x0aa\0\x0aa\0"),
        ("275760", b"\x09a\0" + struct.pack("<q", 8640000000000001)),
        ("275760", b"\x09a\0" + struct.pack("<q", -(2**63))),
        ("vector", b"\x05a\0\x01\0\0\0\x09\x03"),
        ("UTF-8", b"\x02a\0\x02\0\0\0\xff\0"),
    ],
)
def test_what_mongosh_cannot_send_is_refused(words: str, element: bytes) -> None:
    (answer,) = printed([struct.pack("<i", len(element) + 5) + element + b"\0"], "documents")
    assert words in answer["error"]


def test_statements_do_what_their_commands_do(
    server_url: str, mongo: pymongo.MongoClient, database_name: str, tmp_path: Path
) -> None:
    """The same operations through mongosh in one database, and as plain commands in another."""
    twin = database_name + "_twin"
    try:
        for database, document in as_commands(operations(twin)):
            reply = mongo[database].command(document, check="drop" not in document)
            assert "writeErrors" not in reply, reply
        script = tmp_path / "statements.js"
        answers = printed([bson.encode(each) for each in operations(database_name)], "operations", database_name)
        assert [answer for answer in answers if "error" in answer] == []
        lines = "\n".join(answer["source"] for answer in answers)
        script.write_text(
            "function run(statement) {\n  const reply = statement();\n"
            "  if (reply && (reply.ok === 0 || reply.writeErrors)) throw new Error(JSON.stringify(reply));\n}\n" + lines
        )
        mongosh.run_well(with_database(server_url, database_name), script, tmp_path)
        assert snapshot(mongo, database_name) == snapshot(mongo, twin)
        assert snapshot(mongo, database_name + "_other") == snapshot(mongo, twin + "_other")
    finally:
        for name in (twin, twin + "_other", database_name + "_other"):
            mongo.drop_database(name)
