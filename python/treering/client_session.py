# SPDX-License-Identifier: Apache-2.0
"""`env.client.start_session()`: pymongo's ClientSession on a connection of its own."""

from __future__ import annotations

import contextvars
import enum
import random
import time
from typing import Any, Callable, Mapping, NoReturn, Optional, TypeVar

from treering import _native
from treering.options import misconfigured, options_of

__all__ = ["ClientSession", "for_writing", "native_of"]

_T = TypeVar("_T")

# Source: the drivers' specification of withTransaction.
_PATIENCE = 120
_FIRST_PAUSE, _LONGEST_PAUSE = 0.005, 0.5

_bound: contextvars.ContextVar[Optional[ClientSession]] = contextvars.ContextVar("treering_session", default=None)


class _State(enum.Enum):
    NONE = enum.auto()
    STARTING = enum.auto()  # the server hasn't heard of it yet
    IN_PROGRESS = enum.auto()
    COMMITTED = enum.auto()
    COMMITTED_EMPTY = enum.auto()
    ABORTED = enum.auto()


def native_of(native: Any, session: Any) -> Any:
    """What a call with that `session=` argument goes through: the env's own connection, or the session's."""
    if session is None:
        session = _bound.get()
        if session is None:
            return native
    if not isinstance(session, ClientSession):
        raise ValueError(f"'session' argument must be a ClientSession or None, not {type(session)}")
    return session._used_by(native)


def for_writing(native: Any, configured: Any, session: Any) -> tuple[Any, Any]:
    """What a call that writes goes through, and its collection or database with the write concern that holds in that session."""
    used, options = native_of(native, session), options_of(configured)
    if options.write_concern is None:
        return used, configured
    session = _bound.get() if session is None else session
    if session is None:
        return used, configured
    if session.in_transaction:  # which has a write concern as a whole
        return used, configured.with_options(write_concern=type(options.write_concern)())
    if not options.acknowledged:
        raise misconfigured(
            f"Explicit sessions are incompatible with unacknowledged write concern: {options.write_concern!r}"
        )
    return used, configured


