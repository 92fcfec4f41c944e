# SPDX-License-Identifier: Apache-2.0
"""Every command and option of the real program, on a real server: what it prints where, its exit code, and what it did."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Callable

import passwords
import pytest
from servers import TestServer, free_port, with_database
from workbench import FACES, STAND_INS, Project, clean_environment, database_dump, execute, marker

A, B, C, D, E = "20241210120000", "20241210130000", "20241210140000", "20241210150000", "20241210160000"
TIME = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"


@pytest.fixture
def fork(project: Project) -> Project:
    """A base, two branches on it of which one is labelled, and nothing applied: A <- B, A <- C(feat) <- D."""
    project.add(A, None, **marker(A))
    project.add(B, A, **marker(B))
    project.add(C, A, labels="feat", **marker(C))
    project.add(D, C, **marker(D))
    return project


# --- the ways in


@pytest.mark.parametrize("face", FACES)
def test_a_day_through_every_face(baseapp: Project, face: str) -> None:
    project = baseapp

    def run(*arguments: str) -> str:
        return project.ok(*arguments, face=face).out

    assert run("current") == "" and run("history") == "" and run("heads") == ""
    created = run("revision", "-m", "add wallet")
    path = re.search(r"^  Edit: (migrations/versions/(\d{14})_add_wallet\.py)$", created, re.MULTILINE)
    assert path, created
    revision = path[2]
    file = project.folder / path[1]
    file.write_text(
        file.read_text(encoding="utf-8").replace("    pass", "    env.create_collection('wallet')", 1), encoding="utf-8"
    )
    upgraded = run("upgrade", "head")
    assert re.fullmatch(
        rf"{revision}  add wallet +1 collection +[\d.]+ m?s\n1 applied in [\d.]+ s, now at {revision} \(head\)\n",
        upgraded,
    ), upgraded
    assert run("upgrade") == f"already at head: {revision}\n"
    assert run("current") == f"{revision} (head)\n"
    assert run("history", "-i") == f"<base> -> {revision} (head) (current), add wallet\n"
    downgraded = run("downgrade")
    assert re.fullmatch(
        rf"{revision}  add wallet +no changes +[\d.]+ m?s\n1 reverted in [\d.]+ s, now at base\n", downgraded
    ), downgraded
    assert run("stamp", "head") == f"stamped, now at {revision} (head)\n"
    assert f"Rev: {revision} (head)" in run("show", "head")
    assert len(run("log").splitlines()) == 3
    assert run("wait") != ""


@pytest.mark.parametrize("face", FACES)
def test_help_and_version(baseapp: Project, face: str) -> None:
    assert re.fullmatch(r"treering \d+\.\d+\.\d+\S*\n", baseapp.ok("--version", face=face).out)
    program = "manage.py" if face == "manage" else "treering"
    listed = baseapp.ok("--help", face=face).out
    for command in COMMANDS:
        assert re.search(rf"^  {command}\b", listed, re.MULTILINE), listed
        detailed = baseapp.ok(command, "--help", face=face).out
        assert f"{program} " in detailed and command in detailed
        assert baseapp.ok("help", command, face=face).out == detailed


def test_from_a_folder_below_and_from_elsewhere(baseapp: Project, tmp_path: Path) -> None:
    baseapp.chain(A, B)
    assert baseapp.ok("upgrade", "+1", folder=baseapp.versions).lines[-1].endswith(f"now at {A}")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    config = str(baseapp.folder / "treering.toml")
    assert baseapp.ok("--config", config, "upgrade", folder=elsewhere).lines[-1].endswith(f"now at {B} (head)")
    assert baseapp.ok("current", folder=elsewhere, TREERING_CONFIG=config).lines == [f"{B} (head)"]
    assert baseapp.ok("-c", config, "current", folder=elsewhere).lines == [f"{B} (head)"]
    manage = [sys.executable, str(baseapp.folder / "manage.py"), "current"]
    done = subprocess.run(
        manage, cwd=elsewhere, env=clean_environment(TREERING_URL=baseapp.url), capture_output=True, text=True
    )
    assert done.stdout == f"{B} (head)\n", done


# --- --json

RUN = {"dry_run", "done", "failed", "pending", "heads", "at_head", "unknown", "duration_ms", "notes"}
COMMANDS: dict[str, tuple[str, set[str]]] = {
    "init": ("init ../other", {"folder", "template", "created"}),
    "list_templates": ("list_templates", {"templates"}),
    "revision": (
        "revision -m x",
        {"revision", "down_revision", "message", "path", "branch_labels", "depends_on", "created"},
    ),
    "merge": (
        f"merge {B} {D} -m x --splice",  # the second time they are no heads any more
        {"revision", "down_revision", "message", "path", "branch_labels", "depends_on", "created"},
    ),
    "edit": ("edit feat", {"revisions"}),
    "upgrade": ("upgrade", RUN),
    "downgrade": ("downgrade", RUN),
    "stamp": ("stamp feat", RUN),
    "current": ("current", {"heads", "file_heads_applied", "at_head", "count", "pending", "unknown", "notes"}),
    "history": ("history", {"revisions"}),
    "heads": ("heads", {"revisions"}),
    "branches": ("branches", {"branches"}),
    "show": ("show feat", {"revisions"}),
    "log": ("log", {"attempts"}),
    "work": ("work", {"backfills", "found", "changed", "notes"}),
    "unlock": ("unlock", {"held", "unlocked", "holder", "notes"}),
    "trash": ("trash", {"trash", "notes"}),
    "doctor": ("doctor", {"healthy", "findings", "notes"}),
    "wait": ("wait", {"hosts", "answers"}),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_json_is_one_document(fork: Project, tmp_path: Path, command: str) -> None:
    fork.ok("upgrade", B)
    fork.environment.update(EDITOR=str(STAND_INS / "editor"), STAND_IN_CALLS=str(tmp_path / "calls"))
    words, keys = COMMANDS[command]
    for face in ("binary", "module"):
        if command in ("init",) and face == "module":
            words = "init ../another"
        document = fork.ok(*words.split(), "--json", face=face).json
        assert set(document) == keys, (face, document)
    assert "error" in fork.run(command, "--no-such-option", "--json", expect=2).json


def test_json_of_a_run(fork: Project) -> None:
    fork.add(
        B,
        A,
        slug="step",
        upgrade="print('to stdout')\nenv.create_collection('wallet')\nenv.db.wallet.insert_many([{}, {}])\nenv.db.wallet.create_index('user_id')",
    )
    result = fork.ok("upgrade", B, "--json")
    assert "to stdout" in result.err
    document = result.json
    assert [step["revision"] for step in document["done"]] == [A, B]
    assert document["done"][1]["written"] == {"wallet": 2}
    assert document["done"][1]["direction"] == "upgrade" and document["done"][1]["duration_ms"] > 0
    assert len(document["done"][1]["schema"]) == 2
    assert document["heads"] == [B] and document["at_head"] is False and document["failed"] is None

    current = fork.json("current")
    assert (current["heads"], current["file_heads_applied"], current["count"], current["pending"]) == (
        [B],
        [B],
        2,
        [C, D],
    )
    rows = {row["revision"]: row for row in fork.json("history", "-i")["revisions"]}
    assert list(rows) == [D, C, B, A]
    assert (
        rows[A]["branch_point"]
        and rows[A]["applied"]
        and not rows[A]["current"]
        and sorted(rows[A]["children"]) == [B, C]
    )
    assert rows[B]["current"] and rows[B]["head"] and rows[B]["down_revision"] == [A]
    assert rows[D]["applied"] is False and rows[D]["labels"] == ["feat"] and rows[C]["branch_labels"] == ["feat"]
    applied_at = datetime.strptime(rows[A]["applied_at"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
    assert abs(datetime.now(timezone.utc) - applied_at) < timedelta(hours=1)
    unasked = fork.json("history")["revisions"][0]
    assert unasked["applied"] is None and unasked["applied_at"] is None
    [attempt, _] = fork.json("log")["attempts"]
    assert attempt["revision"] == B and attempt["outcome"] == "done" and attempt["direction"] == "upgrade"
    assert attempt["host"] == os.uname().nodename and attempt["pid"] > 0


# --- how things are printed


def test_the_forms_of_looking(fork: Project) -> None:
    assert fork.ok("history").lines == [
        f"{C} -> {D} (feat) (head), revision {D}",
        f"{A} -> {C} (feat), revision {C}",
        f"{A} -> {B} (head), revision {B}",
        f"<base> -> {A} (branchpoint), revision {A}",
    ]
    assert fork.ok("heads").lines == [f"{B} (head)", f"{D} (feat) (head)"]
    margin = " " * len(A)
    assert fork.ok("branches").out.rstrip("\n").splitlines() == [
        f"{A} (branchpoint)",
        f"{margin} -> {B} (head)",
        f"{margin} -> {C} (feat)",
    ]
    fork.ok("upgrade", B)
    assert fork.ok("current").lines == [f"{B} (head)"]
    verbose = fork.ok("current", "-v").out
    assert fork.database in verbose and "2 revisions applied" in verbose and f"pending: {C}" in verbose
    fork.ok("upgrade", "feat")
    assert fork.ok("current").lines == [f"{B} (head)", C]
    assert fork.ok("history", "-i").lines[1:3] == [
        f"{A} -> {C} (feat) (current), revision {C}",
        f"{A} -> {B} (head) (current), revision {B}",
    ]
    shown = fork.ok("show", C).out
    path = f"migrations/versions/{C}_step.py"
    assert shown.startswith(f"Rev: {C}\nParent: {A}\nBranch names: feat\nPath: {path}\n")
    assert f"\n    revision {C}\n\n    Revision ID: {C}\n" in shown
    assert f"Branches into: {B}, {C}" in fork.ok("show", A).out
    assert [line for line in fork.ok("show", "current").lines if line.startswith("Rev: ")] == [
        f"Rev: {B} (head) (current)",
        f"Rev: {C} (current)",
    ]
    assert fork.ok("history", "-v").out.count("Rev: ") == 4


def test_log_lines(project: Project) -> None:
    project.add(A, None, **marker(A))
    project.add(B, A, upgrade="raise ValueError('no\\nsuch\\x1b thing')")
    assert "nothing was tried yet" in project.ok("log").err
    project.run("upgrade", expect=1)
    project.ok("downgrade")
    lines = project.ok("log").lines
    assert [re.split(r"  +", line)[1:4] for line in lines if re.match(TIME, line)] == [
        ["downgrade", "done", A],
        ["upgrade", "failed", B],
        ["upgrade", "done", A],
    ]
    assert all(re.match(rf"{TIME} UTC  ", line) for line in lines if not line.startswith("  "))
    assert "(pid " in lines[0] and os.uname().nodename in lines[0]
    assert any("ValueError" in line for line in lines) and "\x1b" not in "".join(lines)
    assert len(project.json("log", "-n", "1")["attempts"]) == 1
    assert len(project.json("log", "-n", "0")["attempts"]) == 3


def test_exit_codes(project: Project) -> None:
    project.add(A, None, **marker(A))
    assert project.run("current", "--check-heads").code == 4
    assert "1 revision pending" in project.run("current", "-c", expect=4).err
    document = project.json("current", "-c", expect=4)
    assert document["error"]["kind"] == "differs" and document["pending"] == [A]
    project.ok("upgrade")
    assert project.run("current", "--check-heads").code == 0
    project.add(B, A, upgrade="1 / 0")
    assert project.run("upgrade").code == 1
    assert project.run("upgrade", "nosuch").code == 2
    assert project.run("upgrade", "--url", f"mongodb://127.0.0.1:{free_port()}/shop").code == 5


def test_nothing_to_do_is_said(project: Project) -> None:
    assert project.ok("upgrade").lines == ["nothing to apply: there are no revisions yet"]
    project.chain(A, B)
    project.ok("upgrade")
    before = database_dump(project.db)
    for target in ([], ["head"], ["heads"]):
        assert project.ok("upgrade", *target).lines == [f"already at head: {B}"]
    assert project.ok("upgrade", A).code == 0
    assert project.ok("upgrade", "--json").json["at_head"] is True
    assert database_dump(project.db) == before  # nothing is written to say so
    project.ok("downgrade", "base")
    assert project.ok("downgrade", "base").lines == ["nothing to revert for base, now at base"]


def test_quiet_and_verbose(project: Project) -> None:
    project.add(A, None, upgrade="env.create_collection('wallet')\nenv.db.wallet.insert_one({})")
    loud = project.ok("upgrade", "-v")
    assert f"applying {A}" in loud.err
    assert "  create collection wallet" in loud.lines and "  1 document in wallet" in loud.lines
    project.ok("stamp", "base")
    assert "nothing is applied yet" in project.ok("current").err
    quiet = project.ok("current", "-q")
    assert quiet.text == ""
    project.ok("upgrade", "-q")
    assert project.run("upgrade", "nosuch", "-q", expect=2).err.startswith("error: ")


# --- targets


@pytest.mark.parametrize(
    "target, applied",
    [
        ("head", [A, B, C, D]),
        ("heads", [A, B, C, D]),
        ("+1", [A]),
        ("+2", [A, B]),
        (B, [A, B]),
        ("2024121013", [A, B]),
        ("feat", [A, C]),
        ("feat@head", [A, C, D]),
        ("feat@+1", [A, C]),
        (f"{C}+1", [A, C, D]),
        (f"{D}-1", [A, C]),
    ],
)
def test_upgrade_targets(fork: Project, target: str, applied: list[str]) -> None:
    fork.ok("upgrade", target)
    assert fork.applied() == applied == sorted(fork.marks())


@pytest.mark.parametrize(
    "target, left",
    [
        ("base", []),
        ("-1", [A, B, C]),
        ("-2", [A, B]),
        ("-4", []),
        (A, [A]),
        (C, [A, B, C]),
        ("feat@base", [A, B]),
        (f"{D}-1", [A, B, C]),
    ],
)
def test_downgrade_targets(fork: Project, target: str, left: list[str]) -> None:
    fork.ok("upgrade")
    fork.ok("downgrade", target)
    assert fork.applied() == left
    assert fork.marks("down") == [revision for revision in [D, C, B, A] if revision not in left]


@pytest.mark.parametrize(
    "command, said",
    [
        (f"upgrade {A}+1", (B, C)),
        ("upgrade base", ("downgrade base",)),
        ("downgrade +1", ("upgrade +1",)),
        ("downgrade feat", (C, "not applied")),
        ("downgrade -9", ("-9", "1 is applied")),
    ],
)
def test_targets_that_mean_nothing_there(fork: Project, command: str, said: tuple[str, ...]) -> None:
    fork.ok("upgrade", A)
    with fork.unchanged():
        result = fork.run(*command.split(), expect=2)
    for text in said:
        assert text in result.err


@pytest.mark.parametrize(
    "text, shown",
    [
        (f"{A}:{C}", [C, A]),
        (f"{C}:", [D, C]),
        (f":{B}", [B, A]),
        ("base:feat@head", [D, C, A]),
        ("-1:current", [B, A]),
        ("current:head", [B]),
    ],
)
def test_history_ranges(fork: Project, text: str, shown: list[str]) -> None:
    fork.ok("upgrade", B)
    assert [row["revision"] for row in fork.json("history", f"-r{text}")["revisions"]] == shown
    assert len(fork.ok("history", "-r", text).lines) == len(shown)


# --- several heads, merging, splicing, labels, dependencies


def test_several_heads_both_apply(fork: Project) -> None:
    result = fork.ok("upgrade", "head")
    assert fork.marks() == [A, B, C, D]
    assert "4 applied in" in result.out and f"now at {B}, {D} (head)" in result.out
    assert fork.ok("upgrade").lines == [f"already at head: {B}, {D}"]


def test_strict_heads(fork: Project) -> None:
    fork.config('url = "mongodb://unused/unused"\nstrict_heads = true\n')
    with fork.unchanged():
        refused = fork.run("upgrade", "head", expect=2).err
        assert (
            "Multiple head revisions are present for given argument 'head'" in refused and B in refused and D in refused
        )
        assert "Multiple heads are present" in fork.run("revision", "-m", "x", expect=2).err
    fork.ok("upgrade", "heads")
    assert fork.marks() == [A, B, C, D]
    fork.ok("merge", "-m", "join")
    fork.ok("upgrade", "head")


def test_a_new_revision_closes_the_branch(fork: Project) -> None:
    created = fork.json("revision", "-m", "next")
    assert created["down_revision"] == [B, D]
    assert fork.ok("heads").lines == [f"{created['revision']} (feat) (head)"]
    fork.ok("upgrade")
    assert fork.heads() == [created["revision"]]


def test_merge(fork: Project) -> None:
    result = fork.ok("merge", "-m", "join the branches", "--rev-id", E)
    assert f"{E}_join_the_branches.py" in result.out
    assert fork.ok("history").lines[0].startswith(f"{B}, {D} -> {E}")
    assert "(head) (mergepoint), join the branches" in fork.ok("history").lines[0]
    assert f"Merges: {B}, {D}" in fork.ok("show", E).out
    fork.ok("upgrade")
    assert fork.heads() == [E]
    fork.ok("downgrade")
    assert fork.heads() == [B, D]
    assert "nothing to merge" in fork.run("merge", expect=2).err


def test_head_and_splice(fork: Project) -> None:
    on_b = fork.json("revision", "-m", "on b", "--head", B)
    assert on_b["down_revision"] == [B]
    on_feat = fork.json("revision", "-m", "on feat", "--head", "feat@head")
    assert on_feat["down_revision"] == [D]
    spliced = fork.json(
        "revision", "-m", "spliced", "--head", A, "--splice", "--branch-label", "third", "--rev-id", "custom_id"
    )
    assert (
        spliced["down_revision"] == [A]
        and spliced["branch_labels"] == ["third"]
        and spliced["path"].endswith("/custom_id_spliced.py")
    )
    assert fork.json("show", "third@head")["revisions"][0]["revision"] == "custom_id"
    fork.ok("upgrade", "third")
    assert fork.applied() == [A, "custom_id"]


def test_depends_on(fork: Project) -> None:
    created = fork.json("revision", "-m", "needs", "--head", B, "--depends-on", "feat@head")
    assert created["down_revision"] == [B] and created["depends_on"] == [D]
    revision = created["revision"]
    assert [row["revision"] for row in fork.json("heads")["revisions"]] == [D, revision]
    assert [row["revision"] for row in fork.json("heads", "--resolve-dependencies")["revisions"]] == [revision]
    assert f"{B} ({D}) -> {revision}" in fork.ok("history").lines[0]
    assert f"Also depends on: {D}" in fork.ok("show", revision).out
    fork.ok("upgrade", revision)
    assert fork.applied() == [A, B, C, D, revision]
    fork.ok("downgrade", "-1")
    assert fork.applied() == [A, B, C, D]


# --- stamp, unknown revisions, adoption


def test_stamp(fork: Project) -> None:
    assert fork.ok("stamp", "head").lines == [f"stamped, now at {B}, {D} (head)"]
    assert fork.applied() == [A, B, C, D] and fork.marks() == []
    assert fork.ok("upgrade").lines == [f"already at head: {B}, {D}"]
    assert fork.ok("stamp", C).lines[0].startswith("stamped, now at")
    assert fork.heads() == [B, C]
    fork.ok("stamp", "base")
    assert fork.heads() == [] and fork.applied() == []
    fork.ok("stamp", "--purge", B)
    assert fork.heads() == [B]
    attempts = fork.json("log", "-n", "0")["attempts"]
    assert {attempt["direction"] for attempt in attempts} == {"stamp"}
    assert all(attempt["duration_ms"] is not None for attempt in attempts)


def test_a_revision_whose_file_is_gone(fork: Project) -> None:
    fork.ok("upgrade")
    (fork.versions / f"{D}_step.py").unlink()
    fork.add(E, B, **marker(E))
    assert fork.ok("current").lines == [B, f"{D} (not in the files)"]
    result = fork.ok("upgrade")
    assert D in result.err and fork.marks() == [A, B, C, D, E]
    assert fork.json("current")["unknown"] == [D]
    assert D in [row["revision"] for row in fork.json("history", "-i")["revisions"]]
    fork.ok("downgrade", C)
    assert fork.marks("down") == [D]  # from the source that was kept
    assert fork.json("current")["unknown"] == []


def test_an_unknown_revision_that_only_the_database_knows_is_purged(fork: Project) -> None:
    fork.ok("upgrade")
    (fork.versions / f"{D}_step.py").unlink()
    fork.ok("stamp", "--purge", "head")
    assert fork.applied() == [A, B, C]
    assert fork.json("current")["unknown"] == []


def test_an_edited_file_can_still_be_reverted(project: Project) -> None:
    path = project.add(A, None, **marker(A))
    project.ok("upgrade")
    path.write_text(path.read_text(encoding="utf-8").replace("'down'", "'edited down'"), encoding="utf-8")
    assert project.ok("upgrade").lines == [f"already at head: {A}"]
    project.ok("downgrade")
    assert project.marks("edited down") == [A]  # the file is what holds, while there is one


def test_db_version_is_adopted(project: Project) -> None:
    project.chain(A, B, C)
    start = datetime(2024, 12, 10, tzinfo=timezone.utc)
    # Written in another order than it was applied in.
    project.db["_db_version"].insert_many(
        [{"version_num": B, "applied_at": start + timedelta(hours=1)}, {"version_num": A, "applied_at": start}]
    )
    before = database_dump(project.db)
    assert project.ok("current").lines == [B]
    assert "_db_version" in project.ok("current").err
    assert f"-> {B} (current)" in project.ok("history", "-i").out
    assert database_dump(project.db) == before  # looking adopts nothing

    result = project.ok("upgrade")
    said = [line for line in result.err.splitlines() if "_db_version" in line]
    assert len(said) == 1 and A in said[0] and B in said[0], result
    assert project.marks() == [C] and project.applied() == [A, B, C]
    assert database_dump(project.db)["_db_version"] == before["_db_version"]
    records = {record["_id"]: record for record in project.db.treering_revisions.find()}
    assert records[A]["applied_at"].replace(tzinfo=timezone.utc) == start and records[A]["how"] == "adopted"
    assert "_db_version" not in project.ok("upgrade").err
    project.ok("downgrade", "base")
    assert project.marks("down") == [C, B, A]
    assert project.ok("current").out == ""  # what was reverted isn't adopted again


def test_db_version_with_a_version_that_no_file_has(project: Project) -> None:
    project.add(B, None, **marker(B))
    project.db["_db_version"].insert_one({"version_num": A, "applied_at": datetime(2024, 12, 10, tzinfo=timezone.utc)})
    result = project.ok("upgrade")
    assert A in result.err and project.marks() == [B]
    refused = project.run("downgrade", A + "-1")
    assert refused.code == 2, refused
    assert project.json("current")["unknown"] == [A]


def test_own_collections_do_not_show(project: Project) -> None:
    project.db["_db_version"].insert_one({"version_num": A, "applied_at": datetime.now(timezone.utc)})
    project.db.wallet.insert_one({})
    project.add(A, None)
    project.add(
        B,
        A,
        upgrade="print('seen', sorted(env.collections))\nenv.create_collection('x')\nprint('then', sorted(env.collections))",
    )
    lines = project.ok("upgrade").lines
    assert "seen ['wallet']" in lines and "then ['wallet', 'x']" in lines


# --- edit, wait, init


def test_edit(fork: Project, tmp_path: Path) -> None:
    calls = tmp_path / "calls"
    editor = {"EDITOR": f"{STAND_INS / 'editor'} --wait", "STAND_IN_CALLS": str(calls)}
    fork.ok("edit", "feat@head", **editor)
    path = fork.versions / f"{D}_step.py"
    assert calls.read_text(encoding="utf-8") == f"editor --wait {path}\n"
    assert path.read_text(encoding="utf-8").endswith("# edited\n")
    assert "editing" in fork.ok("edit", "feat", "--json", **editor).err
    created = fork.json("revision", "-m", "x", "--edit", **editor)
    assert (fork.folder / created["path"]).read_text(encoding="utf-8").endswith("# edited\n")
    fork.ok("upgrade", A)
    fork.ok("edit", "current", EDITOR="false", VISUAL=str(STAND_INS / "editor"), STAND_IN_CALLS=str(calls))
    assert calls.read_text(encoding="utf-8").splitlines()[-1] == f"editor {fork.versions / f'{A}_step.py'}"
    assert "ended with an error" in fork.run("edit", A, STAND_IN_STATUS="3", expect=2, **editor).err


@pytest.mark.parametrize("variable", ["VISUAL", "EDITOR"])
def test_an_editor_that_fails(fork: Project, variable: str) -> None:
    editor = {"EDITOR": "vi", variable: "false"}
    said = fork.run("edit", A, expect=2, **editor).err
    assert f"the editor false ended with an error on {fork.versions}/{A}_step.py\n" in said
    assert f"  set {variable} to an editor that works here\n" in said
    written = fork.run("revision", "-m", "x y", "--edit", expect=2, **editor)
    (path,) = fork.versions.glob("*_x_y.py")
    assert f"  the revision is written: {path.relative_to(fork.folder)}; set {variable} to" in written.err
    for words in (["revision", "-m", "z", "--splice", "--head", A], ["merge"]):
        document = fork.json(*words, "--edit", expect=2, **editor)
        assert (fork.folder / document["path"]).is_file() and document["exit_code"] == 2
        assert document["error"]["fields"]["file"] == document["path"]


def test_wait_for_a_server_that_starts_late(project: Project, own_server: Callable[..., TestServer]) -> None:
    port = free_port()
    waiting = project.start("wait", "--url", f"mongodb://127.0.0.1:{port}/shop")
    time.sleep(0.7)
    own_server(port=port)
    result = waiting.finish()
    assert result.code == 0 and result.out == f"127.0.0.1:{port} answers\n", result


def test_wait_gives_up(project: Project) -> None:
    port = free_port()
    result = project.run("wait", "--timeout", "0.5", "--url", f"mongodb://127.0.0.1:{port}/shop", expect=5)
    assert f"127.0.0.1:{port}" in result.err


def test_init(bare_project: Project) -> None:
    created = bare_project.json("init", "inner/shop", "--template", "baseapp")["created"]
    folder = bare_project.folder / "inner" / "shop"
    assert "manage.py" in created and "treering.toml" in created
    assert all((folder / name).exists() for name in created)
    listed = [row["name"] for row in bare_project.json("list_templates")["templates"]]
    assert listed == ["python", "baseapp"]
    plain = bare_project.ok("init")
    assert "next: treering revision" in plain.err
    bare_project.ok("upgrade")


# --- the terminal


def test_colours_only_on_a_terminal(project: Project) -> None:
    project.chain(A)
    assert "\x1b[" in project.in_terminal("upgrade").out
    assert "\x1b[" in project.in_terminal("current").out
    assert "\x1b[31m" in project.in_terminal("upgrade", "nosuch").out
    for off in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        assert "\x1b" not in project.in_terminal("current", **off).out
        assert "\x1b" not in project.in_terminal("upgrade", "nosuch", **off).out
    assert "\x1b" not in project.in_terminal("current", "--no-color").out
    assert "\x1b" not in project.in_terminal("current", "--json").out
    assert "\x1b" not in project.ok("current").text


@pytest.mark.parametrize("face", ["binary", "module"])
def test_print_shows_at_once(project: Project, face: str) -> None:
    project.add(
        A,
        None,
        upgrade="import os, time\nprint('half way')\nwhile not os.path.exists('gate'):\n    time.sleep(0.02)\nprint('all the way')",
    )
    running = project.start("upgrade", face=face)
    running.read_until("half way")  # while the migration waits for the gate
    assert running.process.poll() is None
    (project.folder / "gate").touch()
    result = running.finish()
    assert result.code == 0
    assert result.lines[:2] == ["half way", "all the way"] and result.lines[2].startswith(A)


@pytest.mark.parametrize("face", ["binary", "module"])
def test_what_a_killed_process_left_is_no_news(project: Project, face: str) -> None:
    """The driver keeps counters in shared memory under its pid, and a killed process of the same pid leaves them behind."""
    project.chain(A)
    command = " ".join(project.command("upgrade", face=face))
    leave = f"touch /dev/shm/mongoc-$$ && exec {command}"
    done = execute(["bash", "-c", leave], project.folder, clean_environment(**project.environment), 0)
    assert done.err == ""
    assert f"now at {A} (head)" in done.out


def test_a_reader_that_goes_away(project: Project) -> None:
    project.chain(*[f"202412101200{number:02}" for number in range(50)])
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", f"{FACES['binary'][0]} history | head -1"],
        cwd=project.folder,
        env=clean_environment(**project.environment),
        capture_output=True,
        text=True,
    )
    assert len(done.stdout.splitlines()) == 1 and "rror" not in done.stderr, done


# --- configuration


def test_pyproject(bare_project: Project) -> None:
    project = bare_project
    project.versions.mkdir(parents=True)
    (project.folder / "plugins").mkdir()
    (project.folder / "pyproject.toml").write_text(
        '[project]\nname = "shop"\n\n[tool.treering]\nurl = "${SHOP_SERVER}/${SHOP_DATABASE:-nothing}"\nversions = ["migrations/versions", "plugins"]\n',
        encoding="utf-8",
    )
    project.environment = {"SHOP_SERVER": project.server_url.rstrip("/"), "SHOP_DATABASE": project.database}
    project.add(A, None, **marker(A))
    (project.add(B, A, **marker(B))).rename(project.folder / "plugins" / f"{B}_step.py")
    project.ok("upgrade")
    assert project.marks() == [A, B]
    refused = project.run("upgrade", SHOP_SERVER=None, expect=2)
    assert "SHOP_SERVER" in refused.err and "pyproject.toml:5" in refused.err
    assert project.ok("history", SHOP_SERVER=None).lines  # which needs no server


def test_which_url_holds(project: Project, other_database: Callable[[], str]) -> None:
    project.add(A, None, upgrade="print('on', env.db.name)")
    names = [other_database() for _ in range(4)]
    top, staging, variable, option = (with_database(project.server_url, name) for name in names)
    project.config(f'url = "{top}"\n\n[env.staging]\nurl = "{staging}"\n')
    project.environment = {}
    assert f"on {names[0]}" in project.ok("upgrade").lines
    assert f"on {names[1]}" in project.ok("--env", "staging", "upgrade").lines
    assert f"already at head: {A}" in project.ok("upgrade", TREERING_ENV="staging").lines
    assert f"on {names[2]}" in project.ok("upgrade", "--env", "staging", TREERING_URL=variable).lines
    assert f"on {names[3]}" in project.ok("upgrade", "--url", option, TREERING_URL=variable).lines


def test_a_url_brings_its_database(project: Project) -> None:
    """`init` writes a database into the file; a URL that names another one means that."""
    project.config(f'url = "{project.server_url}"\ndatabase = "not_this_one"\n')
    project.add(A, None, upgrade="print('on', env.db.name)")
    assert f"on {project.database}" in project.ok("upgrade").lines
    project.environment = {"TREERING_URL": project.server_url}
    project.config(f'url = "mongodb://unused"\ndatabase = "{project.database}"\n')
    assert project.ok("upgrade").lines == [f"already at head: {A}"]


SECRET = "p%41s/w:rd@100%"


def test_the_password_appears_nowhere(project: Project, own_server: Callable[..., TestServer]) -> None:
    """What is printed, kept and raised is looked at without a word here (passwords.py)."""
    server = own_server(password=SECRET)
    project.config(f'url = "{server.url}"\ndatabase = "shop"\nusername = "ada"\npassword = "${{SHOP_PASSWORD}}"\n')
    project.environment = {"SHOP_PASSWORD": SECRET}
    project.add(A, None, **marker(A))
    project.add(B, A, upgrade="env.db.marks.insert_one({'_id': 1})\nenv.db.marks.insert_one({'_id': 1})")
    for command, code in {
        "wait -v": 0,
        "current -v": 0,
        "upgrade -v": 1,
        "upgrade -v --json": 1,
        "current --json -v": 0,
        "history -i -v": 0,
        "doctor -v": 0,
        "log -v": 0,
        "log --json": 0,
        "downgrade base -v": 0,
        "stamp head -v": 0,
    }.items():
        for face in ("binary", "module"):
            project.run(*command.split(), face=face, expect=code)
    # A wrong one, and a URL that holds it, in every form of error.
    wrong = passwords.known(SECRET + "x")
    url = with_database(server.url_for(wrong), "shop")
    for words in (
        ["current", "-v"],
        ["upgrade", "-v", "--json"],
        ["doctor"],
        ["current", "--url", url, "-v"],
        ["wait", "--url", url + "?bogus=1", "-v"],
    ):
        assert project.run(*words, SHOP_PASSWORD=wrong).code != 0
