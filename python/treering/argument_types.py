# SPDX-License-Identifier: Apache-2.0
"""What is said of an argument of a wrong type: its name, in pymongo's words, wherever else the call would have ended."""

from __future__ import annotations

import functools
import inspect
import types
from typing import Any, Callable, Optional, TypeVar, Union, get_args, get_origin, get_type_hints

__all__ = ["checks_arguments"]

_Class = TypeVar("_Class", bound=type)
_PLAIN = (str, int, bool, float, type(None))


def checks_arguments(checked: _Class) -> _Class:
    """A class whose constructor and public methods raise TypeError where an argument isn't what its annotation says. Looks at annotations
    of plain types and our own classes alone: what takes more kinds of things checks them itself."""
    for name, function in list(vars(checked).items()):
        if isinstance(function, types.FunctionType) and (name == "__init__" or not name.startswith("_")):
            setattr(checked, name, _checking(function))
    return checked


def _checking(function: Callable[..., Any]) -> Callable[..., Any]:
    signature = inspect.signature(function)

    @functools.cache
    def wanted() -> dict[str, tuple[type, ...]]:
        hints = get_type_hints(function)
        found = {name: _types(hints[name]) for name in signature.parameters if name in hints}
        return {name: allowed for name, allowed in found.items() if allowed}

    @functools.wraps(function)
    def checking(*args: Any, **kwargs: Any) -> Any:
        try:
            given = signature.bind(*args, **kwargs).arguments
        except TypeError:
            return function(*args, **kwargs)  # Python says better what is missing
        for name, allowed in wanted().items():
            if name in given:
                _check(name, given[name], allowed)
        return function(*args, **kwargs)

    return checking


def _types(hint: Any) -> Optional[tuple[type, ...]]:
    members = get_args(hint) if get_origin(hint) is Union else (hint,)
    own = [each for each in members if each in _PLAIN or str(getattr(each, "__module__", "")).startswith("treering.")]
    return tuple(own) if len(own) == len(members) and all(isinstance(each, type) for each in own) else None


def _check(name: str, value: Any, allowed: tuple[type, ...]) -> None:
    if not isinstance(value, (*allowed, int) if float in allowed else allowed):
        words = " or ".join(each.__name__ for each in allowed if each is not type(None))
        raise TypeError(f"{name} must be an instance of {words}, not {type(value)}")
    if isinstance(value, str):
        value.encode()  # UnicodeEncodeError
    if int in allowed and isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise OverflowError(f"{name} must fit into 64 bits, {value} doesn't")
