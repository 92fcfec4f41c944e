# SPDX-License-Identifier: Apache-2.0
"""The command behind find_one_and_delete, find_one_and_replace and find_one_and_update."""

from __future__ import annotations

from typing import Any, Optional

from treering import _native, checks, replies
from treering.options import Options, commented, options_of

__all__ = ["find_and_modify"]


def find_and_modify(
    collection: Any,
    native: Any,
    filter: Any,
    change: dict[str, Any],
    projection: Any,
    sort: Any,
    upsert: Optional[bool],
    return_document: bool,
    hint: Any,
    let: Any,
    comment: Any,
    kwargs: dict[str, Any],
) -> Optional[dict[str, Any]]:
    checks.mapping("filter", filter)
    if not isinstance(return_document, bool):
        raise TypeError(
            f"return_document must be ReturnDocument.BEFORE or ReturnDocument.AFTER, not {type(return_document)}"
        )
    command = {
        "findAndModify": collection.name,
        "query": filter,
        "new": return_document,
        **change,
        **options_of(collection).writing(),
        **commented(kwargs, comment),
    }
    if let is not None:
        checks.mapping("let", let)
        command["let"] = let
    if command.get("collation") is not None:
        command["collation"] = checks.collation_document(command["collation"])
    if projection is not None:
        command["fields"] = checks.fields_document(projection, "projection")
    if sort is not None:
        command["sort"] = checks.index_document(sort)
    if upsert is not None:
        checks.boolean("upsert", upsert)
        command["upsert"] = upsert
    if hint is not None:
        command["hint"] = checks.hint_value(hint)
    return _found(options_of(collection), native.run(collection.database.name, options_of(collection).encode(command)))


def _found(options: Options, reply: bytes) -> Any:
    """The document of findAndModify's reply, as its collection decodes documents."""
    if options.codec is None:
        document = _native.decode(reply)
        replies.check_write(document)
        return document.get("value")
    # The change is made: what only the collection's codec can read may stop nothing here.
    replies.check_concern(reply)
    return options.decode(reply).get("value")
