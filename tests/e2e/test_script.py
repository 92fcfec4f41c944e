# SPDX-License-Identifier: Apache-2.0
"""upgrade and downgrade with --script: what the real mongosh does with it is what Treering would have done."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any, Iterator

import pytest
from servers import with_database
from workbench import ROOT, Project, database_dump

FIRST, SECOND = "20240101000000", "20240102000000"
BOOKKEEPING = ("treering_state", "treering_revisions", "treering_journal", "treering_backfills")


@pytest.fixture
def project(project: Project) -> Iterator[Project]:
    project.add(
        FIRST,
        message="add users",
        upgrade="""
env.create_collection("users", validator={"n": {"$type": "number"}})
env.db.users.create_index([("email", 1)], unique=True)
env.db.users.insert_many([{"_id": 1, "email": "a", "n": 1}, {"_id": 2, "email": "b", "n": 2.5}])
""",
        downgrade='env.drop_collection("users")',
    )
    project.add(
        SECOND,
        FIRST,
        message="plans",
        upgrade="""
env.db.users.update_many({"n": {"$gt": 1}}, {"$set": {"plan": "free"}})
env.backfill("users", {}, [{"$set": {"seen": True}}])
env.db.users.create_index("plan")
""",
        downgrade='env.db.users.drop_index("plan_1")\nenv.db.users.update_many({}, {"$unset": {"plan": "", "seen": ""}})',
    )
    yield project


def run_script(path: Path, url: str) -> subprocess.CompletedProcess[str]:
    program = subprocess.run(
        [str(ROOT / "tools" / "mongosh-path")], stdout=subprocess.PIPE, text=True, check=True
    ).stdout.strip()
    return subprocess.run([program, "--quiet", url, str(path)], capture_output=True, text=True, timeout=120)


def content(database: Any) -> dict[str, Any]:
    return {name: held for name, held in database_dump(database).items() if name not in BOOKKEEPING}


def test_a_script_does_what_treering_does(project: Project, other_database: Any) -> None:
    other_name = other_database()
    twin, twin_url = project.db.client[other_name], with_database(project.server_url, other_name)
    path = project.folder / "out.js"
    before = database_dump(project.db)
    other = {"TREERING_URL": twin_url}
    written = project.ok("upgrade", "base:head", "--script", "out.js", **other)
    assert f"{FIRST}  add users, 3 operations" in written.lines
    assert database_dump(project.db) == before and database_dump(twin) == {}, "nothing is written"
    done = run_script(path, twin_url)
    assert done.returncode == 0, done
    project.ok("upgrade", "head")
    assert content(twin) == content(project.db)
    assert project.ok("current", "--check-heads", **other).lines == [f"{SECOND} (head)"]

    project.ok("downgrade", "base", "--script", "down.js", **other)
    down = run_script(project.folder / "down.js", twin_url)
    assert down.returncode == 0, down
    assert content(twin) == {}
    assert project.ok("current", **other).out.strip() in ("base", "<base>", "")


def test_what_an_aborted_transaction_took_back_is_not_in_it(project: Project) -> None:
    project.add(
        "20240103000000",
        SECOND,
        upgrade="""
users = env.db.users
with env.client.start_session() as session:
    with session.start_transaction():
        users.insert_one({"_id": "kept", "email": "c", "n": 1}, session=session)
    with session.start_transaction():
        users.delete_many({}, session=session)
        users.insert_one({"_id": "beside", "email": "d", "n": 1})
        session.abort_transaction()
    try:
        with session.start_transaction():
            env.db.lost.insert_one({"_id": 1}, session=session)
            raise KeyError
    except KeyError:
        pass
    session.start_transaction()
    users.delete_many({}, session=session)
