# SPDX-License-Identifier: Apache-2.0
"""The tools compared: what each needs on disk and in the database, and what each calls the same thing.

Every revision of every tool does the same: it inserts one document {"_id": number} into `bench` (for Alembic: a row). The files
are what the tool itself writes into a new revision, but for that line.
"""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

VERBS = ("current", "history", "upgrade")


def revision_id(number: int) -> str:
    return (datetime(2024, 1, 1) + timedelta(seconds=number)).strftime("%Y%m%d%H%M%S")


def parent_of(number: int) -> str | None:
    return revision_id(number - 1) if number > 0 else None


def header(number: int) -> str:
    """What Treering, mongomig and Alembic have in common."""
    parent = parent_of(number)
    return (
        f'"""revision {number}\n\nRevision ID: {revision_id(number)}\nRevises: {parent or ""}\n'
        f'Create Date: 2024-01-01 00:00:00\n\n"""\n\nrevision = {revision_id(number)!r}\ndown_revision = {parent!r}\n'
        "branch_labels = None\ndepends_on = None\n"
    )


class Tool:
    """A tool in one folder of `count` revisions. `verbs` gives its arguments for current, history and a (no-op) upgrade."""

    name = ""
    script_language = False  # Python, JavaScript or Java
    verbs: dict[str, list[str]] = {}

    def __init__(self, program: str, url: str, folder: Path):
        self.program, self.url, self.folder = program, url, folder

    def write(self, count: int) -> None:
        raise NotImplementedError

    def use(self, database: str) -> None:
        """From now on, the commands work on that database."""
        raise NotImplementedError

    def mark_applied(self, client, database: str, count: int) -> None:
        """As if every revision had been applied."""
        raise NotImplementedError

    def command(self, verb: str) -> list[str]:
        return [self.program, *self.verbs[verb]]

    def count_applied(self, client, database: str) -> int:
        return client[database].bench.count_documents({})

    def run_own(self, *arguments: str) -> None:
        subprocess.run([self.program, *arguments], cwd=self.folder, check=True, stdout=subprocess.DEVNULL)

    def fill(self, folder: str, count: int, name, text) -> None:
        target = self.folder / folder
        target.mkdir(parents=True, exist_ok=True)
        for number in range(count):
            (target / name(number)).write_text(text(number))


class Treering(Tool):
    name = "treering"
    verbs = {"current": ["current"], "history": ["history"], "upgrade": ["upgrade", "head"]}

    def write(self, count):
        self.fill(
            "migrations/versions", count, lambda n: f"{revision_id(n)}_revision_{n}.py",
            lambda n: header(n) + f"\n\ndef upgrade(env):\n    env.db.bench.insert_one({{'_id': {n}}})\n"
            f"\n\ndef downgrade(env):\n    env.db.bench.delete_one({{'_id': {n}}})\n",
        )  # fmt: skip

    def use(self, database):
        (self.folder / "treering.toml").write_text(f'url = "{self.url}"\ndatabase = "{database}"\n')

    def mark_applied(self, client, database, count):
        self.run_own("stamp", "head")


class Floor(Tool):
    """No tool: it reads a state document like the one that Treering keeps, whatever the number of revisions."""

    name = "floor"

    def write(self, count):
        self.folder.mkdir(parents=True)

    def use(self, database):
        self.database = database

    def mark_applied(self, client, database, count):
        client[database].treering_state.insert_one({
            "_id": "state", "format": 1, "epoch": 1, "lease": {"expires": datetime(1970, 1, 1)},
            "heads": [revision_id(count - 1)], "count": count, "digest": "0" * 32,
        })  # fmt: skip

    def command(self, verb):
        return [self.program, self.url, self.database]


class BarePymongo(Tool):
    """No tool either: one process that does what the revisions do, plus two bookkeeping writes for each."""

    name = "bare pymongo"
    count = 0

    def write(self, count):
        self.folder.mkdir(parents=True)
        self.count = count

    def use(self, database):
        self.database = database

    def command(self, verb):
        script = Path(__file__).with_name("bare_pymongo.py")
        return [self.program, str(script), self.url, self.database, str(self.count)]


class GolangMigrate(Tool):
    name = "golang-migrate"
    verbs = {"current": ["version"], "upgrade": ["up"]}  # it has no history

    def write(self, count):
        for direction, command in [
            ("up", '[{{"insert": "bench", "documents": [{{"_id": {n}}}]}}]\n'),
            ("down", '[{{"delete": "bench", "deletes": [{{"q": {{"_id": {n}}}, "limit": 1}}]}}]\n'),
        ]:
            self.fill(
                "migrations", count, lambda n, d=direction: f"{revision_id(n)}_revision_{n}.{d}.json",
                lambda n, c=command: c.format(n=n),
            )  # fmt: skip

    def use(self, database):
        host = urlsplit(self.url).netloc
        self.options = ["-path", "migrations", "-database", f"mongodb://{host}/{database}"]

    def mark_applied(self, client, database, count):
        client[database].schema_migrations.insert_one({"version": int(revision_id(count - 1)), "dirty": False})

    def command(self, verb):
        return [self.program, *self.options, *self.verbs[verb]]


