# SPDX-License-Identifier: Apache-2.0
"""Every bash and Python block of the transition guide, run exactly as it is written there, on a real server.

Programs of the guide that aren't ours are stand-ins (tests/e2e/stand_ins) that record how they were called: `nano` (which makes the
edit that the scenario wants), `mongodump`, `mongorestore` and `POST`. git is real, with a bare repository as its remote; so are
python, manage.py, treering and the server. The web framework of "Option 3" is a router of a few lines.
"""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any, Iterator, Optional

import pytest
from markdown_blocks import Block, blocks_of
from workbench import ROOT, STAND_INS, Project, Result, clean_environment, database_dump, execute, marker

GUIDE = ROOT.parent / "shared" / "seeds" / "transition_guide.md"

pytestmark = pytest.mark.skipif(not GUIDE.is_file(), reason=f"the guide isn't there: {GUIDE}")

SCENARIOS = {
    "Option 1: Fresh Start": [0],
    "Option 2: Gradual Transition": [1, 2, 3, 4, 5, 6],
    "Option 3: Dual System": [7, 8],
    "Example 1: Converting": [9, 10],
    "Example 2: Adding": [11, 12, 13],
    "DO: Test in Staging First": [14],
    "DO: Backup, Baseline, Old System": [15, 16, 17],
    "DON'T: Drop": [18],
    "DON'T: Untested": [19],
    "DON'T: Skip Versions": [20],
    "Training: workflows": [21, 22],
    "Question: mistake": [23],
    "Question: multiple developers": [24],
    "Question: emergency": [25],
    "Next Steps": [26],
    "Support": [27, 28, 29],
}
HEADINGS = [
    "Option 1: Fresh Start (Recommended for New Projects)",
    *["Option 2: Gradual Transition (Recommended for Production)"] * 6,
    *["Option 3: Dual System (Transitional Period)"] * 2,
    *["Example 1: Converting Existing JSON Schema to Migration"] * 2,
    *["Example 2: Adding to Existing System"] * 3,
    *["DO's ✅"] * 4,
    *["DON'Ts ❌"] * 3,
    *["For Developers"] * 2,
    *["Common Questions"] * 3,
    "🚀 Next Steps",
    *["📞 Support"] * 3,
]


def all_blocks() -> list[Block]:
    return blocks_of(GUIDE.read_text(encoding="utf-8"))


class Reader:
    """Somebody who works through one scenario of the guide in a project of the baseapp template."""

    def __init__(self, scenario: str, project: Project, folder: Path) -> None:
        self.project, self.folder = project, folder
        self.calls_file, self.edit_file = folder / "calls", folder / "edit.py"
        self.calls_file.touch()
        self._blocks = {number: all_blocks()[number] for number in SCENARIOS[scenario]}
        self._left = set(self._blocks)

    def block(self, number: int, language: str) -> Block:
        """A block of the scenario, to be done now."""
        block = self._blocks[number]
        assert block.language == language, f"block {number} (line {block.line}) is {block.language}"
        self._left.discard(number)
        return block

    @property
    def left(self) -> set[int]:
        return self._left

    def environment(self) -> dict[str, str]:
        environment = clean_environment(
            **self.project.environment,
            STAND_IN_CALLS=str(self.calls_file),
            STAND_IN_EDIT=str(self.edit_file),
            HOME=str(self.folder),
            GIT_CONFIG_NOSYSTEM="1",
            GIT_AUTHOR_NAME="Ada",
            GIT_AUTHOR_EMAIL="ada@example.net",
            GIT_COMMITTER_NAME="Ada",
            GIT_COMMITTER_EMAIL="ada@example.net",
        )
        environment["PATH"] = f"{STAND_INS}{os.pathsep}{environment['PATH']}"
        return environment

    def shell(self, text: str, expect: int = 0, folder: Optional[Path] = None) -> Result:
        return execute(
            ["bash", "-euo", "pipefail", "-c", text], folder or self.project.folder, self.environment(), expect
        )

    def bash(self, number: int, expect: int = 0) -> Result:
        return self.shell(self.block(number, "bash").text, expect)

    def next_edit(self, text: str) -> None:
        """What `nano` will make of the next file's functions."""
        self.edit_file.write_text(text, encoding="utf-8")

    def edit(self, slug: str, number: int) -> None:
        """Gives the newest revision of that name the functions of a Python block."""
        self.next_edit(self.block(number, "python").text)
        self.shell(f"nano migrations/versions/TIMESTAMP_{slug}.py")

    @property
    def calls(self) -> list[str]:
        return self.calls_file.read_text(encoding="utf-8").splitlines()

    def revision_id(self, slug: str) -> str:
        [path] = self.project.versions.glob(f"*_{slug}.py")
        return path.name[: -len(f"_{slug}.py")]

    def manage(self, *arguments: str, expect: int = 0) -> Result:
        return self.project.run(*arguments, face="manage", expect=expect)


