# SPDX-License-Identifier: Apache-2.0
"""Results of a script's collected writes: what only a real run could tell is noted when the code looks at it."""

from __future__ import annotations

from typing import Any, TypeVar

__all__ = ["noted"]

_Result = TypeVar("_Result")

# Of pymongo's results and of Backfilled; what was asked for, as inserted_id, is known without a server.
_TOLD_BY_THE_SERVER = frozenset(
    "matched_count modified_count deleted_count inserted_count upserted_count upserted_id upserted_ids did_upsert raw_result"
    " bulk_api_result found changed resumed".split()
)


def noted(native: Any, result: _Result, operation: str, collection: str) -> _Result:
    """The result; in a script one that marks the revision when a count is read. `operation`: "update"."""
    if not native.script:
        return result
    kind = type(result)

    class Noted(kind):  # type: ignore[misc, valid-type]
        __slots__ = ()

        def __getattribute__(self, name: str) -> Any:
            if name in _TOLD_BY_THE_SERVER:
                native.note_use(f"{name} of {operation} {collection}")
            return super().__getattribute__(name)

    Noted.__name__, Noted.__qualname__ = kind.__name__, kind.__qualname__
    # Results can't be copied with what they hold, and a frozen one takes no attribute.
    object.__setattr__(result, "__class__", Noted)
    return result
