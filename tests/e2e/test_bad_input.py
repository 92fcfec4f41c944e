# SPDX-License-Identifier: Apache-2.0
"""Whatever is wrong with what a person gives us: a clear error with its place, the right exit code, and nothing changed."""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import signal
import subprocess
import sys
from typing import Callable

import passwords
import pymongo
import pytest
from refusal import refused
from servers import TestServer, free_port, with_database
from workbench import Project, Running, clean_environment, marker, wait_until

A, B, C, D = "20241210120000", "20241210130000", "20241210140000", "20241210150000"


@pytest.fixture
def started(project: Project) -> Project:
    """With two revisions applied, so that there is something that could be changed."""
    project.chain(A, B)
    project.ok("upgrade")
    return project


# --- configuration and folders

COMMANDS = [
    "revision -m x",
    "upgrade",
    "downgrade",
    "current",
    "history",
    "heads",
    "branches",
    "show head",
    "merge",
    "stamp head",
    "edit head",
    "log",
    "unlock",
    "trash",
    "wait",
]


@pytest.mark.parametrize("command", COMMANDS)
def test_no_configuration(bare_project: Project, command: str) -> None:
    refused(bare_project, *command.split(), holds=("no treering.toml", str(bare_project.folder), "treering init"))


@pytest.mark.parametrize("command", ["upgrade", "current", "history", "revision -m x"])
def test_no_versions_folder(started: Project, command: str) -> None:
    shutil.rmtree(started.versions)
    refused(started, *command.split(), holds=("migrations/versions", "treering init"))


def test_a_configuration_that_is_not_toml(started: Project) -> None:
    started.config("\nurl = \n")
    refused(started, "upgrade", holds=("treering.toml:2",))


# --- headers and the graph


def with_header(old: str, new: str) -> Callable[[Project], None]:
    def change(project: Project) -> None:
        path = project.add(C, B)
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    return change


FILE_C = f"migrations/versions/{C}_step.py"
HEADERS = {
    "a call": (with_header(f"down_revision = '{B}'", f"down_revision = str('{B}')"), f"{FILE_C}:8"),
    "an f-string": (with_header(f"revision = '{C}'\n", f"revision = f'{C}'\n"), f"{FILE_C}:7"),
    "a number": (with_header(f"revision = '{C}'\n", f"revision = {C}\n"), f"{FILE_C}:7"),
    "a set": (with_header("depends_on = None", "depends_on = {'a'}"), f"{FILE_C}:10"),
    "a name": (with_header("branch_labels = None", "branch_labels = LABELS"), f"{FILE_C}:9"),
    "an id that can't be": (with_header(f"revision = '{C}'\n", "revision = 'a@b'\n"), f"{FILE_C}:7"),
    "an open bracket": (with_header(f"down_revision = '{B}'", "down_revision = ('a',"), FILE_C),
    "no down_revision": (with_header(f"down_revision = '{B}'\n", ""), FILE_C),
    "no revision": (with_header(f"revision = '{C}'\ndown_", "down_"), FILE_C),
}


@pytest.mark.parametrize("name", HEADERS)
def test_a_header_that_cannot_be_read(started: Project, name: str) -> None:
    change, place = HEADERS[name]
    change(started)
    for command in ("upgrade", "history", "heads", "revision -m x", "merge", "downgrade base"):
        refused(started, *command.split(), holds=(place,))


def test_a_missing_parent(started: Project) -> None:
    started.add(D, C)
    for command in ("upgrade", "history", "revision -m x"):
        refused(started, *command.split(), holds=(f"migrations/versions/{D}_step.py", C))


def test_a_missing_dependency(started: Project) -> None:
    started.add(C, B, depends_on="20200101000000")
    refused(started, "upgrade", holds=(FILE_C, "20200101000000"))


def test_two_files_of_one_id(started: Project) -> None:
    started.add(C, B)
    started.add(C, A, slug="other")
    for command in ("upgrade", "current", "revision -m x"):
        refused(started, *command.split(), holds=(FILE_C, f"migrations/versions/{C}_other.py"))


def test_a_cycle(started: Project) -> None:
    started.add(C, D)
    started.add(D, C)
    refused(started, "upgrade", holds=("ycle", C, D))


def test_a_self_loop(started: Project) -> None:
    started.add(C, C)
    refused(started, "upgrade", holds=(FILE_C,))


