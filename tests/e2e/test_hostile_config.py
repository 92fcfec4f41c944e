# SPDX-License-Identifier: Apache-2.0
"""Configurations that somebody broke, or wrote to do harm: each an error with file and line, and nothing changed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Callable, Iterator, Union

import pytest
from refusal import harmless, refused
from workbench import Project

VALUES = {
    "a whole number": "5",
    "a fraction": "1.5",
    "less than nothing": "-1",
    "not a number": "nan",
    "infinite": "inf",
    "true": "true",
    "a date": "2024-12-10T00:00:00Z",
    "a table": "{a = 1}",
    "numbers": "[1]",
    "lists": '[["a"]]',
    "text and numbers": '["a", 1]',
    "no items": "[]",
    "text": '"text"',
    "texts": '["a", "b"]',
}
TEXT, TEXTS = {"text"}, {"text", "texts"}
SECONDS = {"a whole number", "a fraction"}
ALLOWED = {
    "url": TEXT,
    "database": TEXT,
    "username": TEXT,
    "password": TEXT,
    "snapshots": TEXT,
    "python": TEXT,
    "versions": TEXTS,
    "models": TEXTS | {"no items"},
    "post_write_hooks": TEXTS | {"no items"},
    "strict_heads": {"true"},
    "transactional": {"true"},
    "lock_timeout": SECONDS,
    "lease": SECONDS,
    "server_timeout": SECONDS,
}
WRONG = [(key, value) for key in ALLOWED for value in VALUES if value not in ALLOWED[key]]


@pytest.fixture
def plain(bare_project: Project) -> Project:
    bare_project.versions.mkdir(parents=True)
    return bare_project


@pytest.mark.parametrize("key, value", WRONG)
def test_a_value_of_a_wrong_type(plain: Project, key: str, value: str) -> None:
    plain.config(f"# line 1\n{key} = {VALUES[value]}\n")
    refused(plain, "history", holds=(f'treering.toml:2: "{key}" must be',))


@pytest.mark.parametrize("key", ["url", "versions", "strict_heads", "lease"])
def test_a_wrong_type_in_an_environment(plain: Project, key: str) -> None:
    plain.config(f"[env.staging]\n{key} = {{a = 1}}\n")
    refused(plain, "history", holds=(f'treering.toml:2: "env.staging.{key}" must be',))


Text = Union[str, bytes]
BROKEN: dict[str, tuple[Text, tuple[str, ...]]] = {
    "an open string": ('url = "a\n', ("treering.toml:1", "not TOML")),
    "an open list": ("versions = [\n", ("treering.toml:", "not TOML")),
    "an open table": ("[env.staging\n", ("treering.toml:1", "not TOML")),
    "a key twice": ('url = "a"\nurl = "b"\n', ("treering.toml:2", "not TOML")),
    "a table twice": ("[env.a]\n[env.a]\n", ("treering.toml:2", "not TOML")),
    "no value": ("url =\n", ("treering.toml:1", "not TOML")),
    "no key": ('= "a"\n', ("treering.toml:1", "not TOML")),
    "words": ("this is no TOML\n", ("treering.toml:1", "not TOML")),
    "JSON": ('{"url": "a"}\n', ("treering.toml:1", "not TOML")),
    "YAML": ("url: mongodb://a\n", ("treering.toml:1", "not TOML")),
    "INI with a semicolon": ("; note\n[treering]\n", ("treering.toml:1", "not TOML")),
    "an escape that is none": ('url = "\\q"\n', ("treering.toml:1", "not TOML")),
    "a surrogate": ('url = "\\ud800"\n', ("treering.toml:1", "not TOML")),
    "a NUL": ("url = \0\n", ("treering.toml:1", "not TOML")),
    "a NUL in a string": ('url = "a\0b"\n', ("treering.toml:1", "not TOML")),
    "an escape character": ('url = "a\x1b[31m"\n', ("treering.toml:1", "not TOML")),
    "an escape character in a key": ("\x1b[31m = 1\n", ("treering.toml:1", "not TOML")),
    "not UTF-8": (b'url = "caf\xe9"\n', ("treering.toml:1", "not TOML")),
    "overlong UTF-8": (b'url = "\xc0\xaf"\n', ("treering.toml:1", "not TOML")),
    "UTF-16": ('url = "a"\n'.encode("utf-16"), ("treering.toml:1", "not TOML")),
    "bytes": (bytes(range(256)), ("treering.toml:1", "not TOML")),
    "a lone carriage return": ('url = "a"\rdatabase = "b"\n', ("treering.toml:1", "not TOML")),
    "lists 1,000 deep": ("versions = " + "[" * 1000 + "]" * 1000 + "\n", ("treering.toml:1",)),
    "tables 1,000 deep": ("a = " + "{a = " * 1000 + "1" + "}" * 1000 + "\n", ("treering.toml:1",)),
    "a key of 1,000 parts": (".".join(["a"] * 1000) + " = 1\n", ("treering.toml:1",)),
    "a huge key": ("k" * 100_000 + " = 1\n", ("treering.toml:1", "unknown key")),
    "a huge number": ("lease = " + "9" * 400 + "\n", ("treering.toml:1",)),
    "too long a wait": ("lock_timeout = 1e300\n", ('treering.toml:1: "lock_timeout" must be',)),
    "no lease at all": ("lease = 0\n", ("lease",)),
    "a key that is nearly one": ('databse = "a"\n', ('treering.toml:1: unknown key "databse"', '"database"')),
    "a key that acts": ('"\\u001b[2J" = 1\n', ("treering.toml:1", "\\x1b[2J")),
    "a key that reorders": ('"\\u202eurl" = 1\n', ("treering.toml:1", "\\u202e")),
    "a key of many lines": ('"a\\nerror: b" = 1\n', ("treering.toml:1",)),
    "an empty key": ('"" = 1\n', ("treering.toml:1", "unknown key")),
    "a key in another case": ('URL = "a"\n', ('treering.toml:1: unknown key "URL"',)),
    "a table of ours inside": ('[treering]\nurl = "a"\n', ("treering.toml:1", 'unknown key "treering"')),
    "env as text": ('env = "staging"\n', ("treering.toml:1", '"env" must be tables')),
    "env as a list": ("[[env]]\n", ("treering.toml:1", '"env" must be tables')),
    "env of text": ('[env]\nstaging = "a"\n', ("treering.toml:2", '"env.staging" must be a table')),
    "env of lists": ("[[env.staging]]\n", ("treering.toml:1", '"env.staging" must be a table')),
    "an unknown key in an environment": ("[env.a]\nurls = 1\n", ("treering.toml:2", "env.a.urls")),
    "environments inside each other": ("[env.a.env.b]\n", ("treering.toml:1", "env.a.env")),
    "a folder that isn't there": ('versions = "nowhere"\n', ("nowhere", "treering init")),
    "a file as the folder": ('versions = "treering.toml"\n', ("treering.toml",)),
    "the folder's name with a NUL": ('versions = "a\\u0000b"\n', ()),
    "a folder with an escape": ('versions = "a\\u001b[2Jb"\n', ("a\\x1b[2Jb",)),
    "a folder of a huge name": ('versions = "' + "x" * 5000 + '"\n', ("versions", "xxx")[1:]),
    "no folder's name": ('versions = ""\n', ()),
    "one folder of two": ('versions = ["migrations/versions", "gone"]\n', ("gone",)),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file(plain: Project, name: str) -> None:
    text, holds = BROKEN[name]
    (plain.folder / "treering.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
    result = refused(plain, "heads", holds=holds)
    assert len(result.err) < 110_000


SERVERS = {
    "no scheme": "localhost/shop",
    "another scheme": "postgres://localhost/shop",
    "no host": "mongodb:///shop",
    "an open bracket": "mongodb://[::1/shop",
    "a port that is text": "mongodb://a:port/shop",
    "a port that is too large": "mongodb://a:99999/shop",
    "a percent sign alone": "mongodb://ada:sEcReT%@a/shop",
    "a slash in the password": "mongodb://ada:sEc/ReT@a/shop",
    "an at sign in the password": "mongodb://ada:sEcReT@@a/shop",
    "a variable that isn't set": "mongodb://ada:${NO_SUCH_VARIABLE}@a/shop",
    "an open variable": "mongodb://${A/shop",
    "a variable without a name": "mongodb://${}/shop",
    "a name with a dot": "mongodb://a/shop.users",
    "a name with a space": "mongodb://a/my%20shop",
    "a name with a dollar": "mongodb://a/$shop",
    "a name that leaves": "mongodb://a/..%2Fx",
    "a NUL": "mongodb://a/x\\u0000y",
    "spaces": "   ",
}


@pytest.mark.parametrize("name", SERVERS)
def test_a_url_that_leads_nowhere(plain: Project, name: str) -> None:
    plain.config(f'url = "{SERVERS[name]}"\nserver_timeout = 0.1\n')
    result = refused(plain, "current", TREERING_URL=None)
    assert "sEc" not in result.text and "ReT" not in result.text


DATABASES = ["a.b", "a b", "a/b", "a\\\\b", "$a", "a\\u0000b", "x" * 64, 'a\\"b']


@pytest.mark.parametrize("database", DATABASES)
def test_a_database_that_cannot_be(plain: Project, database: str) -> None:
    plain.config(f'url = "mongodb://127.0.0.1:1"\ndatabase = "{database}"\nserver_timeout = 0.1\n')
    refused(plain, "current", TREERING_URL=None)


def link_to_itself(path: Path) -> None:
    path.symlink_to(path)


def dangling(path: Path) -> None:
    path.symlink_to(path.parent / "nowhere")


def of_nothing(path: Path) -> None:
    path.symlink_to("/dev/null")


@pytest.mark.parametrize("make", [Path.mkdir, link_to_itself, dangling, os.mkfifo])
def test_no_file_where_the_configuration_should_be(plain: Project, make: Callable[[Path], None]) -> None:
    make(plain.folder / "treering.toml")
    refused(plain, "heads", holds=("treering.toml",))


@pytest.mark.parametrize("name", ["nowhere.toml", ".", "a\x1b[2J.toml", "x" * 300, "treering.toml/x", ""])
def test_a_named_file_that_is_none(plain: Project, name: str) -> None:
    plain.config("")
    refused(plain, "heads", "--config", name)


PYPROJECTS = {
    "a number": "tool.treering = 1\n",
    "a list": "tool.treering = []\n",
    "tables": "[[tool.treering]]\n",
    "an unknown key": "[tool.treering]\nurls = 1\n",
    "not TOML": "[tool.treering\n",
    "a tool of text": 'tool = "x"\n',
}


@pytest.mark.parametrize("name", PYPROJECTS)
def test_a_pyproject(plain: Project, name: str) -> None:
    (plain.folder / "pyproject.toml").write_text(PYPROJECTS[name], encoding="utf-8")
    refused(plain, "heads", holds=("pyproject.toml",) if name != "a tool of text" else ())


SOUND = {
    "a byte order mark": b'\xef\xbb\xbfversions = "migrations/versions"\r\n',
    "nothing": b"",
    "a link": b"",
    "a million blank lines": b"\n" * 1_000_000,
}


@pytest.fixture
def linked(plain: Project) -> Iterator[Path]:
    path = plain.folder / "elsewhere.toml"
    (plain.folder / "treering.toml").symlink_to(path)
    yield path


@pytest.mark.parametrize("name", SOUND)
def test_what_is_odd_and_sound(plain: Project, linked: Path, name: str) -> None:
    linked.write_bytes(SOUND[name])
    harmless(plain.ok("heads"))