class ClientSession:
    """Made by `env.client.start_session()`. Valid until it is ended, or the migration returns."""

    def __init__(self, client: Any, native: Any, options: Any) -> None:
        self._client = client
        self._env_native = native
        self._native = native.start_session()
        self._options = options
        self._state = _State.NONE
        self._ended = False

    def _used_by(self, native: Any) -> Any:
        self._check_ended()
        if native is not self._env_native and native is not self._native:
            raise _invalid("Can only use session with the MongoClient that started it")
        if self._state is _State.STARTING:
            self._state = _State.IN_PROGRESS
        elif not self.in_transaction:
            self._state = _State.NONE
        return self._native

    def _check_ended(self) -> None:
        if self._ended:
            raise _invalid("Cannot use ended session")

    @property
    def client(self) -> Any:
        return self._client

    @property
    def options(self) -> Any:
        return self._options

    @property
    def session_id(self) -> Mapping[str, Any]:
        self._check_ended()
        return _native.decode(self._native.session_id())

    @property
    def has_ended(self) -> bool:
        return self._ended

    @property
    def in_transaction(self) -> bool:
        return self._state in (_State.STARTING, _State.IN_PROGRESS)

    def start_transaction(
        self,
        read_concern: Any = None,
        write_concern: Any = None,
        read_preference: Any = None,
        max_commit_time_ms: Optional[int] = None,
    ) -> Any:
        self._check_ended()
        if self.in_transaction:
            raise _invalid("Transaction already in progress")
        asked = self._transaction_options(read_concern, write_concern, read_preference, max_commit_time_ms)
        self._native.begin_transaction(asked)
        self._state = _State.STARTING
        return _Transaction(self)

    def _transaction_options(self, *options: Any) -> dict[str, Any]:
        from pymongo.client_session import TransactionOptions

        default = self._options.default_transaction_options or TransactionOptions()
        names = ("read_concern", "write_concern", "read_preference", "max_commit_time_ms")
        chosen = [getattr(default, name) if each is None else each for name, each in zip(names, options)]
        for index, of_client in enumerate((self._client.read_concern, self._client.write_concern)):
            if chosen[index] is None:
                chosen[index] = of_client
        checked = TransactionOptions(*chosen)
        document: dict[str, Any] = {}
        if checked.read_concern is not None and checked.read_concern.level is not None:
            document["readConcern"] = checked.read_concern.document
        if checked.write_concern is not None and checked.write_concern.document:
            document["writeConcern"] = checked.write_concern.document
        if checked.max_commit_time_ms is not None:
            document["maxTimeMS"] = checked.max_commit_time_ms
        return document

    def commit_transaction(self) -> None:
        self._check_ended()
        if self._state is _State.NONE:
            raise _invalid("No transaction started")
        if self._state is _State.ABORTED:
            raise _invalid("Cannot call commitTransaction after calling abortTransaction")
        empty = self._state in (_State.STARTING, _State.COMMITTED_EMPTY)
        self._state = _State.COMMITTED_EMPTY if empty else _State.COMMITTED
        self._native.commit_transaction()

    def abort_transaction(self) -> None:
        self._check_ended()
        if self._state is _State.NONE:
            raise _invalid("No transaction started")
        if self._state is _State.ABORTED:
            raise _invalid("Cannot call abortTransaction twice")
        if not self.in_transaction:
            raise _invalid("Cannot call abortTransaction after calling commitTransaction")
        self._state = _State.ABORTED
        self._native.abort_transaction()

    def with_transaction(
        self,
        callback: Callable[[ClientSession], _T],
        read_concern: Any = None,
        write_concern: Any = None,
        read_preference: Any = None,
        max_commit_time_ms: Optional[int] = None,
    ) -> _T:
        """Runs callback(session) in a transaction, again where the server calls what went wrong transient, for two minutes at most."""
        end, pause = time.monotonic() + _PATIENCE, _FIRST_PAUSE
        while True:
            self.start_transaction(read_concern, write_concern, read_preference, max_commit_time_ms)
            try:
                result = callback(self)
            except BaseException as error:
                if self.in_transaction:
                    self.abort_transaction()
                if not _has_label(error, "TransientTransactionError") or time.monotonic() + pause > end:
                    raise
            else:
                if not self.in_transaction or self._committed(end):
                    return result
            time.sleep(random.random() * pause)
            pause = min(pause * 1.5, _LONGEST_PAUSE)

    def _committed(self, end: float) -> bool:
        """False: the whole transaction has to be run again."""
        while True:
            try:
                self.commit_transaction()
                return True
            except Exception as error:
                if time.monotonic() > end:
                    raise
                unknown = _has_label(error, "UnknownTransactionCommitResult") and getattr(error, "code", None) != 50
                if not unknown:
                    if not _has_label(error, "TransientTransactionError"):
                        raise
                    return False

    def bind(self, end_session: bool = True) -> Any:
        """A context in which every call without `session=` goes through this session."""
        self._check_ended()
        return _Bound(self, end_session)

    def end_session(self) -> None:
        if self._ended:
            return
        self._ended = True
        self._state = _State.NONE
        self._native.end_session()

    @property
    def cluster_time(self) -> NoReturn:
        _left_out("cluster_time")

    @property
    def operation_time(self) -> NoReturn:
        _left_out("operation_time")

    def advance_cluster_time(self, cluster_time: Any) -> NoReturn:
        _left_out("advance_cluster_time")

    def advance_operation_time(self, operation_time: Any) -> NoReturn:
        _left_out("advance_operation_time")

    def __enter__(self) -> ClientSession:
        return self

    def __exit__(self, *_: Any) -> None:
        self.end_session()


class _Transaction:
    def __init__(self, session: ClientSession) -> None:
        self._session = session

    def __enter__(self) -> _Transaction:
        return self

    def __exit__(self, kind: Any, *_: Any) -> None:
        if self._session.in_transaction:
            if kind is None:
                self._session.commit_transaction()
            else:
                self._session.abort_transaction()


class _Bound:
    def __init__(self, session: ClientSession, end_session: bool) -> None:
        self._session = session
        self._end_session = end_session

    def __enter__(self) -> ClientSession:
        self._token = _bound.set(self._session)
        return self._session

    def __exit__(self, *_: Any) -> None:
        _bound.reset(self._token)
        if self._end_session:
            self._session.end_session()


def _has_label(error: BaseException, label: str) -> bool:
    asked = getattr(error, "has_error_label", None)
    return asked is not None and asked(label)


def _left_out(name: str) -> NoReturn:
    raise NotImplementedError(
        f"env's sessions have no {name}: all goes to one primary, where everybody sees what is written; env.pymongo_db.client has it"
    )


def _invalid(message: str) -> Exception:
    from pymongo.errors import InvalidOperation

    return InvalidOperation(message)