def test_a_dependency_cycle(started: Project) -> None:
    started.add(C, B, depends_on=D)
    started.add(D, C)
    refused(started, "upgrade", holds=("ycle", C, D))


def test_a_label_used_twice(started: Project) -> None:
    started.add(C, B, labels="feature")
    started.add(D, B, labels="feature")
    refused(started, "upgrade", holds=("feature", C, D))


def test_a_name_that_belies_the_header(started: Project) -> None:
    started.add(C, B).rename(started.versions / f"{D}_step.py")
    refused(started, "upgrade", holds=(f"{D}_step.py", C))


def test_revisions_without_a_header_are_named(started: Project) -> None:
    path = started.versions / "wallet.py"
    path.write_text("def upgrade(env):\n    env.create_collection('wallet')\n", encoding="utf-8")
    refused(started, "upgrade", holds=("migrations/versions/wallet.py", "header"))
    path.rename(started.versions / f"{C}_wallet.py")
    refused(started, "upgrade", holds=(f"migrations/versions/{C}_wallet.py", "header"))


def test_files_that_are_no_revisions_are_ignored(started: Project) -> None:
    for name in (
        "README.md",
        "notes.txt",
        "__init__.py",
        ".hidden.py",
        f"{C}_backup.py~",
        f"{C}_old.py.orig",
        f".#{C}_x.py",
    ):
        (started.versions / name).write_text("def broken(:\n", encoding="utf-8")
    (started.versions / "__init__.py").write_text("", encoding="utf-8")
    (started.versions / "names.py").write_text("USERS = 'users'\n", encoding="utf-8")
    (started.versions / "__pycache__").mkdir()
    (started.versions / "__pycache__" / f"{C}_x.cpython-311.pyc").write_bytes(b"\0")
    (started.versions / f"{C}_folder.py").mkdir()
    assert started.ok("upgrade").lines == [f"already at head: {B}"]
    assert len(started.ok("history").lines) == 2


# --- the code of a revision


@pytest.mark.parametrize("face", ["binary", "module"])
def test_a_syntax_error_anywhere_in_the_plan(started: Project, face: str) -> None:
    started.add(C, B, **marker(C))
    started.add(D, C, upgrade="if True\n    pass")
    refused(started, "upgrade", holds=(f"migrations/versions/{D}_step.py:14", "SyntaxError"), face=face)
    assert started.marks() == [A, B]


def test_no_upgrade_function(started: Project) -> None:
    path = started.add(C, B)
    path.write_text(path.read_text(encoding="utf-8").replace("def upgrade", "def upgrad"), encoding="utf-8")
    refused(started, "upgrade", holds=(FILE_C, "no function upgrade", "def upgrade(env)"))


def test_no_downgrade_function(started: Project) -> None:
    path = started.add(C, B)
    path.write_text(path.read_text(encoding="utf-8").split("def downgrade")[0], encoding="utf-8")
    started.ok("upgrade")
    refused(started, "downgrade", holds=(FILE_C, "no function downgrade"))


def test_a_migration_that_raises(started: Project) -> None:
    started.db.users.insert_one({"_id": 0})  # else the collection would be the revision's, and go again with it
    started.add(
        C,
        B,
        upgrade="env.db.users.insert_one({'_id': 1})\nuser = env.db.users.find_one()\nuser['full_name'].split(' ')",
        downgrade="pass",
    )
    started.add(D, C, **marker(D))
    before = started.heads(), started.applied()
    result = started.run("upgrade", expect=1)
    assert f"{FILE_C}:16: KeyError: 'full_name'" in result.err
    assert "user['full_name'].split(' ')" in result.err
    assert "Traceback (most recent call last)" in result.err
    assert "nothing recorded" in result.err and D in result.err  # what was not begun
    assert "1 document changed in users" in result.err  # what it left
    assert (started.heads(), started.applied()) == before
    assert started.marks() == [A, B]
    assert started.json("log")["attempts"][0]["outcome"] == "failed"
    document = started.run("upgrade", "--json", expect=1).json
    assert document["error"]["kind"] == "migration_failed"
    # The first raised a DuplicateKeyError this time, and the lock is free again.
    assert "DuplicateKeyError" in document["error"]["message"]


