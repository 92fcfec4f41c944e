# SPDX-License-Identifier: Apache-2.0
"""The blocks of the autogenerate guide: models, commands, printed lines and files, as they are written there, on a real server.

`nano` and git's remote are stand-ins, as in the transition guide's tests; TIMESTAMP in a path of the guide stands for the revision's id.
"""

from __future__ import annotations

import ast
import os
import re
from pathlib import Path
from typing import Any

import pytest
from markdown_blocks import blocks_of
from workbench import ROOT, STAND_INS, Project, Result, clean_environment, execute

GUIDE = ROOT.parent / "shared" / "seeds" / "autogenerate_guide.md"

pytestmark = pytest.mark.skipif(not GUIDE.is_file(), reason=f"the guide isn't there: {GUIDE}")

MODELS = "baseapp/models/mongodb_schema.py"


def block(number: int) -> str:
    return blocks_of(GUIDE.read_text(encoding="utf-8"))[number].text


def write_models(project: Project, text: str) -> None:
    (project.folder / MODELS).write_text(text, encoding="utf-8")


def shell(project: Project, text: str, edit: str = "", expect: int = 0) -> Result:
    edit_file, calls = project.folder.parent / "edit.py", project.folder.parent / "calls"
    edit_file.write_text(edit, encoding="utf-8")
    environment = clean_environment(
        **project.environment,
        STAND_IN_CALLS=str(calls),
        STAND_IN_EDIT=str(edit_file),
        HOME=str(project.folder.parent),
        GIT_CONFIG_NOSYSTEM="1",
        GIT_AUTHOR_NAME="Ada",
        GIT_AUTHOR_EMAIL="ada@example.net",
        GIT_COMMITTER_NAME="Ada",
        GIT_COMMITTER_EMAIL="ada@example.net",
    )
    environment["PATH"] = f"{STAND_INS}{os.pathsep}{environment['PATH']}"
    text = re.sub(r"(cat \S*)(?:TIMESTAMP|\d{14})", r"\1*", text)
    return execute(["bash", "-euo", "pipefail", "-c", text], project.folder, environment, expect)


def newest(project: Project) -> Path:
    return sorted(project.versions.glob("*.py"))[-1]


def generalised(text: str) -> str:
    return re.sub(r"\d{14}", "ID", text)


def indexes(project: Project, collection: str) -> dict[str, Any]:
    found = project.db[collection].index_information()
    return {name: [tuple(pair) for pair in index["key"]] for name, index in found.items() if name != "_id_"}


def functions(text: str) -> str:
    return text[text.index("def upgrade") :].rstrip("\n")


def summary(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.startswith("  - ")]


def test_the_guide_has_the_blocks_that_are_run_here() -> None:
    languages = [each.language for each in blocks_of(GUIDE.read_text(encoding="utf-8"))]
    assert {each: languages.count(each) for each in languages} == {"": 3, "python": 15, "bash": 12}


def test_quick_start(baseapp: Project) -> None:
    baseapp.add("20241210140000")
    baseapp.ok("upgrade", "head")
    write_models(baseapp, block(1))
    created = shell(baseapp, block(2))
    assert generalised(created.out).strip() == generalised(block(3)).strip()

    written = newest(baseapp).read_text(encoding="utf-8")
    assert functions(written) == functions(block(4))
    document, guides = ast.get_docstring(ast.parse(written)), ast.get_docstring(ast.parse(block(4)))
    assert document and guides
    assert document.startswith(guides)
    assert re.fullmatch(
        r"\n\nRevision ID: \d{14}\nRevises: 20241210140000\nCreate Date: [-\d]{10} [:\d]{8}", document[len(guides) :]
    )
    header = [
        line for line in written.splitlines() if line.startswith(("down_revision", "branch_labels", "depends_on"))
    ]
    assert header == [
        line for line in block(4).splitlines() if line.startswith(("down_revision", "branch_", "depends_"))
    ]

    shell(baseapp, block(5))
    assert indexes(baseapp, "wallet") == {
        "uid_org_idx": [("uid", 1), ("org_id", 1)],
        "rec_date_1": [("rec_date", 1)],
        "coins_1": [("coins", 1)],
    }
    assert baseapp.db.wallet.index_information()["uid_org_idx"]["unique"] is True
    assert set(indexes(baseapp, "wallet_history")) == {"wallet_id_1", "rec_date_1", "wallet_date_idx"}
    assert "No changes detected" in baseapp.ok("revision", "-m", "again", "--autogenerate", face="manage").out
    baseapp.ok("check")


