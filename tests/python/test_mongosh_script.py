# SPDX-License-Identifier: Apache-2.0
"""Whole scripts, run by the real mongosh: the database is afterwards as Treering itself leaves it."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any, Callable, Optional

import bson
import mongosh
import pymongo
import pytest
from bson import Int64
from conftest import Project
from operations import create, drop, drop_index, index, snapshot, write
from servers import with_database

BOOKKEEPING = ("treering_state", "treering_revisions", "treering_journal")
FIRST, SECOND, THIRD = "20240101000000", "20240102000000", "20240103000000"
# What two runs of the same can't have in common: who and when.
PERSONAL = {"started", "applied_at", "duration_us", "host", "pid", "user", "run"}

UPGRADES = {
    FIRST: [
        create("users", validator={"n": {"$type": "number"}}),
        index("users", {"key": {"email": 1}, "name": "email_1", "unique": True}),
        write("insert", "users", {"_id": 1, "email": "a", "n": 1}, {"_id": 2, "email": "b", "n": Int64(2)}),
    ],
    SECOND: [],
    THIRD: [write("update", "users", {"q": {}, "u": {"$set": {"new": 1.0}}, "multi": True})],
}
DOWNGRADES = {
    FIRST: [drop("users")],
    SECOND: [],
    THIRD: [
        write("update", "users", {"q": {}, "u": {"$unset": {"new": ""}}, "multi": True}),
        drop_index("users", "email_1"),
    ],
}
# The same as Treering's own revisions.
UPGRADE_CODE = {
    FIRST: """\
env.create_collection("users", validator={"n": {"$type": "number"}})
env.db["users"].create_index("email", unique=True)
from bson import Int64
env.db["users"].insert_many([{"_id": 1, "email": "a", "n": 1}, {"_id": 2, "email": "b", "n": Int64(2)}])""",
    SECOND: "pass",
    THIRD: 'env.db["users"].update_many({}, {"$set": {"new": 1.0}})',
}
DOWNGRADE_CODE = {
    FIRST: 'env.drop_collection("users")',
    SECOND: "pass",
    THIRD: 'env.db["users"].update_many({}, {"$unset": {"new": ""}})\nenv.db["users"].drop_index("email_1")',
}


@pytest.fixture
def shop(project: Project) -> Project:
    """Three revisions in a line, one of them with quotes in its message and one that does nothing."""
    messages = ("add users, \"quoted\" and 'so'", "nothing", "give it more")
    for revision, parent, message in zip((FIRST, SECOND, THIRD), (None, FIRST, SECOND), messages):
        path = project.add(revision, parent, UPGRADE_CODE[revision], DOWNGRADE_CODE[revision], "change")
        path.write_text(path.read_text().replace('"""change', f"'''{message}").replace('\n"""', "\n'''", 1))
    return project


class Scripts:
    """Scripts for a project's revisions, and mongosh to run them."""

    def __init__(self, project: Project, folder: Path) -> None:
        self.project, self.folder = project, folder

    def text(
        self,
        direction: str,
        applied: list[str],
        revisions: list[str],
        operations: dict[str, list[dict]],
        reads: Optional[list[str]] = None,
    ) -> str:
        def told(revision: str) -> bytes:
            named = [{"database": self.project.database, **each} for each in operations[revision]]
            return bson.encode({"operations": named, "reads": reads or []})

        names = (self.project.database, ",".join(applied) or "-", ",".join(revisions))
        command = [mongosh.test_program("print_script"), direction, str(self.project.root), *names]
        done = subprocess.run(command, input=b"".join(map(told, revisions)), capture_output=True)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()

    def run(self, text: str, url: Optional[str] = None) -> subprocess.CompletedProcess[str]:
        script = self.folder / "out.js"
        script.write_text(text)
        return mongosh.run(url or self.project.url, script, self.folder)

    def run_well(self, text: str) -> str:
        done = self.run(text)
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return done.stdout

    def refused(self, text: str, url: Optional[str] = None) -> str:
        done = self.run(text, url)
        assert done.returncode == 1, f"{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr


@pytest.fixture
def scripts(shop: Project, tmp_path: Path) -> Scripts:
    return Scripts(shop, tmp_path)


