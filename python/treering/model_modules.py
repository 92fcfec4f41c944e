# SPDX-License-Identifier: Apache-2.0
"""Finds and runs the modules that models are written in.

They are run by us and not by `import`, since a models file may import Collection and Index from itself: the names are in the
module before its first line runs.
"""

from __future__ import annotations

import importlib
import importlib.util
import keyword
import os
import re
import sys
import threading
import types
from importlib.machinery import ModuleSpec, SourceFileLoader
from typing import Any, Iterator, Optional

from treering.errors import ModelError, Terminated
from treering.models import Collection, Index
from treering.project_code import failure_fields, importing_from, is_ours

__all__ = ["import_models", "load", "models_of", "remember_source", "shown"]

_Signature = tuple[int, int, int]

_lock = threading.RLock()
# File and state of each module that defines models, as it was when it was run.
_sources: dict[str, tuple[str, Optional[_Signature]]] = {}


def remember_source(module: str, file: str) -> None:
    """Called when a model's class statement runs; the first of a module counts."""
    if module not in _sources:
        _sources[module] = (file, _signature(file))


def load(module: str, root: str) -> types.ModuleType:
    """The module of that dotted name, or of the file at that path. One that was loaded already is used as it is, unless a file
    with models of it has changed since. Raises ModelError."""
    with _lock, importing_from(root):
        importlib.invalidate_caches()
        try:
            return _current(_find(module, root))
        except (KeyboardInterrupt, Terminated, ModelError):
            raise
        except BaseException as error:  # SystemExit too: models that exit have said nothing
            raise _failure(module, root, error) from error


def import_models(name: str) -> types.ModuleType:
    with _lock:
        found = sys.modules.get(name)
        if found is not None:
            return found
        spec = importlib.util.find_spec(name)
        if spec is None:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return _run(spec)


def models_of(module: types.ModuleType, root: str) -> list[type[Collection]]:
    """ALL_COLLECTIONS, or else every model that the module's namespace holds, in the order of their class statements."""
    bound = _bound_in(module)
    if "ALL_COLLECTIONS" not in vars(module):
        models = {model for model in bound if not _is_abstract(model)}
        return sorted(models, key=lambda model: model._treering_place[2])
    listed = module.ALL_COLLECTIONS
    if not isinstance(listed, (list, tuple)):
        raise _wrong_list(module, root, f"ALL_COLLECTIONS must be a list of models, not {type(listed).__name__}")
    for entry in listed:
        if not isinstance(entry, type) or not issubclass(entry, Collection):
            raise _wrong_list(module, root, f"ALL_COLLECTIONS holds {entry!r}, which is no Collection class")
        if _is_abstract(entry):
            raise _wrong_list(module, root, f"ALL_COLLECTIONS holds {entry.__name__}, which is abstract")
    # A class statement further down that goes on with one of these takes its place.
    newer = {earlier: model for model in bound for earlier in _earlier_statements(model)}
    return list(dict.fromkeys(newer.get(entry, entry) for entry in listed))


def shown(file: str, root: str) -> str:
    """As people see it: relative to the root where it is below it."""
    relative = os.path.relpath(file, root) if os.path.isabs(file) else file
    return file if relative.startswith("..") else relative


def _bound_in(module: types.ModuleType) -> list[type[Collection]]:
    return [value for value in vars(module).values() if isinstance(value, type) and issubclass(value, Collection)]


def _is_abstract(model: type) -> bool:
    return bool(vars(model).get("__abstract__", False))


def _earlier_statements(model: type[Collection]) -> Iterator[type[Collection]]:
    while model._treering_continues is not None:
        model = model._treering_continues
        yield model


def _signature(file: str) -> Optional[_Signature]:
    try:
        found = os.stat(file)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _find(module: str, root: str) -> ModuleSpec:
    spec = _spec_of_file(module, root) if module.endswith(".py") or "/" in module else _spec_of_name(module)
    if spec is None:
        raise ModelError(
            f"there is no module {module} of models: it was looked for in {root} and on Python's path",
            "`models` in treering.toml names it: a module as in an import, or the path of a file",
            {"module": module},
        )
    return spec


def _spec_of_name(module: str) -> Optional[ModuleSpec]:
    """Runs the packages that the module is in."""
    if module in sys.modules:
        return sys.modules[module].__spec__
    try:
        return importlib.util.find_spec(module)
    except ModuleNotFoundError as error:
        if error.name is not None and (module == error.name or module.startswith(error.name + ".")):
            return None
        raise


