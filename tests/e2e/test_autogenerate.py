# SPDX-License-Identifier: Apache-2.0
"""revision --autogenerate, check, diff and baseline as people and CI jobs use them, bad input included."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from servers import with_database
from workbench import Project, Result

HEAD = "from treering import Collection, Index\n\n\n"


def models(project: Project, text: str) -> None:
    (project.folder / "models.py").write_text(HEAD + text, encoding="utf-8")


def generate(project: Project, *options: str, **more: Any) -> Result:
    return project.run("revision", "-m", "change", "--autogenerate", *options, **more)


def newest(project: Project) -> str:
    return sorted(project.versions.glob("*.py"))[-1].read_text(encoding="utf-8")


def upgraded(project: Project, text: str, *options: str) -> Result:
    """Gives the project other models, and brings the database there."""
    models(project, text)
    result = generate(project, *options, expect=0)
    project.ok("upgrade", "head")
    return result


def listing(project: Project) -> Any:
    """What the server lists of the schema, without identities."""
    listed = {}
    for found in project.db.list_collections():
        name = found["name"]
        if name.startswith(("treering_", "system.")):
            continue
        indexes = [] if found["type"] == "view" else list(project.db[name].list_indexes())
        listed[name] = (found["type"], found["options"], sorted(indexes, key=lambda index: index["name"]))
    return listed


USERS = """
class User(Collection):
    __collection_name__ = "users"
    __indexes__ = [Index("email")]
"""


def test_every_face_generates_the_same(project: Project) -> None:
    models(project, USERS)
    for face in ("binary", "module"):
        created = generate(project, face=face, expect=0)
        assert "  - New collections: users" in created.lines
        for path in project.versions.glob("*.py"):
            path.unlink()


def test_no_change_writes_nothing(project: Project) -> None:
    upgraded(project, USERS)
    with project.unchanged():
        result = generate(project, expect=0)
    assert "No changes detected" in result.out


def test_json(project: Project) -> None:
    models(project, USERS + "print('noise')\n")
    document = project.json("revision", "-m", "users", "--autogenerate")
    assert document["has_changes"] is True
    assert document["changes"][0] == {
        "kind": "added",
        "what": "collection",
        "collection": "users",
        "name": None,
        "detail": None,
    }
    assert (project.folder / document["path"]).is_file()
    assert project.json("check", expect=4)["pending"] == [document["revision"]]
    project.ok("upgrade", "head")
    assert project.json("revision", "-m", "users", "--autogenerate")["has_changes"] is False
    assert project.json("check")["differs"] is False


CHANGED = """
class User(Collection):
    __collection_name__ = "users"
    __options__ = {"validator": {"email": {"$type": "string"}}, "validationLevel": "moderate"}
    __indexes__ = [
        Index("email", unique=True, hidden=True),
        Index("seen", expireAfterSeconds=3600),
        Index([("place", "2dsphere"), ("name", -1)], sparse=True),
        Index("nick", partialFilterExpression={"nick": {"$gt": ""}}, collation={"locale": "fr", "strength": 1}),
    ]
    __initial_data__ = [{"_id": "root", "email": "it's \\"quoted\\" é 🌳", "deep": {"a": [1, 2.5, None, True]}}]
