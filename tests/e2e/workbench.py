# SPDX-License-Identifier: Apache-2.0
"""What the end-to-end tests work with: a server, a project in a folder, and the real program run in it."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import pty
import select
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Callable, Iterator, Optional, Sequence, Union

import passwords
from servers import PATIENCE, with_database

ROOT = Path(__file__).resolve().parents[2]
STAND_INS = Path(__file__).with_name("stand_ins")
PYTHON_FOLDER = Path(sys.executable).parent
BINARY = Path(os.environ.get("TREERING_BINARY") or PYTHON_FOLDER / "treering")

# The three ways in. `manage.py` is there in projects of the baseapp template.
FACES = {
    "binary": [str(BINARY)],
    "module": [sys.executable, "-m", "treering"],
    "manage": [sys.executable, "manage.py"],
}

# Every upgrade and downgrade is run dry before (tools/test runs the guides' migrations so).
DRY_RUN_FIRST = bool(os.environ.get("TREERING_DRY_RUN_FIRST"))


class Result:
    """One finished command."""

    def __init__(self, command: Sequence[str], code: int, out: str, err: str) -> None:
        self.command, self.code, self.out, self.err = list(command), code, out, err
        passwords.look_at(out + err, f"what {command[:3]} printed")

    def __repr__(self) -> str:
        return f"{' '.join(self.command)}\nexit {self.code}\n--- stdout\n{self.out}\n--- stderr\n{self.err}"

    @property
    def text(self) -> str:
        return self.out + self.err

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    @property
    def json(self) -> Any:
        """The one document on stdout. Fails where there is more or less than that."""
        document, end = json.JSONDecoder().raw_decode(self.out.lstrip())
        assert not self.out.lstrip()[end:].strip(), f"more than one document on stdout:\n{self}"
        return document


def clean_environment(**more: Optional[str]) -> dict[str, str]:
    """Ours without what would configure Treering, with the tests' python and treering first on PATH. None takes a variable out."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TREERING_")}
    for name in ("NO_COLOR", "VISUAL", "EDITOR", "PYTHONPATH", "VIRTUAL_ENV"):
        environment.pop(name, None)
    environment["PATH"] = f"{PYTHON_FOLDER}{os.pathsep}{environment.get('PATH', '')}"
    environment["PYTHONDONTWRITEBYTECODE"] = "1"  # listings of folders are compared
    for name, value in more.items():
        if value is None:
            environment.pop(name, None)
        else:
            environment[name] = value
    return environment


def execute(command: Sequence[str], folder: Path, environment: dict[str, str], expect: Optional[int] = None) -> Result:
    done = subprocess.run(
        list(command),
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=PATIENCE,
        encoding="utf-8",
        errors="replace",
    )
    result = Result(command, done.returncode, done.stdout, done.stderr)
    if expect is not None:
        assert result.code == expect, result
    return result


def database_dump(database: Any) -> dict[str, Any]:
    """Everything in a database, to be compared. How the lease stands belongs to it: nothing changed means that too."""
    dump: dict[str, Any] = {}
    for found in sorted(database.list_collections(), key=lambda each: each["name"]):
        name, collection = found["name"], database[found["name"]]
        if found["type"] == "view":
            dump[name] = found["options"]
            continue
        documents = sorted(collection.find(), key=lambda document: repr(document["_id"]))
        dump[name] = {"documents": documents, "indexes": collection.index_information()}
    return dump


def folder_listing(folder: Path) -> dict[str, str]:
    """Every path below the folder with what it holds."""
    listing = {}
    for path in sorted(folder.rglob("*")):
        if "__pycache__" in path.parts:
            continue
        name = str(path.relative_to(folder))
        if path.is_symlink():
            listing[name] = f"link to {os.readlink(path)}"
        elif path.is_file():
            listing[name] = hashlib.sha256(path.read_bytes()).hexdigest()
        else:
            listing[name] = "folder"
    return listing


# --- projects

Ids = Union[None, str, Sequence[str]]


