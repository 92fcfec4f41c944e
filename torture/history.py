# SPDX-License-Identifier: Apache-2.0
"""The project that is tortured: a seeded database, and thirty revisions that do all that a migration does."""

from __future__ import annotations

from typing import Any

from workbench import Project, revision_text

USERS = 20
ROUNDS = 3  # each kind of revision that often

# What a person would write, so that a revision that was cut off can run again: what a revision makes goes with its undo,
# what it writes into a collection that was there before may be written twice. {i} is the revision's number.
KINDS: list[tuple[str, str, str]] = [
    (
        "create",
        "env.create_collection('made_{i}', validator={{'n': {{'$gte': 0}}}})\n"
        "env.db.made_{i}.create_index([('n', 1)], name='by_n', unique=True)\n"
        "env.db.made_{i}.insert_many([{{'_id': n, 'n': n}} for n in range(5)])\n"
        "env.db.made_{i}.insert_one({{'_id': 'last', 'n': 99}})",
        "env.drop_collection('made_{i}')",
    ),
    (
        "index",
        "env.db.users.create_index([('group', 1), ('field_{i}', -1)], name='index_{i}')\n"
        "env.db.users.create_index([('name', 1)], name='partial_{i}', partialFilterExpression={{'group': {i}}})",
        "env.db.users.drop_index('partial_{i}')\nenv.db.users.drop_index('index_{i}')",
    ),
    (
        "drop index",
        "env.db.users.drop_index('old_{i}')",
        "env.db.users.create_index([('old_{i}', 1)], name='old_{i}', sparse=True)",
    ),
    (
        "write many",
        "env.db.users.update_many({{}}, {{'$set': {{'field_{i}': 1}}}})\n"
        "env.db.users.update_many({{'group': 1}}, [{{'$set': {{'upper_{i}': {{'$toUpper': '$name'}}}}}}])",
        "env.db.users.update_many({{}}, {{'$unset': {{'field_{i}': '', 'upper_{i}': ''}}}})",
    ),
    (
        "write one by one",
        "for n in range(8):\n"
        "    env.db.users.update_one({{'_id': n}}, {{'$set': {{'single_{i}': n}}}})\n"
        "env.db.users.replace_one({{'_id': 'new_{i}'}}, {{'_id': 'new_{i}', 'name': 'new'}}, upsert=True)",
        "env.db.users.delete_one({{'_id': 'new_{i}'}})\n"
        "for n in range(8):\n"
        "    env.db.users.update_one({{'_id': n}}, {{'$unset': {{'single_{i}': ''}}}})",
    ),
    ("rename", "env.db.before_{i}.rename('after_{i}')", "env.db.after_{i}.rename('before_{i}')"),
    ("drop", "env.drop_collection('doomed_{i}')", "env.create_collection('doomed_{i}')"),
    (
        "transaction",
        "env.db.counters.update_one({{'_id': {i}}}, {{'$inc': {{'n': 1}}}})\n"
        "env.db.users.update_many({{'group': 2}}, {{'$inc': {{'balance': {i}}}}})\n"
        "env.db.marks.insert_one({{'_id': {i}}})",
        "env.db.marks.delete_one({{'_id': {i}}})\n"
        "env.db.users.update_many({{'group': 2}}, {{'$inc': {{'balance': -{i}}}}})\n"
        "env.db.counters.update_one({{'_id': {i}}}, {{'$inc': {{'n': -1}}}})",
    ),
    (
        "made by a write",
        "for n in range(4):\n"
        "    env.db.written_{i}.replace_one({{'_id': n}}, {{'_id': n, 'n': n}}, upsert=True)\n"
        "env.db.written_{i}.create_index([('n', 1)], name='by_n')",
        "env.drop_collection('written_{i}')",
    ),
    (
        "modify",
        "env.db.command('collMod', 'checked_{i}', validator={{'n': {{'$gte': {i}}}}})\n"
        "env.db.checked_{i}.create_index([('n', 1)], name='by_n')\n"
        "env.db.checked_{i}.drop_index('by_k')",
        "env.db.checked_{i}.create_index([('k', 1)], name='by_k', unique=True)\n"
        "env.db.checked_{i}.drop_index('by_n')\n"
        "env.db.command('collMod', 'checked_{i}', validator={{'n': {{'$gte': 0}}}})",
    ),
]
REVISIONS = [f"20240101{number:06}" for number in range(len(KINDS) * ROUNDS)]

# A revision's process stops itself at one place in it, where the environment says so: between the check of its lease
# and its next write there is nothing but its own code.
STOPPING = (
    "import os, signal\n"
    "def stop_before(step):\n"
    "    if os.environ.get('TORTURE_STOP_BEFORE') == f'{revision}:{step}':\n"
    "        os.kill(os.getpid(), signal.SIGSTOP)\n"
)


def with_stops(code: str) -> str:
    """The code with a place to stop at before each line of it."""
    lines = code.split("\n")
    return "\n".join(
        f"{line[: len(line) - len(line.lstrip())]}stop_before({n})\n{line}" for n, line in enumerate(lines)
    )


def steps_of(number: int, direction: str) -> int:
    """How many places to stop at that revision has."""
    kind = KINDS[number % len(KINDS)]
    return len((kind[1] if direction == "upgrade" else kind[2]).split("\n"))


def write_history(project: Project, length: int) -> None:
    for number, (below, revision) in enumerate(zip([None, *REVISIONS], REVISIONS[:length])):
        name, up, down = (part.format(i=number) for part in KINDS[number % len(KINDS)])
        text = revision_text(revision, below, with_stops(up), with_stops(down), message=name)
        header = "transactional = True\n\n\n" if name == "transaction" else "\n"
        text = text.replace("\n\ndef upgrade", f"{header}{STOPPING}\n\ndef upgrade", 1)
        (project.versions / f"{revision}_step.py").write_text(text, encoding="utf-8")


def fill(database: Any) -> None:
    """What was in the database before there was a history."""
    users = [{"_id": n, "name": f"user {n}", "group": n % 3, "balance": 0} for n in range(USERS)]
    database.users.insert_many(users)
    database.counters.insert_many([{"_id": number, "n": 0} for number in range(len(REVISIONS))])
    database.create_collection("marks")
    for number in range(len(REVISIONS)):
        name = KINDS[number % len(KINDS)][0]
        if name == "drop index":
            database.users.create_index([(f"old_{number}", 1)], name=f"old_{number}", sparse=True)
        if name == "rename":
            fill_one(database, f"before_{number}")
        if name == "drop":
            fill_one(database, f"doomed_{number}")
        if name == "modify":
            # With what collMod fills in, so that its way back leads here.
            as_listed = {"validationLevel": "strict", "validationAction": "error"}
            database.create_collection(f"checked_{number}", validator={"n": {"$gte": 0}}, **as_listed)
            fill_one(database, f"checked_{number}")


def fill_one(database: Any, name: str) -> None:
    database[name].insert_many([{"_id": n, "n": n + 100, "k": n} for n in range(6)])
    database[name].create_index([("k", 1)], name="by_k", unique=True)
