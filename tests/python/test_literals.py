# SPDX-License-Identifier: Apache-2.0
"""Values as Python literals: evaluated by Python and encoded by pymongo, they are the bytes that they were rendered from."""

from __future__ import annotations

import ast
import json
import os
import random
import struct
import subprocess
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Iterator

import bson
import pytest
from bson import Binary, Code, DatetimeMS, Decimal128, Int64, MaxKey, MinKey, ObjectId, Regex, Timestamp

SEED = 20241210
DOCUMENTS = 5000
ALPHABET = "abcxyzABC019 _.$'\"\\\n\r\t\x01\x7f\x85\xa0\xadéж漢\u202e\u2028\ufeff🙂{}[](),:#"


@pytest.fixture(scope="module")
def program() -> str:
    path = os.environ.get("TREERING_PRINT_HEADER")
    if not path:
        pytest.fail(
            "set TREERING_PRINT_HEADER to the path of the built program print_header (print_literal is beside it)"
        )
    return str(Path(path).with_name("print_literal"))


class Generator:
    """Documents of every type that pymongo can write, from a seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def text(self, alphabet: str = ALPHABET) -> str:
        return "".join(self.random.choices(alphabet, k=self.random.randint(0, 12)))

    def data(self) -> bytes:
        return self.random.randbytes(self.random.randint(0, 12))

    def integer(self) -> int:
        limit = self.random.choice((10, 2**31, 2**33, 2**63))
        return self.random.choice((-limit, limit - 1, self.random.randrange(-limit, limit)))

    def double(self) -> float:
        numbers = (0.0, -0.0, 1.0, 0.1, 1e300, 5e-324, 1e22, 123456789.0, float("inf"), float("-inf"), float("nan"))
        value = struct.unpack("<d", self.random.randbytes(8))[0]
        # Of the many NaNs the literal keeps the sign alone.
        return self.random.choice((*numbers, -float("nan"), value if value == value else 0.0))

    def date(self) -> Any:
        ms = self.random.choice((0, -1, 1733788800000, self.random.randrange(-(2**45), 2**47)))
        first, last = datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59, 999000)
        return self.random.choice((DatetimeMS(ms), DatetimeMS(self.integer()), first, last, first + timedelta(days=1)))

    def decimal(self) -> Decimal128:
        if self.random.random() < 0.3:
            return Decimal128((self.random.getrandbits(64), self.random.getrandbits(64)))
        digits = str(self.random.randrange(10 ** self.random.randint(1, 34)))
        exponent = self.random.randint(-6176, 6111)
        return Decimal128(
            self.random.choice(
                (digits, "-" + digits + ".5"[: 35 - len(digits)], f"{digits}E{exponent}", "NaN", "-Infinity")
            )
        )

    def leaf(self) -> Any:
        flags = "".join(sorted(self.random.sample("imsx", self.random.randint(0, 4))))
        makers = (
            self.text,
            self.integer,
            lambda: Int64(self.integer()),
            self.double,
            self.date,
            self.decimal,
            self.data,
            lambda: Binary(self.data(), self.random.choice((0, 1, 2, 5, 6, 128, 255))),
            lambda: Binary(self.random.randbytes(16), self.random.choice((3, 4))),
            lambda: ObjectId(self.random.randbytes(12)),
            lambda: Regex(self.text(), flags),
            lambda: Timestamp(self.random.getrandbits(32), self.random.getrandbits(32)),
            lambda: Code(self.text()),
            lambda: Code(self.text(), self.document(0)),
            lambda: self.random.choice((None, True, False, MinKey(), MaxKey())),
        )
        return self.random.choice(makers)()

    def value(self, depth: int) -> Any:
        kind = self.random.random() if depth else 1.0
        if kind < 0.2:
            return self.document(depth - 1)
        if kind < 0.35:
            return [self.value(depth - 1) for _ in range(self.random.randint(0, 4))]
        return self.leaf()

    def document(self, depth: int) -> dict[str, Any]:
        return {self.text(): self.value(depth) for _ in range(self.random.randint(0, 5))}


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
