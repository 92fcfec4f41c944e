# SPDX-License-Identifier: Apache-2.0
"""`env.db`: a database with pymongo's methods. Names that start with an underscore are collections as attributes too: `env.db._user`."""

from __future__ import annotations

from typing import Any, NoReturn, Optional

from bson.dbref import DBRef
from bson.raw_bson import RawBSONDocument

from treering import _native, checks, commands, replies
from treering.client_session import for_writing, native_of
from treering.collection import Collection, aggregate
from treering.command_cursor import CommandCursor
from treering.options import Configured, Options, commented, options_of

__all__ = ["Database"]


class Database(Configured):
    """Our own attributes are name-mangled, so that any other name can be a collection's."""

    __slots__ = ("__client", "__collections", "__name", "__native")

    def __init__(self, native: Any, client: Any, name: str, options: Optional[Options] = None) -> None:
        super().__init__(options_of(client) if options is None else options)
        self.__native = native
        self.__client = client
        self.__name = checks.database_name(name)
        self.__collections: dict[str, Collection] = {}  # that were asked for as attributes

    @property
    def name(self) -> str:
        return self.__name

    @property
    def client(self) -> Any:
        return self.__client

    def __getattr__(self, name: str) -> Collection:
        collection = self.__collections.get(name)
        if collection is not None:
            return collection
        if name == "watch" or (name.startswith("__") and name.endswith("__")):
            raise AttributeError(
                f"env's databases have no {name!r}: env.pymongo_db has what pymongo has"
                f" (a collection of that name: env.db[{name!r}])"
            )
        collection = self.__collections[name] = self[name]
        return collection

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

    def with_options(
        self,
        codec_options: Any = None,
        read_preference: Any = None,
        write_concern: Any = None,
        read_concern: Any = None,
    ) -> Database:
        options = options_of(self).changed(codec_options, read_preference, write_concern, read_concern)
        return Database(self.__native, self.__client, self.__name, options)

    def get_collection(
        self,
        name: str,
        codec_options: Any = None,
        read_preference: Any = None,
        write_concern: Any = None,
        read_concern: Any = None,
    ) -> Collection:
        options = options_of(self).changed(codec_options, read_preference, write_concern, read_concern)
        return Collection(self.__native, self, name, options)

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
        native = native_of(self.__native, session)
        options = Options().changed(codec_options, read_preference)  # a command has none of the database's
        document = {command: value} if isinstance(command, str) else dict(command)
        document.update(kwargs)
        if comment is not None:
            document["comment"] = comment
        try:
            return options.decode(commands.send(native, self.__name, document, options))
        except Exception as error:
            details = getattr(error, "details", None)
            code = getattr(error, "code", None)
            allowed = not check or (
                allowable_errors and (code in allowable_errors if code is not None else str(error) in allowable_errors)
            )
            if allowed and isinstance(details, dict):
                return details
            raise

    def aggregate(self, pipeline: Any, session: Any = None, **kwargs: Any) -> CommandCursor:
        native = native_of(self.__native, session)
        return aggregate(
            native, self, self.__name, 1, pipeline, kwargs.pop("let", None), kwargs.pop("comment", None), kwargs
        )

    def list_collections(
        self, session: Any = None, filter: Any = None, comment: Any = None, **kwargs: Any
    ) -> CommandCursor:
        native = native_of(self.__native, session)
        command: dict[str, Any] = {"listCollections": 1, "cursor": {}, **kwargs}
        if filter is not None:
            checks.mapping("filter", filter)
            command["filter"] = filter
        if comment is not None:
            command["comment"] = comment
        batch = native.read_batch(self.__name, command)
        return CommandCursor(native, self.__name, "$cmd.listCollections", batch, 0, comment)

    def cursor_command(
        self,
        command: Any,
        value: Any = 1,
        read_preference: Any = None,
        codec_options: Any = None,
        session: Any = None,
        comment: Any = None,
        max_await_time_ms: Optional[int] = None,
        **kwargs: Any,
    ) -> CommandCursor:
        from pymongo.errors import InvalidOperation

        native = native_of(self.__native, session)
        options = Options().changed(codec_options, read_preference)
        document = {command: value} if isinstance(command, str) else dict(command)
        document.update(kwargs)
        reply = commands.send(native, self.__name, document, options)
        if not RawBSONDocument(reply).get("cursor"):  # its documents may be readable by the codec alone
            raise InvalidOperation("Command does not return a cursor.")
        return CommandCursor(native, self.__name, "$cmd", _native.Batch(reply), 0, comment, options.codec)

    def dereference(self, dbref: Any, session: Any = None, comment: Any = None, **kwargs: Any) -> Any:
        if not isinstance(dbref, DBRef):
            raise TypeError(f"cannot dereference a {type(dbref)}")
        if dbref.database is not None and dbref.database != self.__name:
            raise ValueError(
                f"trying to dereference a DBRef that points to another database ({dbref.database!r} not {self.__name!r})"
            )
        return self[dbref.collection].find_one({"_id": dbref.id}, session=session, comment=comment, **kwargs)

    def validate_collection(
        self,
        name_or_collection: Any,
        scandata: bool = False,
        full: bool = False,
        session: Any = None,
        background: Optional[bool] = None,
        comment: Any = None,
    ) -> dict[str, Any]:
        name = name_or_collection.name if isinstance(name_or_collection, Collection) else name_or_collection
        if not isinstance(name, str):
            raise TypeError(f"name_or_collection must be an instance of str or Collection, not {type(name)}")
        command = {"validate": name, "scandata": scandata, "full": full}
        if background is not None:
            command["background"] = background
        found = self.command(command, session=session, comment=comment)
        # A sharded cluster gives one result a shard.
        if not all(each.get("valid", False) for each in found.get("raw", {"": found}).values()):
            from pymongo.errors import CollectionInvalid

            raise CollectionInvalid(f"{name} invalid: {found!r}")
        return found

    def list_collection_names(
        self, session: Any = None, filter: Any = None, comment: Any = None, **kwargs: Any
    ) -> list[str]:
        if filter is not None:
            checks.mapping("filter", filter)
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
        collection = self.get_collection(name, codec_options, read_preference, write_concern, read_concern)
        native, own = for_writing(self.__native, collection, session)
        # The server has no listCollections in a transaction, and itself refuses a name that is taken.
        asked = check_exists and not native.in_transaction
        if asked and native.has_collection(self.__name, name):
            from pymongo.errors import CollectionInvalid

            if native.script:
                native.note_use(f"refusal of create collection {name}")
            raise CollectionInvalid(f"collection {name} already exists")
        configured = options_of(own)
        options = configured.encode({**configured.writing(), **creation_options(kwargs)})
        replies.check_write(_native.decode(native.create(self.__name, name, options)))
        return collection

    def drop_collection(
        self, name_or_collection: Any, session: Any = None, comment: Any = None, encrypted_fields: Any = None
    ) -> dict[str, Any]:
        if encrypted_fields is not None:
            raise NotImplementedError("env's drop_collection has no encrypted_fields: env.pymongo_db has them")
        name = name_or_collection.name if isinstance(name_or_collection, Collection) else name_or_collection
        if not isinstance(name, str):
            raise TypeError(f"name_or_collection must be an instance of str, not {type(name)}")
        _, own = for_writing(self.__native, self, session)
        command = {"drop": name, **commented(options_of(own).writing(), comment)}
        reply = self.command(command, allowable_errors=["ns not found", 26], session=session)
        replies.check_write(reply)
        return reply


def creation_options(options: dict[str, Any]) -> dict[str, Any]:
    """Of the `create` command, from create_collection's keyword arguments."""
    options = dict(options)
    if "collation" in options:
        options["collation"] = checks.collation_document(options["collation"])
    for name in ("clusteredIndex", "encryptedFields"):
        if options.get(name):
            checks.mapping(name, options[name])
    if not options.get("encryptedFields"):
        options.pop("encryptedFields", None)
    if isinstance(options.get("size"), str):
        options["size"] = float(options["size"])  # as pymongo does
    return options
