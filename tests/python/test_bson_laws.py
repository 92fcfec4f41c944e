# SPDX-License-Identifier: Apache-2.0
"""BSON of the extension module against the bson package: equal bytes, equal values of equal types, equal exceptions."""

from __future__ import annotations

import random
import struct
from typing import Any

import bson
import pytest
from bson import Int64, Regex, Timestamp
from bson.raw_bson import RawBSONDocument
from bson_documents import RAW, VALUES, WHOLE, element, endless, outcome, shape, some_document

from treering import _native

SEED = 20261107


def encoded_the_same(document: Any) -> bytes | None:
    theirs, ours = outcome(bson.encode, document), outcome(_native.encode, document)
    assert ours == theirs
    return theirs[1] if theirs[0] == "gives" else None


def decoded_the_same(data: bytes) -> None:
    theirs, ours = outcome(bson.decode, data), outcome(_native.decode, data)
    assert ours[0] == theirs[0]
    assert shape(ours[1:]) == shape(theirs[1:])


@pytest.mark.parametrize("name", VALUES)
def test_a_value_of_every_kind(name: str) -> None:
    for document in ({"v": VALUES[name]}, {"v": [VALUES[name]]}, {"_id": VALUES[name], "v": {"v": VALUES[name]}}):
        data = encoded_the_same(document)
        if data is not None:
            decoded_the_same(data)


@pytest.mark.parametrize("name", WHOLE)
def test_a_whole_document_of_every_kind(name: str) -> None:
    data = encoded_the_same(WHOLE[name])
    if data is not None:
        decoded_the_same(data)


def test_deep_recursion_ends_as_pymongos_does() -> None:
    deep: Any = 1
    for _ in range(5000):
        deep = [deep]
    assert outcome(_native.encode, {"a": deep}) == outcome(bson.encode, {"a": deep})
    assert outcome(_native.encode, endless())[1] is RecursionError
    data = b""
    for _ in range(5000):
        data = struct.pack("<i", len(data) + 8) + b"\x03a\0" + data + b"\0" if data else b"\5\0\0\0\0"
    decoded_the_same(data)


@pytest.mark.parametrize("name", RAW)
def test_bytes_of_every_kind(name: str) -> None:
    decoded_the_same(RAW[name])
    decoded_the_same(element(3, RAW[name]))
    decoded_the_same(element(4, RAW[name]))


def test_generated_documents() -> None:
    random_ = random.Random(SEED)
    for number in range(4000):
        document = some_document(random_)
        data = bson.encode(document)
        try:
            assert _native.encode(document) == data
            decoded_the_same(data)
        except AssertionError as error:
            raise AssertionError(f"document {number} of seed {SEED}: {document!r}") from error


def test_documents_with_wrong_bytes() -> None:
    random_ = random.Random(SEED)
    for number in range(6000):
        data = bytearray(bson.encode(some_document(random_)))
        for _ in range(random_.randrange(1, 4)):
            data[random_.randrange(len(data))] = random_.choice((0, 1, 255, random_.randrange(256)))
        if random_.random() < 0.2:
            del data[random_.randrange(len(data)) :]
        try:
            decoded_the_same(bytes(data))
        except AssertionError as error:
            raise AssertionError(f"bytes {number} of seed {SEED}: {bytes(data)!r}") from error


def test_an_interrupt_is_not_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    document = {"a": Timestamp(1, 2), "b": Regex("x")}
    data = bson.encode(document)
    interrupts = iter([True])

    def interrupted_once(*_: Any) -> int:
        if next(interrupts, False):
            raise KeyboardInterrupt
        return 2

    with monkeypatch.context() as patched:
        patched.setattr(Timestamp, "inc", property(interrupted_once))
        with pytest.raises(KeyboardInterrupt):
            _native.encode(document)
    interrupts = iter([True])
    with monkeypatch.context() as patched:
        patched.setattr(Regex, "__init__", lambda self, *_: interrupted_once() and None)
        with pytest.raises(KeyboardInterrupt):
            _native.decode(data)


def test_a_batch_gives_the_documents_in_order_and_then_none() -> None:
    documents = [{"_id": number, "text": "x" * number} for number in range(50)]
    reply = {"cursor": {"firstBatch": documents, "id": Int64(7), "ns": "a.b.c"}, "ok": 1.0}
    batch = _native.Batch(bson.encode(reply))
    assert (batch.cursor_id, batch.namespace, len(batch)) == (7, "a.b.c", 50)
    assert [(batch.next(), len(batch)) for _ in range(50)] == [
        (document, 49 - number) for number, document in enumerate(documents)
    ]
    assert (batch.next(), len(batch)) == (None, 0)
    assert _native.Batch().next() is None
    batch = _native.Batch(bson.encode(reply))
    assert bson.decode_all(batch.take_bytes()) == documents
    assert (batch.next(), len(batch)) == (None, 0)


def test_a_batch_goes_on_behind_a_document_that_cannot_be_decoded() -> None:
    wrong = RawBSONDocument(RAW["date past Python's"])
    batch = _native.Batch(bson.encode({"cursor": {"nextBatch": [{"a": 1}, wrong, {"a": 2}], "id": 0, "ns": "a.b"}}))
    assert (batch.next(), len(batch)) == ({"a": 1}, 2)
    with pytest.raises(bson.errors.InvalidBSON, match="year"):
        batch.next()
    assert (batch.next(), batch.next()) == ({"a": 2}, None)
