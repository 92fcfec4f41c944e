# SPDX-License-Identifier: Apache-2.0
"""The blocks of the README and of the tutorial, run in the order in which a reader comes upon them.

A Python block that defines upgrade() becomes the functions of the newest revision file, as the text around it asks, one that defines
models the project's models.py; any other is a program, run in the project's folder. A bash block is run as it stands, in the folder where the one before it ended.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest
from markdown_blocks import Block, blocks_of
from workbench import ROOT, Project, Result, clean_environment, execute

# The blocks that set this repository up: the README's reader runs them in a clone, and every run of the tests is one of them.
SET_UP = {"make demo\n", "make test\n"}


class Reader:
    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder, self.environment = folder, environment

    def follow(self, block: Block) -> Result | None:
        if block.language == "bash":
            return self._shell(block)
        if block.language == "python" and re.search(r"^def upgrade\(", block.text, re.MULTILINE):
            return self._edit(block)
        if block.language == "python" and "(Collection)" in block.text:
            (self.folder / "models.py").write_text(block.text, encoding="utf-8")
            return None
        if block.language == "python":
            return execute([sys.executable, "-c", block.text], self.folder, self.environment, expect=0)
        raise AssertionError(f"nobody knows what to do with the {block.language} block of line {block.line}")

    def _shell(self, block: Block) -> Result:
        # Where a `cd` led is told on the side, for the next block.
        where = self.folder.parent / "where"
        result = execute(
            ["bash", "-euo", "pipefail", "-c", f"{block.text}\npwd > '{where}'"], self.folder, self.environment, 0
        )
        self.folder = Path(where.read_text().strip())
        return result

    def _edit(self, block: Block) -> None:
        newest = max((self.folder / "migrations" / "versions").glob("*.py"), key=lambda path: path.stat().st_mtime_ns)
        header = newest.read_text(encoding="utf-8").split("def upgrade(", 1)[0]
        newest.write_text(header + block.text, encoding="utf-8")


def runnable(document: str) -> list[Block]:
    blocks = blocks_of((ROOT / document).read_text(encoding="utf-8"))
    return [block for block in blocks if block.language in ("bash", "python") and block.text not in SET_UP]


@pytest.mark.parametrize("document", ["README.md", "docs/tutorial.md"])
def test_every_block_is_of_a_known_language(document: str) -> None:
    languages = {block.language for block in blocks_of((ROOT / document).read_text(encoding="utf-8"))}
    assert languages <= {"bash", "python", "toml", "cpp"}  # tests/tooling/test_cpp_library.py compiles the C++


def test_the_readme_teaches_a_newcomer_without_a_server(tmp_path: Path) -> None:
    reader = Reader(tmp_path / "work", clean_environment())
    reader.folder.mkdir()
    blocks = runnable("README.md")
    printed = [reader.follow(block) for block in blocks]
    assert [block.language for block in blocks] == ["bash", "python", "bash", "python", "bash", "python"]
    lifecycle, generated, program = printed[2], printed[4], printed[5]
    assert generated and "  - New indexes on loyalty: 2 index(es)" in generated.lines
    assert lifecycle and "add wallet" in lifecycle.out and "already at head" not in lifecycle.text
    assert program and "applied []" in program.out, "everything was applied by then"


def test_the_tutorial_takes_a_database_over(bare_project: Project) -> None:
    bare_project.db.users.insert_many([{"_id": 1, "name": "Ann"}, {"_id": 2, "name": "Bob"}])
    bare_project.db.orders.insert_one({"_id": 1, "user": 1})
    reader = Reader(
        bare_project.folder, clean_environment(**{k: v for k, v in bare_project.environment.items() if v is not None})
    )
    for block in runnable("docs/tutorial.md"):
        reader.follow(block)
    assert bare_project.heads() and len(bare_project.applied()) == 5, (
        "the last block upgrades what the downgrade before it reverted"
    )
    assert "last_login_1" in bare_project.db.users.index_information()
    assert bare_project.db.users.count_documents({"last_login": None}) == 2
    assert os.listdir(bare_project.versions)
