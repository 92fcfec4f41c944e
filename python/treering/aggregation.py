# SPDX-License-Identifier: Apache-2.0
"""aggregate, of a collection and of a database."""

from __future__ import annotations

from typing import Any, Optional

from treering import _native, checks, replies
from treering.command_cursor import CommandCursor
from treering.options import Configured, commented, misconfigured, options_of

__all__ = ["aggregate"]


def aggregate(
    native: Any,
    source: Configured,
    database: str,
    target: Any,
    pipeline: Any,
    let: Any,
    comment: Any,
    options: dict[str, Any],
    kind: Any = CommandCursor,
) -> Any:
    """`target` is a collection's name, or 1 for the database itself; `source` its object; `kind` the class of the cursor."""
    if not isinstance(pipeline, list):
        raise TypeError(f"pipeline must be a list, not {type(pipeline)}")
    if "explain" in options:
        raise misconfigured("The explain option is not supported. Use Database.command instead.")
    for name in ("aggregate", "pipeline"):
        if name in options:
            raise misconfigured(
                f"The {name} option cannot be specified as a keyword argument. Use Database.command instead."
            )
    options = dict(options)
    batch_size = _batch_size(options.pop("batchSize", None))
    options.pop("maxAwaitTimeMS", None)
    changes = bool(pipeline) and ("$out" in pipeline[-1] or "$merge" in pipeline[-1])
    cursor = dict(options.pop("cursor", {}))
    if batch_size is not None and not changes:
        cursor["batchSize"] = batch_size
    if "collation" in options:
        options["collation"] = checks.collation_document(options["collation"])
    if let is not None:
        checks.mapping("let", let)
        options["let"] = let
    configured = options_of(source)
    if "readConcern" not in options:
        options.update(configured.reading())
    if changes and "writeConcern" not in options:
        options.update(configured.writing())
    command = configured.encode(
        {"aggregate": target, "pipeline": pipeline, "cursor": cursor, **commented(options, comment)}
    )
    if changes:
        reply = native.run(database, command)
        replies.check_write(_native.decode(reply))
        batch = _native.Batch(reply)
    else:
        batch = native.read_batch(database, command)
    collection = target if isinstance(target, str) else "$cmd.aggregate"
    return kind(native, database, collection, batch, batch_size or 0, comment, configured.codec)


def _batch_size(value: Any) -> Optional[int]:
    if value is None:
        return None
    from pymongo.common import validate_non_negative_integer

    return int(validate_non_negative_integer("batchSize", value))
