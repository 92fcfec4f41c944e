# SPDX-License-Identifier: Apache-2.0
"""The server's replies as pymongo's exceptions. pymongo itself is imported only when there is one to raise: that takes 50 ms."""

from __future__ import annotations

import functools
import signal
from typing import Any, Mapping, NoReturn, Optional

import bson
from bson.raw_bson import RawBSONDocument

from treering import _native, errors

__all__ = [
    "check_concern",
    "check_write",
    "exception_in_env",
    "raise_bulk_write_error",
    "results",
    "too_large",
    "write_concern_error",
]

# Source: pymongo's helpers_shared.py.
_NOT_PRIMARY_CODES = frozenset([10058, 10107, 13435, 11600, 11602, 13436, 189, 91])
_DUPLICATE_KEY_CODES = frozenset([11000, 11001, 12582])
_EXECUTION_TIMEOUT = 50
_CURSOR_NOT_FOUND = 43
_WTIMEOUT = 64


@functools.cache  # an import statement looks the module up every time
def results() -> Any:
    """The module pymongo.results."""
    import pymongo.results

    return pymongo.results


def exception_in_env(error: errors.TreeringError, reply: Optional[bytes]) -> BaseException:
    """What the code of a migration sees when a call of `env` failed with that error."""
    if reply is not None and "place" in error.fields:
        return _batch_refused(_native.decode(reply), error.fields)
    if reply is not None:
        refused = _native.decode(reply)
        if refused.get("ok") and (refused.get("writeErrors") or refused.get("writeConcernError")):
            try:
                check_write(refused)
            except Exception as told:
                return told
        return _refusal(refused)
    if isinstance(error, errors.Interrupted):
        number = int(error.fields.get("signal") or signal.SIGINT)
        return KeyboardInterrupt() if number == signal.SIGINT else errors.Terminated(number)
    if isinstance(error, errors.ServerUnreachable):
        lost: Any = _lost_connection()(error.message, error.hint, error.fields)
        for label in filter(None, error.fields.get("error_labels", "").split(",")):
            lost._add_error_label(label)
        return lost
    return error


def _refusal(reply: dict[str, Any]) -> BaseException:
    import pymongo.errors as theirs

    message, code = reply.get("errmsg", reply.get("$err")), reply.get("code")
    if code in _NOT_PRIMARY_CODES:
        return theirs.NotPrimaryError(message, reply)
    if code in _DUPLICATE_KEY_CODES:
        return theirs.DuplicateKeyError(message, code, reply)
    if code == _EXECUTION_TIMEOUT:
        return theirs.ExecutionTimeout(message, code, reply)
    if code == _CURSOR_NOT_FOUND:
        return theirs.CursorNotFound(message, code, reply)
    return theirs.OperationFailure(message, code, reply)


def _batch_refused(reply: dict[str, Any], fields: Mapping[str, str]) -> BaseException:
    """Of a statement that was sent later than it was called: the exception of that call, which knows where that was, or might have been."""
    try:
        check_write(reply)
        refused = _refusal(reply)
    except Exception as error:
        refused = error
    refused.treering_place = fields["place"]  # type: ignore[attr-defined]
    refused.treering_places = fields.get("places", "").splitlines()  # type: ignore[attr-defined]
    return refused


def _lost_connection() -> type[errors.ServerUnreachable]:
    """ServerUnreachable that `except pymongo.errors.AutoReconnect` catches as well."""
    import pymongo.errors as theirs

    class LostConnection(errors.ServerUnreachable, theirs.ServerSelectionTimeoutError):  # type: ignore[misc]
        def __init__(self, message: str, hint: str = "", fields: Optional[Mapping[str, str]] = None) -> None:
            theirs.ServerSelectionTimeoutError.__init__(self, message)
            errors.TreeringError.__init__(self, message, hint, fields)

    LostConnection.__name__ = LostConnection.__qualname__ = "ServerUnreachable"
    return LostConnection


def write_concern_error(reply: Mapping[str, Any]) -> Optional[dict[str, Any]]:
    concern = reply.get("writeConcernError")
    if not concern:
        return None
    labels = reply.get("errorLabels")
    return {**concern, "errorLabels": labels} if labels else concern


def check_write(reply: Mapping[str, Any]) -> None:
    """Raises what pymongo raises where the reply to a single write holds an error."""
    if "writeErrors" not in reply and "writeConcernError" not in reply:
        return
    if reply.get("writeErrors"):
        import pymongo.errors as theirs

        error = reply["writeErrors"][-1]
        kind = theirs.DuplicateKeyError if error.get("code") == 11000 else theirs.WriteError
        raise kind(error.get("errmsg"), error.get("code"), error)
    concern = write_concern_error(reply)
    if concern:
        import pymongo.errors as theirs

        timed_out = concern.get("code") == _WTIMEOUT or concern.get("errInfo", {}).get("wtimeout")
        kind = theirs.WTimeoutError if timed_out else theirs.WriteConcernError
        raise kind(concern.get("errmsg"), concern.get("code"), concern)


def check_concern(reply: bytes) -> None:
    """check_write of a reply without writeErrors, of which nothing else is decoded."""
    raw = RawBSONDocument(reply)
    if "writeConcernError" in raw:
        labels = raw.get("errorLabels", [])
        check_write({"writeConcernError": bson.decode(raw["writeConcernError"].raw), "errorLabels": labels})


def raise_bulk_write_error(result: dict[str, Any]) -> NoReturn:
    import pymongo.errors as theirs

    result["writeErrors"].sort(key=lambda error: error["index"])
    raise theirs.BulkWriteError(result)


def too_large(command: str, size: int, most: int) -> Exception:
    """Of what no server would take. For native code."""
    import pymongo.errors as theirs

    if command not in ("find", "insert"):
        return theirs.DocumentTooLarge(f"{command} command document too large")
    return theirs.DocumentTooLarge(
        f"BSON document too large ({size} bytes) - the connected server supports BSON document sizes up to {most} bytes."
    )
