# SPDX-License-Identifier: Apache-2.0
"""What becomes of documents: initial data that somebody edited, collections that come back, what is held back."""

from __future__ import annotations

from typing import Any

import pytest
from servers import with_database
from test_autogenerate import generate, listing, models, newest, upgraded
from workbench import Project

USER = """
class User(Collection):
    __collection_name__ = "users"
"""


def user(**attributes: Any) -> str:
    """A model of users; texts are taken as source."""
    lines = [
        f"    __{name}__ = {value if isinstance(value, str) else repr(value)}\n" for name, value in attributes.items()
    ]
    return USER + "".join(lines)


def test_a_document_edited_elsewhere_stays(project: Project, other_database: Any) -> None:
    first = [{"_id": "root", "level": 1, "odd.$name": None}, {"_id": "gone", "level": 1}, {"_id": "same", "level": 1}]
    second = [{"_id": "root", "level": 2}, {"_id": "same", "level": 2}, {"_id": "new", "level": 2}]
    name = other_database()
    other = with_database(project.server_url, name)
    upgraded(project, user(initial_data=first))
    project.ok("upgrade", "head", "--url", other)
    users = project.db.client[name].users
    users.update_one({"_id": "root"}, {"$set": {"note": "mine"}})
    users.update_one({"_id": "gone"}, {"$set": {"level": 7}})
    upgraded(project, user(initial_data=second))
    assert {found["_id"]: found["level"] for found in project.db.users.find()} == {"root": 2, "same": 2, "new": 2}
    project.ok("upgrade", "head", "--url", other)
    assert users.find_one({"_id": "root"})["note"] == "mine"
    assert {found["_id"]: found["level"] for found in users.find()} == {"root": 1, "gone": 7, "same": 2, "new": 2}

    users.update_one({"_id": "new"}, {"$set": {"level": 9}})
    project.ok("downgrade", "-1", "--url", other)
    assert {found["_id"]: found["level"] for found in users.find()} == {"root": 1, "gone": 7, "same": 1, "new": 9}
    project.ok("upgrade", "head", "--url", other)
    assert users.find_one({"_id": "new"})["level"] == 9
    project.ok("downgrade", "-1")
    assert sorted(project.db.users.find(), key=lambda found: found["_id"]) == sorted(
        first, key=lambda found: found["_id"]
    )


@pytest.mark.parametrize("trash", [True, False])
def test_a_dropped_collection_with_initial_data_comes_back(project: Project, trash: bool) -> None:
    if not trash:
        settings = project.folder / "treering.toml"
        settings.write_text(settings.read_text(encoding="utf-8") + "trash = false\n", encoding="utf-8")
    upgraded(project, user(indexes='[Index("a")]', initial_data=[{"_id": "root", "l": 1}, {"_id": "guest", "l": 2}]))
    before = listing(project)
    models(project, "ALL_COLLECTIONS = []\n")
    generate(project, "--allow-drop-collections", expect=0)
    project.db.users.update_one({"_id": "root"}, {"$set": {"l": 7}})
    project.ok("upgrade", "head")
    project.ok("downgrade", "-1")
    assert listing(project) == before
    assert {found["_id"]: found["l"] for found in project.db.users.find()} == {"root": 7 if trash else 1, "guest": 2}


def test_a_change_of_kind_that_is_held_back_changes_nothing(project: Project) -> None:
    plain = user(
        indexes='[Index("a", unique=True)]', initial_data=[{"_id": 1, "a": 1}], options={"validator": {"a": {"$gt": 0}}}
    )
    upgraded(project, plain)
    before = listing(project)
    view = user(options={"viewOn": "others", "pipeline": []})
    upgraded(project, view)
    assert listing(project) == before
    assert project.db.users.count_documents({}) == 1
    assert "Held back: collection users can become a view only by" in project.run("check", expect=4).out
    told = upgraded(project, view, "--allow-drop-collections").out
    assert "Dropped collection users: its documents go into the trash" in told
    assert listing(project)["users"][0] == "view"
    project.ok("check")
    project.ok("downgrade", "-1")
    assert project.db.users.count_documents({}) == 1
    assert listing(project)["users"][2] == before["users"][2]


def test_a_time_series_that_is_built_anew_is_told_as_lost(project: Project) -> None:
    upgraded(project, user(options={"timeseries": {"timeField": "t", "granularity": "hours"}}))
    finer = user(options={"timeseries": {"timeField": "t"}})
    told = upgraded(project, finer, "--allow-drop-collections").out
    assert "Dropped time series users: its documents are lost" in told
    assert "# Its documents are lost for good" in newest(project)


def test_a_rebuild_keeps_documents_that_the_validator_refuses(project: Project) -> None:
    upgraded(project, user())
    project.db.users.insert_one({"_id": 1, "a": "s"})
    rule = {"validator": {"a": {"$type": "int"}}}
    upgraded(project, user(options=rule))
    upgraded(project, user(options={**rule, "collation": {"locale": "en"}}), "--allow-drop-collections")
    assert project.db.users.find_one() == {"_id": 1, "a": "s"}
    assert listing(project)["users"][1]["validator"] == rule["validator"]
    project.ok("check")


def test_initial_data_passes_its_own_validator(project: Project) -> None:
    rule = {"validator": {"level": {"$lt": 5}}}
    upgraded(project, user(options=rule))
    upgraded(project, user(options=rule, initial_data=[{"_id": 1, "level": 7}]))
    upgraded(project, user(options=rule))
    assert project.db.users.count_documents({}) == 0
    project.ok("downgrade", "-1")
    assert project.db.users.find_one() == {"_id": 1, "level": 7}


def test_indexes_exchange_their_names(project: Project) -> None:
    upgraded(project, user(indexes='[Index("a", name="x"), Index("b", name="y")]'))
    before = listing(project)
    upgraded(project, user(indexes='[Index("b", name="x"), Index("a", name="y")]'))
    project.ok("check")
    project.ok("downgrade", "-1")
    assert listing(project) == before


def test_a_drop_that_was_held_back_is_offered_again(project: Project) -> None:
    upgraded(project, user())
    assert "Held back: collection users" in upgraded(project, "ALL_COLLECTIONS = []\n").out
    with project.unchanged():
        told = generate(project, expect=0).out
    assert "No changes detected" in told and "Kept: collection users" in told
    assert "Kept: collection users" in project.ok("check").out
    assert "users" in listing(project)
    upgraded(project, "ALL_COLLECTIONS = []\n", "--allow-drop-collections")
    assert listing(project) == {}
    project.ok("check")


def test_what_was_never_ours_is_dropped_with_two_options_only(project: Project) -> None:
    project.db.by_hand.insert_one({})
    models(project, "ALL_COLLECTIONS = []\n")
    with project.unchanged():
        told = generate(project, "--include-unmanaged", expect=0).out
    assert "No changes but what is held back" in told
    assert "Held back: collection by_hand is in the database and in no model" in told
    upgraded(project, "ALL_COLLECTIONS = []\n", "--include-unmanaged", "--allow-drop-collections")
    assert listing(project) == {}


def test_a_capped_collection_loses_its_limit(project: Project) -> None:
    upgraded(project, user(options={"capped": True, "size": 4096, "max": 10}))
    upgraded(project, user(options={"capped": True, "size": 4096}))
    assert "Unmanaged" not in project.ok("check").out