def test_complete_example(baseapp: Project) -> None:
    write_models(baseapp, block(6))
    created = shell(baseapp, block(7))
    # The guide's sum is one of 17; its models have 19 indexes.
    wanted = generalised(block(8)).replace("17 index(es)", "19 index(es)").strip().splitlines()
    assert [line for line in generalised(created.out).splitlines() if line in wanted] == wanted
    shell(baseapp, block(9))
    counts = {name: len(indexes(baseapp, name)) for name in ("wallet", "top_up", "partner_wallet", "wallet_history")}
    assert counts == {"wallet": 4, "top_up": 3, "partner_wallet": 3, "wallet_history": 5}
    assert len(indexes(baseapp, "partner_wallet_history")) == 4


def test_verbose_lists_every_collection(baseapp: Project) -> None:
    write_models(baseapp, block(6))
    lines = summary(baseapp.ok("revision", "-m", "all", "--autogenerate", "-v").out)
    assert "- New indexes on wallet: 4 index(es)" in lines
    assert len([line for line in lines if line.startswith("- New indexes on")]) == 5


def test_manual_against_autogenerate(baseapp: Project) -> None:
    shell(baseapp, block(10))
    shell(baseapp, "nano migrations/versions/TIMESTAMP_add_wallet.py", block(11).replace("# ... 20 more lines", ""))
    baseapp.ok("upgrade", "head")
    assert len(indexes(baseapp, "wallet")) == 3
    baseapp.ok("downgrade", "-1")
    newest(baseapp).unlink()
    write_models(baseapp, block(1))
    assert "Created autogenerated revision" in shell(baseapp, block(12)).out


def test_fully_supported(baseapp: Project) -> None:
    model = block(13).split("\n# Autogenerate", 1)[0].rstrip()
    for fragment in (block(14), block(15)):
        body = fragment.split("\n# Autogenerate", 1)[0]
        model += "\n" + "\n".join("    " + line for line in body.splitlines())
    write_models(baseapp, model + "\n")
    created = baseapp.ok("revision", "-m", "mine", "--autogenerate", face="manage")
    assert summary(created.out) == [
        "- New collections: my_collection",
        "- New indexes on my_collection: 2 index(es)",
        "- New initial data in my_collection: 1 document(s)",
    ]
    baseapp.ok("upgrade", "head")
    assert set(indexes(baseapp, "my_collection")) == {"new_field_1", "field1_1_field2_-1"}
    assert list(baseapp.db.my_collection.find()) == [{"_id": "item1", "value": "data"}]
    baseapp.ok("check")


def test_needs_manual_code(baseapp: Project) -> None:
    baseapp.db.users.insert_many([{"_id": 1, "old_field": 1, "old_value": 2}])
    for number, before in ((16, ""), (17, "def transform(value):\n    return value + 1\n\n"), (18, "")):
        shell(baseapp, f'python manage.py revision -m "manual {number}"')
        body = before + block(number) + "\n\ndef downgrade(env):\n    pass\n"
        shell(baseapp, f"nano migrations/versions/TIMESTAMP_manual_{number}.py", body)
        if number == 17:
            baseapp.db.users.update_one({"_id": 1}, {"$set": {"old_value": 2}})
        baseapp.ok("upgrade", "head", face="manage")
    assert baseapp.db.users.find_one() == {"_id": 1, "new_field": 3, "old_value": 2}


def test_review_and_combine(baseapp: Project) -> None:
    write_models(baseapp, block(1))
    # The second command of the block edits: the generated code and what is done by hand beside it.
    edit = "import uuid\n\n\n" + block(20) + "\n\ndef downgrade(env):\n    env.drop_collection('wallet')\n"
    baseapp.db["_user"].insert_one({"_id": "ann", "org_id": 7, "balance": 12})
    shell(baseapp, block(19).replace("nano migrations/versions/TIMESTAMP", "nano migrations/versions/TIMESTAMP"), edit)
    wallet = baseapp.db.wallet.find_one()
    assert wallet is not None
    assert {**wallet, "_id": 0} == {"_id": 0, "uid": "ann", "org_id": 7, "coins": 12, "rcoins": 0}
    assert baseapp.db["_user"].find_one() == {"_id": "ann", "org_id": 7}


def test_initial_schema(baseapp: Project) -> None:
    write_models(baseapp, block(6))
    assert "New collections: wallet, top_up, partner_wallet" in shell(baseapp, block(21)).out


