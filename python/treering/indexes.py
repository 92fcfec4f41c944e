# SPDX-License-Identifier: Apache-2.0
"""Index specifications as createIndexes takes them, from the forms that pymongo takes."""

from __future__ import annotations

from typing import Any, Optional

from treering import _native, checks, replies
from treering.command_cursor import CommandCursor
from treering.options import options_of
from treering.project_code import place_of_call

__all__ = ["create", "drop", "listed", "specification", "specifications"]

_NAMESPACE_NOT_FOUND = 26


def specification(keys: Any, **options: Any) -> dict[str, Any]:
    """As pymongo's IndexModel(keys, **options).document; also takes such a model."""
    own = _document_of(keys)
    if own is not None:
        return {**own, **options}
    pairs = checks.index_keys(keys)
    if options.get("name") is None:
        options["name"] = checks.index_name(pairs)
    options["key"] = checks.index_document(pairs)
    collation = checks.collation_document(options.pop("collation", None))
    if collation is not None:
        options["collation"] = collation
    return options


def specifications(models: Any) -> list[dict[str, Any]]:
    if not isinstance(models, list):
        raise TypeError(f"indexes must be a list, not {type(models)}")
    documents = []
    for model in models:
        document = _document_of(model)
        if document is None:
            raise TypeError(f"{model!r} is not an instance of pymongo.operations.IndexModel")
        documents.append(document)
    return documents


def _document_of(model: Any) -> Optional[dict[str, Any]]:
    """Of an IndexModel, known by its class's name: pymongo needn't be imported to say no."""
    return model.document if any(base.__name__ == "IndexModel" for base in type(model).__mro__) else None


def create(native: Any, collection: Any, documents: list[dict[str, Any]], options: dict[str, Any]) -> list[str]:
    place = place_of_call() if native.in_batch else ""
    reply = native.create_indexes(collection.database.name, collection.name, documents, options, place)
    replies.check_write(_native.decode(reply))
    return [document["name"] for document in documents]


def drop(native: Any, collection: Any, index: Any, options: dict[str, Any]) -> None:
    name = checks.index_name(checks.index_keys(index)) if isinstance(index, list) else index
    if not isinstance(name, str):
        raise TypeError(f"index_or_name must be an instance of str or list, not {type(name)}")
    options = options_of(collection).encode(options)
    try:
        reply = native.drop_indexes(collection.database.name, collection.name, {"index": name}, options)
    except Exception as error:
        if getattr(error, "code", None) != _NAMESPACE_NOT_FOUND:
            raise
    else:
        replies.check_write(_native.decode(reply))


def listed(native: Any, collection: Any, comment: Any) -> CommandCursor:
    command: dict[str, Any] = {"listIndexes": collection.name, "cursor": {}}
    if comment is not None:
        command["comment"] = comment
    database = collection.database.name
    batch = None
    try:
        batch = native.read_batch(database, command)
    except Exception as error:
        if getattr(error, "code", None) != _NAMESPACE_NOT_FOUND:
            raise
    return CommandCursor(native, database, collection.name, batch, 0, comment)
