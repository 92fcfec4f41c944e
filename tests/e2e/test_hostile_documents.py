# SPDX-License-Identifier: Apache-2.0
"""Documents in the database that somebody broke: refused with collection and field before anything is changed, or
handled. What each field has to be is tested beside the code (state_fields_test.cc); here is what a person meets."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import bson
import pytest
from bson import Decimal128, Int64, ObjectId
from refusal import harmless, refused
from workbench import Project, database_dump, marker, revision_text

A, B, C = "20241210120000", "20241210130000", "20241210140000"
THEN = datetime(2024, 12, 10, tzinfo=timezone.utc)
NOWHERE = "a\x1b[2J\x1b]0;owned\x07\u202e\x9b31m\nerror: b"


@pytest.fixture
def started(project: Project) -> Project:
    project.chain(A, B)
    project.ok("upgrade")
    project.add(C, B, **marker(C))
    return project


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = {"a": value}
    return value


# --- treering_state

WRONG = {
    "text": "x",
    "a number": 5,
    "less than nothing": -5,
    "a fraction": 0.5,
    "null": None,
    "true": True,
    "a list": ["x"],
    "a list of lists": [["x"]],
    "a document": {"x": 1},
    "a date": THEN,
    "an id": ObjectId("65f000000000000000000001"),
    "bytes": b"x",
    "a decimal": Decimal128("1"),
    "the largest": Int64(2**63 - 1),
    "nested": nested(80),
    "huge": "x" * 1_000_000,
    "what acts": NOWHERE,
}
NUMBERS, DATES = {"a number"}, {"a date"}
TEXTS = {"text", "huge", "what acts"}
STATE: dict[str, set[str]] = {
    "format": set(),
    "epoch": NUMBERS,
    "lease": set(),
    "lease.expires": DATES,
    "lease.pid": NUMBERS | {"less than nothing", "null"},
    "heads": {"a list"},
    "count": set(),
    "digest": set(),
    "attempt": set(),
}
STATES = [(field, value) for field, allowed in STATE.items() for value in WRONG if value not in allowed]


@pytest.mark.parametrize("field, value", STATES)
def test_a_broken_state(started: Project, field: str, value: str) -> None:
    if field == "count" and value == "a number":
        pytest.skip("a count that differs from the heads' is handled")
    started.db.treering_state.update_one({}, {"$set": {field: WRONG[value]}})
    place = (
        ("newer Treering",)
        if field == "format" and value in ("a number", "the largest")
        else ("treering_state", f'"{field}')
    )
    refused(started, "current", code=1, holds=place)
    refused(started, "upgrade", code=1, holds=place)
    assert started.marks() == [A, B]


@pytest.mark.parametrize("field", ["format", "epoch", "lease.expires", "heads", "count", "digest"])
def test_a_state_without(started: Project, field: str) -> None:
    started.db.treering_state.update_one({}, {"$unset": {field: ""}})
    for command in ("current", "history -i", "upgrade", "downgrade", "stamp head", "upgrade --dry-run"):
        refused(started, *command.split(), code=1, holds=("treering_state", f'"{field}"', "missing"))
    assert started.marks() == [A, B]


ATTEMPTS: dict[str, Any] = {
    "an unknown direction": {"revision": C, "direction": "sideways", "started": THEN, "run": "r"},
    "no direction": {"revision": C, "started": THEN, "run": "r"},
    "no revision": {"direction": "upgrade", "started": THEN, "run": "r"},
    "no start": {"revision": C, "direction": "upgrade", "run": "r"},
    "no run": {"revision": C, "direction": "upgrade", "started": THEN},
    "a direction that acts": {"revision": C, "direction": NOWHERE, "started": THEN, "run": "r"},
    "nothing": {},
}


@pytest.mark.parametrize("name", ATTEMPTS)
def test_a_broken_attempt(started: Project, name: str) -> None:
    started.db.treering_state.update_one({}, {"$set": {"attempt": ATTEMPTS[name]}})
    for command in ("current", "upgrade", "downgrade"):
        refused(started, command, code=1, holds=("treering_state", "attempt."))


def test_a_state_of_another_kind(started: Project) -> None:
    started.db.treering_state.delete_many({})
    started.db.treering_state.insert_one({"_id": "state", "version": 3})
    refused(started, "upgrade", code=1, holds=("treering_state", '"format"'))


def test_a_state_from_the_future(started: Project) -> None:
    started.db.treering_state.update_one({}, {"$set": {"format": 2, "heads": {"all": "new"}}})
    for command in ("current", "upgrade", "downgrade", "stamp head", "history -i"):
        refused(started, *command.split(), code=1, holds=("newer Treering", "install"))


def test_fields_from_the_future_are_left_alone(started: Project) -> None:
    started.db.treering_state.update_one({}, {"$set": {"news": nested(50), "lease.news": [1]}})
    harmless(started.ok("upgrade"))
    assert started.heads() == [C] and started.db.treering_state.find_one()["news"] == nested(50)


def test_a_lease_that_nobody_can_have_taken(started: Project) -> None:
    """In the far future, by somebody whose name acts: it is honoured, and shown harmlessly."""
    started.db.treering_state.update_one(
        {},
        {
            "$set": {
                "lease": {
                    "host": NOWHERE,
                    "pid": 1,
                    "user": NOWHERE,
                    "run": "r",
                    "doing": NOWHERE,
                    "expires": datetime(9999, 1, 1, tzinfo=timezone.utc),
                }
            }
        },
    )
    assert "locked by" in refused(started, "upgrade", code=3).err


@pytest.mark.parametrize("kind", ["view", "capped"])
def test_another_kind_of_collection_in_the_state_s_place(project: Project, kind: str) -> None:
    project.add(A, **marker(A))
    if kind == "view":
        project.db.create_collection("treering_state", viewOn="other", pipeline=[])
        assert harmless(project.run("upgrade")).code == 1
        assert project.marks() == []
    else:
        project.db.create_collection("treering_state", capped=True, size=4096)
        harmless(project.run("upgrade"))


# --- treering_revisions

RECORDS: dict[str, tuple[dict[str, Any], str]] = {
    "no parents": ({"$unset": {"parents": ""}}, "parents"),
    "parents as text": ({"$set": {"parents": A}}, "parents"),
    "parents of numbers": ({"$set": {"parents": [1]}}, "parents"),
    "labels as text": ({"$set": {"labels": "x"}}, "labels"),
    "dependencies as a document": ({"$set": {"depends_on": {"a": 1}}}, "depends_on"),
    "a source of bytes": ({"$set": {"source": b"x"}}, "source"),
    "a source of numbers": ({"$set": {"source": 5}}, "source"),
    "a checksum of numbers": ({"$set": {"checksum": 5}}, "checksum"),
    "a path of numbers": ({"$set": {"path": 5}}, "path"),
    "a message of lists": ({"$set": {"message": ["x"]}}, "message"),
    "a date as text": ({"$set": {"applied_at": "yesterday"}}, "applied_at"),
    "a duration as text": ({"$set": {"duration_us": "long"}}, "duration_us"),
    "how as a number": ({"$set": {"how": 5}}, "how"),
}


@pytest.mark.parametrize("name", RECORDS)
def test_a_broken_record(started: Project, name: str) -> None:
    """Records are read where the files don't say it all: here the file of the last one is gone."""
    change, field = RECORDS[name]
    (started.versions / f"{C}_step.py").unlink()
    (started.versions / f"{B}_step.py").unlink()
    started.db.treering_revisions.update_one({"_id": B}, change)
    commands = ["downgrade"] if field == "source" else ["current", "upgrade", "downgrade"]
    for command in commands:
        refused(started, command, code=1, holds=("treering_revisions", f'"{field}"', B))
    assert started.marks("down") == []
    if field == "source":
        return
    doctor = harmless(started.run("doctor", expect=4))
    assert f'problem  records        treering_revisions: "{field}" of the document "{B}"' in doctor.out
    assert "ok       trash" in doctor.out