@pytest.fixture
def reader(request: pytest.FixtureRequest, baseapp: Project, tmp_path: Path) -> Iterator[Reader]:
    reader = Reader(request.param, baseapp, tmp_path)
    yield reader
    assert not reader.left, f"blocks {sorted(reader.left)} of the scenario were not run"


def scenario(name: str) -> Any:
    return pytest.mark.parametrize("reader", [name], indirect=True)


def user_data(project: Project) -> dict[str, Any]:
    """The database without what Treering keeps in it."""
    return {name: held for name, held in database_dump(project.db).items() if not name.startswith("treering_")}


def index_keys(project: Project, collection: str) -> dict[str, list[tuple[str, int]]]:
    information = project.db[collection].index_information()
    return {name: [tuple(pair) for pair in index["key"]] for name, index in information.items() if name != "_id_"}


# --- the guide itself


def test_the_guide_has_the_blocks_that_are_run_here() -> None:
    blocks = all_blocks()
    assert [block.heading for block in blocks] == HEADINGS
    languages = [block.language for block in blocks]
    assert {language: languages.count(language) for language in languages} == {"bash": 21, "python": 8, "json": 1}


def test_every_block_belongs_to_one_scenario() -> None:
    numbers = [number for scenario in SCENARIOS.values() for number in scenario]
    assert sorted(numbers) == list(range(len(all_blocks())))


# --- Option 1


@scenario("Option 1: Fresh Start")
def test_fresh_start(reader: Reader) -> None:
    project = reader.project
    reader.next_edit(all_blocks()[10].text)  # the wallet of "Example 1" for a schema
    result = reader.bash(0)

    revision = reader.revision_id("initial_schema")
    assert re.fullmatch(r"\d{14}", revision)
    assert reader.calls == [f"nano migrations/versions/{revision}_initial_schema.py"]
    assert f"Created revision: {revision}_initial_schema.py" in result.out
    assert f"now at {revision} (head)" in result.out
    assert result.lines[-2:] == [f"{revision} (head)", f"<base> -> {revision} (head), initial schema"]
    assert index_keys(project, "wallet") == {
        "user_id_1": [("user_id", 1)],
        "org_id_1": [("org_id", 1)],
        "user_org": [("user_id", 1), ("org_id", 1)],
    }
    assert list(project.db.wallet.find()) == [{"_id": "system_wallet", "balance": 0}]

    header = (project.versions / f"{revision}_initial_schema.py").read_text(encoding="utf-8")
    docstring = ast.get_docstring(ast.parse(header))
    assert docstring is not None
    assert docstring.startswith(f"initial schema\n\nRevision ID: {revision}\nRevises: None\nCreate Date: ")


# --- Option 2

REQUIRED = ["_user", "_role", "_organization", "_audittrail", "_enum", "_feature", "_menu", "content"]


def fill_production(project: Project) -> None:
    for name in REQUIRED:
        project.db[name].insert_one({"_id": 1, "from": "mongodb.json"})
    project.db["_user"].insert_many([{"_id": 2, "last_login": "yesterday"}, {"_id": 3}])
    project.db["_user"].create_index("email")


