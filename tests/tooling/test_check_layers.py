# SPDX-License-Identifier: Apache-2.0
"""tools/check_layers.py refuses what ARCHITECTURE.md refuses, with the place and the rule."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

CHECK = Path(__file__).resolve().parents[2] / "tools" / "check_layers.py"


def check(root: Path, files: dict[str, str]) -> subprocess.CompletedProcess[str]:
    for name, text in files.items():
        file = root / "src" / "treering" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return subprocess.run([sys.executable, str(CHECK), str(root)], capture_output=True, text=True)


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("history/graph.cc", '#include "treering/schema/operation.h"'),
        ("schema/diff.cc", '#include "treering/history/graph.h"'),
        ("disk/config.cc", '#include "treering/mongo/mongo_server.h"'),
        ("mongo/mongo_server.cc", '#include "treering/disk/config.h"'),
        ("base/error.cc", '#include "treering/engine/env.h"'),
        ("engine/migrate.cc", '#include "treering/library/open_project.h"'),
        ("library/open_project.cc", "#  include <nanobind/nanobind.h>"),
        ("disk/config.cc", "#include <mongoc/mongoc.h>"),
        ("engine/env.cc", "#include <CLI/CLI.hpp>"),
        ("cli/verbs.cc", "#include <toml++/toml.h>"),
        ("engine/lease.cc", "#include <thread>"),
        ("history/graph.cc", '#include "../schema/operation.h"'),
        ("history/graph_test.cc", '#include "treering/engine/env.h"'),
        ("stray.cc", ""),
        ("utils/strings.cc", ""),
    ],
)
def test_wrong_include_is_named_with_its_place(tmp_path: Path, file: str, line: str) -> None:
    found = check(tmp_path, {"base/fine.h": "#pragma once\n", file: f"{line}\n"})
    assert found.returncode == 1
    assert found.stderr.startswith(f"src/treering/{file}:1: ")
    assert found.stderr.count("\n") == 1


def test_two_types_of_one_name_are_named(tmp_path: Path) -> None:
    found = check(
        tmp_path,
        {
            "disk/config_file.h": "namespace treering {\nstruct Setting {\n  int line = 0;\n};\n}\n",
            "python/setting.h": "namespace treering::python {\nstruct Setting {\n};\n}\n",
            "schema/model.h": "namespace treering {\nstruct Setting;\nclass Model {\n  struct Line {\n  };\n};\n}\n",
        },
    )
    assert (found.returncode, found.stderr) == (0, "")
    found = check(
        tmp_path, {"schema/settings.h": "namespace treering {\n\nclass Setting final : public Model {\n};\n}\n"}
    )
    assert found.returncode == 1
    assert found.stderr == (
        "src/treering/schema/settings.h:3: defines Setting, as src/treering/disk/config_file.h:2 does: a name is one type's\n"
    )


def test_includes_along_the_layers_are_fine(tmp_path: Path) -> None:
    found = check(
        tmp_path,
        {
            "engine/env.cc": '#include "treering/history/graph.h"\n#include "treering/schema/operation.h"\n#include <chrono>\n',
            "mongo/mongo_server.cc": "#include <mongoc/mongoc.h>\n#include <thread>\n",
            "history/graph_test.cc": "#include <fstream>\n#include <gtest/gtest.h>\n",
            "python/module.cc": '#include "treering/cli/command_line.h"\n#include <nanobind/nanobind.h>\n',
        },
    )
    assert (found.returncode, found.stderr) == (0, "")


def test_an_empty_tree_is_not_fine(tmp_path: Path) -> None:
    assert check(tmp_path, {}).returncode == 1