def bookkeeping(mongo: pymongo.MongoClient, database: str) -> dict[str, Any]:
    """All of it, in order, but for who and when; of these the names and types."""

    def plain(document: dict[str, Any], told: tuple[str, ...] = ()) -> list[Any]:
        def value(key: str, each: Any) -> Any:
            if key in PERSONAL:
                return type(each)
            return plain(each) if isinstance(each, dict) else (type(each), each)

        return [(key, value(key, each)) for key, each in document.items() if key not in told]

    held = {name: list(mongo[database][name].find().sort("_id")) for name in BOOKKEEPING}
    return {name: [plain(each, ("_id",) if "journal" in name else ()) for each in held[name]] for name in held}


def everything(mongo: pymongo.MongoClient, database: str) -> tuple[Any, Any]:
    return snapshot(mongo, database, BOOKKEEPING), bookkeeping(mongo, database)


def without_epoch(held: tuple[Any, Any]) -> tuple[Any, Any]:
    """How often the lease was taken is no part of what was done."""
    return held[0], {
        **held[1],
        "treering_state": [[pair for pair in held[1]["treering_state"][0] if pair[0] != "epoch"]],
    }


def test_up_and_down_as_treering_itself(
    scripts: Scripts, shop: Project, mongo: pymongo.MongoClient, other_database: Callable[[], str]
) -> None:
    twin = other_database()
    url = with_database(shop.url, twin)
    everyone = [FIRST, SECOND, THIRD]
    shop.run("upgrade", "head", "--url", url)
    said = scripts.run_well(scripts.text("upgrade", [], everyone, UPGRADES))
    assert "give it more  upgrade done" in said
    assert everything(mongo, shop.database) == everything(mongo, twin)
    assert mongo[shop.database]["treering_state"].find_one()["lease"].keys() == {"expires"}
    for command in (["current"], ["history"], ["check"]):
        ours, theirs = shop.run(*command, expect=None), shop.run(*command, "--url", url, expect=None)
        assert (ours.returncode, ours.stdout) == (theirs.returncode, theirs.stdout.replace(twin, shop.database))

    shop.run("downgrade", FIRST, "--url", url)
    scripts.run_well(scripts.text("downgrade", everyone, [THIRD, SECOND], DOWNGRADES))
    assert everything(mongo, shop.database) == everything(mongo, twin)

    # And on, one with the other's means.
    shop.run("upgrade", "head")
    shop.run("upgrade", "head", "--url", url)
    assert without_epoch(everything(mongo, shop.database)) == without_epoch(everything(mongo, twin))
    log = shop.json("log")
    assert [entry["outcome"] for entry in log["attempts"]] == ["done"] * 7


# Runs the scripts that it is told one after the other, in states of the database that they must not start from.
REFUSALS = """
const said = [];
function attempt(file) {
  try {
    load(file);
    said.push("not refused");
  } catch (error) {
    said.push(error.message);
  }
}
const state = db.getCollection("treering_state");
const far = {$toDate: {$add: [{$toLong: "$$NOW"}, NumberLong("60000")]}};

db.getCollection("_db_version").insertOne({version_num: "x"});
attempt(FIRST);
said.push(db.getCollectionNames().join());
db.getCollection("_db_version").drop();
attempt(SECOND);
const known = {_id: "state", format: 1, epoch: NumberLong("7"), lease: {expires: new Date(0)}, ...AFTER_FIRST};
state.insertOne(known);
attempt(FIRST);
state.updateOne({}, [{$set: {lease: {host: "web-7", pid: 1, run: "x", expires: far}}}]);
attempt(SECOND);
state.updateOne({}, {$set: {"lease.expires": new Date(0), attempt: {revision: "x", direction: "upgrade"}}});
attempt(SECOND);
state.updateOne({}, {$set: {format: 2}, $unset: {attempt: ""}});
attempt(SECOND);
state.updateOne({}, {$set: {format: 1, digest: "00"}});
attempt(SECOND);
said.push(db.getCollectionNames().join() + state.findOne().epoch);
db = db.getSiblingDB("another");
attempt(FIRST);
print(JSON.stringify(said));
"""


