# SPDX-License-Identifier: Apache-2.0
"""Every public name of pymongo's classes is there, with every argument, or is left out for a reason that is written here."""

from __future__ import annotations

import inspect
from typing import Any, Iterator

import pymongo
import pytest
from pymongo.client_session import ClientSession
from pymongo.command_cursor import CommandCursor
from pymongo.cursor import Cursor

from treering import MigrationManager

TOPOLOGY = "of a driver that watches several servers; a run talks to the one primary"
LEFT_OUT = {
    "Collection": {"watch": "a migration waits for no events", "next": "raises, so that nobody iterates"},
    "Database": {"watch": "a migration waits for no events", "next": "raises, so that nobody iterates"},
    "MongoClient": {
        "watch": "a migration waits for no events",
        "next": "raises, so that nobody iterates",
        "bulk_write": "servers from 8.0 only; each collection has its own",
        "HOST": "a default of the constructor",
        "PORT": "a default of the constructor",
        "append_metadata": "of a library around pymongo",
        "eq_props": "pymongo's own",
        "options": TOPOLOGY,
        "arbiters": TOPOLOGY,
        "nodes": TOPOLOGY,
        "primary": TOPOLOGY,
        "secondaries": TOPOLOGY,
        "topology_description": TOPOLOGY,
    },
    "Cursor": {},
    "CommandCursor": {},
    "ClientSession": {},
}
CLASSES = {
    "Collection": pymongo.collection.Collection,
    "Database": pymongo.database.Database,
    "MongoClient": pymongo.MongoClient,
    "Cursor": Cursor,
    "CommandCursor": CommandCursor,
    "ClientSession": ClientSession,
}


@pytest.fixture
def ours(project: Any) -> Iterator[dict[str, Any]]:
    with MigrationManager(project.root).open() as env:
        with env.client.start_session() as session:
            yield {
                "Collection": env.db.things,
                "Database": env.db,
                "MongoClient": env.client,
                "Cursor": env.db.things.find(),
                "CommandCursor": env.db.things.aggregate([]),
                "ClientSession": session,
            }


@pytest.mark.parametrize("name", CLASSES)
def test_every_name_is_there_with_every_argument(ours: dict[str, Any], name: str) -> None:
    theirs, mine = CLASSES[name], ours[name]
    missing = []
    for member in dir(theirs):
        if member.startswith("_") or member in LEFT_OUT[name]:
            continue
        found = inspect.getattr_static(type(mine), member, None)
        if found is None:
            missing.append(member)
        elif callable(getattr(theirs, member)):
            missing += [f"{member}({each})" for each in refused_arguments(getattr(theirs, member), found)]
    assert missing == []


@pytest.mark.parametrize("name", CLASSES)
def test_what_is_left_out_is_not_there(ours: dict[str, Any], name: str) -> None:
    present = [
        each
        for each in LEFT_OUT[name]
        if each != "next" and inspect.getattr_static(type(ours[name]), each, None) is not None
    ]
    assert present == []


def refused_arguments(theirs: Any, mine: Any) -> list[str]:
    """Arguments of pymongo's method that this one doesn't take under their name, or in their place."""
    wanted = list(inspect.signature(theirs).parameters.values())[1:]
    taken = list(inspect.signature(mine).parameters.values())[1:]
    kinds = {each.kind for each in taken}
    by_name = {each.name: each for each in taken}
    refused = []
    for place, each in enumerate(wanted):
        if each.kind is each.VAR_POSITIONAL:
            refused += [] if each.VAR_POSITIONAL in kinds else ["*" + each.name]
        elif each.kind is each.VAR_KEYWORD:
            refused += [] if each.VAR_KEYWORD in kinds else ["**" + each.name]
        elif each.name in by_name:
            same_place = place < len(taken) and taken[place].name == each.name
            refused += [] if same_place or each.kind is each.KEYWORD_ONLY else [each.name + " elsewhere"]
        elif each.VAR_KEYWORD not in kinds or each.VAR_POSITIONAL not in kinds:
            refused.append(each.name)
    return refused


def test_a_find_takes_every_argument_of_pymongos(ours: dict[str, Any]) -> None:
    wanted = list(inspect.signature(Cursor.__init__).parameters)[2:]
    taken = inspect.signature(type(ours["Cursor"]).__init__).parameters
    assert [name for name in wanted if name not in taken] == []


def test_what_is_left_out_names_pymongo_db(ours: dict[str, Any]) -> None:
    for name in ("Collection", "Database", "MongoClient"):
        with pytest.raises(AttributeError, match=r"env\.pymongo_db"):
            _ = ours[name].watch
    for name in ("cluster_time", "operation_time"):
        with pytest.raises(NotImplementedError, match=r"env\.pymongo_db"):
            getattr(ours["ClientSession"], name)
