# SPDX-License-Identifier: Apache-2.0
"""The header reader of the engine against Python's own parser, on generated revision files."""

from __future__ import annotations

import ast
import json
import os
import random
import subprocess
import warnings

import pytest

NAMES = ("revision", "down_revision", "branch_labels", "depends_on")
ALPHABET = "abcdefghijklmnopqrstuvwxyzABCXYZ0123456789_.éж漢"
DOC_ALPHABET = ALPHABET + " \t\n'\"\\,;#()[]{}=:@-🙂"


@pytest.fixture(scope="module")
def program() -> str:
    path = os.environ.get("TREERING_PRINT_HEADER")
    if not path:
        pytest.fail(
            "set TREERING_PRINT_HEADER to the path of the built program print_header (build target print_header)"
        )
    return path


class Generator:
    """Source text of revision files, from a seed. Most are sound; some hold what isn't literal."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def pick(self, *items):
        return self.random.choice(items)

    def newline(self) -> str:
        return self.eol

    # Strings -----------------------------------------------------------------------------------------------------

    def escaped(self, char: str) -> str:
        code = ord(char)
        forms = [f"\\U{code:08x}", f"\\U{code:08X}"]
        if code < 0x10000:
            forms.append(f"\\u{code:04x}")
        if code < 0x100:
            forms += [f"\\x{code:02x}", f"\\{code:03o}"]
        return self.pick(*forms)

    def quoted(self, value: str) -> str:
        """One literal of the value, in any form that can hold it."""
        quote = self.pick("'", '"', "'''", '"""')
        raw = quote[0] not in value and "\\" not in value and (len(quote) == 3 or "\n" not in value)
        if raw and self.chance(0.3):
            return self.pick("r", "R") + quote + value + quote
        body = ""
        for char in value:
            if char == "\\":
                body += "\\\\"
            elif char == quote[0]:
                body += "\\" + char
            elif char == "\n" and (len(quote) == 1 or self.chance(0.2)):
                body += "\\n"
            elif self.chance(0.1):
                body += self.escaped(char)
            else:
                body += char
            if self.chance(0.03):
                body += "\\\n"
        return self.pick("", "", "", "u", "U") + quote + body.replace("\n", self.newline()) + quote

    def string(self, value: str, inside: bool) -> str:
        """The value as one literal or several adjacent ones, perhaps in parentheses."""
        if self.chance(0.15):
            cut = self.random.randint(0, len(value))
            first, gap, second = self.quoted(value[:cut]), self.gap(inside), self.quoted(value[cut:])
            text = first + (gap or " " * (first[-1] == second[0])) + second
        else:
            text = self.quoted(value)
        if self.chance(0.1):
            return "(" + self.gap(True) + self.string(value, True) + self.gap(True) + ")"
        return text

    def gap(self, inside: bool) -> str:
        """White space, comments and line ends as the place allows."""
        gaps = ["", "", " ", "  ", "\t", "\\" + self.newline() + " "]
        if inside:
            gaps += [
                self.newline(),
                " # revision = 'no'" + self.newline(),
                self.newline() + "   \t",
                "#\"'" + self.newline(),
            ]
        return self.pick(*gaps)

    # Values ------------------------------------------------------------------------------------------------------

    def identifier(self) -> str:
        name = "".join(self.random.choices(ALPHABET, k=self.random.randint(1, 14)))
        return "a" + name if name.startswith((".", "__")) else name  # Python takes what would be a hidden file's name

    def sequence(self, values: list[str], opening: str) -> str:
        closing = {"(": ")", "[": "]", "": ""}[opening]
        inside = bool(opening)
        text = opening + self.gap(inside)
        for position, value in enumerate(values):
            last = position == len(values) - 1
            text += self.string(value, inside) + self.gap(inside)
            if not last or (opening != "[" and len(values) == 1) or self.chance(0.3):
                text += "," + self.gap(inside)
        return text + closing

    def value(self, name: str) -> str:
        if self.chance(0.03):
            return self.pick(
                "get()",
                "other",
                "f'x'",
                "b'x'",
                "{'a'}",
                "{'a': 1}",
                "1",
                "'a' + 'b'",
                "'a' if x else 'b'",
                "('a', None)",
                "(('a',),)",
                "'a'.strip()",
                "-1",
                "...",
                "True",
                "['a'][0]",
                "x, 'a'",
                "'a', *b",
                '"a" % 1',
                "'a' f'b'",
                "None or 'a'",
                "(yield)",
            )
        if name == "revision":
            return self.string(self.identifier(), False)
        kind = self.random.random()
        if kind < 0.3:
            return self.pick("None", "(None)", "( None )")
        if kind < 0.55:
            return self.string(self.identifier(), False)
        opening = self.pick("(", "[", "")
        count = self.random.randint(1 if opening == "" else 0, 4)
        return self.sequence([self.identifier() for _ in range(count)], opening)

    # Statements --------------------------------------------------------------------------------------------------

    def assignment(self, name: str) -> str:
        annotation = ""
        if self.chance(0.3):
            annotation = self.pick(
                ": str",
                " : Union[str, None]",
                ": 'str = 1'",
                ":Union[str, Sequence[str], None]",
                ": (lambda x=1: x)",
                ": Dict[\n 'a', # = (\n 'b']".replace("\n", self.newline()),
            )
        equals = self.pick("=", " = ", " =", "\t=  ", " \\" + self.newline() + "= ")
        chain = self.pick("", "", "", "", "other = ", "x = revision = ") if not annotation else ""
        front = self.pick("", "", "", "", "other = ") if not annotation else ""
        return (
            front
            + name
            + annotation
            + equals
            + chain
            + self.value(name)
            + self.pick("", "", " ", ";", "  # revision = 'no'")
        )

    def other(self) -> str:
        text = self.pick(
            "import os",
            "from typing import (Sequence,\n    Union)",
            "x = {'revision': 'no',\n'y': [1,\n2]}",
            "# revision = 'no'",
            "",
            "   ",
            "\f",
            "if x:\n    revision = 'no'\nelse:\n  down_revision = 'no'",
            "try: revision_2 = 1\nexcept E: pass",
            "revisions = 'no'",
            "x.revision = 'no'",
            "'''revision = 'no'\nrevision = 'no'\n'''",
            "r'\\'",
            "print('revision = \\\nno')",
            "x = revision",
            "revision: str",
            "assert x, '''\n'''",
            "if a: b = 1; revision = 'no'",
            "x = 1; y = 'a;b'",
            "x = 1 \\\n  + 2",
            "f'{x}\\'' ; y = \"#\"",
            "lambda: (\nrevision)",
            "x[revision] = 1",
            "revision == 'no'",
            "x = rb'\\x' + b\"'\"",
            "for revision_x in ():\n\trevision = 'no'\n\n    # done",
            "with a as b: pass",
            "x = 'it''s'",
            "pass;",
            "global_ = (')', \"]\", '''}''')",
            "while False:\n\n\n  down_revision = 'no'",
            "é = 'revision'",
            "x: int = 5",
            "del x",
            "revision.x = 1",
            "branch_labels[0] = 'no'",
            "x = -revision",
            "x = y = z = 1",
            "match = 1",
            "type = 2",
            "# coding is nothing here",
        )
        return text.replace("\n", self.newline())

    def docstring(self) -> str:
        value = "".join(self.random.choices(DOC_ALPHABET, k=self.random.randint(0, 60)))
        if self.chance(0.1):
            return "(" + self.string(value, True) + ")"
        return self.string(value, False) + self.pick("", "", ";", " # x", ", 1", ".strip()", " + 'x'")

    def file(self) -> str:
        self.eol = self.pick("\n", "\n", "\n", "\r\n", "\r")
        statements = [self.assignment(name) for name in NAMES if self.chance(0.97)]
        statements += [
            self.assignment(self.pick(*NAMES)) for _ in range(self.random.randint(0, 2) if self.chance(0.2) else 0)
        ]
        self.random.shuffle(statements)
        lines = [self.docstring()] if self.chance(0.8) else []
        if self.chance(0.2):
            lines.append("from __future__ import annotations")
        for statement in statements:
            lines += [self.other() for _ in range(self.random.randint(0, 2))]
            if statement and self.chance(0.05) and "\f" not in statement:
                statement = self.pick("x = 1; ", "\f", "  \f", "pass ;") + statement
            lines.append(statement)
        lines += self.pick(
            ["def upgrade(env):", "    revision = 'no'"],
            ["@decorator", "def upgrade(env): pass"],
            ["async def upgrade(env): pass"],
            ["class A: pass", "revision = 'after the header'"],
            [],
        )
        lead = self.pick(
            "", "", "", "\ufeff", self.eol * 2, "# -*- coding: utf-8 -*-" + self.eol, "#!/usr/bin/env python" + self.eol
        )
        return lead + self.eol.join(lines) + self.pick("", self.eol)


