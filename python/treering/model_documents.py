# SPDX-License-Identifier: Apache-2.0
"""Models as the documents that the engine reads: checks what only Python can see, and leaves what MongoDB allows to the engine."""

from __future__ import annotations

import difflib
from collections import abc
from typing import Any, NoReturn, Sequence

import bson

from treering import checks
from treering.errors import ModelError
from treering.model_modules import load, models_of, shown
from treering.models import Collection, Index

__all__ = ["documents"]

_ATTRIBUTES = [
    "__abstract__",
    "__collection_name__",
    "__indexes__",
    "__initial_data__",
    "__options__",
    "__renamed_from__",
    "__shard_key__",
]
# Of every class, or of what the standard library makes of one.
_PYTHONS_OWN = frozenset(dir(type)) | frozenset(
    f"__{name}__"
    for name in (
        "annotate annotate_func annotations annotations_cache classcell classdictcell conditional_annotations dataclass_fields dataclass_params"
        " firstlineno hash match_args orig_bases parameters protocol_attrs slots static_attributes type_params weakref wrapped"
    ).split()
)


def documents(modules: Sequence[str], root: str) -> list[bytes]:
    models: dict[type[Collection], None] = {}
    for name in modules:
        models.update(dict.fromkeys(models_of(load(name, root), root)))
    return [_Reader(model, root).document() for model in models]


class _Reader:
    def __init__(self, model: type[Collection], root: str) -> None:
        self.model = model
        self.file, self.line = shown(model._treering_place[0], root), model._treering_place[1]

    def document(self) -> bytes:
        self._refuse_unknown_attributes()
        parts = {
            "name": self._text("__collection_name__"),
            "options": self._options(),
            "indexes": self._indexes(),
            "data": self._data(),
            "shard_key": self._shard_key(),
            "renamed_from": self._text("__renamed_from__"),
        }
        place = {"class": self.model.__name__, "file": self.file, "line": self.line}
        return bson.encode({**place, **{name: value for name, value in parts.items() if value}})

    def _wrong(self, words: str, hint: str = "", line: int = 0) -> NoReturn:
        line = line or self.line
        name = self.model.__name__
        fields = {"class": name, "file": self.file, "line": str(line)}
        raise ModelError(f"{self.file}:{line}: class {name}: {words}", hint, fields)

    def _refuse_unknown_attributes(self) -> None:
        for base in self.model.__mro__:
            if base is Collection or not issubclass(base, Collection):
                continue
            for name, value in vars(base).items():
                if _is_unknown(name, value):
                    nearest = difflib.get_close_matches(name, _ATTRIBUTES, 1, 0.6)
                    hint = f"did you mean {nearest[0]}?" if nearest else "a model has " + ", ".join(_ATTRIBUTES)
                    where = "" if base is self.model else f" (of its base {base.__name__})"
                    self._wrong(f"a model has no attribute {name}{where}", hint)

    def _text(self, attribute: str) -> str:
        value = getattr(self.model, attribute)
        if value is None:
            return ""
        if not isinstance(value, str):
            self._wrong(f"{attribute} must be a string, not {type(value).__name__}")
        return self._encodable(attribute, value)

    def _options(self) -> dict[str, Any]:
        value = self.model.__options__
        if not isinstance(value, abc.Mapping):
            self._wrong(
                f"__options__ must be a mapping, not {type(value).__name__}", 'write {"capped": True, "size": 4096}'
            )
        options = dict(value)
        if "collation" in options:
            options["collation"] = self._collation("__options__", options["collation"])
        return self._encodable("__options__", options)

    def _indexes(self) -> list[dict[str, Any]]:
        value = self.model.__indexes__
        if not isinstance(value, (list, tuple)):
            self._wrong(f"__indexes__ must be a list of Index, not {type(value).__name__}")
        return [self._index(number, index) for number, index in enumerate(value)]

    def _index(self, number: int, index: Any) -> dict[str, Any]:
        if not isinstance(index, Index):
            self._wrong(f"__indexes__[{number}] is no Index: {index!r}", 'write Index("field")')
        # Messages name the class's file: the line of an index that stands in another one would point nowhere.
        line = index.line if index.file == self.model._treering_place[0] else self.line
        try:
            spec: dict[str, Any] = {"key": key_document(index.keys)}
        except (TypeError, ValueError) as error:
            self._wrong(
                f"Index() {error}",
                "keys are a field, a list of fields and (field, direction) pairs, or a mapping",
                line,
            )
        if index.name is not None:
            if not isinstance(index.name, str):
                self._wrong(f"{index!r} has a name that is no string", 'a direction is written [("field", -1)]', line)
            spec["name"] = index.name
        if "key" in index.options:
            self._wrong(f"{index!r} has two keys", "the first argument is the key", line)
        options = dict(index.options)
        if "collation" in options:
            options["collation"] = self._collation(repr(index), options["collation"], line)
        return {"line": line, "spec": self._encodable(repr(index), {**spec, **options}, line)}

    def _data(self) -> list[Any]:
        value = self.model.__initial_data__
        if not isinstance(value, (list, tuple)):
            self._wrong(f"__initial_data__ must be a list of documents, not {type(value).__name__}")
        for number, document in enumerate(value):
            if not isinstance(document, abc.Mapping):
                self._wrong(f"__initial_data__[{number}] must be a document, not {type(document).__name__}")
            self._encodable(f"__initial_data__[{number}]", document)
        return list(value)

    def _shard_key(self) -> dict[str, Any]:
        value = self.model.__shard_key__
        if value is None:
            return {}
        try:
            if not _is_long_form(value):
                return {"key": self._encodable("__shard_key__", key_document(value))}
            unique = value.get("unique", False)
            if not isinstance(unique, bool):
                raise TypeError("has a `unique` that is neither True nor False")
            key = self._encodable("__shard_key__", key_document(value["key"]))
            return {"key": key, "unique": True} if unique else {"key": key}
        except (TypeError, ValueError) as error:
            self._wrong(f"__shard_key__ {error}", 'write "field", pairs, a mapping, or {"key": ..., "unique": True}')

    def _collation(self, of: str, value: Any, line: int = 0) -> Any:
        try:
            return checks.collation_document(value)
        except TypeError as error:
            self._wrong(f"{of}: {error}", line=line)

    def _encodable(self, of: str, value: Any, line: int = 0) -> Any:
        try:
            bson.encode({"value": value})
        except Exception as error:
            self._wrong(f"{of} holds what BSON can't: {error}", line=line)
        return value


