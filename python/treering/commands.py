# SPDX-License-Identifier: Apache-2.0
"""Commands as documents: those that the engine has operations for go as those, to be told, counted and undone like the methods."""

from __future__ import annotations

from collections import abc
from typing import Any, Optional

import bson
from bson.codec_options import CodecOptions, DatetimeConversion
from bson.raw_bson import RawBSONDocument

from treering import _native, replies
from treering.options import Options

__all__ = ["drop", "rename", "send"]

# Commands that change nothing. All others are operations: counted, and checked against the run's lease.
_READS = frozenset(
    "ping hello ismaster buildinfo hostinfo serverstatus connectionstatus dbstats collstats datasize find getmore count distinct explain"
    " listcollections listindexes listdatabases listcommands getparameter getcmdlineopts getlog top usersinfo rolesinfo replsetgetstatus"
    " replsetgetconfig killcursors validate whatsmyuri features currentop".split()
)
# To look into what is sent, whatever dates it holds.
_LOOKED_AT: CodecOptions[Any] = CodecOptions(
    document_class=RawBSONDocument, datetime_conversion=DatetimeConversion.DATETIME_AUTO
)


def send(native: Any, database: str, document: dict[str, Any], options: Options) -> bytes:
    name, target = next(iter(document.items()))
    operation = _OPERATIONS.get(name)
    # Where the target is no name, the server has words for it.
    if operation is not None and isinstance(target, str):
        rest = {key: value for key, value in document.items() if key != name}
        reply = operation(native, database, target, rest, options)
        if reply is not None:
            return reply
    reads = name.lower() in _READS or (name == "aggregate" and not _writes_out(document, options))
    return (native.read if reads else native.run)(database, options.encode(document))


# Each gives the reply, or None where the command isn't one that the operation can stand for: it then goes as it is.


def _create(native: Any, database: str, target: str, rest: dict[str, Any], options: Options) -> bytes:
    return native.create(database, target, options.encode(rest))


def _modify(native: Any, database: str, target: str, rest: dict[str, Any], options: Options) -> bytes:
    return native.modify(database, target, options.encode(rest))


def _create_indexes(native: Any, database: str, target: str, rest: dict[str, Any], options: Options) -> Optional[bytes]:
    indexes = rest.pop("indexes", None)
    if not isinstance(indexes, (list, tuple)) or not all(isinstance(each, abc.Mapping) for each in indexes):
        return None
    specifications = [options.encode(each) for each in indexes]
    return native.create_indexes(database, target, specifications, options.encode(rest))


def _drop_indexes(native: Any, database: str, target: str, rest: dict[str, Any], options: Options) -> Optional[bytes]:
    if "index" not in rest:
        return None
    index = options.encode({"index": rest.pop("index")})
    return native.drop_indexes(database, target, index, options.encode(rest))


def drop(native: Any, database: str, target: str, rest: dict[str, Any], options: Options) -> Optional[bytes]:
    if not _is_plain(rest, options):
        return None
    return _with_concern(native, database, target, native.drop(database, target), rest)


def rename(native: Any, database: str, target: str, to: str, rest: dict[str, Any], options: Options) -> Optional[bytes]:
    """`rest`: what the command carries besides the two names."""
    drops = rest.get("dropTarget", False)
    others = {key: value for key, value in rest.items() if key != "dropTarget"}
    if not isinstance(drops, bool) or not _is_plain(others, options):
        return None
    return _with_concern(native, database, target, native.rename(database, target, to, drops), others)


_OPERATIONS = {
    "create": _create,
    "drop": drop,
    "collMod": _modify,
    "createIndexes": _create_indexes,
    "dropIndexes": _drop_indexes,
}


def _is_plain(rest: dict[str, Any], options: Options) -> bool:
    """Whether an operation without options can stand for a command with these. Raises what bson raises where they can't be sent."""
    bson.encode(rest, codec_options=options.codec or bson.DEFAULT_CODEC_OPTIONS)
    return not set(rest) - {"comment", "writeConcern"} and isinstance(rest.get("writeConcern", {}), abc.Mapping)


def _with_concern(native: Any, database: str, target: str, reply: bytes, rest: dict[str, Any]) -> bytes:
    """The reply, with the error of the write concern where there is one.

    The operation is sent without its write concern, since what the trash makes of it is another command. A write that finds
    nothing waits for all that was written before it, and so says what the operation's own would have said.
    """
    concern = rest.get("writeConcern")
    if not concern or concern.get("w") == 0 or native.dry_run or native.in_transaction:
        return reply
    nothing = {"delete": target, "deletes": [{"q": {"_id": {"$in": []}}, "limit": 0}], "writeConcern": concern}
    error = replies.write_concern_error(_native.decode(native.read(database, nothing)))
    return _native.encode({**_native.decode(reply), "writeConcernError": error}) if error else reply


def _writes_out(document: dict[str, Any], options: Options) -> bool:
    """Of an aggregation, as it is sent: whatever Python's form of the pipeline and its stages is."""
    encoded = options.encode(document)
    sent = RawBSONDocument(encoded if isinstance(encoded, bytes) else _native.encode(encoded), _LOOKED_AT)
    pipeline = sent.get("pipeline")
    last = pipeline[-1] if isinstance(pipeline, list) and pipeline else None
    return isinstance(last, abc.Mapping) and ("$out" in last or "$merge" in last)
