# SPDX-License-Identifier: Apache-2.0
"""Values as Python literals: evaluated by Python and encoded by pymongo, they are the bytes that they were rendered from."""

from __future__ import annotations

import ast
import json
import os
import struct
import subprocess
from pathlib import Path
from typing import Any, Iterator

import bson
import pytest
from any_document import Generator

SEED = 20241210
DOCUMENTS = 5000


@pytest.fixture(scope="module")
def program() -> str:
    path = os.environ.get("TREERING_PRINT_HEADER")
    if not path:
        pytest.fail(
            "set TREERING_PRINT_HEADER to the path of the built program print_header (print_literal is beside it)"
        )
    return str(Path(path).with_name("print_literal"))


def printed(program: str, documents: list[bytes]) -> list[dict[str, str]]:
    done = subprocess.run([program], input=b"".join(documents), capture_output=True, check=True)
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


def evaluated(answer: dict[str, str]) -> Any:
    names: dict[str, Any] = {}
    exec(answer["imports"], names)
    imported = set(names) - {"__builtins__"}
    used = {node.id for node in ast.walk(ast.parse(answer["literal"])) if isinstance(node, ast.Name)} - {"float"}
    assert imported == used
    return eval(answer["literal"], names)


def everything() -> Iterator[bytes]:
    generator = Generator(SEED)
    for _ in range(DOCUMENTS):
        # pymongo puts a document's own _id first; inside, the order is kept.
        yield bson.encode({"v": generator.document(3)})


def test_literals_encode_to_the_same_bytes(program: str) -> None:
    documents = list(everything())
    answers = printed(program, documents)
    assert len(answers) == len(documents)
    for document, answer in zip(documents, answers):
        assert "error" not in answer, f"seed {SEED}: {answer}"
        assert bson.encode(evaluated(answer)) == document, f"seed {SEED}: {answer['literal']}"


def test_as_deep_as_mongodb_nests(program: str) -> None:
    document: Any = 1
    for level in range(90):
        document = {"a": [document]} if level % 2 else {"a": document}
    encoded = bson.encode(document)
    (answer,) = printed(program, [encoded])
    assert bson.encode(evaluated(answer)) == encoded


@pytest.mark.parametrize(
    ("name", "element"),
    [
        ("undefined", b"\x06a\0"),
        ("symbol", b"\x0ea\0\x02\0\0\0x\0"),
        ("DBPointer", b"\x0ca\0\x02\0\0\0c\0" + b"0" * 12),
        ("two fields", b"\x0aa\0\x0aa\0"),
    ],
)
def test_what_pymongo_cannot_write_is_refused(program: str, name: str, element: bytes) -> None:
    document = struct.pack("<i", len(element) + 5) + element + b"\0"
    (answer,) = printed(program, [document])
    assert name in answer["error"]


GOLDEN = Path(__file__).resolve().parents[1] / "golden"


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*/*.py")), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_golden_files_are_python(path: Path) -> None:
    (function,) = [node for node in ast.parse(path.read_text("utf-8")).body if isinstance(node, ast.FunctionDef)]
    assert function.name == path.stem and [argument.arg for argument in function.args.args] == ["env"]