def revision_text(
    revision: str,
    parents: Ids = None,
    upgrade: str = "pass",
    downgrade: str = "pass",
    message: str = "",
    labels: Ids = None,
    depends_on: Ids = None,
) -> str:
    def literal(value: Ids) -> str:
        return repr(value if value is None or isinstance(value, str) else tuple(value))

    def body(code: str) -> str:
        return "\n".join("    " + line if line else "" for line in code.strip("\n").split("\n"))

    return (
        f'"""\n{message or "revision " + revision}\n\nRevision ID: {revision}\n"""\n\n'
        f"revision = {revision!r}\ndown_revision = {literal(parents)}\n"
        f"branch_labels = {literal(labels)}\ndepends_on = {literal(depends_on)}\n\n\n"
        f"def upgrade(env):\n{body(upgrade)}\n\n\ndef downgrade(env):\n{body(downgrade)}\n"
    )


def marker(revision: str) -> dict[str, str]:
    """Bodies that leave one document for each time the revision ran up or down, and when."""

    def body(direction: str) -> str:
        return (
            "import time\n"
            f"env.db.marks.insert_one({{'revision': {revision!r}, 'direction': {direction!r}, 'at': time.time_ns()}})"
        )

    return {"upgrade": body("up"), "downgrade": body("down")}


class Project:
    """A folder with a configuration and revisions, and a database of its own."""

    def __init__(self, folder: Path, server_url: str, database: str, client: Any) -> None:
        self.folder, self.server_url, self.database, self._client = folder, server_url, database, client
        self.environment: dict[str, Optional[str]] = {"TREERING_URL": self.url}
        self.versions = folder / "migrations" / "versions"

    @property
    def url(self) -> str:
        return with_database(self.server_url, self.database)

    @property
    def db(self) -> Any:
        return self._client[self.database]

    def command(self, *arguments: str, face: str = "binary") -> list[str]:
        return [*FACES[face], *arguments]

    def run(
        self,
        *arguments: str,
        face: str = "binary",
        expect: Optional[int] = None,
        folder: Optional[Path] = None,
        **environment: Optional[str],
    ) -> Result:
        """Runs the program. `environment` adds variables, or with None takes them out; `expect` is the exit code."""
        whole = clean_environment(**{**self.environment, **environment})
        if DRY_RUN_FIRST and arguments[:1] in (("upgrade",), ("downgrade",)) and "--script" not in arguments:
            self._run_dry(arguments, face, folder or self.folder, whole)
        return execute(self.command(*arguments, face=face), folder or self.folder, whole, expect)

    def _run_dry(self, arguments: Sequence[str], face: str, folder: Path, environment: dict[str, str]) -> None:
        """The same as a dry run, whatever comes of it: the server is afterwards as it was."""

        def whole_server() -> dict[str, Any]:
            names = [name for name in self._client.list_database_names() if name == self.database]
            return {name: database_dump(self._client[name]) for name in names}

        before = whole_server()
        execute(self.command(*arguments, "--dry-run", face=face), folder, environment)
        assert whole_server() == before, f"a dry run of {' '.join(arguments)} wrote something"

    def ok(self, *arguments: str, **options: Any) -> Result:
        return self.run(*arguments, expect=0, **options)

    def in_terminal(
        self, *arguments: str, typed: str = "", stopped_by: int = 0, **environment: Optional[str]
    ) -> Result:
        """Runs the program on a terminal, where somebody types that line, or that signal comes when it asks. `out` is all that is shown."""
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            self.command(*arguments),
            cwd=self.folder,
            env=clean_environment(**{**self.environment, "TERM": "xterm", **environment}),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            preexec_fn=_hear_ctrl_c,
        )
        os.close(theirs)
        if typed:
            os.write(ours, typed.encode() + b"\n")
        shown = b""
        with contextlib.suppress(OSError):  # the other side is closed
            while select.select([ours], [], [], PATIENCE)[0]:
                shown += os.read(ours, 65536)
                if stopped_by and b"[y/N]" in shown:
                    process.send_signal(stopped_by)
                    stopped_by = 0
        os.close(ours)
        text = shown.decode("utf-8", "replace").replace("\r\n", "\n")
        return Result(self.command(*arguments), process.wait(PATIENCE), text, "")

    def start(self, *arguments: str, face: str = "binary", **environment: Optional[str]) -> Running:
        return Running(
            self.command(*arguments, face=face), self.folder, clean_environment(**{**self.environment, **environment})
        )

    def json(self, *arguments: str, expect: int = 0, **options: Any) -> Any:
        return self.run(*arguments, "--json", expect=expect, **options).json

    def init(self, template: str = "python") -> Project:
        self.ok("init", "--template", template)
        return self

    def add(self, revision: str, parents: Ids = None, *, slug: str = "", **details: Any) -> Path:
        """Writes a revision's file as a person would."""
        path = self.versions / f"{revision}_{slug or 'step'}.py"
        path.write_text(revision_text(revision, parents, **details), encoding="utf-8")
        return path

    def chain(self, *revisions: str) -> list[str]:
        """Revisions that stand on each other, each leaving its mark."""
        for below, revision in zip((None, *revisions), revisions):
            self.add(revision, below, **marker(revision))
        return list(revisions)

    def marks(self, direction: str = "up") -> list[str]:
        return [mark["revision"] for mark in self.db.marks.find({"direction": direction}).sort("at")]

    def heads(self) -> list[str]:
        """What the database says is applied."""
        state = self.db.treering_state.find_one({"_id": "state"})
        return sorted(state.get("heads", [])) if state else []

    def applied(self) -> list[str]:
        return sorted(record["_id"] for record in self.db.treering_revisions.find({}, {"_id": 1}))

    def config(self, text: str) -> Path:
        path = self.folder / "treering.toml"
        path.write_text(text, encoding="utf-8")
        return path

    def everything(self) -> tuple[Any, Any]:
        """Database and folder, to say that a command changed nothing."""
        return database_dump(self.db), folder_listing(self.folder)

    @contextlib.contextmanager
    def unchanged(self) -> Iterator[None]:
        before = self.everything()
        yield
        assert self.everything() == before


