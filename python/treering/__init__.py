# SPDX-License-Identifier: Apache-2.0
"""Treering: schema and data migrations for MongoDB.

from treering import MigrationManager

MigrationManager().upgrade("head")
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from treering import errors
from treering.errors import *  # noqa: F403

if TYPE_CHECKING:
    from treering.migration import MigrationManager as MigrationManager

    __version__: str

__all__ = ["MigrationManager", "__version__", "errors"]  # noqa: PLE0604
__all__ += errors.__all__


def __getattr__(name: str) -> Any:
    """The engine is loaded when it is first asked for: `import treering` costs nothing."""
    value: Any
    if name == "MigrationManager":
        from treering.migration import MigrationManager as value
    elif name == "__version__":
        from treering._native import __version__ as value
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
