# SPDX-License-Identifier: Apache-2.0
"""`env.backfill`: a long change of data, range by range."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Mapping, Optional, Union

from treering import _native, checks
from treering.noted import noted

__all__ = ["Backfilled", "Change", "run"]

Change = Union[Mapping[str, Any], list[Any], Callable[[dict[str, Any]], Any]]


@dataclass(frozen=True)
class Backfilled:
    """What a backfill did: documents that its filter meant, and how many of these are changed. `resumed`: an earlier run had begun it,
    and what that did is counted in."""

    found: int
    changed: int
    resumed: bool


def run(
    native: Any,
    collection: str,
    filter: Optional[Mapping[str, Any]],
    change: Change,
    batch: int,
    workers: int,
    key: str,
    max_rate: Optional[float],
    name: Optional[str],
) -> Backfilled:
    if name is not None and (not isinstance(name, str) or not name):
        raise ValueError(f"a backfill's name has to be some text, not {name!r}")
    if filter is not None:
        checks.mapping("filter", filter)
    code: Optional[Callable[[bytes], Optional[bytes]]] = None
    statement: dict[str, Any] = {}
    if callable(change):
        decide = change

        def code(raw: bytes) -> Optional[bytes]:
            decided = decide(_native.decode(raw))
            if decided is None:
                return None
            statement = _statement(decided, "a backfill's function has to give a document, a pipeline or None")
            # A whole document says which it is. Else an operator was forgotten, and all its other fields would go.
            if not _is_update(decided) and "_id" not in decided:
                raise ValueError(
                    "a backfill's function has to give an update with operators like $set, a pipeline, a whole document "
                    f"with its _id or None, not {decided!r}"
                )
            return _native.encode(statement)

    else:
        statement = _statement(change, "a backfill's change has to be a document, a pipeline or a function")
        if not _is_update(change):
            raise ValueError(
                "a backfill's change has to be an update with operators like $set, a pipeline or a function"
            )
    done = native.backfill(
        collection, dict(filter or {}), statement, code, batch, workers, key, max_rate or 0.0, name or ""
    )
    return noted(native, Backfilled(*done), "backfill", collection)


def _is_update(change: Any) -> bool:
    return not isinstance(change, Mapping) or str(next(iter(change))).startswith("$")


def _statement(change: Any, rule: str) -> dict[str, Any]:
    if not isinstance(change, (Mapping, list)) or not change:
        raise TypeError(f"{rule}, not {change!r}")
    return {"u": change}