class MigrateMongo(Tool):
    name = "migrate-mongo"
    script_language = True
    verbs = {"current": ["status"], "history": ["status"], "upgrade": ["up"]}  # status is the nearest to both

    def write(self, count):
        self.fill(
            "migrations", count, lambda n: f"{revision_id(n)}-revision_{n}.js",
            lambda n: "module.exports = {\n  async up(db, client) {\n"
            f"    await db.collection('bench').insertOne({{_id: {n}}});\n  }},\n\n  async down(db, client) {{\n"
            f"    await db.collection('bench').deleteOne({{_id: {n}}});\n  }}\n}};\n",
        )  # fmt: skip
        (self.folder / "package.json").write_text('{"name": "bench", "private": true}\n')
        modules = Path(self.program).parent.parent
        (self.folder / "node_modules").symlink_to(modules)

    def use(self, database):
        (self.folder / "migrate-mongo-config.js").write_text(
            f'module.exports = {{\n  mongodb: {{url: "{self.url}", databaseName: "{database}", options: {{}}}},\n'
            '  migrationsDir: "migrations",\n  changelogCollectionName: "changelog",\n'
            '  lockCollectionName: "changelog_lock",\n  lockTtl: 0,\n  migrationFileExtension: ".js",\n'
            '  useFileHash: false,\n  moduleSystem: "commonjs",\n};\n'
        )

    def mark_applied(self, client, database, count):
        now = datetime(2024, 1, 2)
        client[database].changelog.insert_many(
            {"fileName": f"{revision_id(n)}-revision_{n}.js", "appliedAt": now, "migrationBlock": 1}
            for n in range(count)
        )


class Mongomig(Tool):
    name = "mongomig"
    script_language = True
    verbs = {"current": ["current"], "history": ["history"], "upgrade": ["upgrade", "head", "--yes"]}

    def write(self, count):
        self.folder.mkdir(parents=True)
        self.run_own("init")
        self.fill(
            "migrations/versions", count, lambda n: f"20240101_0000_{revision_id(n)}_revision_{n}.py",
            lambda n: header(n) + "reversible = True\nmongomig_format = 1\n"
            f"\n\ndef upgrade(ctx):\n    ctx.collection('bench').insert_one({{'_id': {n}}})\n"
            f"\n\ndef downgrade(ctx):\n    ctx.collection('bench').delete_one({{'_id': {n}}})\n",
        )  # fmt: skip

    def use(self, database):
        (self.folder / "mongomig.yaml").write_text(f"database:\n  uri: {self.url}\n  name: {database}\n")

    def mark_applied(self, client, database, count):
        self.run_own("stamp", "head")


class Alembic(Tool):
    """On SQLite: not a peer in what it does, but the pattern for how it does it."""

    name = "alembic"
    script_language = True
    verbs = {"current": ["current"], "history": ["history"], "upgrade": ["upgrade", "head"]}

    def write(self, count):
        self.folder.mkdir(parents=True)
        self.run_own("init", "migrations")
        self.fill(
            "migrations/versions", count, lambda n: f"{revision_id(n)}_revision_{n}.py",
            lambda n: header(n) + "\nfrom alembic import op\n"
            f"\n\ndef upgrade() -> None:\n    op.execute('INSERT INTO bench VALUES ({n})')\n"
            f"\n\ndef downgrade() -> None:\n    op.execute('DELETE FROM bench WHERE id = {n}')\n",
        )  # fmt: skip

    def file_of(self, database: str) -> Path:
        return self.folder / f"{database}.sqlite"

    def use(self, database):
        (self.folder / "alembic.ini").write_text(
            f"[alembic]\nscript_location = migrations\nsqlalchemy.url = sqlite:///{self.file_of(database)}\n"
            "[loggers]\nkeys = root\n[handlers]\nkeys =\n[formatters]\nkeys =\n[logger_root]\nlevel = WARNING\nhandlers =\n"
        )
        connection = sqlite3.connect(self.file_of(database))
        connection.execute("CREATE TABLE IF NOT EXISTS bench (id INTEGER PRIMARY KEY)")
        connection.commit()
        connection.close()

    def mark_applied(self, client, database, count):
        connection = sqlite3.connect(self.file_of(database))
        connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
        connection.execute("INSERT INTO alembic_version VALUES (?)", (revision_id(count - 1),))
        connection.commit()
        connection.close()

    def count_applied(self, client, database):
        connection = sqlite3.connect(self.file_of(database))
        try:
            return connection.execute("SELECT count(*) FROM bench").fetchone()[0]
        finally:
            connection.close()


TOOLS = [Floor, Treering, GolangMigrate, MigrateMongo, Mongomig, Alembic]
PEERS = ["golang-migrate", "migrate-mongo", "mongomig", "alembic"]


def remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