def _spec_of_file(path: str, root: str) -> Optional[ModuleSpec]:
    file = os.path.normpath(os.path.join(root, path))
    if not os.path.isfile(file):
        where = "" if os.path.isabs(path) else f" in {root}"
        raise ModelError(
            f"there is no file {path} of models{where}",
            "`models` in treering.toml names it; paths start at that file's folder",
            {"file": path},
        )
    package = os.path.dirname(file) if os.path.basename(file) == "__init__.py" else None
    return importlib.util.spec_from_file_location(
        _name_for(file, root), file, submodule_search_locations=[package] if package else None
    )


def _name_for(file: str, root: str) -> str:
    """The dotted name by which the project's own code would import the file, so that both get one module; else a name of its own."""
    parts = os.path.splitext(os.path.relpath(file, root))[0].split(os.sep)
    if parts[-1] == "__init__" and len(parts) > 1:
        parts.pop()
    if all(part.isidentifier() and not keyword.iskeyword(part) for part in parts):
        name = ".".join(parts)
        found = _spec_of_name(name)
        if found is not None and found.origin is not None and os.path.realpath(found.origin) == os.path.realpath(file):
            return name
    return "treering_models_" + re.sub(r"\W", "_", file)


def _current(spec: ModuleSpec) -> types.ModuleType:
    loaded = sys.modules.get(spec.name)
    if loaded is None:
        return _run(spec)
    if spec.origin is not None:
        remember_source(spec.name, spec.origin)
    with_models = {model.__module__ for model in _bound_in(loaded)}
    changed = [name for name in with_models | {spec.name} if name in _sources and _has_changed(name)]
    if not changed:
        return loaded
    for name in changed:
        if name != spec.name:
            sys.modules.pop(name, None)
            _sources.pop(name, None)
    return _run(spec)


def _has_changed(module: str) -> bool:
    file, then = _sources[module]
    return _signature(file) != then


def _run(spec: ModuleSpec) -> types.ModuleType:
    """Runs the module and puts it in its place; where that fails, what was there before stays."""
    module = importlib.util.module_from_spec(spec)
    module.Collection, module.Index = Collection, Index  # type: ignore[attr-defined]
    replaced, source = sys.modules.get(spec.name), _sources.pop(spec.name, None)
    if spec.origin is not None:
        remember_source(spec.name, spec.origin)
    sys.modules[spec.name] = module
    try:
        _execute(spec, module)
    except BaseException:
        _restore(sys.modules, spec.name, replaced)
        _restore(_sources, spec.name, source)
        raise
    module = sys.modules[spec.name]
    parent, _, child = spec.name.rpartition(".")
    if parent in sys.modules:
        setattr(sys.modules[parent], child, module)
    return module


def _execute(spec: ModuleSpec, module: types.ModuleType) -> None:
    loader = spec.loader
    if not isinstance(loader, SourceFileLoader):
        assert loader is not None
        loader.exec_module(module)
        return
    # Not by the loader: its cached code is told from a file that changed within the same second only by the size.
    path = loader.get_filename(spec.name)
    exec(loader.source_to_code(loader.get_data(path), path), module.__dict__)


def _restore(table: dict[str, Any], name: str, value: Any) -> None:
    if value is None:
        table.pop(name, None)
    else:
        table[name] = value


def _failure(module: str, root: str, error: BaseException) -> ModelError:
    inside = os.path.join(root, "")
    fields = failure_fields(
        error, lambda file: file.startswith(inside) and "site-packages" not in file and not is_ours(file)
    )
    if isinstance(error, SyntaxError) and error.filename is not None and not error.filename.startswith("<"):
        fields["exception"] = f"{type(error).__name__}: {error.msg}"
        fields.update(file=error.filename, line=str(error.lineno or 1), source_line=(error.text or "").strip())
    elif "file" not in fields:  # models that are installed somewhere else
        fields = failure_fields(error, lambda file: not is_ours(file) and not file.startswith("<"))
    fields["file"] = shown(fields.get("file", module), root)
    place = f"{fields['file']}:{fields['line']}" if "line" in fields else fields["file"]
    return ModelError(f"{place}: {fields['exception']}", "mend the models; nothing was written", fields)


def _wrong_list(module: types.ModuleType, root: str, words: str) -> ModelError:
    file = shown(module.__file__ or module.__name__, root)
    return ModelError(f"{file}: {words}", "list the classes: ALL_COLLECTIONS = [Wallet, ...]", {"file": file})
