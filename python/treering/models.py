# SPDX-License-Identifier: Apache-2.0
"""Models: what the collections of a database should be, for --autogenerate, `check` and `diff`.

from treering import Collection, Index

class Wallet(Collection):
    __collection_name__ = "wallet"
    __indexes__ = [Index([("uid", 1), ("org_id", 1)], name="uid_org_idx", unique=True), Index("rec_date")]

ALL_COLLECTIONS = [Wallet]

A mistake in a model is no error before the models are read: only then is known which class it stands in.
"""

from __future__ import annotations

import itertools
import sys
import types
from typing import Any, Mapping, Optional, Sequence, Union

__all__ = ["Collection", "Index", "import_models", "read"]

_order = itertools.count()


class Index:
    """An index of a collection.

    `keys`: a field, a list of fields and of (field, kind) pairs, or a mapping. Kinds are 1, -1, "text", "2dsphere", "2d" and "hashed"; a
    field "$**" stands for all. `name`: as the server would name it where there is none. Every option of the server goes by
    the server's own name: unique, sparse, partialFilterExpression, expireAfterSeconds, collation, hidden, weights, ...
    """

    __slots__ = ("file", "keys", "line", "name", "options")

    def __init__(
        self, keys: Union[str, Sequence[Any], Mapping[str, Any]], name: Optional[str] = None, **options: Any
    ) -> None:
        self.keys = keys
        self.name = name
        self.options = options
        caller = sys._getframe(1)
        self.file, self.line = caller.f_code.co_filename, caller.f_lineno

    def __repr__(self) -> str:
        named = {} if self.name is None else {"name": self.name}
        options = "".join(f", {option}={value!r}" for option, value in {**named, **self.options}.items())
        return f"Index({self.keys!r}{options})"


class Collection:
    """A collection of the database; a model is a subclass.

    `__collection_name__` is its name, `__indexes__` a list of Index, `__initial_data__` documents (with _id) that should be in it,
    `__options__` those of the `create` command (validator, capped, timeseries, viewOn, ...), `__shard_key__` a field, pairs or a mapping, or
    {"key": ..., "unique": True}, and `__renamed_from__` the name that it had before. A base that is no collection itself says
    `__abstract__ = True`.
    """

    __abstract__ = True
    __collection_name__: Optional[str] = None
    __indexes__: Sequence[Index] = ()
    __initial_data__: Sequence[Mapping[str, Any]] = ()
    __options__: Mapping[str, Any] = types.MappingProxyType({})
    __shard_key__: Any = None
    __renamed_from__: Optional[str] = None

    # Where its class statement stands, and when it was run among all; and the class of the same name that it came after.
    _treering_place: tuple[str, int, int] = ("", 0, -1)
    _treering_continues: Optional[type] = None

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        frame = _frame_of_class_statement(cls)
        cls._treering_place = (frame.f_code.co_filename, frame.f_lineno, next(_order))
        cls._treering_continues = None
        earlier = frame.f_locals.get(cls.__name__)
        if cls.__collection_name__ is None and _is_same_model(earlier, cls):
            cls.__collection_name__ = earlier.__collection_name__
            cls._treering_continues = earlier
        from treering.model_modules import remember_source

        remember_source(cls.__module__, frame.f_code.co_filename)


def import_models(name: str) -> types.ModuleType:
    """Imports a module of models that may import `Collection` and `Index` from itself; for the `__init__.py` beside it."""
    from treering import model_modules

    return model_modules.import_models(name)


def read(modules: Sequence[str], root: str) -> list[bytes]:
    """The models of these modules (dotted names, or paths relative to the root), a BSON document each. Raises ModelError."""
    from treering.model_documents import documents

    return documents(modules, root)


def _frame_of_class_statement(cls: type) -> types.FrameType:
    """Past what bases of the project's own do when they are subclassed."""
    frame = sys._getframe(2)
    while frame.f_back is not None and (
        frame.f_globals.get("__name__") != cls.__module__ or frame.f_code.co_name in ("__init_subclass__", "__new__")
    ):
        frame = frame.f_back
    return frame


def _is_same_model(earlier: Any, cls: type) -> bool:
    return (
        isinstance(earlier, type)
        and issubclass(earlier, Collection)
        and (earlier.__module__, earlier.__qualname__) == (cls.__module__, cls.__qualname__)
    )