def _hear_ctrl_c() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell that runs the tests in the background has it ignored


class Running:
    """A command under way, whose output can be read while it runs."""

    def __init__(self, command: Sequence[str], folder: Path, environment: dict[str, str]) -> None:
        self.command = list(command)
        self._err = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            self.command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._err,
            start_new_session=True,
            preexec_fn=_hear_ctrl_c,
        )
        self._out = b""

    def read_until(self, text: str) -> None:
        """Waits until stdout holds the text."""
        assert self.process.stdout
        deadline = time.monotonic() + PATIENCE
        while text.encode() not in self._out:
            ready, _, _ = select.select([self.process.stdout], [], [], max(0.0, deadline - time.monotonic()))
            chunk = os.read(self.process.stdout.fileno(), 65536) if ready else b""
            assert chunk, f"ended or hung before it printed {text!r}\n{self.finish()}"
            self._out += chunk

    def err_so_far(self) -> bytes:
        return os.pread(self._err.fileno(), 1 << 20, 0)

    def signal(self, number: int) -> None:
        """To the whole group, as a terminal does."""
        os.killpg(self.process.pid, number)

    def finish(self) -> Result:
        """Waits for its end. To be called in every test that starts one."""
        try:
            rest, _ = self.process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            rest, _ = self.process.communicate()
            raise AssertionError(f"{' '.join(self.command)} hung; it printed {self._out + rest!r}") from None
        self._err.seek(0)
        err = self._err.read().decode("utf-8", "replace")
        self._err.close()
        return Result(self.command, self.process.returncode, (self._out + rest).decode("utf-8", "replace"), err)


def wait_until(condition: Callable[[], Any], what: str) -> Any:
    deadline = time.monotonic() + PATIENCE
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < deadline, f"waited {PATIENCE} s in vain for: {what}"
        time.sleep(0.05)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not (status.exists() and status.read_text().rsplit(")", 1)[1].split()[0] == "Z")
