# SPDX-License-Identifier: Apache-2.0
"""What the verbs of MigrationManager give back: plain values with the names of the command line's JSON."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Mapping, Optional

__all__ = [
    "Branch",
    "Check",
    "Current",
    "Diagnosis",
    "Difference",
    "Finding",
    "LockHolder",
    "LogEntry",
    "Revision",
    "Run",
    "Step",
    "Trashed",
]


@dataclass(frozen=True)
class Revision:
    """One revision. `applied` is None where the database was not asked; `path` is "" and `in_files` False where only the database knows it."""

    id: str
    parents: tuple[str, ...]
    message: str
    path: str
    doc: str
    labels: tuple[str, ...]
    depends_on: tuple[str, ...]
    head: bool = False
    branch_point: bool = False
    merge_point: bool = False
    applied: Optional[bool] = None
    current: bool = False
    in_files: bool = True
    children: tuple[str, ...] = ()
    applied_at: Optional[datetime] = None
    edited: bool = False  # its file is no longer what was applied, comments and blank lines aside

    def __str__(self) -> str:
        return f"{self.id}, {self.message}"


@dataclass(frozen=True)
class Branch:
    """A revision with more than one child."""

    point: Revision
    children: tuple[Revision, ...]


@dataclass(frozen=True)
class Current:
    """What is applied. `at_head`: every revision of the files is; `unknown`: applied, and in no file."""

    heads: tuple[str, ...]
    at_head: bool
    count: int
    pending: tuple[str, ...]
    unknown: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Difference:
    """Something that two schemas don't have in common. `kind` is "added", "removed", "changed" or "renamed", `what` is "collection", "view",
    "index", "option", "document" or "shard_key", and `name` names it within the collection."""

    kind: str
    what: str
    collection: str
    name: str
    detail: str

    def __str__(self) -> str:
        text = f"{self.kind}: {self.what} {self.collection}" + (f".{self.name}" if self.name else "")
        return f"{text}, {self.detail}" if self.detail else text


@dataclass(frozen=True)
class Finding:
    """What a person should know of and no revision changes. `kind` is "unmanaged", "changed_by_hand", "held_back", "kept", "not_renamed" or
    "hint"."""

    kind: str
    what: str
    collection: str
    name: str
    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Check:
    """Whether the models, the database and the revisions agree: nothing differs and nothing is pending. Findings don't count."""

    clean: bool
    differences: tuple[Difference, ...]
    pending: tuple[str, ...]
    findings: tuple[Finding, ...]

    def __bool__(self) -> bool:
        return self.clean


@dataclass(frozen=True)
class PlannedOperation:
    """What an operation would do that a dry run met; several of a kind that come one after the other are one."""

    operation: str  # in words: "update users", "create index users.email_1"
    collection: str
    filter: str  # of a write, as JSON; with "?" for values where several differ
    operations: int
    documents: Optional[int]  # that it would write, copy, index, or drop; None where nobody can say
    exact: bool  # False: counted in part, or by the collection's metadata
    access: str  # "index email_1", "collection scan"; "" where it doesn't look for any
    note: str
    database: str  # where it isn't the one that is migrated; else ""
    trash: bool  # what it drops goes into the trash


@dataclass(frozen=True)
class Step:
    """One revision that was run: what it did to collections and indexes, in words, and how many documents it wrote in which collection.
    Of a dry run: `planned`, what it would do."""

    revision: str
    message: str
    direction: str
    duration: float  # seconds
    schema: tuple[str, ...]
    written: Mapping[str, int]
    planned: tuple[PlannedOperation, ...] = ()
    undone: tuple[
        str, ...
    ] = ()  # of a failed step: what of it was undone again, newest first; `schema` is what is left


@dataclass(frozen=True)
class Run:
    """Of upgrade, downgrade and stamp. `failed` and `pending` are filled where the run ended early; the exception carries the report then."""

    done: tuple[Step, ...]
    failed: Optional[Step]
    pending: tuple[str, ...]
    heads: tuple[str, ...]
    at_head: bool
    unknown: tuple[str, ...]
    duration: float  # seconds
    dry_run: bool = False  # nothing was written; `done` would be done, and `heads` are those of now