@scenario("Option 2: Gradual Transition")
def test_gradual_transition(reader: Reader, other_database: Any) -> None:
    project = reader.project
    production = project.database

    # Phase 1, in staging.
    project.database = other_database()
    project.environment["TREERING_URL"] = project.url
    fill_production(project)
    before = user_data(project)
    reader.bash(1)
    first = reader.revision_id("baseline_match_current_production")
    assert project.heads() == [first]
    assert user_data(project) == before

    # Phase 2, in production: the block names its file in its first line.
    project.database = production
    project.environment["TREERING_URL"] = project.url
    block = reader.block(2, "python")
    path = re.match(r"# (migrations/versions/\S+\.py)\n", block.text)
    assert path
    (project.folder / path[1]).write_text(block.text, encoding="utf-8")
    check_baseline_refuses_an_empty_database(reader, path[1])
    fill_production(project)
    before = user_data(project)
    result = reader.bash(3)
    assert "✓ All required collections exist" in result.lines
    assert "✓ Baseline established - future migrations will be tracked" in result.lines
    assert project.applied() == ["20241210000000", first]
    assert user_data(project) == before
    assert "<base> -> 20241210000000 (head), Baseline - Current Production Schema" in reader.manage("history").lines
    check_baseline_stays(reader)

    # Phase 3.
    reader.bash(4)
    added = reader.revision_id("add_user_last_login_field")
    reader.edit("add_user_last_login_field", 5)
    result = reader.bash(6)
    assert f"now at {added} (head)" in result.out
    assert result.lines[-1] == f"already at head: {added}"  # the second run has nothing to do
    assert index_keys(project, "_user") == {"email_1": [("email", 1)], "last_login_1": [("last_login", 1)]}
    assert {user["_id"]: user["last_login"] for user in project.db["_user"].find()} == {
        1: None,
        2: "yesterday",
        3: None,
    }
    assert reader.manage("current").lines == [f"{added} (head)"]
    assert (
        f"20241210000000, {first} -> {added} (head) (mergepoint), add user last_login field"
        in reader.manage("history").lines
    )

    reader.manage("downgrade", "-1")
    assert index_keys(project, "_user") == {"email_1": [("email", 1)]}
    assert not any("last_login" in user for user in project.db["_user"].find())
    assert project.heads() == ["20241210000000", first]


def check_baseline_refuses_an_empty_database(reader: Reader, path: str) -> None:
    failed = reader.manage("upgrade", "20241210000000", expect=1)
    assert (
        "Missing collections: ['_user', '_role'" in failed.err
        and "This baseline assumes they already exist!" in failed.err
    )
    assert re.search(re.escape(path) + r":\d+", failed.err), failed
    assert reader.project.applied() == []


def check_baseline_stays(reader: Reader) -> None:
    before = reader.project.applied(), user_data(reader.project)
    failed = reader.manage("downgrade", "base", expect=1)
    assert "Cannot downgrade baseline - collections already existed" in failed.err
    assert "20241210000000" in reader.project.applied()
    assert user_data(reader.project) == before[1]
    reader.manage("upgrade")
    assert reader.project.applied() == before[0]


# --- Option 3

ENDPOINTS = """
import asyncio, sys
from baseapp.services.database import MigrationManager

class Router:
    def __init__(self):
        self.endpoints = {}
    def post(self, path):
        return lambda function: self.endpoints.setdefault(path, function)

class Crud:
    def create_db(self):
        return "created"

class ApiResponse:
    def __init__(self, *arguments):
        self.arguments = arguments

router = Router()
names = {"router": router, "_crud": Crud(), "ApiResponse": ApiResponse, "MigrationManager": MigrationManager}
exec(compile(sys.stdin.read(), "init.py", "exec"), names)

async def requests():
    legacy, migration = router.endpoints["/database"], router.endpoints["/migration/upgrade"]
    assert legacy is names["init_database_legacy"] and migration is names["upgrade_database"]
    assert isinstance(await legacy(), ApiResponse)
    for _ in range(2):  # the second finds nothing to do
        response = await migration()
        assert isinstance(response, ApiResponse) and response.arguments == (...,)

asyncio.run(requests())

import treering
assert issubclass(MigrationManager, treering.MigrationManager)
print("answered")
"""