@pytest.mark.parametrize(
    "code, said",
    [
        ("async def upgrade(env):\n    pass", "{line}: TypeError: upgrade is an async function"),
        ("def upgrade():\n    pass", "{line}: TypeError: upgrade() takes 0 positional arguments but 1 was given"),
        ("upgrade = 5", " TypeError: upgrade is not a function"),
        ("import functools\nupgrade = functools.partial(print, foo=1)", " TypeError: "),
    ],
)
def test_a_function_that_can_not_be_called(started: Project, code: str, said: str) -> None:
    path = started.add(C, B)
    text = path.read_text(encoding="utf-8").replace("def upgrade(env):\n    pass", code)
    path.write_text(text, encoding="utf-8")
    line = text[: text.index(code)].count("\n") + 1
    failed = started.run("upgrade", expect=1)
    place = f"  migrations/versions/{path.name}:"
    assert place + said.format(line=line) in failed.err, failed
    error = started.json("upgrade", expect=1)["error"]
    assert error["message"].startswith(place.strip() + said.format(line=line)), error


def test_a_failed_downgrade_stays_applied(started: Project) -> None:
    started.add(C, B, downgrade="raise RuntimeError('no way back')")
    started.ok("upgrade")
    result = started.run("downgrade", expect=1)
    assert f"{FILE_C}:18: RuntimeError: no way back" in result.err
    assert "still recorded as applied" in result.err
    assert started.heads() == [C]


@pytest.mark.parametrize("body", ["raise SystemExit(0)", "import sys\nsys.exit('done')", "exit()"])
def test_a_migration_that_exits_has_failed(started: Project, body: str) -> None:
    started.add(C, B, upgrade=body)
    assert "SystemExit" in started.run("upgrade", expect=1).err
    assert started.heads() == [B]


def test_what_was_applied_before_a_failure_stays(started: Project) -> None:
    started.add(C, B, **marker(C))
    started.add(D, C, upgrade="1 / 0")
    result = started.run("upgrade", expect=1)
    assert "1 applied in" in result.out and f"now at {C}" in result.out
    assert started.heads() == [C] and started.marks() == [A, B, C]


# --- targets and ids


@pytest.mark.parametrize(
    "command, holds",
    [
        ("upgrade 2025", ("2025",)),
        ("upgrade nosuch@head", ("nosuch",)),
        ("upgrade 202412101", (A, B)),
        ("upgrade +1", ("+1",)),
        ("upgrade +99", ("+99",)),
        ("downgrade -3", ("-3",)),
        ("downgrade nosuch", ("nosuch",)),
        ("show 202412101", (A, B)),
        ("show nosuch", ("nosuch",)),
        ("edit nosuch", ("nosuch",)),
        ("stamp nosuch", ("nosuch",)),
        ("history -r nosuch:", ("nosuch",)),
        ("history -r a", (":",)),
        (f"upgrade {A}+9", ("+9",)),
        ("upgrade @", ("@",)),
        ("merge head", (B,)),
        ("revision -m x --head nosuch", ("nosuch",)),
        (f"revision -m x --head {A}", (A, "--splice")),
        ("revision -m x --depends-on nosuch", ("nosuch",)),
        (f"revision -m x --rev-id {A}", (A, "exists")),
    ],
)
def test_targets_that_name_nothing_or_too_much(started: Project, command: str, holds: tuple[str, ...]) -> None:
    refused(started, *command.split(), holds=holds)


def test_a_near_miss_is_named(started: Project) -> None:
    assert A in refused(started, "show", "20241210120001").err


@pytest.mark.parametrize(
    "rev_id",
    [
        "a@b",
        "a-b",
        "a+b",
        "a:b",
        "a b",
        "a/b",
        "a\\b",
        "../x",
        "/etc/x",
        "",
        "head",
        "base",
        "a\nb",
        "a\tb",
        "'a'",
        "x" * 300,
        "a\u2028b",
    ],
)
def test_ids_that_cannot_be(started: Project, rev_id: str) -> None:
    refused(started, "revision", "-m", "x", "--rev-id", rev_id)
    assert sorted(path.name for path in started.folder.parent.iterdir() if path.is_file()) == []


@pytest.mark.parametrize(
    "label, said",
    [
        ("a b", "Character(s) ' ' not allowed in branch label 'a b'"),
        ("a@b", "Character(s) '@' not allowed in branch label 'a@b'"),
        ("head", "'head' can't be a branch label: as a target it means something else"),
    ],
)
def test_labels_that_cannot_be(started: Project, label: str, said: str) -> None:
    words = ["revision", "-m", "x", "--branch-label", label]
    result = refused(started, *words, holds=(f"error: {said}\n", "a label is of letters, digits and underscores"))
    assert ".py" not in result.err and "time stamp" not in result.err