""",
    )
    planned = project.json("upgrade", "head", "--dry-run")["done"][-1]["planned"]
    assert [(each["operation"], each["documents"]) for each in planned] == [("insert into users", 2)]
    path = project.folder / "out.js"
    project.ok("upgrade", "head", "--script", str(path))
    ended = run_script(path, with_database(project.server_url, project.db.name))
    assert ended.returncode == 0, ended.stderr
    assert {user["_id"] for user in project.db.users.find()} == {1, 2, "kept", "beside"}
    assert "lost" not in project.db.list_collection_names()


def test_reads_are_marked(project: Project) -> None:
    third = "20240103000000"
    project.add(
        third,
        SECOND,
        upgrade="for user in env.db.users.find():\n    env.db.users.update_one({'_id': user['_id']}, {'$set': {'x': 1}})",
    )
    project.ok("upgrade", SECOND)
    project.ok("upgrade", "--script", "out.js")
    text = (project.folder / "out.js").read_text(encoding="utf-8")
    assert "!!!" in text and "find users" in text


def test_a_document_that_a_change_gave_back_is_marked(project: Project) -> None:
    code = "taken = env.db.users.find_one_and_delete({'_id': 1})\nenv.db.gone.insert_one({'n': taken['n']})"
    project.add("20240103000000", SECOND, upgrade=code)
    project.ok("upgrade", SECOND)
    project.ok("upgrade", "--script", "out.js")
    text = (project.folder / "out.js").read_text(encoding="utf-8")
    assert "!!! CAUTION" in text and "findAndModify users" in text


MARKED = {
    "result = env.db.users.update_many({}, {'$set': {'a': 1}})\nenv.db.log.insert_one({'n': result.modified_count})": (
        "modified_count of update users"
    ),
    "result = env.db.users.delete_one({'_id': 1})\nif result.deleted_count: env.db.log.insert_one({})": (
        "deleted_count of delete from users"
    ),
    "result = env.db.users.update_one({'x': 1}, {'$set': {'a': 1}}, upsert=True)\nenv.db.log.insert_one({'_id': result.upserted_id})": (
        "upserted_id of update users"
    ),
    "from pymongo import DeleteOne\nresult = env.db.users.bulk_write([DeleteOne({'_id': 1})])\nenv.db.log.insert_one({'n': result.deleted_count})": (
        "deleted_count of bulk write to users"
    ),
    "result = env.backfill('users', {}, {'$set': {'a': 1}})\nenv.db.log.insert_one({'n': result.found})": (
        "found of backfill users"
    ),
    "from pymongo.errors import CollectionInvalid\ntry:\n    env.db.create_collection('users')\n"
    "except CollectionInvalid:\n    env.db.log.insert_one({})": "refusal of create collection users",
    "try:\n    env.db.users.drop_index('none_1')\nexcept Exception:\n    env.db.log.insert_one({})": (
        "refusal of drop index users.none_1"
    ),
    "env.pymongo_db.users.find_one()": "env.pymongo_db: what is written through it is NOT in here",
}


@pytest.mark.parametrize("code", MARKED)
def test_what_only_a_real_run_tells_is_marked(project: Project, code: str) -> None:
    project.add("20240103000000", SECOND, upgrade=code)
    project.ok("upgrade", SECOND)
    project.ok("upgrade", "--script", "out.js")
    text = (project.folder / "out.js").read_text(encoding="utf-8")
    assert "!!! CAUTION" in text and f"// !!!   {MARKED[code]}\n" in text, text[-2000:]


def test_results_that_nobody_looks_at_mark_nothing(project: Project) -> None:
    code = """
