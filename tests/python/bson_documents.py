# SPDX-License-Identifier: Apache-2.0
"""Documents and bytes of every kind, by hand and generated, for the tests of BSON."""

from __future__ import annotations

import collections
import collections.abc
import datetime
import decimal
import enum
import math
import random
import re
import struct
import types
import uuid
from typing import Any, Callable

import bson
from bson import Binary, Code, DatetimeMS, DBRef, Decimal128, Int64, MaxKey, MinKey, ObjectId, Regex, Timestamp
from bson.raw_bson import RawBSONDocument
from bson.son import SON
from bson.tz_util import FixedOffset

UTC = datetime.timezone.utc
NOON = datetime.datetime(2024, 2, 29, 12, 0, 0, 123456)


class Name(str):
    pass


class Number(int):
    pass


class Level(enum.IntEnum):
    low = 1


class Marked(dict):
    _type_marker = 7
    binary = b"twelve bytes"


class FrozenMapping(collections.abc.Mapping):
    def __init__(self, items: dict) -> None:
        self.items_ = items

    def __getitem__(self, key: Any) -> Any:
        return self.items_[key]

    def __iter__(self) -> Any:
        return iter(self.items_)

    def __len__(self) -> int:
        return len(self.items_)


class BrokenMapping(FrozenMapping):
    def __getitem__(self, key: Any) -> Any:
        raise LookupError(f"no {key}")


class Opaque:
    def __repr__(self) -> str:
        return "Opaque()"


def outcome(function: Callable[[Any], Any], argument: Any) -> Any:
    """What the call gives, or the class, words and arguments of what it raises."""
    try:
        return "gives", function(argument)
    except Exception as error:
        return "raises", type(error), str(error), shape(getattr(error, "document", None))


def shape(value: Any) -> Any:
    """The value with the type of everything in it, and a form that is equal where NaN is."""
    if isinstance(value, dict):
        return type(value), [(shape(key), shape(item)) for key, item in value.items()]
    if isinstance(value, (list, tuple)):
        return type(value), [shape(item) for item in value]
    if isinstance(value, DBRef):
        return DBRef, shape(value.as_doc().to_dict())
    if isinstance(value, Code):
        return Code, str(value), shape(value.scope)
    if isinstance(value, Binary):
        return Binary, bytes(value), value.subtype
    if isinstance(value, Regex):
        return Regex, shape(value.pattern), value.flags
    if isinstance(value, float):
        return float, struct.pack("<d", value)
    if isinstance(value, Decimal128):
        return Decimal128, value.bid
    if isinstance(value, datetime.datetime):
        return type(value), value, value.tzinfo, value.fold
    return type(value), value


def nested(depth: int, wrap: Callable[[Any], Any]) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = wrap(value)
    return {"a": value}


def endless() -> dict:
    document: dict = {}
    document["again"] = [document]
    return document


