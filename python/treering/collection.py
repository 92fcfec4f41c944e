# SPDX-License-Identifier: Apache-2.0
"""`env.db.name`: a collection with pymongo's methods, arguments, results and exceptions, carried out by Treering's own connection."""

from __future__ import annotations

from typing import Any, Iterable, NoReturn, Optional

import bson

from treering import checks, replies, writes
from treering import indexes as index_forms
from treering.cursor import CommandCursor, Cursor

__all__ = ["Collection"]

# What pymongo's Collection has and this one has not: no names of sub-collections.
_MISSING = frozenset(
    "aggregate_raw_batches codec_options create_search_index create_search_indexes drop_search_index find_raw_batches"
    " list_search_indexes read_concern read_preference update_search_index watch write_concern".split()
)


class Collection:
    """Names that start with an underscore are sub-collections too; our own attributes are name-mangled to stay out of their way."""

    __slots__ = ("__database", "__name", "__native")

    def __init__(self, native: Any, database: Any, name: str) -> None:
        self.__native = native
        self.__database = database
        self.__name = checks.collection_name(name)

    @property
    def name(self) -> str:
        return self.__name

    @property
    def full_name(self) -> str:
        return f"{self.__database.name}.{self.__name}"

    @property
    def database(self) -> Any:
        return self.__database

    def __getattr__(self, name: str) -> Collection:
        if name in _MISSING or (name.startswith("__") and name.endswith("__")):
            raise AttributeError(
                f"treering's Collection has no {name!r} (a collection of that name: env.db[{self.__name + '.' + name!r}])"
            )
        return self[name]

    def __getitem__(self, name: str) -> Collection:
        return Collection(self.__native, self.__database, f"{self.__name}.{name}")

    def __repr__(self) -> str:
        return f"Collection({self.__database!r}, {self.__name!r})"

    def __eq__(self, other: object) -> bool:
        return self.full_name == other.full_name if isinstance(other, Collection) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.full_name)

    def __bool__(self) -> NoReturn:
        raise NotImplementedError(
            "Collection objects do not implement truth value testing or bool(). Please compare with None instead: collection is not None"
        )

    def __iter__(self) -> NoReturn:
        raise TypeError("'Collection' object is not iterable")

    def __call__(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError(f"'Collection' object is not callable: there is no method {self.__name.rsplit('.', 1)[-1]!r}")

    def with_options(self, *options: Any, **named: Any) -> Collection:
        if any(option is not None for option in (*options, *named.values())):
            raise NotImplementedError("env's collections have no other codec options, read preferences or concerns")
        return self

    # Reading

    def __read(self, command: dict[str, Any]) -> dict[str, Any]:
        return bson.decode(self.__native.read(self.__database.name, bson.encode(command)))

    def find(self, *args: Any, **kwargs: Any) -> Cursor:
        return Cursor(self, self.__native, *args, **kwargs)

    def find_one(self, filter: Any = None, *args: Any, **kwargs: Any) -> Optional[dict[str, Any]]:
        if filter is not None and not hasattr(filter, "keys"):
            filter = {"_id": filter}
        for document in self.find(filter, *args, **kwargs).limit(-1):
            return document
        return None

    def aggregate(
        self, pipeline: Any, session: Any = None, let: Any = None, comment: Any = None, **kwargs: Any
    ) -> CommandCursor:
        checks.no_session(session)
        return aggregate(self.__native, self.__database.name, self.__name, pipeline, let, comment, kwargs)

    def count_documents(self, filter: Any, session: Any = None, comment: Any = None, **kwargs: Any) -> int:
        checks.no_session(session)
        pipeline: list[Any] = [{"$match": filter}]
        for name in ("skip", "limit"):
            if name in kwargs:
                pipeline.append({"$" + name: kwargs.pop(name)})
        pipeline.append({"$group": {"_id": 1, "n": {"$sum": 1}}})
        if "hint" in kwargs:
            kwargs["hint"] = checks.hint_value(kwargs["hint"])
        for document in aggregate(self.__native, self.__database.name, self.__name, pipeline, None, comment, kwargs):
            return document["n"]
        return 0

    def estimated_document_count(self, comment: Any = None, **kwargs: Any) -> int:
        return int(self.__read({"count": self.__name, **_commented(kwargs, comment)})["n"])

    def distinct(
        self, key: str, filter: Any = None, session: Any = None, comment: Any = None, hint: Any = None, **kwargs: Any
    ) -> list[Any]:
        checks.no_session(session)
        if not isinstance(key, str):
            raise TypeError(f"key must be an instance of str, not {type(key)}")
        if filter is not None:
            kwargs["query"] = filter
        if hint is not None:
            kwargs["hint"] = checks.hint_value(hint)
        if "collation" in kwargs:
            kwargs["collation"] = checks.collation_document(kwargs["collation"])
        return self.__read({"distinct": self.__name, "key": key, **_commented(kwargs, comment)})["values"]

    def options(self, session: Any = None, comment: Any = None) -> dict[str, Any]:
        checks.no_session(session)
        for found in self.__database.list_collections(filter={"name": self.__name}, comment=comment):
            return {name: value for name, value in found.get("options", {}).items() if name != "create"}
        return {}

    # Writing

    def insert_one(
        self, document: Any, bypass_document_validation: Optional[bool] = None, session: Any = None, comment: Any = None
    ) -> Any:
        checks.no_session(session)
        checks.document("document", document)
        inserted_id = writes.give_id(document)
        writes.insert(self.__native, self, document, writes.command_options(comment, None, bypass_document_validation))
        from pymongo.results import InsertOneResult

        return InsertOneResult(inserted_id, True)

    def insert_many(
        self,
        documents: Iterable[Any],
        ordered: bool = True,
        bypass_document_validation: Optional[bool] = None,
        session: Any = None,
        comment: Any = None,
    ) -> Any:
        checks.no_session(session)
        bulk, inserted_ids = writes.bulk_of_inserts(documents, ordered)
        bulk.execute(self.__native, self, writes.command_options(comment, None, bypass_document_validation, ordered))
        from pymongo.results import InsertManyResult

        return InsertManyResult(inserted_ids, True)

    def bulk_write(
        self,
        requests: Any,
        ordered: bool = True,
        bypass_document_validation: Optional[bool] = None,
        session: Any = None,
        comment: Any = None,
        let: Any = None,
    ) -> Any:
        checks.no_session(session)
        bulk = writes.bulk_of(requests, ordered)
        result = bulk.execute(
            self.__native, self, writes.command_options(comment, let, bypass_document_validation, ordered)
        )
        from pymongo.results import BulkWriteResult

        return BulkWriteResult(result, True)

    def update_one(
        self,
        filter: Any,
        update: Any,
        upsert: bool = False,
        bypass_document_validation: Optional[bool] = None,
        collation: Any = None,
        array_filters: Any = None,
        hint: Any = None,
        session: Any = None,
        let: Any = None,
        sort: Any = None,
        comment: Any = None,
    ) -> Any:
        checks.no_session(session)
        _check_update(filter, update, upsert, array_filters)
        statement = writes.update_statement(filter, update, False, upsert, collation, array_filters, hint, sort)
        return writes.update(
            self.__native, self, statement, writes.command_options(comment, let, bypass_document_validation)
        )

    def update_many(
        self,
        filter: Any,
        update: Any,
        upsert: bool = False,
        array_filters: Any = None,
        bypass_document_validation: Optional[bool] = None,
        collation: Any = None,
        hint: Any = None,
        session: Any = None,
        let: Any = None,
        comment: Any = None,
    ) -> Any:
        checks.no_session(session)
        _check_update(filter, update, upsert, array_filters)
        statement = writes.update_statement(filter, update, True, upsert, collation, array_filters, hint)
        return writes.update(
            self.__native, self, statement, writes.command_options(comment, let, bypass_document_validation)
        )

    def replace_one(
        self,
        filter: Any,
        replacement: Any,
        upsert: bool = False,
        bypass_document_validation: Optional[bool] = None,
        collation: Any = None,
        hint: Any = None,
        session: Any = None,
        let: Any = None,
        sort: Any = None,
        comment: Any = None,
    ) -> Any:
        checks.no_session(session)
        checks.mapping("filter", filter)
        checks.replacement(replacement)
        checks.boolean("upsert", upsert)
        statement = writes.update_statement(filter, replacement, False, upsert, collation, None, hint, sort)
        return writes.update(
            self.__native, self, statement, writes.command_options(comment, let, bypass_document_validation)
        )

    def delete_one(
        self,
        filter: Any,
        collation: Any = None,
        hint: Any = None,
        session: Any = None,
        let: Any = None,
        comment: Any = None,
    ) -> Any:
        return self.__delete(filter, 1, collation, hint, session, let, comment)

    def delete_many(
        self,
        filter: Any,
        collation: Any = None,
        hint: Any = None,
        session: Any = None,
        let: Any = None,
        comment: Any = None,
    ) -> Any:
        return self.__delete(filter, 0, collation, hint, session, let, comment)

    def __delete(self, filter: Any, limit: int, collation: Any, hint: Any, session: Any, let: Any, comment: Any) -> Any:
        checks.no_session(session)
        checks.mapping("filter", filter)
        statement = writes.delete_statement(filter, limit, collation, hint)
        return writes.delete(self.__native, self, statement, writes.command_options(comment, let))

    def find_one_and_delete(
        self,
        filter: Any,
        projection: Any = None,
        sort: Any = None,
        hint: Any = None,
        session: Any = None,
        let: Any = None,
        comment: Any = None,
        **kwargs: Any,
    ) -> Optional[dict[str, Any]]:
        return self.__find_and_modify(
            filter, {"remove": True}, projection, sort, None, False, hint, session, let, comment, kwargs
        )

    def find_one_and_replace(
        self,
        filter: Any,
        replacement: Any,
        projection: Any = None,
        sort: Any = None,
        upsert: bool = False,
        return_document: bool = False,
        hint: Any = None,
        session: Any = None,
        let: Any = None,
        comment: Any = None,
        **kwargs: Any,
    ) -> Optional[dict[str, Any]]:
        checks.replacement(replacement)
        change = {"update": replacement}
        return self.__find_and_modify(
            filter, change, projection, sort, upsert, return_document, hint, session, let, comment, kwargs
        )

    def find_one_and_update(
        self,
        filter: Any,
        update: Any,
        projection: Any = None,
        sort: Any = None,
        upsert: bool = False,
        return_document: bool = False,
        array_filters: Any = None,
        hint: Any = None,
        session: Any = None,
        let: Any = None,
        comment: Any = None,
        **kwargs: Any,
    ) -> Optional[dict[str, Any]]:
        checks.update(update)
        checks.list_or_none("array_filters", array_filters)
        change = {"update": update}
        if array_filters is not None:
            change["arrayFilters"] = array_filters
        return self.__find_and_modify(
            filter, change, projection, sort, upsert, return_document, hint, session, let, comment, kwargs
        )

    def __find_and_modify(
        self,
        filter: Any,
        change: dict[str, Any],
        projection: Any,
        sort: Any,
        upsert: Optional[bool],
        return_document: bool,
        hint: Any,
        session: Any,
        let: Any,
        comment: Any,
        kwargs: dict[str, Any],
    ) -> Optional[dict[str, Any]]:
        checks.no_session(session)
        checks.mapping("filter", filter)
        if not isinstance(return_document, bool):
            raise TypeError(
                f"return_document must be ReturnDocument.BEFORE or ReturnDocument.AFTER, not {type(return_document)}"
            )
        command = {
            "findAndModify": self.__name,
            "query": filter,
            "new": return_document,
            **change,
            **_commented(kwargs, comment),
        }
        if let is not None:
            checks.mapping("let", let)
            command["let"] = let
        if command.get("collation") is not None:
            command["collation"] = checks.collation_document(command["collation"])
        if projection is not None:
            command["fields"] = checks.fields_document(projection, "projection")
        if sort is not None:
            command["sort"] = checks.index_document(sort)
        if upsert is not None:
            checks.boolean("upsert", upsert)
            command["upsert"] = upsert
        if hint is not None:
            command["hint"] = checks.hint_value(hint)
        reply = bson.decode(self.__native.run(self.__database.name, bson.encode(command)))
        replies.check_write(reply)
        return reply.get("value")

    # Shape

    def create_index(self, keys: Any, session: Any = None, comment: Any = None, **kwargs: Any) -> str:
        checks.no_session(session)
        options = {"maxTimeMS": kwargs.pop("maxTimeMS")} if "maxTimeMS" in kwargs else {}
        return index_forms.create(
            self.__native, self, [index_forms.specification(keys, **kwargs)], _commented(options, comment)
        )[0]

    def create_indexes(self, indexes: Any, session: Any = None, comment: Any = None, **kwargs: Any) -> list[str]:
        checks.no_session(session)
        return index_forms.create(self.__native, self, index_forms.specifications(indexes), _commented(kwargs, comment))

    def drop_index(self, index_or_name: Any, session: Any = None, comment: Any = None, **kwargs: Any) -> None:
        checks.no_session(session)
        index_forms.drop(self.__native, self, index_or_name, _commented(kwargs, comment))

    def drop_indexes(self, session: Any = None, comment: Any = None, **kwargs: Any) -> None:
        checks.no_session(session)
        index_forms.drop(self.__native, self, "*", _commented(kwargs, comment))

    def list_indexes(self, session: Any = None, comment: Any = None) -> CommandCursor:
        checks.no_session(session)
        return index_forms.listed(self.__native, self, comment)

    def index_information(self, session: Any = None, comment: Any = None) -> dict[str, Any]:
        information = {}
        for index in self.list_indexes(session, comment):
            index["key"] = list(index["key"].items())
            information[index.pop("name")] = index
        return information

    def rename(self, new_name: str, session: Any = None, comment: Any = None, **kwargs: Any) -> dict[str, Any]:
        checks.no_session(session)
        if not isinstance(new_name, str):
            raise TypeError(f"new_name must be an instance of str, not {type(new_name)}")
        checks.collection_name(new_name)
        drop_target = bool(kwargs.pop("dropTarget", False))
        if kwargs:
            raise NotImplementedError(f"env's rename has no option {next(iter(kwargs))!r}")
        return bson.decode(self.__native.rename(self.__database.name, self.__name, new_name, drop_target))

    def drop(self, session: Any = None, comment: Any = None, encrypted_fields: Any = None) -> None:
        self.__database.drop_collection(self.__name, session, comment, encrypted_fields)


def aggregate(
    native: Any, database: str, target: Any, pipeline: Any, let: Any, comment: Any, options: dict[str, Any]
) -> CommandCursor:
    """`target` is a collection's name, or 1 for the database itself."""
    if not isinstance(pipeline, list):
        raise TypeError(f"pipeline must be a list, not {type(pipeline)}")
    for name in ("explain", "aggregate", "pipeline"):
        if name in options:
            from pymongo.errors import ConfigurationError

            raise ConfigurationError(
                f"The {name} option cannot be specified as a keyword argument. Use Database.command instead."
            )
    options = dict(options)
    batch_size = options.pop("batchSize", None)
    options.pop("maxAwaitTimeMS", None)
    changes = bool(pipeline) and ("$out" in pipeline[-1] or "$merge" in pipeline[-1])
    cursor = dict(options.pop("cursor", {}))
    if batch_size is not None and not changes:
        cursor["batchSize"] = batch_size
    if "collation" in options:
        options["collation"] = checks.collation_document(options["collation"])
    if let is not None:
        checks.mapping("let", let)
        options["let"] = let
    command = bson.encode({"aggregate": target, "pipeline": pipeline, "cursor": cursor, **_commented(options, comment)})
    reply = native.run(database, command) if changes else native.read(database, command)
    if changes:
        replies.check_write(bson.decode(reply))
    return CommandCursor(
        native, database, target if isinstance(target, str) else "$cmd.aggregate", reply, batch_size or 0, comment
    )


def _commented(options: dict[str, Any], comment: Any) -> dict[str, Any]:
    return options if comment is None else {**options, "comment": comment}


def _check_update(filter: Any, update: Any, upsert: Any, array_filters: Any) -> None:
    checks.mapping("filter", filter)
    checks.update(update)
    checks.list_or_none("array_filters", array_filters)
    checks.boolean("upsert", upsert)
