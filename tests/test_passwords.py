# SPDX-License-Identifier: Apache-2.0
"""That a password which comes out is found: a test in which one was planted fails, under the same conftest as every other test."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

SECRET = "pl4nted/s€cret"  # known to the planted tests alone: they show it when they fail

PLANTED = {
    "stdout of a process": (
        "subprocess.run([sys.executable, '-c', f'print({SECRET!r})'], capture_output=True)",
        "what .* printed",
    ),
    "stderr of a process": (
        "subprocess.Popen(['sh', '-c', 'echo \"$0\" >&2', SECRET], stderr=subprocess.PIPE, text=True).communicate()",
        "what .* printed",
    ),
    "a process whose output nobody reads": ("subprocess.run(['echo', SECRET])", "Captured stdout"),
    "a terminal": ("Project(tmp_path, '', '', None).in_terminal('heads', '--config', SECRET)", "what .* printed"),
    "a command under way": ("Project(tmp_path, '', '', None).start('--config', SECRET, 'heads').finish()", "what .* p"),
    "print": ("print(SECRET)", "Captured stdout"),
    "an error that is caught": (
        "with contextlib.suppress(Exception):\n        raise treering.ConfigError('wrong', 'look at ' + SECRET)",
        "the text of a ConfigError",
    ),
    "a field of an error": ("treering.ServerError('wrong', fields={'url': SECRET})", "the text of a ServerError"),
    "an error of the driver": ("OperationFailure('wrong', 1, {'errmsg': SECRET})", "the text of a OperationFailure"),
    "the log": ("logging.getLogger('treering').debug('%s', SECRET)", "the log of treering"),
    "a bookkeeping document": (
        "mongo[database_name].treering_journal.insert_one({'error': [{'x': SECRET}]})",
        r"test_\w+\.treering_journal",
    ),
    "a collection's options": (
        "mongo[database_name].create_collection('c', validator={'a': {'$ne': SECRET}})",
        r"test_\w+\.c",
    ),
    "a private server": (
        "url = own_server(password=SECRET).url_for(SECRET)\n"
        "    with pymongo.MongoClient(url) as client:\n        client.shop.treering_state.insert_one({'x': SECRET})",
        r"shop\.treering_state",
    ),
    "a file of the project": (
        "project_folder.mkdir()\n    (project_folder / 'out.js').write_text(SECRET)",
        "out.js",
    ),
    "percent-encoded": ("print(quote(SECRET, safe=''))", "Captured stdout"),
    "as JSON": ("print(json.dumps({'url': SECRET}))", "Captured stdout"),
    "beside another failure": ("print(SECRET)\n    raise KeyError('the other one')", "the other one"),
}
HEAD = f"""
import contextlib, json, logging, subprocess, sys
from urllib.parse import quote
import passwords, pymongo, treering
from pymongo.errors import OperationFailure
from workbench import Project

SECRET = passwords.known({SECRET!r})
"""
FIXTURES = ("tmp_path", "mongo", "database_name", "own_server", "project_folder")


def run_pytest(folder: Path, open_url: str, name: str, body: str) -> tuple[int, str]:
    needed = ", ".join(each for each in FIXTURES if each in body)
    (folder / "test_planted.py").write_text(f"{HEAD}\n\ndef {name}({needed}):\n    {body}\n", encoding="utf-8")
    tests = Path(__file__).parent
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(tests), str(tests / "e2e")]),
        "TREERING_TEST_URL": open_url,
        "PYTHONIOENCODING": "utf-8",
    }
    # Without the options and the plugins of this run; the conftest as each folder's tests have it.
    command = [sys.executable, "-m", "pytest", "-q", "-p", "conftest", "-c", os.devnull, "--rootdir", str(folder)]
    for name in [name for name in environment if name.startswith("PYTEST_")]:
        del environment[name]
    done = subprocess.run([*command, str(folder)], cwd=folder, env=environment, capture_output=True, encoding="utf-8")
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("where", PLANTED)
def test_a_planted_password_is_found(tmp_path: Path, open_url: str, where: str) -> None:
    body, place = PLANTED[where]
    code, text = run_pytest(tmp_path, open_url, "test_planted", body)
    assert code == 1 and re.search(r"a password shows in (?s:.*)\[it\]\.\.\.", text), text
    assert re.search(place, text), text


def test_what_holds_none_passes(tmp_path: Path, open_url: str) -> None:
    body = "print('pl4nted')\n    mongo[database_name].c.insert_one({'x': 's€cret'})"
    code, text = run_pytest(tmp_path, open_url, "test_clean", body)
    assert code == 0 and "1 passed" in text, text