@pytest.mark.parametrize(
    "command, holds",
    [
        ("upgrad", ("upgrad", "upgrade")),
        ("upgrade --lock-timout 3", ("--lock-timout", "--lock-timeout")),
        ("upgrade head extra", ("extra",)),
        ("upgrade --lock-timeout soon", ("--lock-timeout", "soon")),
        ("upgrade --lock-timeout -5", ("--lock-timeout",)),
        ("log --limit many", ("--limit", "many")),
        ("wait --timeout x", ("--timeout",)),
        ("revision", ("message",)),
        ("show", ("revision",)),
        ("stamp", ("revision",)),
        ("init --template nosuch", ("nosuch", "baseapp", "python")),
        ("current --json=yes", ("--json",)),
        ("revision -m", ("-m",)),
        ("--env nosuch current", ("nosuch",)),
    ],
)
def test_wrong_words(started: Project, command: str, holds: tuple[str, ...]) -> None:
    with started.unchanged():
        result = started.run(*command.split(), expect=2)
    for text in holds:
        assert text in result.err, result
    assert result.out == ""


@pytest.mark.parametrize(
    "words",
    [
        ["upgrade", "--script", ""],
        ["upgrade", "--script="],
        ["upgrade", "--url", ""],
        ["--url=", "upgrade"],
        ["upgrade", "--env", ""],
        ["upgrade", "--config", ""],
        ["--config=", "upgrade"],
        ["upgrade", "--lock-timeout", ""],
        ["trash", "restore", "x", "--as", ""],
    ],
)
def test_an_option_with_an_empty_value(started: Project, words: list[str]) -> None:
    started.add(C, B, **marker(C))  # what would be applied by whoever takes it for not given
    refused(started, *words, holds=("is given without a value",))


def test_no_command_at_all(bare_project: Project) -> None:
    result = bare_project.run(expect=2)
    assert "upgrade" in result.err and result.out == ""


# --- messages

MESSAGES = {
    "indonesian": "tambah koleksi dompet pengguna",
    "japanese": "ウォレットを追加する",
    "arabic": "إضافة محفظة",
    "emoji": "add 👛 wallet 👨‍👩‍👧",
    "quotes": "add \"wallet\" and 'user' and \"\"\" and '''",
    "lines": "first line\nsecond line\n\n  indented\r\nlast",
    "backslashes": "C:\\new\\x41 \\N{DASH} \\",
    "ends in a quote": 'say "',
    "percent and braces": "100% {sure} ${HOME} %s",
    "long": "wallet " * 1430,
    "one long word": "x" * 10000,
    "path": "../../etc/passwd",
    "only dashes": "---",
    "dots": "..",
    "escape": "a\x1b[31mred\x07",
    "header": 'x\n"""\nrevision = \'evil\'\n',
}


@pytest.mark.parametrize("name", MESSAGES)
def test_any_message(project: Project, name: str) -> None:
    message = MESSAGES[name]
    created = project.json("revision", "-m", message)
    path = project.folder / created["path"]
    assert path.parent == project.versions and path.is_file()
    assert len(path.name.encode()) < 255
    docstring = run_python(
        f"import ast, sys\nprint(ascii(ast.get_docstring(ast.parse(open({str(path)!r}, encoding='utf-8').read()), clean=False)))"
    )
    kept = eval(docstring)  # noqa: S307 - it is ascii() of a string
    assert kept.lstrip("\n").replace("\r\n", "\n").startswith(message.replace("\r\n", "\n").rstrip()), kept
    result = project.ok("upgrade")
    assert "\x1b" not in result.text and "\x07" not in result.text
    first_line = message.strip().splitlines()[0]
    assert project.db.treering_revisions.find_one()["message"] == first_line.strip()
    [row] = project.json("history")["revisions"]
    assert row["message"] == first_line.strip()
    assert len(project.ok("history").lines) == 1
    project.ok("downgrade")


def test_a_message_that_is_not_utf8(project: Project) -> None:
    done = subprocess.run(
        [*project.command("revision", "-m"), b"caf\xe9"],
        cwd=project.folder,
        env={**os.environ, "TREERING_URL": project.url},
        capture_output=True,
    )
    assert done.returncode in (0, 2), done
    if done.returncode == 0:
        project.ok("upgrade")
    assert b"internal" not in done.stderr


