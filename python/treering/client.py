# SPDX-License-Identifier: Apache-2.0
"""`env.client`: the server that the migration's database is on, for the other databases there, and for sessions."""

from __future__ import annotations

from typing import Any, NoReturn, Optional

from treering import _native
from treering.client_session import ClientSession, native_of
from treering.command_cursor import CommandCursor, address_of
from treering.database import Database
from treering.options import Configured, Options, options_of

__all__ = ["Client"]

# What pymongo's MongoClient has and this one has not: no names of databases.
_MISSING = frozenset(
    "HOST PORT append_metadata arbiters bulk_write eq_props nodes options primary secondaries topology_description watch".split()
)


class Client(Configured):
    """pymongo's MongoClient, as far as a migration needs it."""

    __slots__ = ("__default", "__native")

    def __init__(self, native: Any) -> None:
        super().__init__(Options())
        self.__native = native
        self.__default = native.database

    def __getattr__(self, name: str) -> Database:
        if name in _MISSING or (name.startswith("__") and name.endswith("__")):
            raise AttributeError(
                f"env.client has no {name!r}: env.pymongo_db.client has what pymongo has (a database of that name: env.client[{name!r}])"
            )
        return self[name]

    def __getitem__(self, name: str) -> Database:
        return Database(self.__native, self, name)

    def __repr__(self) -> str:
        return "Client()"

    def __iter__(self) -> NoReturn:
        raise TypeError("'Client' object is not iterable")

    def get_database(
        self,
        name: Optional[str] = None,
        codec_options: Any = None,
        read_preference: Any = None,
        write_concern: Any = None,
        read_concern: Any = None,
    ) -> Database:
        options = options_of(self).changed(codec_options, read_preference, write_concern, read_concern)
        return Database(self.__native, self, self.__default if name is None else name, options)

    def get_default_database(
        self,
        default: Optional[str] = None,
        codec_options: Any = None,
        read_preference: Any = None,
        write_concern: Any = None,
        read_concern: Any = None,
    ) -> Database:
        return self.get_database(None, codec_options, read_preference, write_concern, read_concern)

    def start_session(
        self,
        causal_consistency: Optional[bool] = None,
        default_transaction_options: Any = None,
        snapshot: Optional[bool] = False,
    ) -> ClientSession:
        """A session with a connection of its own. What it is asked goes to the primary, so it is always causally consistent."""
        from pymongo.client_session import SessionOptions

        options = SessionOptions(causal_consistency, default_transaction_options, snapshot)
        if snapshot:
            raise NotImplementedError("env has no snapshot sessions: env.pymongo_db.client has them")
        return ClientSession(self, self.__native, options)

    @property
    def address(self) -> tuple[str, int]:
        return address_of(self.__native)

    @property
    def is_mongos(self) -> bool:
        return _native.decode(self.__native.hello()).get("msg") == "isdbgrid"

    @property
    def is_primary(self) -> bool:
        hello = _native.decode(self.__native.hello())
        return bool(hello.get("isWritablePrimary", hello.get("ismaster", False)))

    def close(self) -> None:
        """Does nothing: the connection is the run's, which goes on."""

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: Any) -> None:
        """Does nothing, as close()."""

    def list_databases(self, session: Any = None, comment: Any = None, **kwargs: Any) -> CommandCursor:
        native = native_of(self.__native, session)
        command = {"listDatabases": 1, **kwargs}
        if comment is not None:
            command["comment"] = comment
        found = _native.decode(native.read("admin", command))["databases"]
        reply = {"cursor": {"id": 0, "ns": "admin.$cmd", "firstBatch": found}}
        return CommandCursor(native, "admin", "$cmd", _native.Batch(_native.encode(reply)))

    def list_database_names(self, session: Any = None, comment: Any = None) -> list[str]:
        return [found["name"] for found in self.list_databases(session, comment, nameOnly=True)]

    def drop_database(self, name_or_database: Any, session: Any = None, comment: Any = None) -> None:
        name = name_or_database.name if isinstance(name_or_database, Database) else name_or_database
        if not isinstance(name, str):
            raise TypeError(f"name_or_database must be an instance of str or a Database, not {type(name)}")
        self[name].command("dropDatabase", session=session, comment=comment)

    def server_info(self, session: Any = None) -> dict[str, Any]:
        return self["admin"].command("buildInfo", session=session)
