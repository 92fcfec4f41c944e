# SPDX-License-Identifier: Apache-2.0
"""What `upgrade(env)` and `downgrade(env)` get."""

from __future__ import annotations

import logging
import warnings
from typing import Any, Mapping, Optional, Union

from treering import backfill, checks
from treering.argument_types import checks_arguments
from treering.backfill import Backfilled, Change
from treering.batch import Batch
from treering.client import Client
from treering.collection import Collection
from treering.database import Database, creation_options

__all__ = ["Env"]

_DRY_RUN_WARNING = "env.pymongo_db is the real database: what is written through it is written in a dry run, too"


@checks_arguments
class Env:
    """The database that a migration works on. Valid until the migration returns."""

    __slots__ = ("_client", "_db", "_native", "_pymongo")

    def __init__(self, native: Any) -> None:
        self._native = native
        self._client = Client(native)
        self._db = Database(native, self._client, native.database)
        self._pymongo: Any = None

    @property
    def db(self) -> Database:
        """The database: `env.db.users`, `env.db._user`, `env.db["odd name"]`."""
        return self._db

    @property
    def client(self) -> Client:
        """The server, for its other databases: `env.client["other"]`."""
        return self._client

    @property
    def pymongo_db(self) -> Any:
        """The same database through pymongo itself, for what `env.db` doesn't have. What is done there is in no report and in no transaction
        of the revision, is not stopped where the run has lost its lease, and changes the database in a dry run too."""
        if self._pymongo is None:
            import pymongo

            url, username, password = self._native.access()
            if getattr(self._native, "dry_run", False):
                self.log.warning(_DRY_RUN_WARNING)
                warnings.warn(_DRY_RUN_WARNING, RuntimeWarning, stacklevel=2)
            apart = {"username": username, "password": password} if username else {}
            self._pymongo = pymongo.MongoClient(url, **apart)
        return self._pymongo[self.database_name]

    def _close(self) -> None:
        """The migration is over."""
        client, self._pymongo = self._pymongo, None
        if client is not None:
            client.close()

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

    def batch(self, size: int = 1000) -> Batch:
        """`with env.batch():` inside, `insert_one`, `update_one`, `update_many`, `replace_one`, `delete_one`, `delete_many` and
        `create_index` wait and are sent together, `size` of a collection at most: before anything else asks for their collection, and at
        the end. Their order within a collection is kept, and their results are unacknowledged ones. A refused write raises the exception
        of its call, later; `file:line` of the error is that of the call. Where the block raises, what waits is not sent."""
        return Batch(self._native, size)

    def backfill(
        self,
        collection: Union[str, Collection],
        filter: Optional[Mapping[str, Any]],
        change: Change,
        batch: int = 1000,
        workers: int = 1,
        key: str = "_id",
        max_rate: Optional[float] = None,
        name: Optional[str] = None,
    ) -> Backfilled:
        """Changes every document that the filter means, in ranges of `key` of `batch` documents each, and goes on where an earlier run of
        the revision stopped. `change`: an update document with operators or a pipeline, both carried out by the server, or a function
        that gets a document and gives its change, or None where it stays. `workers` threads work at it, each with a connection of its
        own (a function is called on these threads); `max_rate`: documents a second of all of them together. `name`: under
        another one it begins with the first document again. docs/env.md has the rest."""
        return backfill.run(self._native, self._own(collection), filter, change, batch, workers, key, max_rate, name)

    def create_collection(self, name: str, **options: Any) -> Collection:
        """Creates the collection, with the options of pymongo's create_collection. One that exists is fine, whatever its options."""
        collection = self._db[name]
        self._native.create_collection(name, creation_options(options))
        return collection

    def drop_collection(self, name: Union[str, Collection], trash: bool = True) -> None:
        """Drops the collection. One that doesn't exist is fine. It is kept in the trash, from which undoing, downgrades and
        `treering trash restore` bring it back, unless `trash` is False here or in the configuration."""
        self._native.drop_collection(self._own(name), trash)

    def _own(self, collection: Any) -> Any:
        """The name of a collection of this database."""
        if not isinstance(collection, Collection):
            return collection
        if collection.database.name != self.database_name:
            raise ValueError(f"{collection.full_name} isn't in {self.database_name}, the database of this migration")
        return collection.name

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
