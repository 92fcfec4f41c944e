# SPDX-License-Identifier: Apache-2.0
"""Nothing is left behind by encoding and decoding, whatever comes of it."""

from __future__ import annotations

import array
import ctypes
import datetime
import gc
import struct
import sys
from typing import Any, Callable

import bson
import pytest
from bson import Binary, Code, DBRef, Decimal128, Int64, ObjectId, Regex, Timestamp
from bson_documents import RAW, VALUES, WHOLE, element, outcome

from treering import _native


def every_call() -> list[tuple[Callable[[Any], Any], Any]]:
    documents = [{"v": value} for name, value in VALUES.items() if name not in ("long text", "endless")]
    documents += list(WHOLE.values())
    calls: list[tuple[Callable[[Any], Any], Any]] = [(_native.encode, document) for document in documents]
    encoded = [outcome(bson.encode, document) for document in documents]
    calls += [(_native.decode, data) for kind, data, *_ in encoded if kind == "gives"]
    calls += [(_native.decode, data) for data in RAW.values()]
    for data in [data for kind, data, *_ in encoded if kind == "gives"] + list(RAW.values()):
        reply = b"".join((b"\x04firstBatch\0", element(3, data, b"0")))
        calls.append((read_batch, element(3, struct.pack("<i", len(reply) + 5) + reply + b"\0", b"cursor")))
    return calls


def read_batch(reply: bytes) -> None:
    batch = _native.Batch(reply)
    while batch.next() is not None:
        pass


def resident_kib() -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4


class MallInfo(ctypes.Structure):
    _fields_ = [
        (name, ctypes.c_size_t)
        for name in "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost".split()
    ]


mallinfo = getattr(ctypes.CDLL(None), "mallinfo2", None)
if mallinfo is not None:
    mallinfo.restype = MallInfo


def allocated_bytes() -> int:
    """What malloc has given out; 0 where its library doesn't tell."""
    told = mallinfo() if mallinfo is not None else MallInfo()
    return told.uordblks + told.hblkhd


SENTINELS = [None, True, False, dict, ObjectId, Int64, Binary, Decimal128, Timestamp, Regex, Code, DBRef, bson.errors.InvalidBSON, 7, "", b"", datetime.datetime]  # fmt: skip


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_nothing_leaks() -> None:
    calls = every_call()
    watched = SENTINELS + [argument for _, argument in calls]
    rounds = 50
    total_references = getattr(sys, "gettotalrefcount", lambda: 0)

    def after_a_span() -> tuple[array.array[int], int]:
        for _ in range(rounds):
            for function, argument in calls:
                outcome(function, argument)
        gc.collect()
        counts = [len(gc.get_objects()), sys.getallocatedblocks(), total_references()]
        # An array, as the numbers of a list would be among the blocks that are counted.
        counts.append(allocated_bytes() // 16)  # nothing smaller is given out
        return array.array("q", counts + [sys.getrefcount(each) for each in watched]), resident_kib()

    # What a single one of the calls left behind would be there `rounds` times, after every span; caches fill up but once.
    grown = [sys.maxsize] * (4 + len(watched))
    counts, memory = after_a_span()
    memory_grown = sys.maxsize
    for _ in range(5):
        counts_before, memory_before = counts, memory
        counts, memory = after_a_span()
        grown = [min(least, now - before) for least, now, before in zip(grown, counts, counts_before)]
        memory_grown = min(memory_grown, memory - memory_before)
    what = ["objects", "blocks", "references", "bytes / 16", *watched]
    assert [(each, more) for each, more in zip(what, grown) if more >= rounds] == []
    assert memory_grown < 256  # KiB