class NotLiteral(Exception):
    pass


def names_in(value: ast.expr) -> list[str] | str | None:
    try:
        result = ast.literal_eval(value)
    except (ValueError, TypeError) as error:
        raise NotLiteral from error
    if isinstance(value, (ast.Tuple, ast.List)) and all(isinstance(item, str) for item in result):
        return list(result)
    if isinstance(value, ast.Constant) and (result is None or isinstance(result, str)):
        return result
    raise NotLiteral


def assignments(statement: ast.stmt) -> tuple[list[str], ast.expr | None]:
    if isinstance(statement, ast.Assign):
        return [target.id for target in statement.targets if isinstance(target, ast.Name)], statement.value
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name) and statement.value is not None:
        return [statement.target.id], statement.value
    return [], None


def expected(source: str) -> dict | None:
    """What Python says. The header ends at the first function, class or decorator; other statements are no assignments."""
    tree = ast.parse(source.encode())
    found: dict[str, list[str] | str | None] = {}
    for statement in tree.body:
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            break
        targets, value = assignments(statement)
        for name in set(targets) & set(NAMES):
            found[name] = names_in(value)
    if "revision" not in found:
        return None
    if not isinstance(found["revision"], str) or "down_revision" not in found:
        raise NotLiteral
    as_list = {name: [value] if isinstance(value := found.get(name), str) else value or [] for name in NAMES[1:]}
    doc = ast.get_docstring(tree, clean=False) or ""
    lines = [line.strip(" \t\f\v") for line in doc.replace("\r", "\n").split("\n")]
    return {"revision": found["revision"], **as_list, "doc": doc, "message": next((line for line in lines if line), "")}


