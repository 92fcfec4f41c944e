# SPDX-License-Identifier: Apache-2.0
"""What every Python test stands on: a real server, with a user whose password must never show, and a database of one's own."""

from __future__ import annotations

import contextlib
import os
import signal
import uuid
from pathlib import Path
from typing import Any, Callable, Generator, Iterator

import passwords
import pymongo
import pytest
from pymongo.errors import OperationFailure
from servers import TestServer, guarded


def pytest_configure() -> None:
    # A shell that runs the tests in the background has it ignored, and so would what they start.
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def no_password_comes_out() -> Iterator[None]:
    with passwords.watched():
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    passwords.fail_where_found(report)
    return report


@pytest.fixture(scope="session")
def open_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """TREERING_TEST_URL, or a server started for this run."""
    given = os.environ.get("TREERING_TEST_URL")
    if given:
        yield given
        return
    server = TestServer(tmp_path_factory.mktemp("server"))
    yield server.url
    server.stop()


@pytest.fixture(scope="session")
def mongo(open_url: str) -> Iterator[pymongo.MongoClient]:
    """pymongo on that server, to see what is really there."""
    with pymongo.MongoClient(open_url) as client:
        yield client


def add_user(database: Any) -> None:
    try:
        database.command("createUser", passwords.USER, pwd=passwords.PASSWORD, roles=[{"role": "root", "db": "admin"}])
    except OperationFailure as error:
        if "exist" not in str(error):
            raise


@pytest.fixture(scope="session")
def server_url(open_url: str, mongo: pymongo.MongoClient) -> str:
    """The server's URL with a user and a password, which must never show. A URL that has a user is used as it is."""
    if "@" in open_url:
        return open_url
    add_user(mongo.admin)
    return open_url.replace("://", f"://{passwords.USER}:{passwords.PASSWORD}@")


@contextlib.contextmanager
def named_database(mongo: pymongo.MongoClient) -> Iterator[str]:
    """The name of a database that a URL without `authSource` signs in to. In the end it is searched, and dropped."""
    name = f"test_{uuid.uuid4().hex[:16]}"
    add_user(mongo[name])
    yield name
    passwords.look_at_database(mongo[name])
    mongo[name].command("dropUser", passwords.USER)
    mongo.drop_database(name)


@pytest.fixture
def database_name(mongo: pymongo.MongoClient) -> Iterator[str]:
    with named_database(mongo) as name:
        yield name


@pytest.fixture
def other_database(mongo: pymongo.MongoClient) -> Iterator[Callable[[], str]]:
    """Names of further databases, dropped in the end."""
    with contextlib.ExitStack() as named:
        yield lambda: named.enter_context(named_database(mongo))


@pytest.fixture
def project_folder(tmp_path: Path) -> Iterator[Path]:
    """Where a test's project is to be. In the end it is searched."""
    folder = tmp_path / "shop"
    yield folder
    passwords.look_at_folder(folder)


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Callable[..., TestServer]]:
    """Starts servers that only this test uses: `own_server("--standalone")`. With a password, one that lets only ada in."""
    started: list[TestServer] = []

    def start(*options: str, port: int = 0, password: str = "") -> TestServer:
        folder = tmp_path / f"own-server-{len(started)}"
        started.append(guarded(folder, password) if password else TestServer(folder, *options, port=port))
        return started[-1]

    yield start
    for server in started:
        server.look_through()
        server.stop()
