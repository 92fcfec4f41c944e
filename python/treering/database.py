# SPDX-License-Identifier: Apache-2.0
"""`env.db`: a database with pymongo's methods. Names that start with an underscore are collections as attributes too: `env.db._user`."""

from __future__ import annotations

from typing import Any, NoReturn, Optional

import bson

from treering import checks
from treering.collection import Collection, aggregate
from treering.cursor import CommandCursor

__all__ = ["Database"]

_MISSING = frozenset(
    "codec_options cursor_command dereference read_concern read_preference validate_collection watch write_concern".split()
)

# Commands that change nothing. All others are operations: counted, and checked against the run's lease.
_READS = frozenset(
    "ping hello ismaster buildinfo hostinfo serverstatus connectionstatus dbstats collstats datasize find getmore count distinct explain"
    " listcollections listindexes listdatabases listcommands getparameter getcmdlineopts getlog top usersinfo rolesinfo replsetgetstatus"
    " replsetgetconfig killcursors validate whatsmyuri features currentop".split()
)


class Database:
    """Our own attributes are name-mangled, so that any other name can be a collection's."""

    __slots__ = ("__client", "__name", "__native")

    def __init__(self, native: Any, client: Any, name: str) -> None:
        self.__native = native
        self.__client = client
        self.__name = checks.database_name(name)

    @property
    def name(self) -> str:
        return self.__name

    @property
    def client(self) -> Any:
        return self.__client

    def __getattr__(self, name: str) -> Collection:
        if name in _MISSING or (name.startswith("__") and name.endswith("__")):
            raise AttributeError(f"treering's Database has no {name!r} (a collection of that name: env.db[{name!r}])")
        return self[name]

    def __getitem__(self, name: str) -> Collection:
        return Collection(self.__native, self, name)

    def __repr__(self) -> str:
        return f"Database({self.__name!r})"

    def __eq__(self, other: object) -> bool:
        return self.__name == other.name if isinstance(other, Database) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.__name)

    def __bool__(self) -> NoReturn:
        raise NotImplementedError(
            "Database objects do not implement truth value testing or bool(). Please compare with None instead: database is not None"
        )

    def __iter__(self) -> NoReturn:
        raise TypeError("'Database' object is not iterable")

    def __call__(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError("'Database' object is not callable")

    def with_options(self, *options: Any, **named: Any) -> Database:
        if any(option is not None for option in (*options, *named.values())):
            raise NotImplementedError("env's databases have no other codec options, read preferences or concerns")
        return self

    def get_collection(self, name: str, *options: Any, **named: Any) -> Collection:
        return self[name].with_options(*options, **named)

    def command(
        self,
        command: Any,
        value: Any = 1,
        check: bool = True,
        allowable_errors: Any = None,
        read_preference: Any = None,
        codec_options: Any = None,
        session: Any = None,
        comment: Any = None,
        **kwargs: Any,
    ) -> dict[str, Any]:
        checks.no_session(session)
        if read_preference is not None or codec_options is not None:
            raise NotImplementedError("env's command has no read preference and no codec options")
        document = {command: value} if isinstance(command, str) else dict(command)
        document.update(kwargs)
        if comment is not None:
            document["comment"] = comment
        try:
            return bson.decode(self.__send(document))
        except Exception as error:
            details = getattr(error, "details", None)
            code = getattr(error, "code", None)
            allowed = not check or (
                allowable_errors and (code in allowable_errors if code is not None else str(error) in allowable_errors)
            )
            if allowed and isinstance(details, dict):
                return details
            raise

    def __send(self, document: dict[str, Any]) -> bytes:
        """Commands that we have operations for go as those, so that they are told and counted like the methods."""
        name, target = next(iter(document.items()))
        rest = {key: value for key, value in document.items() if key != name}
        native, database = self.__native, self.__name
        if name == "create":
            return native.create(database, target, bson.encode(rest))
        if name == "drop" and not rest:
            return native.drop(database, target)
        if name == "collMod":
            return native.modify(database, target, bson.encode(rest))
        if name == "createIndexes" and "indexes" in rest:
            specifications = [bson.encode(each) for each in rest.pop("indexes")]
            return native.create_indexes(database, target, specifications, bson.encode(rest))
        if name == "dropIndexes" and "index" in rest:
            return native.drop_indexes(database, target, bson.encode({"index": rest.pop("index")}), bson.encode(rest))
        reads = name.lower() in _READS or (name == "aggregate" and not _writes_out(document.get("pipeline")))
        return (native.read if reads else native.run)(database, bson.encode(document))

    def aggregate(self, pipeline: Any, session: Any = None, **kwargs: Any) -> CommandCursor:
        checks.no_session(session)
        return aggregate(
            self.__native, self.__name, 1, pipeline, kwargs.pop("let", None), kwargs.pop("comment", None), kwargs
        )

    def list_collections(
        self, session: Any = None, filter: Any = None, comment: Any = None, **kwargs: Any
    ) -> CommandCursor:
        checks.no_session(session)
        command: dict[str, Any] = {"listCollections": 1, "cursor": {}, **kwargs}
        if filter is not None:
            checks.mapping("filter", filter)
            command["filter"] = filter
        if comment is not None:
            command["comment"] = comment
        reply = self.__native.read(self.__name, bson.encode(command))
        return CommandCursor(self.__native, self.__name, "$cmd.listCollections", reply, 0, comment)

    def list_collection_names(
        self, session: Any = None, filter: Any = None, comment: Any = None, **kwargs: Any
    ) -> list[str]:
        if not filter or set(filter) == {"name"}:
            kwargs.setdefault("nameOnly", True)
        return [found["name"] for found in self.list_collections(session, filter, comment, **kwargs)]

    def create_collection(
        self,
        name: str,
        codec_options: Any = None,
        read_preference: Any = None,
        write_concern: Any = None,
        read_concern: Any = None,
        session: Any = None,
        check_exists: Optional[bool] = True,
        **kwargs: Any,
    ) -> Collection:
        checks.no_session(session)
        collection = self.get_collection(name, codec_options, read_preference, write_concern, read_concern)
        if check_exists and self.__native.has_collection(self.__name, name):
            from pymongo.errors import CollectionInvalid

            raise CollectionInvalid(f"collection {name} already exists")
        self.__native.create(self.__name, name, bson.encode(creation_options(kwargs)))
        return collection

    def drop_collection(
        self, name_or_collection: Any, session: Any = None, comment: Any = None, encrypted_fields: Any = None
    ) -> dict[str, Any]:
        checks.no_session(session)
        if encrypted_fields is not None:
            raise NotImplementedError("env's drop_collection has no encrypted_fields")
        name = name_or_collection.name if isinstance(name_or_collection, Collection) else name_or_collection
        if not isinstance(name, str):
            raise TypeError(f"name_or_collection must be an instance of str, not {type(name)}")
        return self.command("drop", name, allowable_errors=["ns not found", 26], comment=comment)


def creation_options(options: dict[str, Any]) -> dict[str, Any]:
    """Of the `create` command, from create_collection's keyword arguments."""
    options = dict(options)
    if "collation" in options:
        options["collation"] = checks.collation_document(options["collation"])
    for name in ("clusteredIndex", "encryptedFields"):
        if options.get(name):
            checks.mapping(name, options[name])
    return options


def _writes_out(pipeline: Any) -> bool:
    return isinstance(pipeline, list) and bool(pipeline) and ("$out" in pipeline[-1] or "$merge" in pipeline[-1])
