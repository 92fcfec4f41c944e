# SPDX-License-Identifier: Apache-2.0
"""Changes of documents: statements out, pymongo's results and errors back."""

from __future__ import annotations

from collections import abc
from typing import Any, Iterable, Optional

from bson.objectid import ObjectId
from bson.raw_bson import RawBSONDocument

from treering import checks, replies
from treering.noted import noted
from treering.options import options_of
from treering.project_code import place_of_call

__all__ = ["BulkWrite", "delete", "give_id", "insert", "update"]


def give_id(document: Any) -> Any:
    """Sets an ObjectId on a document without _id, as pymongo does: the caller's document is changed. Gives the _id."""
    if isinstance(document, RawBSONDocument):
        return None
    if "_id" not in document:
        document["_id"] = ObjectId()
    return document["_id"]


def command_options(
    collection: Any,
    comment: Any = None,
    let: Any = None,
    bypass_document_validation: Optional[bool] = None,
    ordered: bool = True,
) -> dict[str, Any]:
    options: dict[str, Any] = {"ordered": ordered}
    options.update(options_of(collection).writing())
    if let is not None:
        checks.mapping("let", let)
        options["let"] = let
    if comment is not None:
        options["comment"] = comment
    if bypass_document_validation is not None:
        options["bypassDocumentValidation"] = bypass_document_validation
    return options


def _write(
    native: Any, collection: Any, verb: str, statement: Any, options: dict[str, Any]
) -> Optional[dict[str, Any]]:
    """The reply; None where the write waits in a batch."""
    waits = native.in_batch
    place = place_of_call() if waits else ""
    configured = options_of(collection)
    encode = configured.encode
    coded = configured.codec is not None
    found = native.write(
        collection.database.name, verb, collection.name, encode(statement), encode(options), place, coded
    )
    if waits:
        return None
    reply = configured.decode_write(found) if coded else found
    replies.check_write(reply)
    return reply


def insert(native: Any, collection: Any, document: Any, options: dict[str, Any]) -> bool:
    """Whether it is known to be done: not where the write waits in a batch, or nobody is to wait for it."""
    reply = _write(native, collection, "insert", document, options)
    return reply is not None and options_of(collection).acknowledged


def update(native: Any, collection: Any, statement: dict[str, Any], options: dict[str, Any]) -> Any:
    reply = _write(native, collection, "update", statement, options)
    if reply is None:
        return replies.results().UpdateResult({}, False)
    upserted = reply.get("upserted")
    reply["updatedExisting"] = bool(reply.get("n")) and upserted is None
    if upserted is not None:
        reply["upserted"] = upserted[0]["_id"]
    result = replies.results().UpdateResult(reply, options_of(collection).acknowledged)
    return noted(native, result, "update", collection.name)


def delete(native: Any, collection: Any, statement: dict[str, Any], options: dict[str, Any]) -> Any:
    reply = _write(native, collection, "delete", statement, options)
    acknowledged = reply is not None and options_of(collection).acknowledged
    return noted(native, replies.results().DeleteResult(reply or {}, acknowledged), "delete from", collection.name)


def update_statement(
    filter: Any,
    change: Any,
    multi: Optional[bool],
    upsert: Any,
    collation: Any = None,
    array_filters: Any = None,
    hint: Any = None,
    sort: Any = None,
) -> dict[str, Any]:
    statement: dict[str, Any] = {"q": filter, "u": change}
    if multi is not None:
        statement["multi"] = multi
    if upsert is not None:
        statement["upsert"] = upsert
    if collation is not None:
        statement["collation"] = checks.collation_document(collation)
    if array_filters is not None:
        statement["arrayFilters"] = array_filters
    if hint is not None:
        statement["hint"] = checks.hint_value(hint)
    if sort is not None:
        checks.mapping("sort", sort)
        statement["sort"] = sort
    return statement


def delete_statement(filter: Any, limit: int, collation: Any = None, hint: Any = None) -> dict[str, Any]:
    statement: dict[str, Any] = {"q": filter, "limit": limit}
    if collation is not None:
        statement["collation"] = checks.collation_document(collation)
    if hint is not None:
        statement["hint"] = checks.hint_value(hint)
    return statement