result = env.db.users.update_many({}, {"$set": {"a": 1}})
assert type(result).__name__ == "UpdateResult" and result.acknowledged
assert env.db.users.insert_one({"email": "c", "n": 1}).inserted_id is not None
env.backfill("users", {}, {"$set": {"b": 1}})
env.create_collection("log")
env.db.users.update_many({}, {"$set": {"c": 1}})
"""
    project.add("20240103000000", SECOND, upgrade=code)
    project.ok("upgrade", SECOND)
    project.ok("upgrade", "--script", "out.js")
    assert "!!!" not in (project.folder / "out.js").read_text(encoding="utf-8")


def test_drops_say_that_they_are_for_good(project: Project) -> None:
    remark = "    // drops users for good: Treering itself would keep it in the trash, this script doesn't\n"
    project.ok("upgrade", "head")
    document = project.json("downgrade", "base", "--script", "down.js")
    text = (project.folder / "down.js").read_text(encoding="utf-8")
    assert (
        remark + "    run(() => db.users.drop());\n" in text
        or remark + '    run(() => db.getCollection("users").drop());\n' in text
    )
    [drop] = [
        each for step in document["done"] for each in step["planned"] if each["operation"].startswith("drop coll")
    ]
    assert (drop["trash"], drop["note"]) == (False, "2 documents would be lost")
    done = run_script(project.folder / "down.js", project.url)
    assert done.returncode == 0, done
    assert content(project.db) == {}
    project.config(project.folder.joinpath("treering.toml").read_text() + "\ntrash = false\n")
    project.ok("upgrade", "head")
    project.ok("downgrade", "base", "--script", "down.js")
    assert "for good" not in (project.folder / "down.js").read_text(encoding="utf-8")


def test_json_names_the_file(project: Project) -> None:
    document = project.json("upgrade", "head", "--script", "out.js")
    assert document["script"] == "out.js" and (project.folder / "out.js").exists()
    assert [step["revision"] for step in document["done"]] == [FIRST, SECOND]
    project.ok("upgrade", "head")
    assert project.json("upgrade", "head", "--script", "more.js")["script"] is None
    assert not (project.folder / "more.js").exists()


@pytest.mark.parametrize("face", ["binary", "module"])
def test_to_stdout_and_from_python(project: Project, face: str) -> None:
    from treering import MigrationManager

    text = project.ok("upgrade", f"base:{FIRST}", "--script", "-", face=face).out
    assert "createIndex" in text and "plan" not in text
    manager = MigrationManager(config=project.folder, url=project.url)
    assert "createIndex" in manager.script(f"base:{FIRST}")
    project.ok("upgrade", "head")
    assert manager.script("head") == ""


@pytest.mark.parametrize("face", ["binary", "module"])
def test_stdout_holds_the_script_alone(project: Project, face: str) -> None:
    alone = project.ok("upgrade", "--script", "-", face=face).out
    path = project.versions / f"{FIRST}_step.py"
    code = path.read_text(encoding="utf-8")
    path.write_text(code + "\nimport atexit\natexit.register(print, 'bye')\n", encoding="utf-8")
    path.write_text(path.read_text(encoding="utf-8").replace("def upgrade(env):", "def upgrade(env):\n    print('hi')"))
    beside = project.ok("upgrade", "--script", "-", face=face)
    assert not {"hi", "bye"} & set(beside.lines) and beside.out.startswith("// ")
    assert len(beside.lines) == len(alone.splitlines()) and beside.lines[-1] == alone.splitlines()[-1]
    assert beside.err.splitlines()[0] == "hi" and beside.err.splitlines()[-1] == "bye"
    path.write_text(code, encoding="utf-8")
    project.ok("upgrade")
    nothing = project.ok("upgrade", "--script", "-", face=face)
    assert (nothing.out, nothing.err) == ("", f"already at head: {SECOND}\n")
    path.write_text(code.replace("def downgrade(env):", "def downgrade(env):\n    raise KeyError('x')"))
    failed = project.run("downgrade", "base", "--script", "-", face=face, expect=1)
    assert failed.out == "" and "KeyError" in failed.err


def test_what_goes_wrong(project: Project) -> None:
    unwritable = project.run("upgrade", "head", "--script", "nowhere/out.js", expect=2).err
    assert "can't be written: No such file or directory" in unwritable and "name a file in a folder" in unwritable
    assert "both want stdout" in project.run("upgrade", "head", "--script", "-", "--json", expect=2).text
    project.add("20240103000000", SECOND, upgrade="raise KeyError('x')")
    assert "KeyError" in project.run("upgrade", "head", "--script", "out.js", expect=1).err
    assert not (project.folder / "out.js").exists()


def test_a_file_of_somebody_else_is_not_overwritten(project: Project) -> None:
    script = project.folder / "out.js"
    script.write_text("// by hand\n", encoding="utf-8")
    refused = project.run("upgrade", "head", "--script", "out.js", expect=2).err
    assert "out.js is there already, and no script that Treering wrote" in refused
    assert script.read_text(encoding="utf-8") == "// by hand\n"
    script.write_text("", encoding="utf-8")
    project.ok("upgrade", "head", "--script", "out.js")
    first = script.read_text(encoding="utf-8")
    project.ok("upgrade", "head", "--script", "out.js")
    assert script.read_text(encoding="utf-8").splitlines()[0] == first.splitlines()[0]


def test_a_target_that_is_none(project: Project) -> None:
    assert "nothing" in project.run("upgrade", "nothing:head", "--script", "out.js", expect=2).err
    relative = project.run("upgrade", "-1:head", "--script", "-", expect=2)
    assert "'-1' counts from what is applied" in relative.err and "name a revision in its place" in relative.err