@dataclass(frozen=True)
class LogEntry:
    """One attempt to run a revision. `outcome` is "done", "failed", "interrupted" or "running"; of a process that is gone, "open" until
    somebody undoes it, then "undone" (its changes to collections and indexes are taken back) or "unknown". `undone` and `left` are those
    changes that were taken back and that stay.
    """

    revision: str
    direction: str
    outcome: str
    started: datetime
    duration: Optional[float]  # seconds; None where nobody saw its end
    host: str
    pid: int
    user: str
    error: str
    run: str
    undone: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


@dataclass(frozen=True)
class LockHolder:
    """The runner that holds the lock. `doing` is "" between two revisions."""

    host: str
    pid: int
    user: str
    since: datetime
    renewed_ago: float  # seconds, by the server's clock
    doing: str


@dataclass(frozen=True)
class Trashed:
    """A dropped collection that is kept. `revision` is "" where no revision dropped it; `documents` and `bytes` are None where the server
    doesn't say."""

    name: str  # in the trash
    collection: str
    dropped: datetime
    revision: str
    direction: str  # "" where `undone`
    undone: bool  # made by an attempt at the revision, which was undone; nobody dropped it
    documents: Optional[int]
    bytes: Optional[int]


@dataclass(frozen=True)
class Diagnosis:
    """What the doctor found. `health` is "ok", "warning" or "problem"; `mend` says what to do, or "" where there is nothing."""

    health: str
    subject: str
    what: str
    mend: str

    def __str__(self) -> str:
        return f"{self.health}: {self.what}" + (f" ({self.mend})" if self.mend else "")


def lock_holder_from(value: Mapping[str, Any]) -> LockHolder:
    same = {name: value[name] for name in ("host", "pid", "user", "doing")}
    return LockHolder(**same, since=_date(value["since_ms"]), renewed_ago=value["renewed_us_ago"] / 1e6)


def trashed_from(value: Mapping[str, Any]) -> Trashed:
    same = {
        name: value[name] for name in ("name", "collection", "revision", "direction", "undone", "documents", "bytes")
    }
    return Trashed(**same, dropped=_date(value["dropped_ms"]))


def diagnosis_from(value: Mapping[str, Any]) -> Diagnosis:
    return Diagnosis(**value)


def revision_from(value: Mapping[str, Any]) -> Revision:
    known = {name: _frozen(value[name]) for name in Revision.__dataclass_fields__ if name in value}
    at = value.get("applied_at_ms")
    return Revision(**known, applied_at=None if at is None else _date(at))


def branch_from(value: Mapping[str, Any]) -> Branch:
    return Branch(revision_from(value["point"]), tuple(revision_from(child) for child in value["children"]))


def current_from(value: Mapping[str, Any]) -> Current:
    return Current(**{name: _frozen(value[name]) for name in Current.__dataclass_fields__})


def run_from(value: Mapping[str, Any]) -> Run:
    return Run(
        done=tuple(_step_from(step) for step in value["done"]),
        failed=None if value["failed"] is None else _step_from(value["failed"]),
        pending=tuple(value["pending"]),
        heads=tuple(value["heads"]),
        at_head=value["at_head"],
        unknown=tuple(value["unknown"]),
        duration=value["duration_us"] / 1e6,
        dry_run=value["dry_run"],
    )


def difference_from(value: Mapping[str, Any]) -> Difference:
    return Difference(**{name: value[name] for name in Difference.__dataclass_fields__})


def check_from(value: Mapping[str, Any]) -> Check:
    return Check(
        clean=not value["differs"],
        differences=tuple(difference_from(each) for each in value["changes"]),
        pending=tuple(value["pending"]),
        findings=tuple(
            Finding(**{name: each[name] for name in Finding.__dataclass_fields__}) for each in value["findings"]
        ),
    )


def log_entry_from(value: Mapping[str, Any]) -> LogEntry:
    same = {name: value[name] for name in ("revision", "direction", "outcome", "host", "pid", "user", "error", "run")}
    return LogEntry(
        **same,
        started=_date(value["started_ms"]),
        duration=value["duration_us"] / 1e6 if value["duration_us"] is not None else None,
        undone=tuple(value["undone"]),
        left=tuple(value["left"]),
    )


def _step_from(value: Mapping[str, Any]) -> Step:
    same = {name: value[name] for name in ("revision", "message", "direction", "written")}
    planned = tuple(PlannedOperation(**one) for one in value["planned"])
    return Step(
        **same,
        schema=tuple(value["schema"]),
        duration=value["duration_us"] / 1e6,
        planned=planned,
        undone=tuple(value["undone"]),
    )


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _date(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, timezone.utc)
