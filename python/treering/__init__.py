# SPDX-License-Identifier: Apache-2.0
"""Treering: schema and data migrations for MongoDB.

from treering import MigrationManager

MigrationManager().upgrade("head")

Models for --autogenerate are made of `Collection` and `Index`: see treering.models.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from treering import errors
from treering.errors import *  # noqa: F403

if TYPE_CHECKING:
    from treering.migration import MigrationManager as MigrationManager
    from treering.migration import autogenerate_migration as autogenerate_migration
    from treering.models import Collection as Collection
    from treering.models import Index as Index

    __version__: str

__all__ = ["Collection", "Index", "MigrationManager", "__version__", "autogenerate_migration", "errors"]  # noqa: PLE0604
__all__ += errors.__all__


def __getattr__(name: str) -> Any:
    """The engine is loaded when it is first asked for: `import treering` costs nothing, and models don't need it."""
    value: Any
    if name == "MigrationManager":
        from treering.migration import MigrationManager as value
    elif name == "autogenerate_migration":
        from treering.migration import autogenerate_migration as value
    elif name == "Collection":
        from treering.models import Collection as value
    elif name == "Index":
        from treering.models import Index as value
    elif name == "__version__":
        from treering._native import __version__ as value
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
