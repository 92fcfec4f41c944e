# SPDX-License-Identifier: Apache-2.0
"""`env.client`: the server that the migration's database is on, for the other databases there."""

from __future__ import annotations

from typing import Any, NoReturn, Optional

import bson

from treering import checks
from treering.cursor import CommandCursor
from treering.database import Database

__all__ = ["Client"]

_MISSING = frozenset(
    "address admin_client bulk_write codec_options is_mongos is_primary nodes options primary read_concern read_preference secondaries"
    " start_session topology_description watch write_concern".split()
)


class Client:
    """pymongo's MongoClient, as far as a migration needs it. There is nothing to close."""

    __slots__ = ("__default", "__native")

    def __init__(self, native: Any) -> None:
        self.__native = native
        self.__default = native.database

    def __getattr__(self, name: str) -> Database:
        if name in _MISSING or (name.startswith("__") and name.endswith("__")):
            raise AttributeError(f"treering's Client has no {name!r} (a database of that name: env.client[{name!r}])")
        return self[name]

    def __getitem__(self, name: str) -> Database:
        return Database(self.__native, self, name)

    def __repr__(self) -> str:
        return "Client()"

    def __iter__(self) -> NoReturn:
        raise TypeError("'Client' object is not iterable")

    def get_database(self, name: Optional[str] = None, *options: Any, **named: Any) -> Database:
        return self[self.__default if name is None else name].with_options(*options, **named)

    def get_default_database(self, default: Optional[str] = None, *options: Any, **named: Any) -> Database:
        return self.get_database(None, *options, **named)

    def list_databases(self, session: Any = None, comment: Any = None, **kwargs: Any) -> CommandCursor:
        checks.no_session(session)
        command = {"listDatabases": 1, **kwargs}
        if comment is not None:
            command["comment"] = comment
        found = bson.decode(self.__native.read("admin", bson.encode(command)))["databases"]
        reply = {"cursor": {"id": 0, "ns": "admin.$cmd", "firstBatch": found}}
        return CommandCursor(self.__native, "admin", "$cmd", bson.encode(reply))

    def list_database_names(self, session: Any = None, comment: Any = None) -> list[str]:
        return [found["name"] for found in self.list_databases(session, comment, nameOnly=True)]

    def drop_database(self, name_or_database: Any, session: Any = None, comment: Any = None) -> None:
        checks.no_session(session)
        name = name_or_database.name if isinstance(name_or_database, Database) else name_or_database
        if not isinstance(name, str):
            raise TypeError(f"name_or_database must be an instance of str or a Database, not {type(name)}")
        self[name].command("dropDatabase", comment=comment)

    def server_info(self, session: Any = None) -> dict[str, Any]:
        checks.no_session(session)
        return self["admin"].command("buildInfo")
