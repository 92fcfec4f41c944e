# SPDX-License-Identifier: Apache-2.0
"""What `upgrade(env)` and `downgrade(env)` get."""

from __future__ import annotations

import logging
from typing import Any

import bson

from treering.client import Client
from treering.collection import Collection
from treering.database import Database, creation_options

__all__ = ["Env"]


class Env:
    """The database that a migration works on. Valid until the migration returns."""

    __slots__ = ("_client", "_db", "_native")

    def __init__(self, native: Any) -> None:
        self._native = native
        self._client = Client(native)
        self._db = Database(native, self._client, native.database)

    @property
    def db(self) -> Database:
        """The database: `env.db.users`, `env.db._user`, `env.db["odd name"]`."""
        return self._db

    @property
    def client(self) -> Client:
        """The server, for its other databases: `env.client["other"]`."""
        return self._client

    @property
    def database_name(self) -> str:
        return self._native.database

    @property
    def collections(self) -> list[str]:
        """Names of the collections there are now, sorted, without the server's own and Treering's."""
        return self._native.collections()

    @property
    def log(self) -> logging.Logger:
        """For a migration's messages; the command line shows them on stderr."""
        return logging.getLogger("treering.migration")

    def create_collection(self, name: str, **options: Any) -> Collection:
        """Creates the collection, with the options of pymongo's create_collection. One that exists is fine, whatever its options."""
        collection = self._db[name]
        self._native.create_collection(name, bson.encode(creation_options(options)))
        return collection

    def drop_collection(self, name: Any) -> None:
        """Drops the collection. One that doesn't exist is fine."""
        self._native.drop_collection(name.name if isinstance(name, Collection) else name)

    def __repr__(self) -> str:
        return f"Env({self.database_name!r})"
