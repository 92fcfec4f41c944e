# SPDX-License-Identifier: Apache-2.0
"""Treering: schema and data migrations for MongoDB.

from treering import MigrationManager

MigrationManager().upgrade("head")
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from treering import errors as errors
    from treering.errors import AuthenticationFailed as AuthenticationFailed
    from treering.errors import ConfigError as ConfigError
    from treering.errors import Differs as Differs
    from treering.errors import FileError as FileError
    from treering.errors import Interrupted as Interrupted
    from treering.errors import LeaseLost as LeaseLost
    from treering.errors import Locked as Locked
    from treering.errors import MigrationFailed as MigrationFailed
    from treering.errors import RevisionError as RevisionError
    from treering.errors import ServerError as ServerError
    from treering.errors import ServerUnreachable as ServerUnreachable
    from treering.errors import TreeringError as TreeringError
    from treering.errors import UsageError as UsageError
    from treering.migration import MigrationManager as MigrationManager

    __version__: str

_ERRORS = (
    "AuthenticationFailed",
    "ConfigError",
    "Differs",
    "FileError",
    "Interrupted",
    "LeaseLost",
    "Locked",
    "MigrationFailed",
    "RevisionError",
    "ServerError",
    "ServerUnreachable",
    "TreeringError",
    "UsageError",
)
__all__ = ["MigrationManager", "__version__", "errors", *_ERRORS]  # noqa: PLE0604


def __getattr__(name: str) -> Any:
    """Everything is loaded when it is first asked for: `import treering` costs nothing."""
    value: Any
    if name == "MigrationManager":
        from treering.migration import MigrationManager as value
    elif name == "errors":
        import treering.errors as value
    elif name in _ERRORS:
        import treering.errors

        value = getattr(treering.errors, name)
    elif name == "__version__":
        from treering._native import __version__ as value
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
