# SPDX-License-Identifier: Apache-2.0
"""What pymongo checks before it asks the server, with pymongo's exceptions and words."""

from __future__ import annotations

from collections import abc
from typing import Any, Optional

from bson.raw_bson import RawBSONDocument

__all__ = [
    "boolean",
    "collation_document",
    "collection_name",
    "database_name",
    "document",
    "fields_document",
    "hint_value",
    "index_document",
    "index_keys",
    "index_name",
    "list_or_none",
    "mapping",
    "replacement",
    "update",
]


def mapping(option: str, value: Any) -> None:
    if type(value) is not dict and not isinstance(value, abc.Mapping):
        raise TypeError(
            f"{option} must be an instance of dict, bson.son.SON, or any other type that inherits from collections.Mapping"
        )


def document(option: str, value: Any) -> None:
    if not isinstance(value, (abc.MutableMapping, RawBSONDocument)):
        raise TypeError(
            f"{option} must be an instance of dict, bson.son.SON, bson.raw_bson.RawBSONDocument, or "
            "a type that inherits from collections.MutableMapping"
        )


def boolean(option: str, value: Any) -> None:
    if not isinstance(value, bool):
        raise TypeError(f"{option} must be True or False, was: {option}={value}")


def list_or_none(option: str, value: Any) -> None:
    if value is not None and not isinstance(value, list):
        raise TypeError(f"{option} must be a list, not {type(value)}")


def replacement(value: Any) -> None:
    mapping("replacement", value)
    if value and not isinstance(value, RawBSONDocument) and next(iter(value)).startswith("$"):
        raise ValueError("replacement can not include $ operators")


def update(value: Any) -> None:
    if type(value) is not dict and not isinstance(value, (abc.Mapping, list)):
        raise TypeError(
            "update must either be a list or an instance of dict, bson.son.SON, or any other type that inherits from collections.Mapping"
        )
    if not value:
        raise ValueError("update cannot be empty")
    if not isinstance(value, list) and not next(iter(value)).startswith("$"):
        raise ValueError("update only works with $ operators")


def collation_document(value: Any) -> Optional[dict[str, Any]]:
    if value is None or isinstance(value, dict):
        return value
    own = getattr(value, "document", None)  # pymongo.collation.Collation
    if isinstance(own, dict):
        return own
    raise TypeError("collation must be a dict, an instance of collation.Collation, or None")


def fields_document(fields: Any, option: str) -> Any:
    if isinstance(fields, abc.Mapping):
        return fields
    if isinstance(fields, (abc.Sequence, abc.Set)):
        if not all(isinstance(field, str) for field in fields):
            raise TypeError(f"{option} must be a list of key names, each an instance of str")
        return dict.fromkeys(fields, 1)
    raise TypeError(f"{option} must be a mapping or list of key names")


def index_keys(keys: Any, direction: Any = None) -> list[tuple[str, Any]]:
    """Pairs of (key, direction) from a key, a key and a direction, a mapping, or a list of keys and pairs."""
    if direction is not None:
        if not isinstance(keys, str):
            raise TypeError(f"Expected a string and a direction, not {type(keys)}")
        return [(keys, direction)]
    if isinstance(keys, str):
        return [(keys, 1)]
    if isinstance(keys, abc.ItemsView):
        return list(keys)
    if isinstance(keys, abc.Mapping):
        return list(keys.items())
    if not isinstance(keys, (list, tuple)):
        raise TypeError(f"if no direction is specified, key_or_list must be an instance of list, not {type(keys)}")
    return [(item, 1) if isinstance(item, str) else item for item in keys]


def index_document(keys: Any) -> dict[str, Any]:
    if not isinstance(keys, (list, tuple, abc.Mapping)):
        raise TypeError("must use a dictionary or a list of (key, direction) pairs, not: " + repr(keys))
    if not keys:
        raise ValueError("key_or_list must not be empty")
    pairs = (
        keys.items()
        if isinstance(keys, abc.Mapping)
        else [(item, 1) if isinstance(item, str) else item for item in keys]
    )
    pattern = {}
    for key, value in pairs:
        if not isinstance(key, str):
            raise TypeError(f"first item in each key pair must be an instance of str, not {type(key)}")
        if not isinstance(value, (str, int, abc.Mapping)):
            raise TypeError(
                f"second item in each key pair must be 1, -1, '2d', or another valid MongoDB index specifier., not {type(value)}"
            )
        pattern[key] = value
    return pattern


def index_name(pairs: Any) -> str:
    return "_".join("{}_{}".format(*pair) for pair in pairs)


def hint_value(hint: Any) -> Any:
    return hint if hint is None or isinstance(hint, str) else index_document(hint)


def collection_name(name: Any) -> str:
    if not isinstance(name, str):
        raise TypeError(f"name must be an instance of str, not {type(name)}")
    if name.isidentifier():  # nothing of what follows
        return name
    name.encode()  # UnicodeEncodeError, as pymongo has it
    if not name or ".." in name:
        raise _invalid_name("collection names cannot be empty")
    if "$" in name and not name.startswith(("oplog.$main", "$cmd")):
        raise _invalid_name(f"collection names must not contain '$': {name!r}")
    if name[0] == "." or name[-1] == ".":
        raise _invalid_name(f"collection names must not start or end with '.': {name!r}")
    if "\x00" in name:
        raise _invalid_name("collection names must not contain the null character")
    return name


def database_name(name: Any) -> str:
    if not isinstance(name, str):
        raise TypeError(f"name must be an instance of str, not {type(name)}")
    name.encode()  # UnicodeEncodeError, as pymongo has it
    for character in ' .$/\\\x00"':
        if character in name:
            raise _invalid_name(f"database names cannot contain the character {character!r}")
    if not name:
        raise _invalid_name("database name cannot be the empty string")
    return name


def _invalid_name(message: str) -> Exception:
    from pymongo.errors import InvalidName

    return InvalidName(message)
