# SPDX-License-Identifier: Apache-2.0
"""For each end-to-end test a project with a database of its own."""

from __future__ import annotations

from pathlib import Path

import pymongo
import pytest
from workbench import BINARY, Project


@pytest.fixture
def bare_project(project_folder: Path, server_url: str, database_name: str, mongo: pymongo.MongoClient) -> Project:
    """An empty folder."""
    assert BINARY.is_file(), f"{BINARY} is missing: install the project first (make test does)"
    project_folder.mkdir()
    return Project(project_folder, server_url, database_name, mongo)


@pytest.fixture
def project(bare_project: Project) -> Project:
    return bare_project.init()


@pytest.fixture
def baseapp(bare_project: Project) -> Project:
    return bare_project.init("baseapp")
