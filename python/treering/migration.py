# SPDX-License-Identifier: Apache-2.0
"""Treering as a library.

    manager = MigrationManager("path/to/treering.toml")
    run = manager.upgrade("head")
    print(manager.current().heads)

It works in any thread and inside a running event loop (each call blocks until it is done). It logs to the logger
"treering" and to no other, installs no signal handlers and leaves sys.path as it was.
"""

from __future__ import annotations

import logging
import os
import signal
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Iterator, NoReturn, Optional, Sequence, Union

from treering import _native, report
from treering.absolute_path import absolute_path
from treering.argument_types import checks_arguments
from treering.env import Env
from treering.errors import Interrupted, Locked, MigrationFailed, TreeringError, UsageError
from treering.report import Branch, Check, Current, Diagnosis, Difference, LockHolder, LogEntry, Revision, Run, Trashed
from treering.scripts import Scripts

__all__ = ["MigrationManager", "autogenerate_migration"]

_log = logging.getLogger("treering")
_Targets = Union[str, Sequence[str]]


@checks_arguments
class MigrationManager:
    """The commands as methods. Each call opens the project anew, so that one manager can be kept and shared between threads.

    `config`: a configuration file, or the folder to look for one from (default: the working directory, and upwards).
    `url`, `environment`, `database`: as --url, --env, and another database than the configured one.
    `lock_timeout`: seconds to wait while somebody else migrates (default: as configured).
    Everything raises a subclass of treering.errors.TreeringError, but for an argument of a wrong type: that is a TypeError.
    """

    def __init__(
        self,
        config: Union[str, os.PathLike[str], None] = None,
        url: Optional[str] = None,
        environment: Optional[str] = None,
        database: Optional[str] = None,
        lock_timeout: Optional[float] = None,
    ) -> None:
        path = absolute_path(config) if config is not None else ""
        folder = os.path.isdir(path)
        self._opening = {
            "config": "" if folder else path,
            "start": path if folder else "",
            "url": url or "",
            "environment": environment or "",
            "database": database or "",
            "lock_timeout_s": None if lock_timeout is None else _seconds("lock_timeout", lock_timeout),
        }

    def upgrade(self, target: str = "head", dry_run: bool = False) -> Run:
        """Applies what is pending up to the target. Raises MigrationFailed where a revision failed; its `report` says what was done.
        With `dry_run` nothing is written: the code runs, and the report's steps have what it would do in `planned`."""
        return self._run("upgrade", target, dry_run)

    def downgrade(self, target: str = "-1", dry_run: bool = False) -> Run:
        """Reverts what stands on the target, newest first. `dry_run` as with upgrade."""
        return self._run("downgrade", target, dry_run)

    def script(self, target: str = "head", downgrade: bool = False) -> str:
        """What upgrade (or downgrade) to the target would do, as a script for mongosh with the bookkeeping; "" where nothing is to be
        done. A range like "base:head" is for a database that is at its start. Nothing is written. Raises as upgrade does."""
        scripts = Scripts()
        with self._open(scripts=scripts) as project:
            text, value = project.script(target, downgrade)
        if value["failure"] is not None:
            _raise(value["failure"], report.run_from(value), scripts.raised)
        return text

    def stamp(self, targets: _Targets = "head", purge: bool = False) -> Run:
        """Records the targets as applied without running anything; `purge` forgets everything else that is recorded."""
        return self._run("stamp", _list(targets), purge)

    def current(self) -> Current:
        """What is applied."""
        with self._open() as project:
            return report.current_from(project.current())

    def history(self, range: str = "", with_database: bool = True) -> list[Revision]:
        """The revisions, or those of a range like "base:current", newest first. `with_database` says of each whether it is applied."""
        with self._open(need_database=with_database) as project:
            return [report.revision_from(value) for value in project.history(range, with_database)]

    def heads(self, resolve_dependencies: bool = False) -> list[Revision]:
        """The revisions of the files that no other descends from."""
        with self._open(need_database=False) as project:
            return [report.revision_from(value) for value in project.heads(resolve_dependencies)]

    def branches(self) -> list[Branch]:
        """The revisions of the files with several children."""
        with self._open(need_database=False) as project:
            return [report.branch_from(value) for value in project.branches()]

    def show(self, target: str) -> list[Revision]:
        """The revisions that a target names."""
        with self._open(need_database="current" in target) as project:
            return [report.revision_from(value) for value in project.show(target)]

    def log(self, limit: int = 0) -> list[LogEntry]:
        """Attempts, newest first; all of them where limit is 0."""
        if limit < 0:
            raise UsageError(f"limit takes a number of attempts, not {limit}", "0 means all of them")
        with self._open() as project:
            return [report.log_entry_from(value) for value in project.log(limit)]

    def unlock(self, force: bool = False) -> Optional[LockHolder]:
        """Who holds the lock; None where nobody does. With `force` it is taken from that one: it can change no bookkeeping any more, and
        what it left open is undone by the next call that writes. Raises Locked where the lock changed hands meanwhile."""
        with self._open() as project:
            value = project.lock_holder()
            if value is None:
                return None
            if force and not project.unlock(value["epoch"]):
                raise Locked("the lock has changed hands meanwhile: nothing was taken")
        return report.lock_holder_from(value)

    def trash(self) -> list[Trashed]:
        """The dropped collections that are kept, newest first."""
        with self._open() as project:
            return [report.trashed_from(value) for value in project.trash()]

    def restore(self, name: str, as_: str = "") -> str:
        """Brings a dropped collection back, with its documents and indexes, and gives its name: by its own name (of several drops the
        newest) or its name in the trash, and called `as_` if that is given. Raises UsageError where that name is taken."""
        with self._open() as project:
            return project.restore(name, as_)

    def empty_trash(self, older_than: Optional[timedelta]) -> list[Trashed]:
        """Drops for good what was dropped that long ago (everything where None), and gives it."""
        if older_than is not None and not isinstance(older_than, timedelta):
            raise TypeError(f"older_than must be an instance of timedelta, not {type(older_than)}")
        age = None if older_than is None else _seconds("older_than", older_than.total_seconds())
        with self._open() as project:
            return [report.trashed_from(value) for value in project.empty_trash(age)]

    def doctor(self) -> list[Diagnosis]:
        """Looks over configuration, files, server and bookkeeping, and changes nothing. All is well where no `health` is "problem".
        Raises ConfigError where the configuration can't be read."""
        with self._open() as project:
            return [report.diagnosis_from(value) for value in project.doctor()]

    def revision(
        self,
        message: str,
        autogenerate: bool = False,
        head: _Targets = (),
        splice: bool = False,
        branch_labels: _Targets = (),
        rev_id: str = "",
        depends_on: _Targets = (),
        allow_drop_collections: bool = False,
        include_unmanaged: bool = False,
        offline: bool = False,
        force: bool = False,
    ) -> Optional[Revision]:
        """Writes the file of a new revision. With `autogenerate` it is filled from the models, as `autogenerate` says of the options that
        are for it alone, and None is given where nothing has changed and no file was written."""
        place = (_list(head), splice, _list(branch_labels), rev_id, _list(depends_on))
        if autogenerate:
            rules = (allow_drop_collections, include_unmanaged, offline, force)
            with self._open(need_database=not offline, scripts=Scripts()) as project:
                value = project.autogenerate(message, *place, *rules, True)["revision"]
                return None if value is None else report.revision_from(value)
        with self._open(need_database=False) as project:
            return report.revision_from(project.revision(message, *place))

    def autogenerate(
        self,
        message: str,
        allow_drop_collections: bool = False,
        include_unmanaged: bool = False,
        offline: bool = False,
        force: bool = False,
    ) -> tuple[str, bool]:
        """The text of the revision file that `revision(message, autogenerate=True)` would write, and whether anything has changed. Writes
        nothing.

        `allow_drop_collections`: collections that no model has any more are dropped. `include_unmanaged`: what is in the
        database and never was in a model is removed. `offline`: the models are compared with what they said at the last revision,
        and no database is asked. `force`: also where revisions are pending.
        """
        with self._open(need_database=not offline, scripts=Scripts()) as project:
            rules = (allow_drop_collections, include_unmanaged, offline, force)
            value = project.autogenerate(message, [], False, [], "", [], *rules, False)
        return value["text"], value["has_changes"]

    def check(self, offline: bool = False) -> Check:
        """Whether models and database agree and nothing is pending."""
        with self._open(need_database=not offline, scripts=Scripts()) as project:
            return report.check_from(project.check(offline))

    def diff(self, from_: str, to: str) -> list[Difference]:
        """What turns one schema into the other: each is "models", "live", "head" (what the models said there) or a server's URL."""
        with self._open(need_database="live" in (from_, to), scripts=Scripts()) as project:
            return [report.difference_from(value) for value in project.diff(from_, to)]

    def baseline(self, message: str = "baseline", models: str = "", stamp: bool = True) -> Revision:
        """Writes a first revision that describes the database as it is, its models (into the file `models`; default: the configured one)
        and its snapshot. `stamp` records it as applied."""
        with self._open(scripts=Scripts()) as project:
            return report.revision_from(project.baseline(message, models, stamp))

    def merge(
        self, targets: _Targets = (), message: str = "merge", branch_labels: _Targets = (), rev_id: str = ""
    ) -> Revision:
        """Writes the file of a revision that joins the targets (default: all heads)."""
        with self._open(need_database=False) as project:
            return report.revision_from(project.merge(_list(targets), message, _list(branch_labels), rev_id))

    def wait(self, timeout: float = 60.0) -> None:
        """Waits until the server answers, at most that many seconds."""
        timeout = _seconds("timeout", timeout)
        with self._open() as project:
            project.wait(timeout)

    @contextmanager
    def open(self) -> Iterator[Env]:
        """The env of a migration, for looking at the database: `with manager.open() as env: list(env.db.users.find())`."""
        with self._open() as project:
            native = project.open_env()
            env = Env(native)
            try:
                yield env
            finally:
                env._close()
                native.close()

    @contextmanager
    def _open(self, need_database: bool = True, scripts: Optional[Scripts] = None) -> Iterator[Any]:
        project = _native.Project(
            **self._opening, need_database=need_database, scripts=scripts or Scripts(), note=_log.info
        )
        try:
            if scripts is not None:
                scripts.root = project.root
            yield project
        except Interrupted as error:
            _raise_interrupt(error)
        finally:
            project.close()

    def _run(self, verb: str, *arguments: Any) -> Run:
        scripts = Scripts()
        with self._open(scripts=scripts) as project:
            value = getattr(project, verb)(*arguments)
        run = report.run_from(value)
        if value["failure"] is not None:
            _raise(value["failure"], run, scripts.raised)
        return run