"""


def test_upgrade_and_downgrade_are_exact(project: Project) -> None:
    upgraded(project, USERS)
    before = listing(project)
    upgraded(project, CHANGED)
    assert project.db.users.find_one({"_id": "root"})["deep"] == {"a": [1, 2.5, None, True]}
    assert "No changes detected" in generate(project, expect=0).out
    project.ok("downgrade", "-1")
    after = listing(project)
    # A server keeps validation settings that were set once, at their defaults.
    for name in ("validator", "validationLevel", "validationAction"):
        after["users"][1].pop(name, None)
    assert after == before
    assert project.db.users.count_documents({}) == 0


def test_a_unique_index_that_data_forbids_leaves_the_revision_pending(project: Project) -> None:
    upgraded(project, USERS)
    project.db.users.insert_many([{"email": "a"}, {"email": "a"}])
    models(project, USERS.replace('Index("email")', 'Index("email", unique=True)'))
    generate(project, expect=0)
    failed = project.run("upgrade", "head", expect=1)
    assert "the server refused: change collection users (class User)" in failed.err


def test_what_the_database_alone_has_is_left_alone(project: Project) -> None:
    upgraded(project, USERS)
    project.db.users.create_index("tmp", name="tmp_debug_1")
    project.db.create_collection("seen", viewOn="users", pipeline=[])
    project.db.create_collection("log", capped=True, size=4096)
    project.db.create_collection("metrics", timeseries={"timeField": "t"})
    with project.unchanged():
        result = generate(project, expect=0)
        checked = project.ok("check")
    for text in (
        "index users.tmp_debug_1 is in the database and in no model (left alone)",
        "view seen is in the database",
        "capped collection log is",
        "time series metrics is",
    ):
        assert text in result.out
        assert text in checked.out
    generate(project, "--include-unmanaged", expect=0)
    assert "drop_index('tmp_debug_1')" in newest(project)
    assert "# env.drop_collection('log')" in newest(project)


def test_a_collection_is_dropped_only_where_that_is_allowed(project: Project) -> None:
    upgraded(project, USERS)
    models(project, "ALL_COLLECTIONS = []\n")
    result = generate(project, expect=0)
    assert "--allow-drop-collections" in result.out
    assert "    # env.drop_collection('users')" in newest(project).splitlines()
    project.ok("upgrade", "head")
    assert "users" in project.db.list_collection_names()
    assert "No changes detected" in generate(project, expect=0).out


def test_an_allowed_drop_comes_back_with_its_indexes(project: Project) -> None:
    upgraded(project, USERS)
    before = listing(project)
    upgraded(project, "ALL_COLLECTIONS = []\n", "--allow-drop-collections")
    assert "users" not in project.db.list_collection_names()
    project.ok("downgrade", "-1")
    assert listing(project) == before


@pytest.mark.parametrize("face", ["binary", "module", "manage"])
def test_every_face_takes_every_option(baseapp: Project, face: str) -> None:
    path = baseapp.folder / "baseapp" / "models" / "mongodb_schema.py"
    said = path.read_text(encoding="utf-8")

    def generate_with(*options: str, **more: Any) -> Result:
        return baseapp.run("revision", "-m", "change", "--autogenerate", *options, face=face, **more)

    path.write_text(said + USERS + "\n\nALL_COLLECTIONS = [User]\n", encoding="utf-8")
    generate_with("--offline", expect=0, TREERING_URL="mongodb://127.0.0.1:1/none")
    assert "pending" in generate_with(expect=4).err
    baseapp.ok("upgrade", "head", face=face)
    baseapp.db.by_hand.insert_one({})
    baseapp.db.users.create_index("by_hand")

    path.write_text(said + "\n\nALL_COLLECTIONS = []\n", encoding="utf-8")
    held = generate_with(expect=0)
    assert "Held back: collection users" in held.out and "Unmanaged: collection by_hand" in held.out
    baseapp.ok("upgrade", "head", face=face)
    assert {"users", "by_hand"} <= set(baseapp.db.list_collection_names())
    assert "No changes detected" in generate_with(expect=0).out
    generate_with("--include-unmanaged", "--allow-drop-collections", "--force", "-v", expect=0)
    baseapp.ok("upgrade", "head", face=face)
    assert not {"users", "by_hand"} & set(baseapp.db.list_collection_names())


def test_a_rename_keeps_the_documents(project: Project) -> None:
    upgraded(project, USERS)
    project.db.users.insert_one({"_id": 1})
    renamed = USERS.replace('"users"', '"people"\n    __renamed_from__ = "users"')
    upgraded(project, renamed)
    assert project.db.people.find_one() == {"_id": 1}
    assert "users" not in project.db.list_collection_names()
    project.ok("downgrade", "-1")
    assert project.db.users.find_one() == {"_id": 1}


def test_names_are_handed_on_in_a_chain(project: Project) -> None:
    one = 'class {}(Collection):\n    __collection_name__ = "{}"\n'
    upgraded(project, one.format("Order", "orders") + one.format("Draft", "drafts"))
    project.db.orders.insert_one({"_id": "order"})
    project.db.drafts.insert_one({"_id": "draft"})
    chained = one + '    __renamed_from__ = "{}"\n'
    upgraded(project, chained.format("Order", "old_orders", "orders") + chained.format("Draft", "orders", "drafts"))
    assert [found["_id"] for found in project.db.old_orders.find()] == ["order"]
    assert [found["_id"] for found in project.db.orders.find()] == ["draft"]
    project.ok("check")
    project.ok("downgrade", "-1")
    assert [found["_id"] for found in project.db.orders.find()] == ["order"]
    assert [found["_id"] for found in project.db.drafts.find()] == ["draft"]


def test_a_rename_onto_a_name_that_is_taken_is_told(project: Project) -> None:
    one = 'class Order(Collection):\n    __collection_name__ = "{}"\n'
    upgraded(project, one.format("orders"))
    project.db.archive.insert_one({"_id": "too early"})
    models(project, one.format("archive") + '    __renamed_from__ = "orders"\n')
    told = "Not renamed: collection orders to archive, which is there already"
    assert told in generate(project, "--allow-drop-collections", expect=0).out
    assert told in project.run("check", expect=4).out
    project.db.archive.drop()
    generate(project, expect=0)
    project.ok("upgrade", "head")
    assert sorted(listing(project)) == ["archive"]


def test_a_rebuild_keeps_the_documents(project: Project) -> None:
    upgraded(project, USERS)
    project.db.users.insert_many([{"_id": number} for number in range(100)])
    capped = USERS + '    __options__ = {"collation": {"locale": "de"}}\n'
    models(project, capped)
    assert "building it anew" in generate(project, expect=0).out
    project.ok("upgrade", "head")
    upgraded(project, capped, "--allow-drop-collections")
    assert project.db.users.options()["collation"]["locale"] == "de"
    assert project.db.users.count_documents({}) == 100
    project.ok("check")


def test_offline_needs_no_server(project: Project) -> None:
    upgraded(project, USERS)
    nowhere = {"TREERING_URL": "mongodb://127.0.0.1:1/none"}
    assert "agree" in project.ok("check", "--offline", **nowhere).out
    models(project, USERS.replace('Index("email")', 'Index("email"), Index("name")'))
    assert "New indexes on users: 1 index(es)" in project.run("check", "--offline", expect=4, **nowhere).out
    generate(project, "--offline", expect=0, **nowhere)
    assert newest(project).count("create_index(") == 1
    project.run("check", expect=5, **nowhere)


def test_two_branches_make_no_conflict_and_no_difference(project: Project) -> None:
    upgraded(project, USERS)
    [first] = [path.name[:14] for path in project.versions.glob("*.py")]
    a = USERS.replace('Index("email")', 'Index("email"), Index("a")')
    models(project, a)
    generate(project, "--rev-id", "20300101000001", "--offline", expect=0)
    b = USERS.replace('[Index("email")]', "[]") + '\n\nclass B(Collection):\n    __collection_name__ = "b"\n'
    models(project, b)
    generate(project, "--rev-id", "20300101000002", "--offline", "--head", first, "--splice", expect=0)
    both = b.replace("__indexes__ = []", '__indexes__ = [Index("a")]')
    models(project, both)
    assert "agree" in project.ok("check", "--offline").out
    project.ok("upgrade", "head")
    assert "No changes detected" in generate(project, expect=0).out
    assert set(project.db.users.index_information()) == {"_id_", "a_1"}


def test_pending_revisions_are_named(project: Project) -> None:
    models(project, USERS)
    generate(project, expect=0)
    [pending] = [path.name[:14] for path in project.versions.glob("*.py")]
    with project.unchanged():
        refused = generate(project, expect=4)
        assert pending in refused.err
        assert "--force" in refused.err
    generate(project, "--force", expect=0)


def test_a_document_changed_by_hand_is_told(project: Project) -> None:
    text = USERS + '    __initial_data__ = [{"_id": "root", "level": %d}]\n'
    upgraded(project, text % 1)
    project.db.users.update_one({"_id": "root"}, {"$set": {"level": 7}})
    models(project, text % 2)
    result = generate(project, expect=0)
    assert "document root of users was changed in the database" in result.out
    assert project.db.users.find_one() == {"_id": "root", "level": 7}


# --- bad input

BAD_MODELS = {
    "raises": ("import nothing_of_that_name\n", ("models.py:4", "nothing_of_that_name")),
    "syntax": ("class User(Collection:\n", ("models.py:4", "SyntaxError")),
    "no name": ("class User(Collection):\n    pass\n", ("models.py:4", "class User", "__collection_name__")),
    "unknown option": (
        USERS.replace("email", "email").replace(")]", ", uniqe=True)]"),
        ("models.py:7", "User", "uniqe", "unique"),
    ),
    "two of one name": (USERS.replace(")]", '), Index("x", name="email_1")]'), ("User", "email_1")),
    "empty key": (USERS.replace('Index("email")', "Index([])"), ("models.py:7", "User")),
    "two classes": (USERS + USERS.replace("User", "Person"), ("User", "Person", "users")),
    "dollar": (USERS.replace('"users"', '"us$ers"'), ("User", "us$ers")),
    "no id": (USERS + '    __initial_data__ = [{"a": 1}]\n', ("User", "_id")),
}


@pytest.mark.parametrize("case", BAD_MODELS)
def test_bad_models_are_told_with_their_place(project: Project, case: str) -> None:
    text, words = BAD_MODELS[case]
    models(project, text)
    with project.unchanged():
        for command in (["revision", "-m", "x", "--autogenerate"], ["check"], ["diff", "models", "live"]):
            refused = project.run(*command, expect=2)
            for word in words:
                assert word in refused.err, refused
            if case in ("raises",):
                assert "Traceback" in refused.err


def test_no_models_configured(project: Project) -> None:
    project.config(f'url = "{project.url}"\n')
    assert "no models are configured" in generate(project, expect=2).err


def test_no_server(project: Project) -> None:
    models(project, USERS)
    nowhere = {"TREERING_URL": "mongodb://127.0.0.1:1/none"}
    with project.unchanged():
        assert "no server answers" in generate(project, expect=5, **nowhere).err


ODD_NAMES = ["with.dots", "with spaces", "quo'te\"s", "n" * 200, "🌳 arbre", "back\\slash"]


def test_odd_names(project: Project) -> None:
    text = ""
    for number, name in enumerate(ODD_NAMES):
        text += f"class C{number}(Collection):\n    __collection_name__ = {name!r}\n"
        text += f"    __indexes__ = [Index('a.b', name={name[:100]!r})]\n\n\n"
    upgraded(project, text)
    assert set(ODD_NAMES) <= set(project.db.list_collection_names())
    project.ok("check")
    project.ok("downgrade", "base")
    assert not set(ODD_NAMES) & set(project.db.list_collection_names())


# --- diff and baseline


def test_diff_of_two_databases(project: Project, other_database: Any) -> None:
    other = other_database()
    url = with_database(project.server_url, other)
    client = project.db.client
    for database in (project.db, client[other]):
        database.users.create_index("email")
    assert "no difference" in project.ok("diff", project.url, url).err
    client[other].users.drop_index("email_1")
    client[other].users.create_index("email", unique=True)
    client[other].create_collection("more")
    result = project.run("diff", project.url, url, expect=4)
    assert "+ collection more" in result.lines
    assert any(line.startswith("~ index users.email_1: becomes unique") for line in result.lines)
    assert [each["kind"] for each in project.json("diff", url, project.url, expect=4)["differences"]] == [
        "changed",
        "removed",
    ]
    assert "names no database" in project.run("diff", "live", project.server_url, expect=2).err
    assert "no schema to compare" in project.run("diff", "live", "modles", expect=2).err


def fill(database: Any) -> None:
    database.create_collection("_user")
    database["_user"].create_index([("email", 1)], unique=True)
    database["_user"].create_index("seen", expireAfterSeconds=60)
    database.create_collection("audit.trail", capped=True, size=8192, max=10)
    database.create_collection("active", viewOn="_user", pipeline=[{"$match": {"active": True}}])
    database.create_collection("metrics", timeseries={"timeField": "t", "metaField": "m", "granularity": "hours"})
    database.create_collection("class", collation={"locale": "fr"}, validator={"$jsonSchema": {"required": ["a"]}})
    database["class"].create_index("name")
    database.create_collection("2 odd 'names'")


def test_baseline_describes_what_is_there(project: Project) -> None:
    fill(project.db)
    before = listing(project)
    result = project.ok("baseline", "-m", "baseline - current production")
    assert "models.py" in result.out
    assert listing(project) == before
    project.ok("check")
    assert "No changes detected" in generate(project, expect=0).out
    assert "already at head" in project.ok("upgrade", "head").out
    with project.unchanged():
        assert "there are revisions already" in project.run("baseline", expect=2).err


def test_baseline_verifies_elsewhere(project: Project, other_database: Any) -> None:
    fill(project.db)
    project.ok("baseline")
    other = other_database()
    url = with_database(project.server_url, other)
    failed = project.run("upgrade", "head", "--url", url, expect=1)
    assert "audit.trail" in failed.err
    fill(project.db.client[other])
    assert "1 applied" in project.ok("upgrade", "head", "--url", url).out
    project.ok("check", "--url", url)


@pytest.mark.parametrize(
    "text",
    [
        USERS,
        "def make(name):\n    return type(name, (Collection,), {})\n",
        "if True:\n    ROLES = 1\n",
        '"""text\n"""\nx = (\n',
        "ALL_COLLECTIONS = [1]\n",
    ],
)
def test_baseline_overwrites_no_code(project: Project, text: str) -> None:
    fill(project.db)
    models(project, text)
    with project.unchanged():
        assert "holds code already" in project.run("baseline", expect=2).err


def test_baseline_writes_a_package_where_there_is_one(project: Project) -> None:
    fill(project.db)
    project.config(project.folder.joinpath("treering.toml").read_text().replace("models.py", "shop"))
    package = project.folder / "shop" / "__init__.py"
    package.parent.mkdir()
    package.touch()
    assert "shop/__init__.py" in project.ok("baseline").out
    project.ok("check")


def test_baseline_knows_every_option_that_a_server_lists(project: Project) -> None:
    project.db.users.create_index("x")
    project.db.command("collMod", "users", index={"name": "x_1", "prepareUnique": True})
    project.ok("baseline")
    assert "prepareUnique=True" in (project.folder / "models.py").read_text()
    project.ok("check")


def test_a_file_may_be_named_as_a_module_of_pythons(project: Project) -> None:
    (project.folder / "calendar.py").write_text("EVENTS = []\n")
    models(project, USERS)
    generate(project, expect=0)
    assert project.json("upgrade", "head")["at_head"]


def test_what_is_held_back_is_told_alike(project: Project) -> None:
    upgraded(project, USERS)
    upgraded(project, USERS + '    __options__ = {"capped": True, "size": 8192}\n')
    assert "--autogenerate --allow-drop-collections" in project.run("check", expect=4).err
    assert "No changes but what is held back" in generate(project, expect=0).out
    upgraded(project, USERS + '    __options__ = {"capped": True, "size": 8192}\n', "--allow-drop-collections")
    project.ok("check")


def test_a_generated_revision_is_in_no_transaction(project: Project) -> None:
    project.config(project.folder.joinpath("treering.toml").read_text() + "\ntransactional = true\n")
    upgraded(project, USERS)
    assert "\ntransactional = False\n" in newest(project)
    upgraded(project, USERS.replace("email", "name") + '    __options__ = {"validator": {"a": {"$exists": True}}}\n')
    project.ok("check")


def test_a_document_of_a_renamed_collection_is_changed_by_hand(project: Project) -> None:
    upgraded(project, USERS)
    project.db.users.insert_one({"_id": "root", "level": 9})
    renamed = USERS.replace('"users"', '"people"') + '    __renamed_from__ = "users"\n'
    result = upgraded(project, renamed + '    __initial_data__ = [{"_id": "root", "level": 1}]\n')
    assert "document root of people was changed in the database" in result.out
    assert list(project.db.people.find()) == [{"_id": "root", "level": 9}]


def test_documents_are_named_by_any_id(project: Project) -> None:
    ids = '[bson.Binary(b"0123456789abcdef", 4), 0.1]'
    upgraded(
        project,
        f"import bson\n{USERS}    __initial_data__ = [{{'_id': one, 'a': 1}} for one in {ids}]\n",
    )
    project.db.users.update_many({}, {"$set": {"a": 2}})
    names = [each["name"] for each in project.json("diff", "models", "live", expect=4)["differences"]]
    assert "0.1" in names and any("MDEyMzQ1Njc4OWFiY2RlZg==" in name for name in names), names


def test_snapshots_are_readable_and_stable(project: Project) -> None:
    upgraded(project, CHANGED)
    [path] = Path(project.folder, "migrations", "snapshots").glob("*.json")
    document = json.loads(path.read_text(encoding="utf-8"))
    assert document["collections"]["users"]["class"] == "User"
    path.write_text("{", encoding="utf-8")
    broken = project.run("check", expect=2)
    assert str(path.name) in broken.err


def test_post_write_hooks(project: Project) -> None:
    with (project.folder / "treering.toml").open("a", encoding="utf-8") as config:
        config.write('\npost_write_hooks = ["sed -i s/Apply/Do/ REVISION_SCRIPT_FILENAME"]\n')
    models(project, USERS)
    generate(project, expect=0)
    assert "Do schema changes" in newest(project)
