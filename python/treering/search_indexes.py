# SPDX-License-Identifier: Apache-2.0
"""Search indexes: the commands of pymongo's methods for them."""

from __future__ import annotations

from typing import Any

from treering import _native

__all__ = ["create", "drop", "model_of", "update"]

_NAMESPACE_NOT_FOUND = 26


def model_of(model: Any) -> Any:
    """A SearchIndexModel from one, or from its definition."""
    from pymongo.operations import SearchIndexModel

    return model if isinstance(model, SearchIndexModel) else SearchIndexModel(**model)


def create(native: Any, collection: Any, models: Any, options: dict[str, Any]) -> list[str]:
    from pymongo.operations import SearchIndexModel

    documents = []
    for model in models:
        if not isinstance(model, SearchIndexModel):
            raise TypeError(f"{model!r} is not an instance of pymongo.operations.SearchIndexModel")
        documents.append(model.document)
    reply = _run(native, collection, {"createSearchIndexes": collection.name, "indexes": documents, **options})
    return [index["name"] for index in reply["indexesCreated"]]


def update(native: Any, collection: Any, name: str, definition: Any, options: dict[str, Any]) -> None:
    command = {"updateSearchIndex": collection.name, "name": name, "definition": definition, **options}
    _run_where_it_is(native, collection, command)


def drop(native: Any, collection: Any, name: str, options: dict[str, Any]) -> None:
    _run_where_it_is(native, collection, {"dropSearchIndex": collection.name, "name": name, **options})


def _run(native: Any, collection: Any, command: dict[str, Any]) -> dict[str, Any]:
    return _native.decode(native.run(collection.database.name, command))


def _run_where_it_is(native: Any, collection: Any, command: dict[str, Any]) -> None:
    try:
        _run(native, collection, command)
    except Exception as error:
        if getattr(error, "code", None) != _NAMESPACE_NOT_FOUND:
            raise