def read_all(program: str, sources: list[str]) -> list[dict | None]:
    records = b"".join(str(len(data)).encode() + b"\n" + data for data in (source.encode() for source in sources))
    done = subprocess.run([program], input=records, capture_output=True, check=True)
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


def test_reader_agrees_with_python(program: str) -> None:
    warnings.simplefilter("ignore")
    wanted, sources = [], []
    for seed in range(6000):
        source = Generator(seed).file()
        try:
            result = expected(source)
        except NotLiteral:
            result = "error"
        except SyntaxError:
            continue
        wanted.append(result)
        sources.append(source)
    assert len(sources) > 4500, "the generator makes too many files that aren't Python"
    assert wanted.count("error") > 200 and sum(isinstance(item, dict) for item in wanted) > 3000
    for source, want, got in zip(sources, wanted, read_all(program, sources)):
        if want == "error":
            assert got is not None and "error" in got, f"should be refused:\n{source!r}\n{got}"
        else:
            assert got == want, f"\n{source}\n{source!r}"


def test_every_file_python_refuses_is_survived(program: str) -> None:
    generator = random.Random(1)
    sources = []
    for seed in range(3000):
        source = Generator(seed).file()
        cut = generator.randint(0, len(source))
        sources.append(
            source[:cut]
            + generator.choice(["", "'", '"""', "(", "]", "\\", "\0", "\n", "{"])
            + source[cut + generator.randint(0, 3) :]
        )
    assert len(read_all(program, sources)) == len(sources)