# What a document can hold, each under a name that shows in a failure.
VALUES: dict[str, Any] = {
    "zero": 0, "minus": -1, "last int32": 2**31 - 1, "first int64": 2**31, "first int32": -(2**31), "below int32": -(2**31) - 1,
    "last int64": 2**63 - 1, "first of int64": -(2**63), "true": True, "false": False, "null": None,
    "Int64": Int64(5), "Int64 negative": Int64(-(2**63)), "Int64 large": Int64(2**40),
    "int's subclass": Number(3), "IntEnum": Level.low,
    "double": 1.5, "minus zero": -0.0, "nan": math.nan, "infinity": -math.inf, "denormal": 5e-324,
    "text": "text", "empty text": "", "é": "é", "kanji": "漢字", "emoji": "🌲", "NUL in text": "a\0b", "latin": "\xff" * 40, "str's subclass": Name("n"),
    "long text": "x" * 70_000,
    "bytes": b"bytes", "no bytes": b"", "bytearray": bytearray(b"x"), "memoryview": memoryview(b"x"),
    **{f"Binary {subtype}": Binary(b"0123456789abcdef", subtype) for subtype in (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 127, 128, 255)},
    "empty Binary": Binary(b"", 2),
    "UUID": uuid.UUID(int=7), "UUID as Binary": Binary.from_uuid(uuid.UUID(int=7)),
    "ObjectId": ObjectId("0123456789abcdef01234567"), "ObjectId of zeros": ObjectId(b"\0" * 12),
    "naive": NOON, "aware": NOON.replace(tzinfo=UTC), "bson's utc": NOON.replace(tzinfo=bson.tz_util.utc),
    "east": NOON.replace(tzinfo=datetime.timezone(datetime.timedelta(hours=5, minutes=30))), "FixedOffset": NOON.replace(tzinfo=FixedOffset(-90, "W")),
    "first date": datetime.datetime.min, "last date": datetime.datetime.max, "before 1970": datetime.datetime(1969, 12, 31, 23, 59, 59, 999_999),
    "1970": datetime.datetime(1970, 1, 1), "fold": NOON.replace(fold=1), "date only": datetime.date(2024, 1, 1), "time only": datetime.time(1),
    "out of range, aware": datetime.datetime.min.replace(tzinfo=FixedOffset(600, "E")),
    "DatetimeMS": DatetimeMS(-(2**62)), "DatetimeMS usual": DatetimeMS(1000),
    "Regex": Regex("^a.*", "imx"), "Regex all": Regex("", 2 | 4 | 8 | 16 | 32 | 64), "Regex of bytes": Regex(b"\xc3\xa9", 0), "Regex of wrong bytes": Regex(b"\xff", 0),
    "Pattern": re.compile("a+", re.I), "Pattern of bytes": re.compile(b"a+"), "Regex with NUL": Regex("a\0b"),
    "Timestamp": Timestamp(1, 2), "Timestamp largest": Timestamp(2**32 - 1, 2**32 - 1),
    "Code": Code("f()"), "Code with scope": Code("f()", {"x": 1, "y": {"$ref": "c", "$id": 1}}), "Code with no scope": Code("f()", {}),
    "DBRef": DBRef("c", ObjectId("0123456789abcdef01234567")), "DBRef with database": DBRef("c", 1, "d"), "DBRef with more": DBRef("c", 1, "d", extra=[1]),
    "DBRef in full": {"$ref": "c", "$id": 1}, "$db null": {"$ref": "c", "$id": 1, "$db": None}, "$ref alone": {"$ref": "c"}, "$id alone": {"$id": 1},
    "$ref no text": {"$ref": 1, "$id": 1}, "$db no text": {"$ref": "c", "$id": 1, "$db": 2}, "$id first": {"$id": 1, "a": 2, "$ref": "c"},
    "$ref twice down": {"x": {"$ref": "c", "$id": {"$ref": "d", "$id": 2}}}, "$ref above": {"$ref": "c", "$id": 1, "x": {"a": 1}},
    "MinKey": MinKey(), "MaxKey": MaxKey(),
    "Decimal128": Decimal128("1.50"), "Decimal128 NaN": Decimal128("NaN"), "Decimal128 -0": Decimal128("-0E+3"),
    "list": [1, "two", [3.0, None]], "no list": [], "tuple": (1, (2,)), "long list": list(range(120)), "lists of documents": [{"a": 1}, {"a": 2}],
    "dict": {"b": 1, "a": {"c": 2}}, "no dict": {}, "_id inside": {"a": 1, "_id": 2}, "no name": {"": 1}, "odd names": {"$a.b": 1, "é": 2, " ": 3, "0": 4, "x" * 300: 5},
    "SON": SON([("b", 1), ("a", 2)]), "OrderedDict": collections.OrderedDict(b=1, a=2), "defaultdict": collections.defaultdict(list, a=[1]), "Counter": collections.Counter("aab"),
    "proxy": types.MappingProxyType({"a": 1}), "Mapping": FrozenMapping({"a": [1]}), "ChainMap": collections.ChainMap({"a": 1}, {"b": 2}),
    "marked": Marked(a=1), "RawBSONDocument": RawBSONDocument(bson.encode({"a": {"b": 1}})), "namedtuple": collections.namedtuple("Pair", "x y")(1, 2),
    # What BSON or pymongo has no form for.
    "past int64": 2**63, "past Int64": Int64(2**63), "far past": -(10**40), "set": {1}, "Decimal": decimal.Decimal("1.5"), "complex": 1j, "object": Opaque(), "class": dict,
    "lone surrogate": "\ud800", "range": range(3), "generator": iter([]),
    "name with NUL": {"a\0b": 1}, "name with surrogate": {"\udc00": 1}, "name a number": {1: 1}, "name None": {None: 1}, "name of bytes": {b"a": 1}, "name's subclass": {Name("a"): 1},
    "error deep inside": {"a": [{"b": Opaque()}]}, "broken Mapping": BrokenMapping({"a": 1}),
    "deep documents": nested(140, lambda value: {"a": value}), "deeper documents": nested(190, lambda value: {"a": value}), "deep lists": nested(190, lambda value: [value]),
    "endless": endless(),
}  # fmt: skip