def test_a_record_of_an_id_that_is_no_text(started: Project) -> None:
    (started.versions / f"{C}_step.py").unlink()
    (started.versions / f"{B}_step.py").unlink()
    started.db.treering_revisions.insert_one({"_id": 5, "parents": []})
    refused(started, "current", code=1, holds=("treering_revisions", '"_id"'))


@pytest.mark.parametrize("path", ["../../evil.py", "/tmp/evil.py", NOWHERE, "a\0b", ""])
def test_a_record_with_a_path_that_leaves(started: Project, path: str) -> None:
    """The source of a record is run, at no time the file that its path names."""
    (started.versions / f"{C}_step.py").unlink()
    (started.versions / f"{B}_step.py").unlink()
    outside = started.folder.parent / "evil.py"
    outside.write_text("raise SystemExit('ran what it must not')\n", encoding="utf-8")
    started.db.treering_revisions.update_one({"_id": B}, {"$set": {"path": path, "message": NOWHERE, "doc": NOWHERE}})
    for command in ("history -i", "history -v", "show current", "current -v"):
        harmless(started.run(*command.split()))
        harmless(started.run(*command.split(), "--json"))
    result = harmless(started.run("downgrade"))
    assert result.code in (0, 2), result
    assert outside.read_text(encoding="utf-8").startswith("raise")
    assert started.marks("down") == ([B] if result.code == 0 else [])