def test_incremental_changes(baseapp: Project) -> None:
    text = block(22)
    first = text.split("# Day 2", 1)[0]
    generate = re.findall(r"python manage\.py .*", text)
    assert len(generate) == 2
    write_models(baseapp, "\n".join(line for line in first.splitlines() if not line.startswith("python ")))
    assert summary(shell(baseapp, generate[0]).out) == [
        "- New collections: _user",
        "- New indexes on _user: 1 index(es)",
    ]
    baseapp.ok("upgrade", "head")
    write_models(baseapp, "\n".join(line for line in text.splitlines() if not line.startswith("python ")))
    assert summary(shell(baseapp, generate[1]).out) == ["- New indexes on _user: 1 index(es)"]
    assert functions(newest(baseapp).read_text(encoding="utf-8")).count("create_index(") == 1
    assert 'create_index("username")' in newest(baseapp).read_text(encoding="utf-8")
    baseapp.ok("upgrade", "head")
    assert set(indexes(baseapp, "_user")) == {"email_1", "username_1"}


def test_custom_index_types(baseapp: Project) -> None:
    write_models(baseapp, block(23) + "\n\n" + block(25))
    baseapp.ok("revision", "-m", "special", "--autogenerate")
    text = newest(baseapp).read_text(encoding="utf-8")
    assert """create_index([("location", "2dsphere")], name='geo_idx')""" in text
    assert 'create_index("optional_field", sparse=True)' in text
    baseapp.ok("upgrade", "head")
    assert indexes(baseapp, "locations") == {"geo_idx": [("location", "2dsphere")]}
    assert baseapp.db["items"].index_information()["optional_field_1"]["sparse"] is True
    baseapp.ok("check")


def test_text_search_index_is_written_and_the_servers_refusal_is_told(baseapp: Project) -> None:
    write_models(baseapp, block(24))
    baseapp.ok("revision", "-m", "search", "--autogenerate")
    text = newest(baseapp).read_text(encoding="utf-8")
    assert """create_index([("title", "text"), ("description", "text")], name='search_idx')""" in text
    refused = baseapp.run("upgrade", "head")
    if refused.code == 0:  # a server that has text indexes
        assert "search_idx" in baseapp.db.content.index_information()
        return
    assert refused.code == 1
    assert "text indexes" in refused.err
    assert "search_idx" in refused.err
    assert "SearchableContent" in refused.err


def test_development_workflow(baseapp: Project) -> None:
    shell(baseapp, "git init -q .")
    shell(baseapp, block(26), block(1))
    assert "wallet" in baseapp.db.list_collection_names()
    files = shell(baseapp, "git show --stat --format=%s HEAD").out
    assert "Add wallet feature" in files
    assert MODELS in files
    assert "migrations/snapshots/" in files


def test_team_collaboration(baseapp: Project) -> None:
    shell(baseapp, "git init -q --bare ../remote.git && git init -q -b main . && git add -A && git commit -qm start")
    shell(
        baseapp,
        "git remote add origin ../remote.git && git push -qu origin main && git clone -q -b main ../remote.git ../ann",
    )
    ann = baseapp.folder.parent / "ann"
    (ann / MODELS).write_text(block(1), encoding="utf-8")
    baseapp.ok("revision", "-m", "add wallets", "--autogenerate", folder=ann)
    shell(baseapp, "cd ../ann && git add -A && git commit -qm 'wallet' && git push -q")
    before, after = block(27).split("# Developer B: Add loyalty models", 1)
    shell(baseapp, before)
    assert "wallet" in baseapp.db.list_collection_names()
    loyalty = "class Loyalty(Collection):\n    __collection_name__ = 'loyalty'\n\n\nALL_COLLECTIONS.append(Loyalty)\n"
    write_models(baseapp, block(1) + "\n\n" + loyalty)
    assert summary(shell(baseapp, after).out) == ["- New collections: loyalty"]


def test_summary_and_quick_reference(baseapp: Project) -> None:
    write_models(baseapp, block(1))
    edit = "def upgrade(env):\n    env.create_collection('wallet')\n\n\ndef downgrade(env):\n    env.drop_collection('wallet')\n"
    shell(baseapp, block(28), edit)
    write_models(baseapp, block(25))
    done = shell(baseapp, block(29))
    assert done.out.splitlines()[-1] == "Has changes: False"


def test_dry_check_writes_nothing(baseapp: Project) -> None:
    write_models(baseapp, block(1))
    check = block(29)[block(29).index("python -c") :]
    shell(baseapp, "true")
    with baseapp.unchanged():
        assert shell(baseapp, check).out == "Has changes: True\n"