def test_an_empty_message(project: Project) -> None:
    for message in ("", "   ", "\n"):
        with project.unchanged():
            result = project.run("revision", "-m", message)
        assert result.code == 2, result


def run_python(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout


# --- the server


@pytest.mark.parametrize(
    "command", ["upgrade", "downgrade", "current", "history -i", "stamp head", "log", "show current"]
)
def test_an_unreachable_server(project: Project, command: str) -> None:
    project.add(A)
    port = free_port()
    project.environment["TREERING_URL"] = f"mongodb://user:{passwords.known('sEcReT')}@127.0.0.1:{port}/shop"
    refused(project, *command.split(), code=5, holds=(f"127.0.0.1:{port}",))


def test_an_unknown_host(project: Project) -> None:
    refused(project, "current", "--url", "mongodb://no-such-host.invalid/shop", code=5, holds=("no-such-host.invalid",))


def test_a_server_that_takes_connections_and_says_nothing(project: Project) -> None:
    import socket

    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(16)
        port = deaf.getsockname()[1]
        result = project.run("current", "--url", f"mongodb://127.0.0.1:{port}/shop", expect=5)
    assert f"127.0.0.1:{port}" in result.err


@pytest.mark.parametrize(
    "url", ["mongodb://", "postgres://h/d", "mongodb://h:port/d", "nonsense", "mongodb://u:p%zz@h/d", "mongodb://h/a.b"]
)
def test_urls_that_are_none(project: Project, url: str) -> None:
    result = refused(project, "current", "--url", url, holds=())
    assert "p%zz" not in result.text


@pytest.mark.parametrize(
    "options, holds",
    [
        ("tsl=true", ("tsl", "tls")),
        ("w=1&AuthSorce=admin", ("AuthSorce", "authSource")),
        ("authMechanism=SCRAM", ("SCRAM", "authMechanism")),
    ],
)
def test_options_of_a_url_that_are_none(project: Project, options: str, holds: tuple[str, ...]) -> None:
    url = f"mongodb://ada:{passwords.known('sEcReT')}@127.0.0.1:{free_port()}/shop?{options}"
    refused(project, "current", "--url", url, holds=holds)


def test_an_option_of_a_url_that_may_be_a_newer_driver_s(started: Project) -> None:
    separator = "&" if "?" in started.url else "?"
    assert "keepAlive" in started.ok("current", "--url", f"{started.url}{separator}keepAlive=1").err


def test_a_wrong_password(project: Project, own_server: Callable[..., TestServer]) -> None:
    server = own_server(password="ada-may-enter")
    wrong = passwords.known("ada-may-not")
    project.add(A)
    good = server.url_for("ada-may-enter")
    with pymongo.MongoClient(good) as client:
        guarded = Project(project.folder, server.url, "shop", client)
        guarded.environment["TREERING_URL"] = with_database(server.url_for(wrong), "shop")
        for command in ("upgrade", "current"):
            refused(guarded, command, holds=(server.address, "ada"))
        guarded.environment["TREERING_URL"] = with_database(server.url, "shop")  # no user at all
        refused(guarded, "current", code=guarded.run("current").code, holds=("authentic",))
        guarded.environment["TREERING_URL"] = with_database(good, "shop") + "?authSource=admin"
        guarded.ok("upgrade")


# --- the file system


def without_override() -> None:
    """For root too a folder without the right to write is one: CAP_DAC_OVERRIDE is gone in what is executed next."""
    prctl_capability_drop, cap_dac_override = 24, 1
    if os.getuid() == 0:
        assert ctypes.CDLL(None).prctl(prctl_capability_drop, cap_dac_override, 0, 0, 0) == 0


def test_a_read_only_folder(started: Project) -> None:
    def run(*words: str) -> subprocess.CompletedProcess[str]:
        environment = clean_environment(**started.environment)
        return subprocess.run(
            started.command(*words),
            cwd=started.folder,
            env=environment,
            capture_output=True,
            text=True,
            preexec_fn=without_override,
        )

    started.add(C, B, **marker(C))
    started.versions.chmod(0o555)
    try:
        with started.unchanged():
            for words in (["revision", "-m", "x"], ["revision", "-m", "x", "--json"]):
                refused_run = run(*words)
                assert refused_run.returncode == 2, refused_run
                assert "migrations/versions" in refused_run.stdout + refused_run.stderr
                assert "ermission denied" in refused_run.stdout + refused_run.stderr
        applied = run("upgrade")  # which needs no right to write
        assert applied.returncode == 0, applied
    finally:
        started.versions.chmod(0o755)
    assert started.marks() == [A, B, C]


def test_init_overwrites_nothing(started: Project) -> None:
    refused(started, "init", holds=("treering.toml",))


def test_init_in_a_file_s_place(bare_project: Project) -> None:
    (bare_project.folder / "taken").write_text("x", encoding="utf-8")
    refused(bare_project, "init", "taken", holds=("taken",))


def test_a_file_that_cannot_be_read(started: Project) -> None:
    (started.versions / f"{C}_gone.py").symlink_to(started.folder / "nowhere")
    refused(started, "upgrade", holds=(f"{C}_gone.py",))


# --- Ctrl-C and SIGTERM

SWALLOWED = "import time\nprint('working', flush=True)\ntry:\n    time.sleep(600)\nexcept:\n    pass"
BODIES = {
    "a loop": "print('working', flush=True)\nwhile True:\n    pass",
    "time.sleep": "import time\nprint('working', flush=True)\ntime.sleep(600)",
    "calls of the server": "print('working', flush=True)\nwhile True:\n    env.db.numbers.insert_one({})",
    "one long call": (
        "env.db.numbers.insert_many([{'n': n} for n in range(3000)])\nprint('working', flush=True)\n"
        "while True:\n    list(env.db.numbers.aggregate([{'$lookup': {'from': 'numbers', 'localField': 'n', 'foreignField': 'n', 'as': 'm'}}]))"
    ),
    "code that swallows exceptions": (
        "import time\nprint('working', flush=True)\nfor _ in range(200):\n    try:\n        time.sleep(0.1)\n    except Exception:\n        pass"
    ),
    "code that swallows everything": SWALLOWED,
    "code that swallows everything and goes on": SWALLOWED + "\nenv.db.create_collection('late')",
}


@pytest.mark.parametrize("number, code", [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["ctrl-c", "sigterm"])
@pytest.mark.parametrize("face", ["binary", "manage"])
@pytest.mark.parametrize("name", BODIES)
def test_a_signal_in_the_middle_of_a_migration(
    bare_project: Project, face: str, name: str, number: int, code: int
) -> None:
    project = bare_project.init("baseapp")
    project.add(A, **marker(A))
    path = project.add(B, A, upgrade=BODIES[name])
    after = project.add(C, B, **marker(C))
    running: Running = project.start("upgrade", face=face)
    running.read_until("working")
    running.signal(number)
    result = running.finish()
    assert result.code == code, result
    assert "stopped by" in result.err or "interrupted" in result.err, result
    assert "internal error" not in result.text
    assert project.heads() == [A] and project.applied() == [A]
    assert "late" not in project.db.list_collection_names()
    after.unlink()

    path.write_text(
        path.read_text(encoding="utf-8").replace(BODIES[name].replace("\n", "\n    "), "pass"), encoding="utf-8"
    )
    again = project.ok("upgrade", face=face)  # at once: the lock is free
    assert f"now at {B} (head)" in again.out
    assert project.marks() == [A]
    outcomes = [(attempt["revision"], attempt["outcome"]) for attempt in project.json("log")["attempts"]]
    assert outcomes == [(B, "done"), (B, "interrupted"), (A, "done")]


@pytest.mark.parametrize("number, code", [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["ctrl-c", "sigterm"])
def test_a_signal_while_nothing_answers(project: Project, number: int, code: int) -> None:
    running = project.start("wait", "--timeout", "600", "--url", f"mongodb://127.0.0.1:{free_port()}/shop", "-v")
    import time

    time.sleep(0.5)
    running.signal(number)
    assert running.finish().code == code


def test_an_interrupted_run_as_json(project: Project) -> None:
    project.add(A, upgrade="import sys, time\nprint('working', file=sys.stderr, flush=True)\ntime.sleep(600)")
    running = project.start("upgrade", "--json")

    wait_until(lambda: b"working" in running.err_so_far(), "the migration to begin")
    running.signal(signal.SIGTERM)
    result = running.finish()
    assert result.code == 143
    document = result.json
    assert document["error"]["kind"] == "interrupted" and document["exit_code"] == 143
    assert re.fullmatch(r"\d{14}", document["failed"]["revision"])