def test_what_it_refuses_before_it_changes_anything(scripts: Scripts, shop: Project) -> None:
    first, second = scripts.folder / "first.js", scripts.folder / "second.js"
    first.write_text(scripts.text("upgrade", [], [FIRST], UPGRADES))
    second.write_text(scripts.text("upgrade", [FIRST], [SECOND], UPGRADES))
    after_first = re.search(r"const BEFORE = (.*);", second.read_text())[1]
    constants = {"FIRST": json.dumps(str(first)), "SECOND": json.dumps(str(second)), "AFTER_FIRST": after_first}
    declared = "".join(f"const {name} = {value};\n" for name, value in constants.items())
    said = json.loads(scripts.run_well(declared + REFUSALS))
    expected = [
        "not adopted yet",
        "_db_version",
        f"{shop.database} is at nothing applied and the script starts from {FIRST}",
        f"{shop.database} is at {FIRST} and the script starts from nothing applied",
        "locked by web-7 (pid 1)",
        "the upgrade of x was begun here and never ended",
        "newer Treering",
        f"{shop.database} is at {FIRST} and the script starts from {FIRST}",
        "treering_state7",
        f"is for the database {shop.database}, not another",
    ]
    assert len(said) == len(expected)
    for words, wanted in zip(said, expected):
        assert wanted in words


def test_a_statement_that_fails_leaves_what_a_failed_upgrade_leaves(
    scripts: Scripts, shop: Project, mongo: pymongo.MongoClient
) -> None:
    twice = write("insert", "users", {"_id": 5, "email": "x", "n": 1}, {"email": "x", "n": 1})
    text = scripts.text("upgrade", [], [FIRST, SECOND, THIRD], {**UPGRADES, SECOND: [twice]})
    said = scripts.refused(text)
    assert "nothing  failed" in said and "E11000" in said

    state = mongo[shop.database]["treering_state"].find_one()
    assert state["heads"] == [FIRST] and "attempt" not in state and state["lease"].keys() == {"expires"}
    entry, before = shop.json("log")["attempts"]
    assert (entry["revision"], entry["outcome"], before["outcome"]) == (SECOND, "failed", "done")
    assert "E11000" in entry["error"]
    assert shop.json("current")["heads"] == [FIRST]
    shop.run("upgrade", "head")


def test_a_record_that_nobody_knows_to_be_written_is_left_to_the_next_runner(
    scripts: Scripts, shop: Project, mongo: pymongo.MongoClient
) -> None:
    text = scripts.text("upgrade", [], [FIRST], UPGRADES)
    journal = '    writeJournal("done", durationUs, {});\n'
    assert journal in text
    assert "gone" in scripts.refused(text.replace(journal, '    throw new Error("gone");\n'))
    state = mongo[shop.database]["treering_state"].find_one()
    assert state["attempt"]["revision"] == FIRST and state["heads"] == [] and state["lease"].keys() == {"expires"}
    shop.run("upgrade", SECOND)
    assert [(each["revision"], each["outcome"]) for each in shop.json("log")["attempts"]] == [
        (SECOND, "done"),
        (FIRST, "done"),
    ]


def test_a_script_holds_the_lease_and_renews_it(scripts: Scripts, shop: Project, mongo: pymongo.MongoClient) -> None:
    """Who comes while it works is told who is at work; a script whose lease was taken over stops."""
    text = scripts.text("upgrade", [], [FIRST, SECOND], UPGRADES)
    assert "LEASE_MS / 3);" in text
    text = text.replace("LEASE_MS / 3);", "20);")
    line = f'    begin("{SECOND}"'
    assert line in text
    look = (
        "    let held = readState();\n"
        "    while (!(held.lease.renewed > held.lease.since)) { sleep(20); held = readState(); }\n"
        '    if (!(held.lease.expires > held.now)) throw new Error("not held");\n'
        "    print(`host: ${held.lease.host} ${held.lease.doing}`);\n"
    )
    taken = '    db.treering_state.updateOne({}, {$inc: {epoch: NumberLong("1")}});\n'
    said = scripts.refused(text.replace(line, look + taken + line))
    assert "host: mongosh script on " in said
    assert "ran out while the script worked" in said
    assert [entry["revision"] for entry in shop.json("log")["attempts"]] == [FIRST]


def test_a_revision_that_depends_on_reads_is_marked(scripts: Scripts) -> None:
    read = "migrations/versions/x.py:14: find users\nno new line"
    text = scripts.text("upgrade", [], [FIRST], UPGRADES, [read])
    assert "!!! depends on documents" in text
    assert "    // !!!   migrations/versions/x.py:14: find users\\nno new line\n" in text
    assert "!!!" not in scripts.text("upgrade", [], [FIRST], UPGRADES)
