# SPDX-License-Identifier: Apache-2.0
"""`env.db.name`: a collection with pymongo's methods, arguments, results and exceptions, carried out by Treering's own connection."""

from __future__ import annotations

from typing import Any, Iterable, NoReturn, Optional

from treering import _native, checks, commands, replies, search_indexes, writes
from treering import indexes as index_forms
from treering.aggregation import aggregate
from treering.client_session import for_writing, native_of
from treering.command_cursor import CommandCursor
from treering.cursor import Cursor
from treering.find_and_modify import find_and_modify
from treering.noted import noted
from treering.options import Configured, Options, commented, misconfigured, options_of
from treering.raw_cursor import RawBatchCommandCursor, RawBatchCursor

__all__ = ["Collection"]


class Collection(Configured):
    """Names that start with an underscore are sub-collections too; our own attributes are name-mangled to stay out of their way."""

    __slots__ = ("__database", "__name", "__native")

    def __init__(self, native: Any, database: Any, name: str, options: Optional[Options] = None) -> None:
        super().__init__(options_of(database) if options is None else options)
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
        if name == "watch" or (name.startswith("__") and name.endswith("__")):
            raise AttributeError(
                f"env's collections have no {name!r}: env.pymongo_db[{self.__name!r}] has what pymongo has"
                f" (a collection of that name: env.db[{self.__name + '.' + name!r}])"
            )
        return self[name]

    def __getitem__(self, name: str) -> Collection:
        return Collection(self.__native, self.__database, f"{self.__name}.{name}", options_of(self))

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

    def with_options(
        self,
        codec_options: Any = None,
        read_preference: Any = None,
        write_concern: Any = None,
        read_concern: Any = None,
    ) -> Collection:
        options = options_of(self).changed(codec_options, read_preference, write_concern, read_concern)
        return Collection(self.__native, self.__database, self.__name, options)

    # Reading

    def __read(self, native: Any, command: dict[str, Any]) -> dict[str, Any]:
        options = options_of(self)
        return options.decode(native.read(self.__database.name, options.encode({**command, **options.reading()})))

    def find(self, *args: Any, **kwargs: Any) -> Cursor:
        return Cursor(self, self.__native, *args, **kwargs)

    def find_raw_batches(self, *args: Any, **kwargs: Any) -> RawBatchCursor:
        return RawBatchCursor(self, self.__native, *args, **kwargs)

    def find_one(self, filter: Any = None, *args: Any, **kwargs: Any) -> Optional[dict[str, Any]]:
        if filter is not None and not hasattr(filter, "keys"):
            filter = {"_id": filter}
        for document in self.find(filter, *args, **kwargs).limit(-1):
            return document
        return None

    def aggregate(
        self, pipeline: Any, session: Any = None, let: Any = None, comment: Any = None, **kwargs: Any
    ) -> CommandCursor:
        native = native_of(self.__native, session)
        return aggregate(native, self, self.__database.name, self.__name, pipeline, let, comment, kwargs)

    def aggregate_raw_batches(
        self, pipeline: Any, session: Any = None, comment: Any = None, **kwargs: Any
    ) -> RawBatchCommandCursor:
        native = native_of(self.__native, session)
        let = kwargs.pop("let", None)
        return aggregate(
            native, self, self.__database.name, self.__name, pipeline, let, comment, kwargs, RawBatchCommandCursor
        )

    def count_documents(self, filter: Any, session: Any = None, comment: Any = None, **kwargs: Any) -> int:
        native = native_of(self.__native, session)
        pipeline: list[Any] = [{"$match": filter}]
        for name in ("skip", "limit"):
            if name in kwargs:
                pipeline.append({"$" + name: kwargs.pop(name)})
        pipeline.append({"$group": {"_id": 1, "n": {"$sum": 1}}})
        if "hint" in kwargs:
            kwargs["hint"] = checks.hint_value(kwargs["hint"])
        for document in aggregate(native, self, self.__database.name, self.__name, pipeline, None, comment, kwargs):
            return document["n"]
        return 0

    def estimated_document_count(self, comment: Any = None, **kwargs: Any) -> int:
        if "session" in kwargs:
            raise misconfigured("estimated_document_count does not support sessions")
        native = native_of(self.__native, None)
        return int(self.__read(native, {"count": self.__name, **commented(kwargs, comment)})["n"])

    def distinct(
        self, key: str, filter: Any = None, session: Any = None, comment: Any = None, hint: Any = None, **kwargs: Any
    ) -> list[Any]:
        native = native_of(self.__native, session)
        if not isinstance(key, str):
            raise TypeError(f"key must be an instance of str, not {type(key)}")
        if filter is not None:
            if "query" in kwargs:
                raise misconfigured("can't pass both filter and query")
            kwargs["query"] = filter
        if hint is not None:
            kwargs["hint"] = checks.hint_value(hint)
        if "collation" in kwargs:
            kwargs["collation"] = checks.collation_document(kwargs["collation"])
        return self.__read(native, {"distinct": self.__name, "key": key, **commented(kwargs, comment)})["values"]

    def options(self, session: Any = None, comment: Any = None) -> dict[str, Any]:
        for found in self.__database.list_collections(session, filter={"name": self.__name}, comment=comment):
            return {name: value for name, value in found.get("options", {}).items() if name != "create"}
        return {}

    # Writing

    def insert_one(
        self, document: Any, bypass_document_validation: Optional[bool] = None, session: Any = None, comment: Any = None
    ) -> Any:
        native, own = for_writing(self.__native, self, session)
        checks.document("document", document)
        inserted_id = writes.give_id(document)
        options = writes.command_options(own, comment, None, bypass_document_validation)
        acknowledged = writes.insert(native, own, document, options)
        return replies.results().InsertOneResult(inserted_id, acknowledged)

    def insert_many(
        self,
        documents: Iterable[Any],
        ordered: bool = True,
        bypass_document_validation: Optional[bool] = None,
        session: Any = None,
        comment: Any = None,
    ) -> Any:
        native, own = for_writing(self.__native, self, session)
        bulk, inserted_ids = writes.bulk_of_inserts(documents, ordered)
        bulk.execute(native, own, writes.command_options(own, comment, None, bypass_document_validation, ordered))
        return replies.results().InsertManyResult(inserted_ids, options_of(own).acknowledged)

    def bulk_write(
        self,
        requests: Any,
        ordered: bool = True,
        bypass_document_validation: Optional[bool] = None,
        session: Any = None,
        comment: Any = None,
        let: Any = None,
    ) -> Any:
        native, own = for_writing(self.__native, self, session)
        bulk = writes.bulk_of(requests, ordered)
        result = bulk.execute(
            native, own, writes.command_options(own, comment, let, bypass_document_validation, ordered)
        )
        made = replies.results().BulkWriteResult(result, options_of(own).acknowledged)
        return noted(native, made, "bulk write to", self.__name)

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
        native, own = for_writing(self.__native, self, session)
        _check_update(filter, update, upsert, array_filters)
        statement = writes.update_statement(filter, update, False, upsert, collation, array_filters, hint, sort)
        return writes.update(
            native, own, statement, writes.command_options(own, comment, let, bypass_document_validation)
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
        native, own = for_writing(self.__native, self, session)
        _check_update(filter, update, upsert, array_filters)
        statement = writes.update_statement(filter, update, True, upsert, collation, array_filters, hint)
        return writes.update(
            native, own, statement, writes.command_options(own, comment, let, bypass_document_validation)
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
        native, own = for_writing(self.__native, self, session)
        checks.mapping("filter", filter)
        checks.replacement(replacement)
        checks.boolean("upsert", upsert)
        statement = writes.update_statement(filter, replacement, False, upsert, collation, None, hint, sort)
        return writes.update(
            native, own, statement, writes.command_options(own, comment, let, bypass_document_validation)
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
        native, own = for_writing(self.__native, self, session)
        checks.mapping("filter", filter)
        statement = writes.delete_statement(filter, limit, collation, hint)
        return writes.delete(native, own, statement, writes.command_options(own, comment, let))

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
        native, own = for_writing(self.__native, self, session)
        return find_and_modify(
            own,
            native,
            filter,
            {"remove": True},
            projection,
            sort,
            None,
            False,
            hint,
            let,
            comment,
            kwargs,
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
        native, own = for_writing(self.__native, self, session)
        return find_and_modify(
            own,
            native,
            filter,
            change,
            projection,
            sort,
            upsert,
            return_document,
            hint,
            let,
            comment,
            kwargs,
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
        native, own = for_writing(self.__native, self, session)
        return find_and_modify(
            own,
            native,
            filter,
            change,
            projection,
            sort,
            upsert,
            return_document,
            hint,
            let,
            comment,
            kwargs,
        )

    # Shape

    def __writing(self, options: dict[str, Any], comment: Any) -> dict[str, Any]:
        return {**options_of(self).writing(), **commented(options, comment)}

    def create_index(self, keys: Any, session: Any = None, comment: Any = None, **kwargs: Any) -> str:
        native, own = for_writing(self.__native, self, session)
        options = {"maxTimeMS": kwargs.pop("maxTimeMS")} if "maxTimeMS" in kwargs else {}
        return index_forms.create(
            native, own, [index_forms.specification(keys, **kwargs)], own.__writing(options, comment)
        )[0]

    def create_indexes(self, indexes: Any, session: Any = None, comment: Any = None, **kwargs: Any) -> list[str]:
        native, own = for_writing(self.__native, self, session)
        return index_forms.create(native, own, index_forms.specifications(indexes), own.__writing(kwargs, comment))

    def drop_index(self, index_or_name: Any, session: Any = None, comment: Any = None, **kwargs: Any) -> None:
        native, own = for_writing(self.__native, self, session)
        index_forms.drop(native, own, index_or_name, own.__writing(kwargs, comment))

    def drop_indexes(self, session: Any = None, comment: Any = None, **kwargs: Any) -> None:
        native, own = for_writing(self.__native, self, session)
        index_forms.drop(native, own, "*", own.__writing(kwargs, comment))

    def list_indexes(self, session: Any = None, comment: Any = None) -> CommandCursor:
        native = native_of(self.__native, session)
        return index_forms.listed(native, self, comment)

    def index_information(self, session: Any = None, comment: Any = None) -> dict[str, Any]:
        information = {}
        for index in self.list_indexes(session, comment):
            index["key"] = list(index["key"].items())
            information[index.pop("name")] = index
        return information

    def rename(self, new_name: str, session: Any = None, comment: Any = None, **kwargs: Any) -> dict[str, Any]:
        native, own = for_writing(self.__native, self, session)
        if not isinstance(new_name, str):
            raise TypeError(f"new_name must be an instance of str, not {type(new_name)}")
        checks.collection_name(new_name)
        database, rest = self.__database.name, own.__writing(kwargs, comment)
        reply = commands.rename(native, database, self.__name, new_name, rest, Options())
        if reply is None:  # the operation that is told and counted has no such options: the command goes as it is
            command = {"renameCollection": self.full_name, "to": f"{database}.{new_name}", **rest}
            reply = native.run("admin", command)
        renamed = _native.decode(reply)
        replies.check_write(renamed)
        return renamed

    def drop(self, session: Any = None, comment: Any = None, encrypted_fields: Any = None) -> None:
        database = self.__database.with_options(write_concern=options_of(self).write_concern)
        database.drop_collection(self.__name, session, comment, encrypted_fields)

    # Search indexes

    def create_search_index(self, model: Any, session: Any = None, comment: Any = None, **kwargs: Any) -> str:
        native = native_of(self.__native, session)
        return search_indexes.create(native, self, [search_indexes.model_of(model)], commented(kwargs, comment))[0]

    def create_search_indexes(self, models: Any, session: Any = None, comment: Any = None, **kwargs: Any) -> list[str]:
        native = native_of(self.__native, session)
        return search_indexes.create(native, self, models, commented(kwargs, comment))

    def list_search_indexes(
        self, name: Optional[str] = None, session: Any = None, comment: Any = None, **kwargs: Any
    ) -> CommandCursor:
        named = {} if name is None else {"name": name}
        return Collection(self.__native, self.__database, self.__name, Options()).aggregate(
            [{"$listSearchIndexes": named}], session=session, comment=comment, **kwargs
        )

    def update_search_index(
        self, name: str, definition: Any, session: Any = None, comment: Any = None, **kwargs: Any
    ) -> None:
        native = native_of(self.__native, session)
        search_indexes.update(native, self, name, definition, commented(kwargs, comment))

    def drop_search_index(self, name: str, session: Any = None, comment: Any = None, **kwargs: Any) -> None:
        native = native_of(self.__native, session)
        search_indexes.drop(native, self, name, commented(kwargs, comment))


def _check_update(filter: Any, update: Any, upsert: Any, array_filters: Any) -> None:
    checks.mapping("filter", filter)
    checks.update(update)
    checks.list_or_none("array_filters", array_filters)
    checks.boolean("upsert", upsert)