def autogenerate_migration(message: str) -> tuple[str, bool]:
    """The text of the revision that `revision -m MESSAGE --autogenerate` would write here, and whether anything has changed. Writes nothing."""
    return MigrationManager().autogenerate(message)


def _raise_interrupt(error: TreeringError) -> NoReturn:
    """Ctrl-C is Python's own exception, also where it came while no Python code ran."""
    if error.fields.get("signal") == str(int(signal.SIGINT)):
        raise KeyboardInterrupt from error
    raise error


def _raise(failure: TreeringError, run: Run, raised: Optional[BaseException]) -> NoReturn:
    if isinstance(raised, KeyboardInterrupt):
        raise raised
    if isinstance(failure, Interrupted):
        _raise_interrupt(failure)
    failure.report = run
    raise failure from (raised if isinstance(failure, MigrationFailed) else None)


def _list(targets: _Targets) -> list[str]:
    names = [targets] if isinstance(targets, str) else list(targets)
    for name in names:
        if not isinstance(name, str):
            raise TypeError(f"what names revisions must be an instance of str, or a list of them, not {type(name)}")
    return names


def _seconds(name: str, value: float) -> float:
    """As the command line takes them."""
    if not 0 <= value <= 1e9:
        raise UsageError(f"{name} takes a number of seconds, not {value}")
    return float(value)
