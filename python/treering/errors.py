# SPDX-License-Identifier: Apache-2.0
"""What Treering raises: one small hierarchy, one class for each kind of failure.

The server's refusals inside a migration are pymongo's exceptions instead, as code written for pymongo expects.
"""

from __future__ import annotations

import signal
from typing import Any, Mapping, Optional

__all__ = [
    "AuthenticationFailed",
    "ConfigError",
    "Differs",
    "FileError",
    "Interrupted",
    "LeaseLost",
    "Locked",
    "MigrationFailed",
    "ModelError",
    "RevisionError",
    "ServerError",
    "ServerUnreachable",
    "Terminated",
    "TreeringError",
    "UsageError",
]


class TreeringError(Exception):
    """Base of them all.

    `kind` names the kind of failure, `message` says in one sentence what is wrong and where, `hint` what to do about it
    (may be empty), `fields` are named facts beside the sentence ("file", "line", "revision", "code", ...).
    `report` is the report of the run that failed, where there was one.
    """

    kind = "error"

    def __init__(self, message: str, hint: str = "", fields: Optional[Mapping[str, str]] = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.fields = dict(fields or {})
        self.report: Any = None

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message

    def __reduce__(self) -> Any:
        return type(self), (self.message, self.hint, self.fields), {"report": self.report}


class MigrationFailed(TreeringError):
    """The code of a revision raised (`__cause__` is what it raised), or the server refused what it asked for."""

    kind = "migration_failed"


class Interrupted(TreeringError):
    """A signal asked the run to stop."""

    kind = "interrupted"


class UsageError(TreeringError):
    """The arguments of a call are wrong."""

    kind = "usage"


class ConfigError(TreeringError):
    """treering.toml, pyproject.toml or an environment variable is wrong."""

    kind = "config"


class RevisionError(TreeringError):
    """A revision file or a target is wrong."""

    kind = "revision"


class ModelError(TreeringError):
    """The models are wrong, or their file doesn't run: fields "class", "file", "line", "traceback" where there are any."""

    kind = "models"


class FileError(TreeringError):
    """Reading or writing a file failed."""

    kind = "file"


class AuthenticationFailed(TreeringError):
    """The server refused the user name or the password."""

    kind = "authentication"


class Locked(TreeringError):
    """Somebody else is migrating this database."""

    kind = "locked"


class LeaseLost(TreeringError):
    """The lease ran out while the run worked: somebody else may be migrating now."""

    kind = "lease_lost"


class Differs(TreeringError):
    """Something is pending or differs."""

    kind = "differs"


class ServerUnreachable(TreeringError):
    """No server answers."""

    kind = "unreachable"


class ServerError(TreeringError):
    """The server answered with an error."""

    kind = "server"


class Terminated(BaseException):
    """SIGTERM or SIGHUP on the command line. No Exception, so that a migration's `except Exception` lets it through, like KeyboardInterrupt."""

    def __init__(self, number: int = signal.SIGTERM) -> None:
        super().__init__(number)
        self.signal = int(number)
