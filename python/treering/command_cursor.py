# SPDX-License-Identifier: Apache-2.0
"""What all cursors share, batch by batch from the native env's replies, and the cursor of commands."""

from __future__ import annotations

from collections import deque
from typing import Any, Iterator, Optional, Union

import bson

from treering import _native

__all__ = ["Batches", "CommandCursor", "Decoded", "NO_DOCUMENTS", "address_of", "require_size"]

NO_DOCUMENTS = _native.Batch()


class Decoded:
    """A batch whose documents are made already."""

    def __init__(self, documents: list[Any]) -> None:
        self._documents = deque(documents)

    def __len__(self) -> int:
        return len(self._documents)

    def next(self) -> Any:
        return self._documents.popleft() if self._documents else None


class Batches:
    """The documents of one cursor of the server, batch by batch."""

    def __init__(self, native: Any, database: str, collection: str) -> None:
        self._native = native
        self._database = database
        self._namespace = (database, collection)
        self._batch: Union[_native.Batch, Decoded] = NO_DOCUMENTS
        self._id: Optional[int] = None  # nothing asked yet; 0: nothing more to come
        self._retrieved = 0
        self._closed = False
        self._batch_size = 0
        self._comment: Any = None
        self._codec: Any = None  # None: as pymongo decodes by default
        self._session: Any = None

    def _take(self, batch: _native.Batch) -> None:
        self._id = batch.cursor_id
        if batch.namespace:
            database, collection = batch.namespace.split(".", 1)
            self._namespace = (database, collection)
        self._retrieved += len(batch)
        self._batch = self._readable(batch)
        if not self._id:
            self._closed = True

    def _readable(self, batch: _native.Batch) -> Union[_native.Batch, Decoded]:
        """The batch as its documents are asked for."""
        return batch if self._codec is None else Decoded(bson.decode_all(batch.take_bytes(), self._codec))

    def _start(self) -> None:
        self._id = 0

    def _wanted(self) -> int:
        return self._batch_size

    def _refresh(self) -> bool:
        """Fetches a batch where none is at hand. False: there are no more documents."""
        while not self._batch and not self._closed:
            if self._id is None:
                self._start()
            elif self._id:
                self._get_more(self._id)
            else:
                self._closed = True
        return bool(self._batch)

    def _get_more(self, cursor_id: int) -> None:
        database, collection = self._namespace
        command: dict[str, Any] = {"getMore": bson.Int64(cursor_id), "collection": collection}
        wanted = self._wanted()
        if wanted:
            command["batchSize"] = wanted
        if self._comment is not None:
            command["comment"] = self._comment
        self._ask(database, command)

    def _ask(self, database: str, command: dict[str, Any]) -> None:
        """The next batch is at hand afterwards. Where it can't be had, the cursor is closed."""
        try:
            encoded = command if self._codec is None else bson.encode(command, codec_options=self._codec)
            self._take(self._native.read_batch(database, encoded))
        except BaseException:
            self._closed = True
            raise

    def _decoded(self) -> Optional[dict[str, Any]]:
        """The next document of the batch at hand, None behind its last. After one that can't be decoded nothing more comes.

        Some are decoded at a time, so that a batch takes the memory of its bytes. pymongo decodes a whole batch, and
        so raises before the first document of a batch with a wrong one.
        """
        try:
            return self._batch.next()
        except BaseException:
            self._batch = NO_DOCUMENTS
            self.close()
            raise

    def next(self) -> Any:
        document = self._decoded()
        if document is None:
            if not self._refresh():
                raise StopIteration
            document = self._decoded()
        return document

    __next__ = next

    def __iter__(self) -> Iterator[Any]:
        return self

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def close(self) -> None:
        """Closes the cursor of the server; documents at hand stay readable, as with pymongo."""
        self._closed = True
        cursor_id, self._id = self._id, 0 if self._id is not None else None
        if cursor_id:
            self._native.forget_cursor(*self._namespace, cursor_id)

    def __del__(self) -> None:
        if getattr(self, "_id", None):
            self.close()

    @property
    def alive(self) -> bool:
        return bool(self._batch) or not self._closed

    @property
    def cursor_id(self) -> Optional[int]:
        return self._id

    @property
    def retrieved(self) -> int:
        return self._retrieved

    @property
    def session(self) -> Any:
        return self._session

    @property
    def address(self) -> Any:
        """Where the cursor is; None before it is."""
        return None if self._id is None else address_of(self._native)

    def to_list(self, length: Optional[int] = None) -> list[Any]:
        """All documents that are left, or at most `length` of them."""
        if isinstance(length, int) and length < 1:
            raise ValueError("to_list() length must be greater than 0")
        documents: list[Any] = []
        while (length is None or len(documents) < length) and self._refresh():
            documents.append(self._decoded())
        return documents


class CommandCursor(Batches):
    """Of aggregate, list_indexes, list_collections."""

    def __init__(
        self,
        native: Any,
        database: str,
        collection: str,
        batch: Optional[_native.Batch],
        batch_size: int = 0,
        comment: Any = None,
        codec: Any = None,
    ) -> None:
        super().__init__(native, database, collection)
        self._batch_size = batch_size
        self._comment = comment
        self._codec = codec
        if batch is None:
            self._id, self._closed = 0, True
        else:
            self._take(batch)

    def batch_size(self, batch_size: int) -> CommandCursor:
        require_size("batch_size", batch_size)
        self._batch_size = 2 if batch_size == 1 else batch_size
        return self

    def try_next(self) -> Any:
        return self._decoded() if self._refresh() else None


def address_of(native: Any) -> tuple[str, int]:
    """Of the server that the env works on."""
    host, _, port = native.address.rpartition(":")
    return host, int(port)


def require_size(name: str, value: Any) -> None:
    if not isinstance(value, int):
        raise TypeError(f"{name} must be an integer, not {type(value)}")
    if value < 0:
        raise ValueError(f"{name} must be >= 0")
