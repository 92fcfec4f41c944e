# SPDX-License-Identifier: Apache-2.0
"""A server for the end-to-end tests, and for each test a project with a database of its own."""

from __future__ import annotations

import os
import uuid
from pathlib import Path
from typing import Any, Callable, Iterator

import pymongo
import pytest
from workbench import BINARY, Project, TestServer


@pytest.fixture(scope="session")
def server_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
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
def client(server_url: str) -> Iterator[Any]:
    with pymongo.MongoClient(server_url) as client:
        yield client


@pytest.fixture
def database_name(client: Any) -> Iterator[str]:
    name = f"e2e_{uuid.uuid4().hex[:16]}"
    yield name
    client.drop_database(name)


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
    names: list[str] = []

    def name() -> str:
        names.append(f"e2e_{uuid.uuid4().hex[:16]}")
        return names[-1]

    yield name
    for each in names:
        client.drop_database(each)


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
