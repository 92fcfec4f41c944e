# SPDX-License-Identifier: Apache-2.0
"""Compiles and runs the code of revisions, and reads models. Called by the engine, which reads the files and knows the order."""

from __future__ import annotations

import dis
import inspect
import linecache
import os
import sys
import types
from typing import Any, Callable, Optional, Sequence

from treering.env import Env
from treering.errors import LeaseLost, MigrationFailed, RevisionError, ServerUnreachable, Terminated
from treering.project_code import failure_fields, importing_from

__all__ = ["Scripts"]

_STORE_NAME = dis.opmap["STORE_NAME"]
_EXTENDED_ARG = dis.opmap["EXTENDED_ARG"]
# What `env` raises when the run itself can't go on: the engine's to judge, not the migration's fault.
_NOT_THE_MIGRATIONS = (LeaseLost, ServerUnreachable)


class Scripts:
    """`root` is the project's folder: paths of revisions are relative to it, and migrations import from it."""

    def __init__(self, root: str = "") -> None:
        self.root = root
        self._compiled: dict[str, tuple[bytes, types.CodeType]] = {}
        self.raised: Optional[BaseException] = None

    def check(self, scripts: Sequence[tuple[str, str, bytes]], direction: str) -> None:
        """Compiles all of them (revision, path, source) and runs none. Raises RevisionError for the first that can't be run."""
        for revision, path, source in scripts:
            code = _compile(path, source)
            if not _binds(code, direction):
                raise RevisionError(
                    f"{path} defines no function {direction}",
                    f"add `def {direction}(env): ...` at the left margin",
                    {"file": path, "revision": revision},
                )
            self._compiled[path] = (source, code)

    def run(self, revision: str, path: str, source: bytes, direction: str, native_env: Any) -> None:
        """Runs upgrade(env) or downgrade(env). Raises MigrationFailed for whatever the code raised; the original is kept in `raised`."""
        compiled = self._compiled.pop(path, None)
        code = compiled[1] if compiled is not None and compiled[0] == source else _compile(path, source)
        _remember_lines(path, source)
        try:
            env = Env(native_env)
            try:
                self._call(code, path, direction, env)
            finally:
                env._close()
        except (KeyboardInterrupt, Terminated) + _NOT_THE_MIGRATIONS as error:
            self.raised = error
            raise
        except BaseException as error:  # SystemExit too: a migration that exits has not done its work
            self.raised = error
            raise _failure(revision, path, error) from error

    def models(self, modules: Sequence[str]) -> list[bytes]:
        """What the models say, a BSON document each. Raises ModelError; the original is kept in `raised`."""
        from treering.models import read

        try:
            return read(modules, self.root)
        except BaseException as error:
            self.raised = error.__cause__ or error
            raise

    def _call(self, code: types.CodeType, path: str, direction: str, env: Env) -> None:
        module = types.ModuleType(os.path.splitext(os.path.basename(path))[0])
        module.__file__ = os.path.join(self.root, path)
        # Dataclasses and pickles look their module up by name.
        replaced = sys.modules.get(module.__name__)
        sys.modules[module.__name__] = module
        try:
            with importing_from(self.root):
                exec(code, module.__dict__)
                function = module.__dict__.get(direction)
                if not callable(function):
                    raise TypeError(f"{direction} is not a function")
                _call_placed(function, path, direction, env)
        finally:
            if replaced is None:
                sys.modules.pop(module.__name__, None)
            else:
                sys.modules[module.__name__] = replaced


def _call_placed(function: Callable[[Env], Any], path: str, direction: str, env: Env) -> None:
    """Calls it. What is wrong with the function itself is told where it stands, as no line of it has run."""
    try:
        result = function(env)
        if inspect.iscoroutine(result):
            result.close()
            raise TypeError(f"{direction} is an async function: write `def {direction}(env):` without async")
    except TypeError as error:
        code = getattr(inspect.unwrap(function), "__code__", None)
        was_entered = error.__traceback__ is not None and error.__traceback__.tb_next is not None
        if not was_entered and code is not None and code.co_filename == path:
            error.treering_place = f"{path}:{code.co_firstlineno}"  # type: ignore[attr-defined]
        raise


def _compile(path: str, source: bytes) -> types.CodeType:
    try:
        source.decode("utf-8")
    except UnicodeDecodeError as error:
        line = str(source.count(b"\n", 0, error.start) + 1)
        raise RevisionError(
            f"{path}:{line}: the file is not UTF-8", "save it as UTF-8; nothing was run", {"file": path, "line": line}
        ) from error
    try:
        return compile(source, path, "exec", dont_inherit=True)
    except SyntaxError as error:
        line = str(error.lineno or 1)
        fields = {"file": path, "line": line}
        if error.text:
            fields["source_line"] = error.text.rstrip("\n")
        raise RevisionError(
            f"{path}:{line}: {type(error).__name__}: {error.msg}", "mend the file; nothing was run", fields
        ) from error
    except ValueError as error:  # a null byte
        raise RevisionError(f"{path}: {error}", "mend the file; nothing was run", {"file": path}) from error


def _binds(code: types.CodeType, name: str) -> bool:
    """Whether running the module's code may bind the name at its top level: by def, assignment or import."""
    if ("*",) in code.co_consts:  # from ... import *
        return True
    if name not in code.co_names:
        return False
    wanted, extended = code.co_names.index(name), 0
    for opcode, argument in zip(code.co_code[::2], code.co_code[1::2]):
        argument |= extended << 8
        extended = argument if opcode == _EXTENDED_ARG else 0
        if opcode == _STORE_NAME and argument == wanted:
            return True
    return False


def _remember_lines(path: str, source: bytes) -> None:
    """So that tracebacks show the lines of a source that comes from the database, or that lies under another folder."""
    linecache.cache[path] = (len(source), None, source.decode("utf-8-sig").splitlines(keepends=True), path)


def _failure(revision: str, path: str, error: BaseException) -> MigrationFailed:
    fields = {"revision": revision, "file": path, **failure_fields(error, path.__eq__)}
    place = f"{path}:{fields['line']}" if "line" in fields else path
    return MigrationFailed(f"{place}: {fields['exception']}", "", fields)