def key_document(keys: Any) -> dict[str, Any]:
    """Raises TypeError and ValueError with words that go on after what has the key."""
    if not isinstance(keys, (str, list, tuple, abc.Mapping)):
        raise TypeError(f"got {keys!r} for a key")
    pairs = checks.index_keys(keys)
    fields: set[str] = set()
    for pair in pairs:
        if not isinstance(pair, (list, tuple)) or len(pair) != 2 or not isinstance(pair[0], str):
            raise TypeError(f"got {pair!r} where a field or a (field, direction) pair belongs")
        if pair[0] in fields:
            raise ValueError(f"names the field {pair[0]!r} twice")
        fields.add(pair[0])
    if not fields or "" in fields:
        raise ValueError("got an empty key")
    return checks.index_document(pairs)


def _is_long_form(value: Any) -> bool:
    """{"key": ..., "unique": ...}, and not the key of a field that is called "key"."""
    if not isinstance(value, abc.Mapping) or "key" not in value or not set(value) <= {"key", "unique"}:
        return False
    is_kind = value["key"] == "hashed" or isinstance(value["key"], int)
    return not is_kind or isinstance(value.get("unique"), bool)


def _is_unknown(name: str, value: Any) -> bool:
    if not (name.startswith("__") and name.endswith("__")) or name in _ATTRIBUTES or name in _PYTHONS_OWN:
        return False
    return not callable(value) and not hasattr(value, "__get__")  # methods are Python's protocols, or somebody else's
