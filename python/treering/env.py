# SPDX-License-Identifier: Apache-2.0
"""What `upgrade(env)` and `downgrade(env)` get."""

from __future__ import annotations

import logging
from typing import Any, Mapping, Optional

import bson

from treering import checks
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
    def dry_run(self) -> bool:
        """Whether operations are collected and not carried out. What they give back then is only plausible."""
        return self._native.dry_run

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

    def shard_collection(self, name: str, key: Any, unique: bool = False) -> None:
        """Shards the collection by that key (a field, pairs or a mapping); one that is sharded by another key is resharded. Does
        nothing on a server that has no shards."""
        if not self._has_shards(f"{name} isn't sharded"):
            return
        wanted = checks.index_document(checks.index_keys(key))
        namespace = f"{self.database_name}.{name}"
        now = self._sharding_of(namespace)
        if now is None or _same_key(now["key"], wanted):
            if now is not None and bool(now.get("unique")) == unique:
                self.log.info("%s is sharded by this key already", name)
                return
            self._client["admin"].command("shardCollection", namespace, key=wanted, unique=unique)
            return
        # It has no `unique` that it could make true; asked for, the server says so.
        only_if_asked = {"unique": True} if unique else {}
        self._client["admin"].command("reshardCollection", namespace, key=wanted, **only_if_asked)

    def unshard_collection(self, name: str) -> None:
        """Brings the collection to one shard. One that isn't sharded is fine, and so is a server that has no shards."""
        if not self._has_shards(f"{name} isn't sharded"):
            return
        namespace = f"{self.database_name}.{name}"
        if self._sharding_of(namespace) is None:
            self.log.info("%s isn't sharded", name)
            return
        self._client["admin"].command("unshardCollection", namespace)

    def _has_shards(self, otherwise: str) -> bool:
        if self._client["admin"].command("hello").get("msg") == "isdbgrid":
            return True
        self.log.info("%s: this server is not a sharded cluster", otherwise)
        return False

    def _sharding_of(self, namespace: str) -> Optional[dict[str, Any]]:
        found = self._client["config"]["collections"].find_one({"_id": namespace})
        # Kept for a while after a drop (before 5.0), and for unsharded collections, too (from 7.1 on).
        return None if found is None or found.get("dropped") or found.get("unsplittable") else found

    def __repr__(self) -> str:
        return f"Env({self.database_name!r})"


def _same_key(a: Mapping[str, Any], b: Mapping[str, Any]) -> bool:
    return list(a.items()) == list(b.items())
