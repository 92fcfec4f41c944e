# SPDX-License-Identifier: Apache-2.0
"""What is in a database, and whether Treering's own records of it agree with each other."""

from __future__ import annotations

from collections import Counter
from typing import Any

Contents = dict[str, Any]


def is_own(name: str) -> bool:
    return name.startswith(("treering_", "system."))


def contents(database: Any) -> Contents:
    """Collections with options, indexes and documents, without Treering's own and its trash."""
    found: Contents = {}
    for listed in database.list_collections():
        name = listed["name"]
        if not is_own(name):
            found[name] = {"options": listed["options"], **documents_and_indexes(database[name])}
    return found


def bookkeeping(database: Any) -> Contents:
    """Treering's own, to be compared with itself at another time, without what a runner changes that finds nothing to do."""
    found: Contents = {}
    for name in database.list_collection_names():
        if name.startswith("treering_"):
            found[name] = documents_and_indexes(database[name])
    for state in found.get("treering_state", {}).get("documents", []):
        for field in ("lease", "epoch", "fence", "fences"):
            state.pop(field, None)
    return found


def documents_and_indexes(collection: Any) -> Contents:
    return {
        "indexes": {index["name"]: dict(index) for index in collection.list_indexes()},
        "documents": sorted(collection.find(), key=lambda document: repr(document["_id"])),
    }


def difference(wanted: Contents, found: Contents) -> list[str]:
    """In words, by collection; nothing where they are equal."""
    lines = []
    for name in sorted({*wanted, *found}):
        if name not in found or name not in wanted:
            lines.append(f"{name}: {'missing' if name not in found else 'should not be there'}")
            continue
        for part in wanted[name]:
            if wanted[name][part] != found[name][part]:
                lines.append(f"{name}.{part}: {found[name][part]} instead of {wanted[name][part]}")
    return lines


def disagreements(database: Any, applied: list[str]) -> list[str]:
    """Where the bookkeeping doesn't say that exactly these are applied, with nothing under way. REQUIRES: a chain."""
    state = database.treering_state.find_one({"_id": "state"}) or {}
    records = [record["_id"] for record in database.treering_revisions.find().sort("_id")]
    lines = []
    if records != applied:
        lines.append(f"recorded are {records}")
    if state.get("heads") != applied[-1:] or state.get("count") != len(applied):
        lines.append(f"the state says {state.get('count')} applied with heads {state.get('heads')}")
    if "attempt" in state:
        lines.append(f"an attempt is open: {state['attempt']}")
    if state.get("lease", {}).get("run"):
        lines.append(f"the lease is held: {state['lease']}")
    return lines


def done_counts(database: Any, direction: str) -> Counter:
    """How often the journal says of each revision that it was done."""
    entries = database.treering_journal.find({"direction": direction, "outcome": "done"})
    return Counter(entry["revision"] for entry in entries)


def not_done_once(database: Any, direction: str, revisions: list[str]) -> list[str]:
    counts = done_counts(database, direction)
    return [
        f"the journal says {counts[revision]} times that the {direction} of {revision} is done"
        for revision in sorted({*revisions, *counts})
        if counts[revision] != (1 if revision in revisions else 0)
    ]