class BulkWrite:
    """Gathers requests (pymongo's classes add themselves through add_*) and sends them, runs of one kind together."""

    def __init__(self, ordered: bool) -> None:
        self._ordered = ordered
        self._requests: list[tuple[str, Any]] = []
        self._result: dict[str, Any] = {
            "writeErrors": [],
            "writeConcernErrors": [],
            "nInserted": 0,
            "nUpserted": 0,
            "nMatched": 0,
            "nModified": 0,
            "nRemoved": 0,
            "upserted": [],
        }

    def add_insert(self, document: Any) -> None:
        checks.document("document", document)
        give_id(document)
        self._requests.append(("insert", document))

    def add_update(
        self,
        selector: Any,
        update: Any,
        multi: bool = False,
        upsert: Any = None,
        collation: Any = None,
        array_filters: Any = None,
        hint: Any = None,
        sort: Any = None,
    ) -> None:
        checks.update(update)
        self._requests.append(
            ("update", update_statement(selector, update, multi, upsert, collation, array_filters, hint, sort))
        )

    def add_replace(
        self,
        selector: Any,
        replacement: Any,
        upsert: Any = None,
        collation: Any = None,
        hint: Any = None,
        sort: Any = None,
    ) -> None:
        checks.replacement(replacement)
        self._requests.append(
            ("update", update_statement(selector, replacement, None, upsert, collation, None, hint, sort))
        )

    def add_delete(self, selector: Any, limit: int, collation: Any = None, hint: Any = None) -> None:
        self._requests.append(("delete", delete_statement(selector, limit, collation, hint)))

    def execute(self, native: Any, collection: Any, options: dict[str, Any]) -> dict[str, Any]:
        """The result document of pymongo's BulkWriteResult. Raises BulkWriteError."""
        configured = options_of(collection)
        encode = configured.encode
        coded = configured.codec is not None
        for verb, indexes in self._runs():
            statements = [encode(self._requests[index][1]) for index in indexes]
            own = {name: value for name, value in options.items() if name != "let"} if verb == "insert" else options
            found = native.write_many(collection.database.name, verb, collection.name, statements, encode(own), coded)
            self._add(verb, indexes, configured.decode_write(found) if coded else found)
            if self._ordered and self._result["writeErrors"]:
                break
        if self._result["writeErrors"] or self._result["writeConcernErrors"]:
            replies.raise_bulk_write_error(self._result)
        return self._result

    def _runs(self) -> Iterable[tuple[str, list[int]]]:
        if not self._ordered:
            for kind in ("insert", "update", "delete"):
                indexes = [index for index, (verb, _) in enumerate(self._requests) if verb == kind]
                if indexes:
                    yield kind, indexes
            return
        start = 0
        for end in range(1, len(self._requests) + 1):
            if end == len(self._requests) or self._requests[end][0] != self._requests[start][0]:
                yield self._requests[start][0], list(range(start, end))
                start = end

    def _add(self, verb: str, indexes: list[int], reply: dict[str, Any]) -> None:
        result, affected = self._result, reply.get("n", 0)
        if verb == "insert":
            result["nInserted"] += affected
        elif verb == "delete":
            result["nRemoved"] += affected
        else:
            upserted = [{**each, "index": indexes[each["index"]]} for each in reply.get("upserted", ())]
            result["upserted"].extend(upserted)
            result["nUpserted"] += len(upserted)
            result["nMatched"] += affected - len(upserted)
            result["nModified"] += reply.get("nModified", 0)
        for error in reply.get("writeErrors", ()):
            index = indexes[error["index"]]
            result["writeErrors"].append({**error, "index": index, "op": self._requests[index][1]})
        concern = replies.write_concern_error(reply)
        if concern:
            result["writeConcernErrors"].append(concern)


def bulk_of(requests: Any, ordered: bool) -> BulkWrite:
    if not isinstance(requests, list):
        raise TypeError(f"requests must be a list, not {type(requests)}")
    bulk = BulkWrite(ordered)
    for request in requests:
        try:
            request._add_to_bulk(bulk)
        except AttributeError:
            raise TypeError(f"{request!r} is not a valid request") from None
    if not requests:
        from pymongo.errors import InvalidOperation

        raise InvalidOperation("No operations to execute")
    return bulk


def bulk_of_inserts(documents: Any, ordered: bool) -> tuple[BulkWrite, list[Any]]:
    if not isinstance(documents, abc.Iterable) or isinstance(documents, abc.Mapping) or not documents:
        raise TypeError("documents must be a non-empty list")
    bulk, ids = BulkWrite(ordered), []
    for document in documents:
        bulk.add_insert(document)
        if not isinstance(document, RawBSONDocument):
            ids.append(document["_id"])
    if not ids and not bulk._requests:
        from pymongo.errors import InvalidOperation

        raise InvalidOperation("No operations to execute")
    return bulk, ids