def test_a_source_that_is_no_revision(started: Project) -> None:
    (started.versions / f"{C}_step.py").unlink()
    (started.versions / f"{B}_step.py").unlink()
    for source in ("", "\0", "def downgrade(env:\n", "x = '\x1b[2J'\n", revision_text("other"), "\ud7ff" * 1000):
        started.db.treering_revisions.update_one({"_id": B}, {"$set": {"source": source}})
        result = harmless(started.run("downgrade", "--dry-run"))
        assert result.code in (0, 1, 2), result
    assert started.heads() == [B]


def test_records_of_a_cycle(started: Project) -> None:
    (started.versions / f"{C}_step.py").unlink()
    for revision, parent in ((A, B), (B, A)):
        (started.versions / f"{revision}_step.py").unlink()
        started.db.treering_revisions.update_one({"_id": revision}, {"$set": {"parents": [parent]}})
    refused(started, "current", code=2, holds=("ycle", A, B))


# --- treering_journal

ENTRIES: dict[str, tuple[Any, str]] = {
    "no start": ({"revision": A, "direction": "upgrade", "outcome": "done"}, "started"),
    "a start as text": ({"revision": A, "direction": "upgrade", "outcome": "done", "started": "now"}, "started"),
    "a direction nobody knows": ({"revision": A, "direction": "x", "outcome": "done", "started": THEN}, "direction"),
    "no revision": ({"direction": "upgrade", "outcome": "done", "started": THEN}, "revision"),
    "a revision of numbers": ({"revision": 5, "direction": "upgrade", "outcome": "done", "started": THEN}, "revision"),
    "an outcome of lists": ({"revision": A, "direction": "upgrade", "outcome": ["x"], "started": THEN}, "outcome"),
    "nothing": ({}, "revision"),
}


@pytest.mark.parametrize("name", ENTRIES)
def test_a_broken_entry(started: Project, name: str) -> None:
    entry, field = ENTRIES[name]
    started.db.treering_journal.insert_one(dict(entry))
    log = harmless(started.ok("log"))
    assert "treering_journal" in log.err and f'"{field}"' in log.err
    assert len(started.json("log")["attempts"]) == 2  # the others
    doctor = harmless(started.run("doctor"))
    assert f'warning  journal        treering_journal: "{field}"' in doctor.out
    harmless(started.ok("current"))
    harmless(started.ok("upgrade"))  # which asks the journal nothing


