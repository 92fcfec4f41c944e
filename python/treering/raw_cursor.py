# SPDX-License-Identifier: Apache-2.0
"""Cursors over batches as the server sent them."""

from __future__ import annotations

from typing import Any, NoReturn

from treering import _native
from treering.command_cursor import Batches, CommandCursor, Decoded
from treering.cursor import Cursor, invalid

__all__ = ["RawBatchCommandCursor", "RawBatchCursor"]


class _RawBatches(Batches):
    """Batches as the server sent them: one item is the documents of a batch behind one another, to be decoded by bson.decode_all."""

    def _readable(self, batch: _native.Batch) -> Decoded:
        documents = batch.take_bytes()
        return Decoded([documents] if documents else [])


class RawBatchCommandCursor(_RawBatches, CommandCursor):
    """Of aggregate_raw_batches."""


class RawBatchCursor(_RawBatches, Cursor):
    """Of find_raw_batches."""

    def explain(self) -> dict[str, Any]:
        return Cursor.explain(self)

    def __getitem__(self, index: Any) -> NoReturn:
        raise invalid("Cannot call __getitem__ on RawBatchCursor")