WHOLE: dict[str, Any] = {
    "empty": {}, "_id last": {"a": 1, "_id": 2}, "_id null": {"a": 1, "_id": None}, "_id only": {"_id": {"_id": 1, "a": 2}}, "_id wrong": {"a": 1, "_id": Opaque()},
    "_id of a subclass": {"a": 1, Name("_id"): 2}, "SON": SON([("a", 1), ("_id", 2)]), "defaultdict": collections.defaultdict(dict, a=1), "OrderedDict": collections.OrderedDict(a=1, _id=2),
    "Mapping": FrozenMapping({"a": 1, "_id": 2}), "proxy": types.MappingProxyType({"a": 1, "_id": 2}), "RawBSONDocument": RawBSONDocument(bson.encode({"a": 1})), "DBRef in full": {"$ref": "c", "$id": 1},
    "none": None, "list": [], "text": "a", "int": 1, "pairs": [("a", 1)], "bytes": b"", "class": dict, "marked": Marked(a=1),
}  # fmt: skip


def element(type_byte: int, content: bytes, name: bytes = b"a") -> bytes:
    fields = bytes([type_byte]) + name + b"\0" + content
    return struct.pack("<i", len(fields) + 5) + fields + b"\0"


def text(value: bytes) -> bytes:
    return struct.pack("<i", len(value) + 1) + value + b"\0"


