# SPDX-License-Identifier: Apache-2.0
"""Treering: schema and data migrations for MongoDB.

from treering import MigrationManager

MigrationManager().upgrade("head")
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from treering import errors as errors
    from treering.errors import TreeringError as TreeringError
    from treering.migration import MigrationManager as MigrationManager

    __version__: str

__all__ = ["MigrationManager", "TreeringError", "__version__", "errors"]


def __getattr__(name: str) -> Any:
    """Everything is loaded when it is first asked for: `import treering` costs nothing."""
    if name == "MigrationManager":
        from treering.migration import MigrationManager as value
    elif name == "TreeringError":
        from treering.errors import TreeringError as value
    elif name == "errors":
        import treering.errors as value
    elif name == "__version__":
        from treering._native import __version__ as value
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