def test_an_entry_that_acts(started: Project) -> None:
    started.db.treering_journal.insert_one(
        {
            "revision": NOWHERE,
            "direction": "upgrade",
            "outcome": NOWHERE,
            "started": THEN,
            "host": NOWHERE,
            "user": NOWHERE,
            "pid": Int64(2**40),
            "error": NOWHERE * 100,
        }
    )
    assert "\\x1b[2J" in harmless(started.ok("log")).out
    assert harmless(started.ok("log", "--json")).json["attempts"]


@pytest.mark.parametrize("when", [datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59)])
def test_an_entry_of_another_age(started: Project, when: datetime) -> None:
    started.db.treering_journal.insert_one(
        {"revision": A, "direction": "upgrade", "outcome": "done", "started": when, "duration_us": Int64(2**62)}
    )
    harmless(started.ok("log"))


# --- _db_version

VERSIONS: dict[str, Any] = {
    "a number": {"version_num": 5},
    "null": {"version_num": None},
    "a list": {"version_num": [A]},
    "nothing": {"applied_at": THEN},
    "a date as text": {"version_num": A, "applied_at": "2024-12-10"},
}


@pytest.mark.parametrize("name", VERSIONS)
def test_a_broken_version(project: Project, name: str) -> None:
    project.chain(A, B)
    project.db["_db_version"].insert_one(dict(VERSIONS[name]))
    for command in ("current", "upgrade", "history -i"):
        refused(project, *command.split(), code=1, holds=("_db_version",))
    assert project.marks() == []


@pytest.mark.parametrize("version", [NOWHERE, "../../x", "x" * 100_000, "\0"])
def test_a_version_that_acts(project: Project, version: str) -> None:
    project.chain(A, B)
    project.db["_db_version"].insert_one({"version_num": version, "applied_at": THEN})
    for command in ("current", "history -i", "upgrade --dry-run", "upgrade", "log", "current -v"):
        harmless(project.run(*command.split()))
    assert "_db_version" in database_dump(project.db)
    assert not list(project.folder.parent.glob("x*"))


# --- treering_backfills

BACKFILL: dict[str, Any] = {
    "_id": f"{C}:upgrade:people:0",
    "collection": "people",
    "key": "_id",
    "batch": 2,
    "filter": bson.encode({"name": "nobody"}),
    "change": bson.encode({"u": {"$set": {"gone": True}}}),
    "n": 0,
    "ended": False,
}
BACKFILLS = {
    "a filter that is a document": {"filter": {}},
    "a filter that is no BSON": {"filter": b"\x05\x00\x00"},
    "no filter": {"filter": ...},
    "no change": {"change": ...},
    "a change that is text": {"change": "x"},
    "a batch of nothing": {"batch": 0},
    "a collection that is a number": {"collection": 5},
    "no key": {"key": ...},
    "a place that is a list": {"next": [1]},
}


@pytest.mark.parametrize("name", BACKFILLS)
def test_a_broken_backfill(started: Project, name: str) -> None:
    """Above all: no filter that can't be read is taken for one that means every document."""
    started.db.people.insert_many([{"_id": number} for number in range(5)])
    broken = {field: value for field, value in {**BACKFILL, **BACKFILLS[name]}.items() if value is not ...}
    started.db.treering_backfills.insert_one(broken)
    (field,) = BACKFILLS[name]
    refused(started, "work", code=1, holds=("treering_backfills", f'"{field}"', broken["_id"]))


def test_a_broken_range(started: Project) -> None:
    started.db.people.insert_many([{"_id": number} for number in range(5)])
    (people,) = started.db.list_collections(filter={"name": "people"})
    begun = {"uuid": bytes(people["info"]["uuid"]).hex(), "n": 1, "next": {"": 5}}
    started.db.treering_backfills.insert_one({**BACKFILL, **begun})
    id = {"job": BACKFILL["_id"], "n": 0}
    started.db.treering_backfills.insert_one({"_id": id, "state": "open", "owner": "o", "until": THEN, "from": {"": 0}})
    result = started.run("work", expect=1)
    assert "treering_backfills" in result.err and '"to"' in result.err, result
    assert started.db.people.count_documents({"gone": True}) == 0