# Bytes that pymongo itself never writes: what servers and other drivers may send, and what is no BSON.
RAW: dict[str, bytes] = {
    "undefined": element(6, b""), "symbol": element(14, text(b"s")), "DBPointer": element(12, text(b"c") + b"123456789012"), "DBPointer cut": element(12, text(b"c") + b"12345"),
    "date past Python's": element(9, struct.pack("<q", 253_402_300_800_000)), "date before Python's": element(9, struct.pack("<q", -62_135_596_800_001)),
    "last date": element(9, struct.pack("<q", 253_402_300_799_999)), "first date": element(9, struct.pack("<q", -62_135_596_800_000)),
    "largest date": element(9, struct.pack("<q", 2**63 - 1)), "smallest date": element(9, struct.pack("<q", -(2**63))), "just before 1970": element(9, struct.pack("<q", -1)),
    "boolean 2": element(8, b"\2"), "boolean cut": element(8, b""), "wrong UTF-8": element(2, text(b"\xff")), "surrogate in UTF-8": element(2, text(b"\xed\xa0\x80")), "wrong name": element(10, b"", b"\xff"),
    "name é": element(10, b"", "é".encode()), "long name": element(10, b"", b"n" * 1000), "no name": element(10, b"", b""),
    "text without zero": element(2, struct.pack("<i", 2) + b"ab"), "text too long": element(2, struct.pack("<i", 100) + b"a\0"), "text of length 0": element(2, struct.pack("<i", 0)), "text of length -1": element(2, struct.pack("<i", -1) + b"a\0"),
    "int32 cut": element(16, b"\1\0"), "int64 cut": element(18, b"\1\0"), "double cut": element(1, b"\1"), "ObjectId cut": element(7, b"1"), "Decimal128 cut": element(19, b"1" * 15), "Timestamp cut": element(17, b"1" * 7),
    "unknown type": element(0x20, b""), "type 0": element(0, b"\0"), "type 0x80": element(0x80, b""),
    "binary too long": element(5, struct.pack("<i", 9) + b"\0ab"), "binary of length -1": element(5, struct.pack("<i", -1) + b"\0"), "old binary of wrong length": element(5, struct.pack("<i", 6) + b"\2" + struct.pack("<i", 9) + b"ab"),
    "old binary cut": element(5, struct.pack("<i", 2) + b"\2ab"), "UUID of 3 bytes": element(5, struct.pack("<i", 3) + b"\4abc"),
    "regex of all letters": element(11, b"a\0abcdefghilmsuxz\0"), "regex cut": element(11, b"a"), "regex of wrong UTF-8": element(11, b"\xff\0i\0"), "regex of wrong letters": element(11, b"a\0\xff\0"),
    "Code of wrong UTF-8": element(13, text(b"\xff")), "scope of wrong length": element(15, struct.pack("<i", 99) + text(b"f") + b"\5\0\0\0\0"), "scope cut": element(15, struct.pack("<i", 10) + text(b"f")),
    "scope inside": element(15, struct.pack("<i", 4 + 6 + 5) + text(b"f") + b"\5\0\0\0\0"), "scope shorter": element(15, struct.pack("<i", 4 + 6 + 6) + text(b"f") + b"\5\0\0\0\0\0"), "scope's length 0": element(15, struct.pack("<i", 0)),
    "array with other names": element(4, element(16, b"\1\0\0\0", b"7")), "array without names": element(4, element(16, b"\1\0\0\0", b"")), "array too long": element(4, b"\x20\0\0\0\0"), "array without end": element(4, b"\5\0\0\0\1"),
    "array longer than its items": element(4, b"\x0d\0\0\0\x0a0\0\0\0\0\0\0\0"), "document longer than its fields": element(3, b"\x0c\0\0\0\x0aa\0\0\0\0\0"), "document of length 4": element(3, b"\4\0\0\0"), "document without end": element(3, b"\5\0\0\0\1"),
    "document too long": element(3, b"\x20\0\0\0\0"), "a name twice": b"\x13\0\0\0" + b"\x10a\0\1\0\0\0" + b"\x10a\0\2\0\0\0" + b"\0", "$ref twice": element(3, b"\x1f\0\0\0\2$ref\0\2\0\0\0c\0\2$ref\0\2\0\0\0d\0\0"),
    "nothing": b"", "four bytes": b"\5\0\0\0", "smallest": b"\5\0\0\0\0", "no end": b"\5\0\0\0\1", "too short": b"\6\0\0\0\0", "longer than its bytes": b"\4\0\0\0\0", "trailing bytes": b"\5\0\0\0\0\0", "negative": b"\xff\xff\xff\xff\0", "field without name": b"\7\0\0\0\x0aa\0",
}  # fmt: skip


def some_name(random_: random.Random) -> str:
    names = ("_id", "name", "email", "a.b", "$set", "$ref", "$id", "$db", "é", "漢", "", "0", "x" * 65, "a" * 64)
    return random_.choice(names) if random_.random() < 0.7 else f"f{random_.randrange(5000)}"


ENCODABLE = [name for name, value in VALUES.items() if outcome(bson.encode, {"v": value})[0] == "gives" and not name.startswith(("deep", "long"))]  # fmt: skip


def some_value(random_: random.Random, depth: int) -> Any:
    kind = random_.randrange(14)
    if kind == 0 and depth < 6:
        return some_document(random_, depth + 1)
    if kind == 1 and depth < 6:
        return [some_value(random_, depth + 1) for _ in range(random_.randrange(6))]
    if kind == 2:
        return random_.randrange(-(2**63), 2**63) >> random_.randrange(64)
    if kind == 3:
        return Int64(random_.randrange(-(2**63), 2**63) >> random_.randrange(64))
    if kind == 4:
        return struct.unpack("<d", random_.randbytes(8))[0]
    if kind == 5:
        return "".join(
            chr(random_.choice((random_.randrange(1, 128), random_.randrange(0x800))))
            for _ in range(random_.randrange(30))
        )
    if kind == 6:
        return ObjectId(random_.randbytes(12))
    if kind == 7:
        span = datetime.timedelta(microseconds=random_.randrange(315_537_897_600 * 10**6))
        return (datetime.datetime.min + span).replace(tzinfo=random_.choice((None, UTC)))
    if kind == 8:
        return Decimal128.from_bid(random_.randbytes(16))
    return VALUES[random_.choice(ENCODABLE)]


def some_document(random_: random.Random, depth: int = 0) -> dict:
    return {some_name(random_): some_value(random_, depth) for _ in range(random_.randrange(12))}
