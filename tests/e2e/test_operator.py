# SPDX-License-Identifier: Apache-2.0
"""What whoever runs the database does when something went wrong: unlock, trash, doctor, and what the log says afterwards."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from treering.errors import UsageError
from workbench import Project, clean_environment, wait_until

from treering import MigrationManager

A, B, C = "20241210120000", "20241210120100", "20241210120200"
NOBODY = "mongodb://127.0.0.1:1/shop"

FILL = "env.db.users.insert_many([{'_id': 1}, {'_id': 2}])\nenv.db.users.create_index('email')"


@pytest.fixture
def filled(project: Project) -> Project:
    project.add(A, None, upgrade=FILL, downgrade="env.drop_collection('users')")
    project.add(B, A, upgrade="env.drop_collection('users')", downgrade="pass")
    project.ok("upgrade", "head")
    return project


def held(project: Project) -> Any:
    """A process that holds the lock in the middle of a revision until it is killed."""
    project.add(
        A, None, upgrade="import time\nenv.db.create_collection('half')\nprint('begun', flush=True)\ntime.sleep(600)"
    )
    running = project.start("upgrade", "head")
    wait_until(lambda: "half" in project.db.list_collection_names(), "the revision to begin")
    return running


def somebody_holds_the_lock(project: Project) -> None:
    far = datetime.now(timezone.utc) + timedelta(hours=1)
    lease = {"host": "h", "pid": 1, "user": "u", "run": "r", "since": far, "renewed": far, "expires": far}
    project.db.treering_state.update_one({}, {"$set": {"lease": {**lease, "doing": "", "sessions": []}}})


# --- unlock


def test_nobody_holds_the_lock(project: Project) -> None:
    assert project.ok("unlock").out == "nobody holds the lock\n"
    project.chain(A)
    project.ok("upgrade", "head")
    assert project.ok("unlock").out == "nobody holds the lock\n"
    assert project.json("unlock")["held"] is False


def test_unlock_asks_and_the_next_run_undoes_what_was_open(project: Project) -> None:
    running = held(project)
    assert project.json("log")["attempts"][0]["outcome"] == "running"
    refused = project.run("unlock", expect=2)
    assert refused.err.count("held by") == refused.err.count("upgrading " + A) == 1 and "--force" in refused.err
    error = project.json("unlock", expect=2)["error"]
    assert error["kind"] == "usage" and "upgrading " + A in error["fields"]["holder"]

    answered = project.in_terminal("unlock", typed="n", NO_COLOR="1")
    assert answered.code == 3 and "Take the lock from it? [y/N]" in answered.out
    assert project.run("upgrade", "head", expect=3)

    running.signal(signal.SIGKILL)
    running.finish()
    answered = project.in_terminal("unlock", typed="y", NO_COLOR="1")
    assert answered.code == 0 and f"the upgrade of {A} is left open" in answered.out, answered.out

    assert re.search(
        rf"upgrade    open         {A} .*\n  .*: the next command that writes undoes it\n", project.ok("log").out
    )
    assert "was cut off: the next command that writes undoes it" in project.ok("current").err

    project.add(A, None, upgrade="env.db.create_collection('whole')")
    done = project.ok("upgrade", "head")
    assert "was cut off: undone: create collection half" in done.err
    assert sorted(name for name in project.db.list_collection_names() if "treering" not in name) == ["whole"]
    cut = project.json("log")["attempts"][1]
    assert cut["outcome"] == "undone" and cut["undone"] == ["create collection half"] and cut["left"] == []
    assert "undone: create collection half" in project.ok("log").out


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("words", [["unlock"], ["trash", "empty", "--older-than", "all"]])
def test_a_signal_ends_a_question(filled: Project, words: list[str], number: int) -> None:
    if words == ["unlock"]:
        somebody_holds_the_lock(filled)
    with filled.unchanged():
        asked = filled.in_terminal(*words, stopped_by=number, NO_COLOR="1")
    assert asked.code == 128 + number, asked


def test_unlock_force_needs_no_terminal(project: Project) -> None:
    running = held(project)
    running.signal(signal.SIGKILL)
    running.finish()
    document = project.json("unlock", "--force")
    assert document["unlocked"] and document["holder"]["attempt"] == {"revision": A, "direction": "upgrade"}
    assert document["holder"]["host"] == os.uname().nodename
    assert project.ok("unlock").out.startswith("nobody holds the lock; the upgrade of")


# --- trash


def test_what_was_dropped_comes_back_whole(filled: Project) -> None:
    [kept] = filled.json("trash")["trash"]
    assert (kept["collection"], kept["revision"], kept["direction"], kept["documents"]) == ("users", B, "upgrade", 2)
    assert kept["bytes"] > 0
    shown = filled.ok("trash").out
    assert shown.startswith("users ") and f"by the upgrade of {B}, 2 documents, " in shown and kept["name"] in shown

    assert filled.ok("trash", "restore", "users").out.startswith("restored users from treering_trash.")
    assert filled.db.users.count_documents({}) == 2
    assert "email_1" in filled.db.users.index_information()
    assert filled.ok("trash").out == ""


def test_restore_refuses_what_it_can_not_do(filled: Project) -> None:
    filled.db.users.insert_one({"_id": "new"})
    taken = filled.run("trash", "restore", "users", expect=2)
    assert "there is a collection users already" in taken.err and "--as" in taken.err
    assert filled.db.users.count_documents({}) == 1
    filled.ok("trash", "restore", "users", "--as", "users_before")
    assert filled.db.users_before.count_documents({}) == 2
    assert "the trash holds no collection users" in filled.run("trash", "restore", "users", expect=2).err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["restore"], "trash restore needs the name"),
        (["restore", "user"], "did you mean users?"),
        (["restore", "users", "more"], "takes no further word: more"),
        (["restor", "users"], "did you mean trash restore?"),
        (["empty"], "trash empty needs an age"),
        (["empty", "--older-than", "30"], "--older-than takes whole days or hours (30d, 12h), or all, not 30\n"),
        (["empty", "--older-than", "-1d"], "or all, not -1d\n"),
        (["empty", "--older-than", "1.5h"], "or all, not 1.5h\n"),
        (["empty", "--older-than", "all", "users"], "takes no further word: users"),
        (["empty", "--older-than", "all"], "--force"),
        (["--as", "x"], "--as goes with trash restore"),
        (["--force"], "--force goes with trash empty"),
        (["list", "--force"], "--force goes with trash empty"),
        (["restore", "users", "--force"], "--force goes with trash empty"),
        (["restore", "users", "--as", "treering_state"], "treering_state is a name"),
        (["restore", "users", "--as", ""], "--as is given without a value"),
    ],
)
def test_slips_change_nothing(filled: Project, words: list[str], said: str) -> None:
    before = filled.json("trash")["trash"]
    assert said in filled.run("trash", *words, expect=2).err
    assert filled.json("trash")["trash"] == before


def test_emptying_shows_what_would_go_and_asks(filled: Project) -> None:
    assert filled.ok("trash", "empty", "--older-than", "1d").out == "nothing in the trash is that old\n"
    answered = filled.in_terminal("trash", "empty", "--older-than", "all", typed="n", NO_COLOR="1")
    assert (
        answered.code == 2 and "users" in answered.out and "Drop 1 dropped collection for good? [y/N]" in answered.out
    )
    assert len(filled.json("trash")["trash"]) == 1
    answered = filled.in_terminal("trash", "empty", "--older-than", "all", typed="yes", NO_COLOR="1")
    assert answered.code == 0 and "1 dropped collection gone for good" in answered.out
    assert filled.json("trash")["trash"] == []
    assert not [name for name in filled.db.list_collection_names() if name.startswith("treering_trash")]
    assert filled.ok("trash", "empty", "--older-than", "all").out == "the trash is empty\n"


@pytest.mark.parametrize("words", [["unlock"], ["trash", "empty", "--older-than", "all"]])
def test_json_asks_nobody(filled: Project, words: list[str]) -> None:
    if words == ["unlock"]:
        somebody_holds_the_lock(filled)
    with filled.unchanged():
        said = filled.in_terminal(*words, "--json")
    assert said.code == 2 and "nobody is at a terminal" not in said.out, said
    assert "--json asks no questions" in said.json["error"]["message"] and "--force" in said.json["error"]["hint"]
    assert "nobody is at a terminal" in filled.run(*words, expect=2).err


def test_a_drop_for_good_leaves_nothing(project: Project) -> None:
    project.add(A, None, upgrade=FILL)
    project.add(B, A, upgrade="env.drop_collection('users', trash=False)")
    project.ok("upgrade", A)
    assert "drop collection users" in project.ok("upgrade", "head", "--dry-run").out
    project.ok("upgrade", "head")
    assert project.json("trash")["trash"] == []
    project.ok("downgrade", "base")
    project.config((project.folder / "treering.toml").read_text() + "\ntrash = false\n")
    project.add(B, A, upgrade="env.drop_collection('users')")
    project.ok("upgrade", "head")
    assert project.json("trash")["trash"] == []
    assert "the trash is empty" in project.ok("trash").err


# --- what is said


@pytest.mark.parametrize("words", [["current"], ["log", "--json"], ["doctor", "--json"], ["upgrade", "head"]])
@pytest.mark.parametrize("face", ["binary", "module"])
def test_a_result_that_cannot_be_written_is_a_failure(filled: Project, words: list[str], face: str) -> None:
    environment = clean_environment(**filled.environment)
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            filled.command(*words, face=face), cwd=filled.folder, env=environment, stdout=full, stderr=subprocess.PIPE
        )
    assert done.returncode == 1 and b"can't be written to stdout" in done.stderr, done


def test_who_plans_is_told_what_was_cut_off_and_what_settles_it(project: Project) -> None:
    running = held(project)
    running.signal(signal.SIGKILL)
    running.finish()
    project.ok("unlock", "--force")
    project.add(A, None)
    project.add(B, A)
    note = f"the upgrade of {A} by "
    assert project.ok("upgrade", "--dry-run").err.count(note) == 1
    assert len(project.json("upgrade", "--dry-run")["notes"]) == 1
    script = project.ok("upgrade", "--script", "-")
    assert script.err.count(note) == 1 and "// when this was written, " + note in script.out
    assert "treering upgrade current" in project.ok("doctor").out
    assert "undone: create collection half" in project.ok("upgrade", "current").err
    assert project.applied() == [] and "attempt" not in project.db.treering_state.find_one({"_id": "state"})
    assert subjects(project)["attempt"] == ["ok"]
    assert "it was cut off: " in project.ok("log").out


def test_a_lock_that_was_taken_did_not_run_out(project: Project) -> None:
    go = project.folder / "go"
    project.add(
        A,
        None,
        upgrade="import os, time\nprint('begun', flush=True)\n"
        f"while not os.path.exists({str(go)!r}):\n    time.sleep(0.05)\nenv.db.create_collection('late')",
    )
    running = project.start("upgrade", "head")
    running.read_until("begun")
    project.ok("unlock", "--force")
    go.touch()
    ended = running.finish()
    assert ended.code == 3 and "was taken from us" in ended.err and "ran out" not in ended.err, ended


# --- doctor


def subjects(project: Project, **options: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for finding in project.json("doctor", **options)["findings"]:
        found.setdefault(finding["subject"], []).append(finding["health"])
    return found


def test_a_healthy_project(filled: Project) -> None:
    result = filled.ok("doctor")
    assert result.lines[-1].startswith("0 problems, "), result
    assert {"configuration", "files", "server", "permissions", "clock", "lock", "attempt", "records"} <= set(
        subjects(filled)
    )


def test_the_doctor_changes_nothing(filled: Project) -> None:
    def everything() -> dict[str, Any]:
        return {name: list(filled.db[name].find()) for name in sorted(filled.db.list_collection_names())}

    before = everything()
    filled.ok("doctor")
    assert everything() == before


def test_the_doctor_finds_an_edited_file(filled: Project) -> None:
    path = next(filled.versions.glob(f"{A}*"))
    path.write_text(path.read_text() + "\n# only a note\n")
    assert subjects(filled)["checksums"] == ["ok"]
    path.write_text(path.read_text() + "LATER = 1\n")
    assert subjects(filled)["checksums"] == ["warning"]
    assert f"{A} (" not in filled.ok("history").out
    assert [line for line in filled.ok("history", "-i").lines if line.endswith("(edited since)")]
    assert [one["edited"] for one in filled.json("history", "-i")["revisions"]] == [False, True]
    assert [one.edited for one in MigrationManager(filled.folder, url=filled.url).history()] == [False, True]
    checked = filled.run("check")
    assert f"{A}: its file was edited after it was applied" in checked.err
    assert "reverted by the downgrade that it has now" in filled.ok("downgrade", "base", "--dry-run").err
    filled.add(C, B)
    assert "was edited after it was applied" in filled.ok("upgrade", "head").err


def test_the_doctor_finds_what_is_missing(filled: Project) -> None:
    filled.db.treering_state.delete_many({})
    for command in (
        "upgrade",
        "downgrade",
        "current",
        "history -i",
        "check",
        "upgrade --dry-run",
        "upgrade --script -",
        "trash restore users",
        "trash empty --older-than all --force",
    ):
        assert "the state document is gone" in filled.run(*command.split(), expect=1).err, command
    assert f"treering stamp {B}" in filled.run("doctor", expect=4).out
    filled.ok("stamp", B)
    assert filled.run("doctor").code == 0 and filled.heads() == [B]

    next(filled.versions.glob(f"{B}*")).unlink()
    assert "warning" in subjects(filled)["records"]
    filled.db.treering_revisions.delete_one({"_id": A})
    assert "problem" in subjects(filled, expect=4)["records"]
    assert "1 problem, " in filled.run("doctor", expect=4).lines[-1]


def test_a_file_that_is_missing_in_the_middle_is_taken_from_the_database(filled: Project) -> None:
    next(filled.versions.glob(f"{A}*")).unlink()
    shown = filled.run("current")
    assert (shown.code, shown.lines) == (0, [f"{B} (head)"])
    assert A in filled.ok("history", "-i").out
    assert f"{A} is applied, but no file of this project has it" in filled.ok("upgrade").err
    assert "is in no revision file" in filled.run("heads", expect=2).err
    filled.ok("downgrade", "base")
    assert filled.heads() == []
    assert "is in no revision file" in filled.run("upgrade", expect=2).err, "nobody knows it now"


def test_the_doctor_without_a_server_or_a_configuration(project: Project) -> None:
    away = project.run("doctor", "--url", NOBODY, expect=4)
    assert "problem  server" in away.out
    project.config("database = 1\n")
    broken = project.run("doctor", expect=4)
    assert broken.out.startswith("problem  configuration") and "database" in broken.out
    for verb in (["unlock"], ["trash"]):
        assert project.run(*verb, expect=2)


@pytest.mark.parametrize("words", [["unlock"], ["trash"], ["trash", "restore", "users"]])
def test_without_a_server(project: Project, words: list[str]) -> None:
    assert project.run(*words, "--url", NOBODY).code == 5


# --- the same from Python


def test_the_manager_does_it_too(filled: Project) -> None:
    manager = MigrationManager(filled.folder, url=filled.url)
    assert manager.unlock() is None
    [kept] = manager.trash()
    assert (kept.collection, kept.revision, kept.documents) == ("users", B, 2)
    assert manager.empty_trash(timedelta(days=1)) == []
    assert manager.restore("users", as_="back") == "back"
    with pytest.raises(UsageError):
        manager.restore("users")
    assert {one.health for one in manager.doctor()} <= {"ok", "warning"}
    filled.ok("upgrade", "head")
    filled.db.drop_collection("back")
    assert manager.empty_trash(None) == []


def test_what_a_failed_step_undid_is_told(project: Project) -> None:
    project.add(A, None, upgrade="env.db.create_collection('half')\nenv.db.kept.insert_one({})\nraise ValueError('no')")
    failed = project.run("upgrade", "head", expect=1)
    assert "  undone: " in failed.err and "create collection half" in failed.err
    assert "create collection half" in project.json("upgrade", "head", expect=1)["failed"]["undone"]
