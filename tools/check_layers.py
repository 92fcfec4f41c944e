#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that every include under src/treering keeps to the layers (ARCHITECTURE.md), and that no two headers have types
of one name: the layers share a namespace, where that is undefined behaviour. Silent and 0 when all do.

Each problem is one line: file:line, what is there, and the rule that it breaks.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

# What a layer may include, besides itself. Nothing goes upwards or sideways: history and schema never see each other, nor do
# disk and mongo.
PURE = {"base"}
JOINED = PURE | {"history", "schema", "engine"}
RIM = JOINED | {"disk", "mongo"}
LAYERS = {
    "base": set(),
    "history": PURE,
    "schema": PURE,
    "engine": PURE | {"history", "schema"},
    "disk": JOINED,
    "mongo": JOINED,
    "library": RIM,
    "cli": RIM | {"library"},
    "python": RIM | {"library", "cli"},
}

# Libraries that one layer only may know.
LIBRARIES = {
    "mongoc": {"mongo"},
    "nanobind": {"python"},
    "Python.h": {"python"},
    "CLI": {"cli"},
    "toml++": {"disk"},
    "nlohmann": {"cli", "schema"},
}

# The outside world: files, clocks, threads, chance. These layers have it handed in through the ports; their tests may use it.
SEALED = {"base", "history", "schema", "engine"}
OUTSIDE = re.compile(
    r"filesystem|fstream|iostream|random|thread|future|ctime|time\.h|unistd\.h|fcntl\.h|sys/.*|pthread\.h"
)

INCLUDE = re.compile(r'\s*#\s*include\s*([<"])([^>"]+)[>"]')
NAMESPACE = re.compile(r"namespace ([\w:]+) \{")
TYPE = re.compile(r"(?:class|struct|enum class) (\w+)(?: final)?(?: :[^;]*)? \{")  # indented: another type's own


def broken_rule(layer: str, is_test: bool, quote: str, included: str) -> str | None:
    """The rule that an include in a file of that layer breaks, or None."""
    first = included.split("/")[0]
    if first == "treering":
        target = included.split("/")[1]
        if target == layer or target in LAYERS[layer]:
            return None
        allowed = ", ".join(sorted(LAYERS[layer])) or "no other layer"
        return f"{layer} may include {allowed}"
    if first in LIBRARIES and layer not in LIBRARIES[first]:
        return f"only {', '.join(sorted(LIBRARIES[first]))} may include {first}"
    if is_test:
        return None
    if layer in SEALED and OUTSIDE.fullmatch(included):
        return f"{layer} has files, clocks and threads handed in through engine/port"
    if quote == '"':
        return 'our own headers are included by their full path, "treering/..."'
    return None


def problems_in(file: Path, root: Path) -> list[str]:
    inside = file.relative_to(root / "src" / "treering").parts
    shown = file.relative_to(root)
    layer = inside[0]
    if len(inside) < 2 or layer not in LAYERS:
        return [f"{shown}:1: not in a layer's folder: {', '.join(LAYERS)} (see tools/check_layers.py)"]
    is_test = file.stem.endswith("_test")
    problems = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        match = INCLUDE.match(line)
        rule = match and broken_rule(layer, is_test, match[1], match[2])
        if rule:
            problems.append(f"{shown}:{number}: includes {match[2]}: {rule}")
    return problems


def types_told_twice(headers: list[Path], root: Path) -> list[str]:
    problems = []
    places: dict[str, str] = {}
    for file in headers:
        space = ""
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            if opened := NAMESPACE.match(line):
                space = opened[1]
            elif defined := TYPE.match(line):
                place = f"{file.relative_to(root)}:{number}"
                first = places.setdefault(f"{space}::{defined[1]}", place)
                if first != place:
                    problems.append(f"{place}: defines {defined[1]}, as {first} does: a name is one type's")
    return problems


def main(arguments: list[str]) -> int:
    root = Path(arguments[0]).resolve() if arguments else Path(__file__).resolve().parent.parent
    files = sorted(p for p in (root / "src" / "treering").rglob("*") if p.suffix in {".h", ".cc"})
    if not files:
        print(f"check_layers: no sources under {root / 'src' / 'treering'}", file=sys.stderr)
        return 1
    problems = [problem for file in files for problem in problems_in(file, root)]
    problems += types_told_twice([file for file in files if file.suffix == ".h"], root)
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
