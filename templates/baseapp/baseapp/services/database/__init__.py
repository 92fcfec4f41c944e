"""Where this application finds its migrations."""

from treering import MigrationManager

__all__ = ["MigrationManager"]
