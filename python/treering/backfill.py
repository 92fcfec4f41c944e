# SPDX-License-Identifier: Apache-2.0
"""`env.backfill`: a long change of data, range by range."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Mapping, Optional, Union

from treering import _native, checks

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
) -> Backfilled:
    if filter is not None:
        checks.mapping("filter", filter)
    code: Optional[Callable[[bytes], Optional[bytes]]] = None
    statement: dict[str, Any] = {}
    if callable(change):
        decide = change

        def code(raw: bytes) -> Optional[bytes]:
            decided = decide(_native.decode(raw))
            return None if decided is None else _native.encode(_statement(decided))

    else:
        statement = _statement(change)
        if isinstance(change, Mapping) and not next(iter(change)).startswith("$"):
            raise ValueError(
                "a backfill's change has to be an update with operators like $set, a pipeline or a function"
            )
    return Backfilled(
        *native.backfill(collection, dict(filter or {}), statement, code, batch, workers, key, max_rate or 0.0)
    )


def _statement(change: Any) -> dict[str, Any]:
    if not isinstance(change, (Mapping, list)) or not change:
        raise TypeError(f"a change has to be a document, a pipeline or None, not {change!r}")
    return {"u": change}
