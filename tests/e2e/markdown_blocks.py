# SPDX-License-Identifier: Apache-2.0
"""The fenced blocks of a Markdown text."""

from __future__ import annotations

import re
from typing import NamedTuple


class Block(NamedTuple):
    number: int
    language: str
    heading: str
    line: int
    text: str


def blocks_of(markdown: str) -> list[Block]:
    """Every fenced block in order, those that are indented in lists included, each without its indentation."""
    blocks: list[Block] = []
    heading, indent, start, language, lines = "", 0, 0, "", None
    for number, line in enumerate(markdown.splitlines(), 1):
        fence = re.fullmatch(r"( *)```(\S*)\s*", line)
        if lines is not None and fence:
            blocks.append(Block(len(blocks), language, heading, start, "\n".join(lines) + "\n"))
            lines = None
        elif fence:
            indent, language, start, lines = len(fence[1]), fence[2], number, []
        elif lines is not None:
            assert not line[:indent].strip(), f"line {number} stands left of its block"
            lines.append(line[indent:])
        elif line.startswith("#"):
            heading = line.lstrip("#").strip()
    assert lines is None, f"the block of line {start} isn't closed"
    return blocks
