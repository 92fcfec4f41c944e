# SPDX-License-Identifier: Apache-2.0
"""A server for the end-to-end tests, and for each test a project with a database of its own."""

from __future__ import annotations

import contextlib
import os
import uuid
from pathlib import Path
from typing import Any, Callable, Iterator

import passwords
import pymongo
import pytest
from pymongo.errors import OperationFailure
from workbench import BINARY, Project, TestServer


@pytest.fixture(scope="session")
def open_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """TREERING_TEST_URL, or a server started for this run."""
    assert BINARY.is_file(), f"{BINARY} is missing: install the project first (make test does)"
    given = os.environ.get("TREERING_TEST_URL")
    if given:
        yield given
        return
    server = TestServer(tmp_path_factory.mktemp("server"))
    yield server.url
    server.stop()


@pytest.fixture(scope="session")
def client(open_url: str) -> Iterator[Any]:
    with pymongo.MongoClient(open_url) as client:
        yield client


def add_user(database: Any) -> None:
    try:
        database.command("createUser", passwords.USER, pwd=passwords.PASSWORD, roles=[{"role": "root", "db": "admin"}])
    except OperationFailure as error:
        if "exist" not in str(error):
            raise


@pytest.fixture(scope="session")
def server_url(open_url: str, client: Any) -> str:
    """The server's URL with a user and a password, which must never show. A URL that has a user is used as it is."""
    if "@" in open_url:
        return open_url
    add_user(client.admin)
    return open_url.replace("://", f"://{passwords.USER}:{passwords.PASSWORD}@")


@contextlib.contextmanager
def named_database(client: Any) -> Iterator[str]:
    """The name of a database that a URL without `authSource` signs in to. In the end it is searched, and dropped."""
    name = f"e2e_{uuid.uuid4().hex[:16]}"
    add_user(client[name])
    yield name
    try:
        passwords.require_absent_in_database(client[name])
    finally:
        client[name].command("dropUser", passwords.USER)
        client.drop_database(name)


@pytest.fixture
def database_name(client: Any) -> Iterator[str]:
    with named_database(client) as name:
        yield name


@pytest.fixture
def bare_project(tmp_path: Path, server_url: str, database_name: str, client: Any) -> Project:
    """An empty folder."""
    folder = tmp_path / "shop"
    folder.mkdir()
    return Project(folder, server_url, database_name, client)


@pytest.fixture
def project(bare_project: Project) -> Project:
    return bare_project.init()


@pytest.fixture
def baseapp(bare_project: Project) -> Project:
    return bare_project.init("baseapp")


@pytest.fixture
def other_database(client: Any) -> Iterator[Callable[[], str]]:
    """Names of further databases, dropped in the end."""
    with contextlib.ExitStack() as named:
        yield lambda: named.enter_context(named_database(client))


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Callable[..., TestServer]]:
    """Starts servers that only this test uses."""
    started: list[TestServer] = []

    def start(*options: str, folder: str = "own-server", port: int = 0) -> TestServer:
        started.append(TestServer(tmp_path / folder, *options, port=port))
        return started[-1]

    yield start
    for server in started:
        server.stop()
