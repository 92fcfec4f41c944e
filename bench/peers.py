# SPDX-License-Identifier: Apache-2.0
"""Installs the peers, each at a pinned version, into the user's cache folder. What is there already is left as it is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

MONGOMIG = "mongomig==0.4.2"
ALEMBIC = "alembic==1.20.1"
MIGRATE_MONGO = "migrate-mongo@14.0.7"
MIGRATE_MONGO_DRIVER = "mongodb@7"  # which migrate-mongo wants beside it
GOLANG_MIGRATE = "github.com/golang-migrate/migrate/v4/cmd/migrate@v4.20.1"
# Measured once in November 2026 and far behind in every column; a Java installation is too much to ask for.
LEFT_OUT = {"Liquibase": "left out: needs Java"}


@dataclass
class Peers:
    programs: dict[str, str] = field(default_factory=dict)  # name -> program
    versions: dict[str, str] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)  # name -> why

    def add(self, name: str, version: str, program: Path) -> None:
        self.programs[name] = str(program)
        self.versions[name] = version


def cache_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "treering" / "bench"


class InstallFailed(Exception):
    pass


def run(*command: str | Path, cwd: Path | None = None, **environment: str) -> None:
    words = [str(word) for word in command]
    done = subprocess.run(
        words, cwd=cwd, env={**os.environ, **environment}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    if done.returncode != 0:
        print(done.stdout[-2000:], file=sys.stderr)
        raise InstallFailed(f"`{' '.join(words[:4])} ...` failed with {done.returncode}")


def require(program: str) -> None:
    if shutil.which(program) is None:
        raise InstallFailed(f"{program} is not installed")


def once(folder: Path, wanted: str, install) -> None:
    """Runs `install` on an empty folder, unless it holds what is wanted. A stamp written last tells."""
    stamp = folder / ".installed"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    print(f"bench: installing {wanted} into {folder}", file=sys.stderr)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    install(folder)
    stamp.write_text(wanted)


def install_python(folder: Path) -> None:
    run(sys.executable, "-m", "venv", folder)
    run(folder / "bin" / "pip", "install", "-q", "--disable-pip-version-check", MONGOMIG, ALEMBIC)
    teach_mongomig(folder)


def teach_mongomig(folder: Path) -> None:
    """Its lock adds milliseconds to a date, which the test server can't; the same in numbers works on every server."""
    (lock,) = folder.glob("lib/python3*/site-packages/mongomig/migrations/lock.py")
    before, after = '{"$add": ["$$NOW", self.ttl_ms]}', '{"$toDate": {"$add": [{"$toLong": "$$NOW"}, self.ttl_ms]}}'
    text = lock.read_text()
    if before not in text:
        raise InstallFailed("mongomig's lock.py isn't the one that is known here")
    lock.write_text(text.replace(before, after))


def install_node(folder: Path) -> None:
    (folder / "package.json").write_text('{"name": "bench", "private": true}\n')
    run("npm", "install", "--no-fund", "--no-audit", MIGRATE_MONGO, MIGRATE_MONGO_DRIVER, cwd=folder)


def install_go(folder: Path) -> None:
    run("go", "install", "-tags", "mongodb,file", GOLANG_MIGRATE, GOBIN=str(folder / "bin"))


def install_peers(names: set[str]) -> Peers:
    """`names`: those wanted. A peer that can't be installed is in `missing`, with the reason."""
    peers = Peers()
    cache = cache_folder()
    families = [
        (["mongomig", "alembic"], "python", "python3", f"{MONGOMIG} {ALEMBIC}", install_python),
        (["migrate-mongo"], "node", "npm", f"{MIGRATE_MONGO} {MIGRATE_MONGO_DRIVER}", install_node),
        (["golang-migrate"], "go", "go", GOLANG_MIGRATE, install_go),
    ]
    programs = {
        "mongomig": ("0.4.2", cache / "python/bin/mongomig"),
        "alembic": ("1.20.1", cache / "python/bin/alembic"),
        "migrate-mongo": ("14.0.7", cache / "node/node_modules/.bin/migrate-mongo"),
        "golang-migrate": (GOLANG_MIGRATE.rpartition("@")[2], cache / "go/bin/migrate"),
    }
    for members, folder, toolchain, wanted, install in families:
        members = [name for name in members if name in names]
        if not members:
            continue
        try:
            require(toolchain)
            once(cache / folder, wanted, install)
        except InstallFailed as error:
            for name in members:
                peers.missing[name] = str(error)
            continue
        for name in members:
            peers.add(name, *programs[name])
    return peers
