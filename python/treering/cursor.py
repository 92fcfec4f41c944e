# SPDX-License-Identifier: Apache-2.0
"""The cursor of find, with pymongo's names and behaviour."""

from __future__ import annotations

import copy
from typing import Any, Callable, NoReturn, Optional, Union

from bson.code import Code

from treering import checks
from treering.client_session import native_of
from treering.command_cursor import NO_DOCUMENTS, Batches, require_size
from treering.options import options_of

__all__ = ["Cursor", "invalid"]


# Of the wire protocol's flags those that the find command has as options.
_FLAGS = {8: "oplogReplay", 16: "noCursorTimeout", 128: "allowPartialResults"}
# Source: pymongo.cursor.CursorType.
_CURSOR_TYPES = (0, 2, 34, 64)


class Cursor(Batches):
    """Of find. Nothing is sent until the first document is asked for; until then the query can be changed."""

    def __init__(
        self,
        collection: Any,
        native: Any,
        filter: Any = None,
        projection: Any = None,
        skip: int = 0,
        limit: int = 0,
        no_cursor_timeout: bool = False,
        cursor_type: int = 0,
        sort: Any = None,
        allow_partial_results: bool = False,
        oplog_replay: bool = False,
        batch_size: int = 0,
        collation: Any = None,
        hint: Any = None,
        max_scan: Any = None,
        max_time_ms: Optional[int] = None,
        max: Any = None,
        min: Any = None,
        return_key: Optional[bool] = None,
        show_record_id: Optional[bool] = None,
        snapshot: Any = None,
        comment: Any = None,
        session: Any = None,
        allow_disk_use: Optional[bool] = None,
        let: Any = None,
    ) -> None:
        super().__init__(native_of(native, session), collection.database.name, collection.name)
        self._session = session
        self._codec = options_of(collection).codec
        filter = filter or {}
        checks.mapping("filter", filter)
        _require_int("skip", skip)
        _require_int("limit", limit)
        checks.boolean("no_cursor_timeout", no_cursor_timeout)
        if cursor_type not in _CURSOR_TYPES:
            raise ValueError("not a valid value for cursor_type")
        if cursor_type:
            raise NotImplementedError("env's find has no tailable cursors: env.pymongo_db has them")
        checks.boolean("allow_partial_results", allow_partial_results)
        if not isinstance(batch_size, int):
            raise TypeError(f"batch_size must be an integer, not {type(batch_size)}")
        if batch_size < 0:
            raise ValueError("batch_size must be >= 0")
        if allow_disk_use is not None:
            checks.boolean("allow_disk_use", allow_disk_use)
        if let is not None:
            checks.document("let", let)
        if projection is not None:
            projection = checks.fields_document(projection, "projection")
        if max_scan is not None or snapshot is not None or oplog_replay:
            raise NotImplementedError("max_scan, snapshot and oplog_replay: servers have dropped them")
        self._collection = collection
        self._filter = filter
        self._projection = projection
        self._skip = skip
        self._limit = limit
        self._batch_size = batch_size
        self._comment = comment
        self._empty = False
        self._explain = False
        # Options of the command under the server's names; None: not sent.
        self._options: dict[str, Any] = {
            "sort": checks.index_document(sort) if sort else None,
            "noCursorTimeout": no_cursor_timeout or None,
            "allowPartialResults": allow_partial_results or None,
            "collation": checks.collation_document(collation),
            "hint": checks.hint_value(hint) or None,
            "maxTimeMS": max_time_ms,
            "max": None if max is None else dict(max),
            "min": None if min is None else dict(min),
            "returnKey": return_key,
            "showRecordId": show_record_id,
            "allowDiskUse": allow_disk_use,
            "let": let,
        }

    @property
    def collection(self) -> Any:
        return self._collection

    def _command(self) -> dict[str, Any]:
        command: dict[str, Any] = {"find": self._collection.name, "filter": self._filter}
        if self._projection:
            command["projection"] = self._projection
        if self._skip:
            command["skip"] = self._skip
        if self._limit:
            command["limit"] = abs(self._limit)
            if self._limit < 0:
                command["singleBatch"] = True
        if self._batch_size:
            # One more than the limit lets the server close the cursor by itself.
            command["batchSize"] = self._batch_size + (self._limit == self._batch_size)
        if self._comment is not None:
            command["comment"] = self._comment
        command.update((name, value) for name, value in self._options.items() if value is not None)
        command.update(options_of(self._collection).reading())
        return command

    def _start(self) -> None:
        if (self._options["min"] or self._options["max"]) and not self._options["hint"]:
            raise invalid(
                "Passing a 'hint' is required when using the min/max query option to ensure the query utilizes the correct index"
            )
        self._ask(self._database, self._command())
        if self._limit and self._id and abs(self._limit) <= self._retrieved:
            self.close()

    def _wanted(self) -> int:
        if not self._limit:
            return self._batch_size
        left = abs(self._limit) - self._retrieved
        return min(left, self._batch_size) if self._batch_size else left

    def _refresh(self) -> bool:
        return not self._empty and super()._refresh()

    def _changing(self) -> None:
        if self._retrieved or self._id is not None:
            raise invalid("cannot set options after executing query")

    def sort(self, key_or_list: Any, direction: Any = None) -> Cursor:
        self._changing()
        self._options["sort"] = checks.index_document(checks.index_keys(key_or_list, direction))
        return self

    def skip(self, skip: int) -> Cursor:
        if not isinstance(skip, int):
            raise TypeError(f"skip must be an integer, not {type(skip)}")
        if skip < 0:
            raise ValueError("skip must be >= 0")
        self._changing()
        self._skip = skip
        return self

    def limit(self, limit: int) -> Cursor:
        if not isinstance(limit, int):
            raise TypeError(f"limit must be an integer, not {type(limit)}")
        self._changing()
        self._empty = False
        self._limit = limit
        return self

    def batch_size(self, batch_size: int) -> Cursor:
        require_size("batch_size", batch_size)
        self._changing()
        self._batch_size = batch_size
        return self

    def hint(self, index: Any) -> Cursor:
        self._changing()
        self._options["hint"] = checks.hint_value(index) or None
        return self

    def comment(self, comment: Any) -> Cursor:
        self._changing()
        self._comment = comment
        return self

    def collation(self, collation: Any) -> Cursor:
        self._changing()
        self._options["collation"] = checks.collation_document(collation)
        return self

    def max_time_ms(self, max_time_ms: Optional[int]) -> Cursor:
        if not isinstance(max_time_ms, int) and max_time_ms is not None:
            raise TypeError(f"max_time_ms must be an integer or None, not {type(max_time_ms)}")
        self._changing()
        self._options["maxTimeMS"] = max_time_ms
        return self

    def allow_disk_use(self, allow_disk_use: bool) -> Cursor:
        if not isinstance(allow_disk_use, bool):
            raise TypeError(f"allow_disk_use must be a bool, not {type(allow_disk_use)}")
        self._changing()
        self._options["allowDiskUse"] = allow_disk_use
        return self

    def where(self, code: Any) -> Cursor:
        self._changing()
        self._filter = {**self._filter, "$where": code if isinstance(code, Code) else Code(code)}
        return self

    def max_await_time_ms(self, max_await_time_ms: Optional[int]) -> Cursor:
        """For tailable cursors; of no effect here, as with pymongo."""
        if not isinstance(max_await_time_ms, int) and max_await_time_ms is not None:
            raise TypeError(f"max_await_time_ms must be an integer or None, not {type(max_await_time_ms)}")
        self._changing()
        return self

    def add_option(self, mask: int) -> Cursor:
        return self._flag(mask, True)

    def remove_option(self, mask: int) -> Cursor:
        return self._flag(mask, False)

    def _flag(self, mask: int, wanted: bool) -> Cursor:
        if not isinstance(mask, int):
            raise TypeError(f"mask must be an int, not {type(mask)}")
        self._changing()
        for bit, name in _FLAGS.items():
            if mask & bit:
                self._options[name] = wanted or None
        if wanted and mask & ~sum(_FLAGS):
            raise NotImplementedError("env's find has no tailable and no exhaust cursors: env.pymongo_db has them")
        return self

    def max_scan(self, max_scan: Any) -> NoReturn:
        raise NotImplementedError("max_scan: servers have dropped it")

    def max(self, spec: Any) -> Cursor:
        return self._bound("max", spec)

    def min(self, spec: Any) -> Cursor:
        return self._bound("min", spec)

    def _bound(self, name: str, spec: Any) -> Cursor:
        if not isinstance(spec, (list, tuple)):
            raise TypeError(f"spec must be an instance of list or tuple, not {type(spec)}")
        self._changing()
        self._options[name] = dict(spec)
        return self

    def clone(self) -> Cursor:
        """The same query, not yet asked."""
        return self._twin(copy.deepcopy)

    def __copy__(self) -> Cursor:
        return self._twin(lambda part: part)

    def __deepcopy__(self, memo: Any) -> Cursor:
        return self._twin(copy.deepcopy)

    def _twin(self, copied: Callable[[Any], Any]) -> Cursor:
        twin = object.__new__(type(self))
        twin.__dict__.update(self.__dict__)
        twin._reset()
        twin._filter, twin._projection = copied(self._filter), copied(self._projection)
        twin._comment = copied(self._comment)
        twin._options = {name: copied(value) for name, value in self._options.items()}
        return twin

    def rewind(self) -> Cursor:
        """The query from its start, asked again."""
        self.close()
        self._reset()
        return self

    def _reset(self) -> None:
        self._batch = NO_DOCUMENTS
        self._id = None
        self._retrieved = 0
        self._closed = False

    def distinct(self, key: str) -> list[Any]:
        options = {"query": self._filter} if self._filter else {}
        for name in ("maxTimeMS", "collation"):
            if self._options[name] is not None:
                options[name] = self._options[name]
        if self._comment is not None:
            options["comment"] = self._comment
        return self._collection.distinct(key, session=self._session, **options)

    def explain(self) -> dict[str, Any]:
        command = {"explain": self._command(), "verbosity": "allPlansExecution"}
        return self._collection.database.command(command, session=self._session, codec_options=self._codec)

    def __getitem__(self, index: Union[int, slice]) -> Any:
        self._changing()
        self._empty = False
        if isinstance(index, slice):
            return self._slice(index)
        if not isinstance(index, int):
            raise TypeError(f"index {index!r} cannot be applied to Cursor instances")
        if index < 0:
            raise IndexError("Cursor instances do not support negative indices")
        for document in self.clone().skip(index + self._skip).limit(-1):
            return document
        raise IndexError("no such item for Cursor instance")

    def _slice(self, index: slice) -> Cursor:
        if index.step is not None:
            raise IndexError("Cursor instances do not support slice steps")
        start = index.start or 0
        if start < 0:
            raise IndexError("Cursor instances do not support negative indices")
        limit = 0
        if index.stop is not None:
            limit = index.stop - start
            if limit < 0:
                raise IndexError(f"stop index must be greater than start index for slice {index!r}")
            self._empty = limit == 0
        self._skip, self._limit = start, limit
        return self


def _require_int(name: str, value: Any) -> None:
    if not isinstance(value, int):
        raise TypeError(f"{name} must be an instance of int, not {type(value)}")


def invalid(message: str) -> Exception:
    from pymongo.errors import InvalidOperation

    return InvalidOperation(message)