@scenario("Option 3: Dual System")
def test_dual_system(reader: Reader) -> None:
    project = reader.project
    project.add(
        "20241210120000", upgrade="env.db.wallet.insert_one({'_id': 1})", downgrade="env.drop_collection('wallet')"
    )
    block = reader.block(7, "python")
    answered = subprocess.run(
        ["python", "-c", ENDPOINTS],
        cwd=project.folder,
        env=reader.environment(),
        input=block.text,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert answered.returncode == 0 and answered.stdout.splitlines()[-1] == "answered", answered
    assert project.heads() == ["20241210120000"]
    assert list(project.db.wallet.find()) == [{"_id": 1}]

    result = reader.bash(8)
    added = reader.revision_id("add_feature")
    assert reader.calls == ["POST /v1/init/database"]
    assert f"now at {added} (head)" in result.out
    assert result.lines.count(f"already at head: {added}") == 2
    assert reader.manage("current").lines == [f"{added} (head)"]


# --- Examples


def indexes_of_json(entries: list[Any]) -> dict[str, list[tuple[str, int]]]:
    """mongodb.json's "index": names of fields, or a name with its fields."""
    indexes = {}
    for entry in entries:
        if isinstance(entry, str):
            indexes[f"{entry}_1"] = [(entry, 1)]
        else:
            for name, fields in entry.items():
                indexes[name] = [(field, 1) for field in fields]
    return indexes


@scenario("Example 1: Converting")
def test_converting_the_json_schema(reader: Reader) -> None:
    project = reader.project
    schema = json.loads(reader.block(9, "json").text)
    assert list(schema) == ["wallet"]
    command = re.match(r"# (python manage\.py revision -m .*)\n", all_blocks()[10].text)
    assert command
    reader.shell(command[1])
    reader.edit("add_wallet_collection", 10)
    result = reader.manage("upgrade", "head")
    added = reader.revision_id("add_wallet_collection")
    assert re.search(
        rf"^{added}  add wallet collection .*1 collection, 3 indexes, 1 document .*\d ms$", result.out, re.MULTILINE
    ), result
    assert index_keys(project, "wallet") == indexes_of_json(schema["wallet"]["index"])
    documents = [{"id": document.pop("_id"), **document} for document in project.db.wallet.find()]
    assert documents == schema["wallet"]["data"]

    reader.manage("downgrade", "-1")
    assert "wallet" not in project.db.list_collection_names()
    assert project.heads() == []


@scenario("Example 2: Adding")
def test_adding_to_an_existing_system(reader: Reader) -> None:
    project = reader.project
    project.db["_user"].insert_many([{"_id": 1}, {"_id": 2, "loyalty_points": 70}])
    before = user_data(project)
    reader.bash(11)
    baseline, added = reader.revision_id("baseline_current_production"), reader.revision_id("add_loyalty_program")
    assert project.heads() == [baseline]
    assert user_data(project) == before

    reader.edit("add_loyalty_program", 12)
    result = reader.bash(13)
    assert f"now at {added} (head)" in result.out
    assert index_keys(project, "loyalty_points") == {
        "user_id_1_org_id_1": [("user_id", 1), ("org_id", 1)],
        "created_at_1": [("created_at", 1)],
    }
    assert {user["_id"]: user["loyalty_points"] for user in project.db["_user"].find()} == {1: 0, 2: 70}
    assert reader.manage("history").lines == [
        f"{baseline} -> {added} (head), add loyalty program",
        f"<base> -> {baseline}, baseline - current production",
    ]

    reader.manage("downgrade", "-1")
    assert "loyalty_points" not in project.db.list_collection_names()
    assert list(project.db["_user"].find()) == [{"_id": 1}, {"_id": 2}]
    assert project.heads() == [baseline]


# --- DO's and DON'Ts


@scenario("DO: Test in Staging First")
def test_up_down_and_up_again(reader: Reader) -> None:
    project = reader.project
    project.chain("20241210120000", "20241210130000")
    result = reader.bash(14)
    assert project.marks("up") == ["20241210120000", "20241210130000", "20241210130000"]
    assert project.marks("down") == ["20241210130000"]
    assert project.heads() == ["20241210130000"]
    summaries = [
        re.sub(r"in .* s,", "in TIME s,", line)
        for line in result.lines
        if "applied in" in line or "reverted in" in line
    ]
    assert summaries == [
        "2 applied in TIME s, now at 20241210130000 (head)",
        "1 reverted in TIME s, now at 20241210120000",
        "1 applied in TIME s, now at 20241210130000 (head)",
    ]


@scenario("DO: Backup, Baseline, Old System")
def test_the_other_dos(reader: Reader) -> None:
    reader.bash(15)
    assert reader.calls == ["mongodump --db your_database --out backup_YYYYMMDD"]
    for number in (16, 17):  # nothing but comments: good advice
        block = reader.block(number, "python")
        assert compile(block.text, f"block {number}", "exec") is not None and ast.parse(block.text).body == []


@scenario("DON'T: Drop")
def test_drop_a_production_collection(reader: Reader) -> None:
    """The guide warns of it. Written all the same, it does what it says, and what it doesn't say can't be reverted."""
    project = reader.project
    project.db.users.insert_one({"_id": 1})
    project.db.other.insert_one({"_id": 1})
    reader.manage("revision", "-m", "drop users")
    reader.edit("drop_users", 18)
    reader.manage("upgrade")
    assert project.db.list_collection_names(filter={"name": {"$in": ["users", "other"]}}) == ["other"]
    refused = reader.manage("downgrade", "-1", expect=2)
    assert "defines no function downgrade" in refused.err
    assert project.heads() == [reader.revision_id("drop_users")]


def git_repository(reader: Reader) -> Path:
    """Puts the project under git, with a bare repository as its remote. Gives a colleague's clone."""
    project = reader.project
    reader.shell(
        f"git init -q -b main && git add . && git commit -q -m start && git init -q --bare -b main {reader.folder}/remote.git"
        f" && git remote add origin {reader.folder}/remote.git && git push -q -u origin main"
        f" && git clone -q {reader.folder}/remote.git {reader.folder}/colleague"
    )
    assert (reader.folder / "colleague" / "manage.py").is_file(), f"nothing of {project.folder} was pushed"
    return reader.folder / "colleague"


@scenario("DON'T: Untested")
def test_pull_and_upgrade(reader: Reader) -> None:
    project = reader.project
    colleague = git_repository(reader)
    theirs = Project(colleague, project.server_url, project.database, None)
    theirs.versions.mkdir(parents=True, exist_ok=True)
    theirs.add("20241210120000", slug="colleague", **marker("20241210120000"))
    reader.shell("git add migrations && git commit -q -m 'Add a migration' && git push -q", folder=colleague)
    assert reader.manage("heads").lines == []
    reader.bash(19)
    assert project.marks() == ["20241210120000"]
    assert project.heads() == ["20241210120000"]


@scenario("DON'T: Skip Versions")
def test_skipping_versions_applies_what_lies_between(reader: Reader) -> None:
    project = reader.project
    ids = project.chain("20241210120000", "20241210130000", "20241210140000", "20241210150000", "20241210160000")
    reader.manage("upgrade", "20241210120000")
    result = reader.bash(20)
    assert project.marks() == ids  # each once, in order
    summaries = [re.sub(r"in .* s,", "in TIME s,", line) for line in result.lines if "applied in" in line]
    assert summaries == [
        "3 applied in TIME s, now at 20241210150000",
        "1 applied in TIME s, now at 20241210160000 (head)",
    ]


# --- Training and questions


@scenario("Training: workflows")
def test_old_and_new_workflow(reader: Reader) -> None:
    project = reader.project
    git_repository(reader)
    before = database_dump(project.db)
    assert reader.bash(21).text == ""  # the old way, all of it comments
    assert database_dump(project.db) == before

    reader.next_edit(all_blocks()[5].text)
    project.db["_user"].insert_one({"_id": 1})
    reader.bash(22)
    added = reader.revision_id("add_feature")
    assert list(project.db["_user"].find()) == [{"_id": 1, "last_login": None}]
    assert project.heads() == [added]
    committed = reader.shell("git show --name-only --format=%s HEAD && git status --porcelain migrations").lines
    assert committed == ["Add feature migration", "", f"migrations/versions/{added}_add_feature.py"]


@scenario("Question: mistake")
def test_mending_a_mistake(reader: Reader) -> None:
    project = reader.project
    reader.manage("revision", "-m", "xxx")
    functions = "def upgrade(env):\n    env.db.wallet.create_index({0!r})\n\n\ndef downgrade(env):\n    env.db.wallet.drop_index({0!r} + '_1')\n"
    reader.next_edit(functions.format("usr_id"))
    reader.shell("nano migrations/versions/TIMESTAMP_xxx.py")
    reader.manage("upgrade")
    assert index_keys(project, "wallet") == {"usr_id_1": [("usr_id", 1)]}

    reader.next_edit(functions.format("user_id"))
    reader.bash(23)
    assert index_keys(project, "wallet") == {"user_id_1": [("user_id", 1)]}
    record = project.db.treering_revisions.find_one({"_id": reader.revision_id("xxx")})
    assert record is not None and "'user_id'" in record["source"]  # the mended one is what a downgrade would run


@scenario("Question: multiple developers")
def test_two_developers(reader: Reader) -> None:
    project = reader.project
    assert reader.bash(24).text == ""  # comments, which promise what follows
    [a_file, b_file] = re.findall(r"# Developer [AB]: (\d{14}_add_\w+\.py)", all_blocks()[24].text)
    (a, a_slug), (b, b_slug) = a_file[:-3].split("_", 1), b_file[:-3].split("_", 1)
    project.add("20241210110000", slug="start", **marker("20241210110000"))
    colleague = git_repository(reader)
    theirs = Project(colleague, project.server_url, project.database, None)

    theirs.add(b, "20241210110000", slug=b_slug, **marker(b))
    reader.shell(
        f"git add migrations/versions/{b_file} && git commit -q -m 'Add loyalty' && git push -q", folder=colleague
    )
    project.add(a, "20241210110000", slug=a_slug, **marker(a))
    reader.shell(
        f"git add migrations/versions/{a_file} && git commit -q -m 'Add wallet' && git pull -q --no-rebase --no-edit"
    )

    result = reader.manage("upgrade", "head")
    assert project.marks() == ["20241210110000", a, b]
    assert f"now at {a}, {b} (head)" in result.out
    assert reader.manage("current").lines == [f"{a} (head)", f"{b} (head)"]

    # The next revision closes the branch, and two in one second are two.
    reader.manage("revision", "-m", "next")
    reader.manage("revision", "-m", "after that")
    following, after = reader.revision_id("next"), reader.revision_id("after_that")
    assert reader.manage("history").lines[:2] == [
        f"{following} -> {after} (head), after that",
        f"{a}, {b} -> {following} (mergepoint), next",
    ]


@scenario("Question: multiple developers")
def test_the_later_developer_was_faster(reader: Reader) -> None:
    project = reader.project
    reader.bash(24)
    b = "20241210120100"
    project.add(b, None, slug="add_loyalty", **marker(b))
    reader.manage("upgrade", "head")
    a = "20241210120000"
    project.add(a, None, slug="add_wallet", **marker(a))
    reader.manage("upgrade", "head")
    assert project.marks() == [b, a]
    assert project.heads() == [a, b]


@scenario("Question: emergency")
def test_a_hotfix(reader: Reader) -> None:
    project = reader.project
    result = reader.bash(25)
    added = reader.revision_id("hotfix_user_index")
    assert result.lines[-1] == f"already at head: {added}"  # "staging" and "production" are one database here
    assert project.heads() == [added]


@scenario("Next Steps")
def test_start_small(reader: Reader) -> None:
    reader.bash(26)
    assert reader.project.heads() == [reader.revision_id("test_migration")]


@scenario("Support")
def test_looking_reverting_restoring(reader: Reader) -> None:
    project = reader.project
    project.chain("20241210120000", "20241210130000")
    reader.manage("upgrade")
    assert reader.bash(27).lines == [
        "20241210120000 -> 20241210130000 (head), revision 20241210130000",
        "<base> -> 20241210120000, revision 20241210120000",
        "20241210130000 (head)",
    ]
    reader.bash(28)
    assert project.marks("down") == ["20241210130000"]
    assert project.heads() == ["20241210120000"]
    reader.bash(29)
    assert reader.calls == ["mongorestore --db your_database backup_YYYYMMDD/"]
