# SPDX-License-Identifier: Apache-2.0
"""Arguments of env's own functions that are of a wrong type: said by name, and never in the words of what we are built with."""

from __future__ import annotations

from typing import Any, Callable, Iterator

import pytest

from treering import MigrationManager

SET = {"$set": {"a": 1}}

WRONG: dict[str, tuple[Callable[[Any], Any], str]] = {
    "collection": (lambda env: env.backfill(5, {}, SET), "collection must be an instance of str or Collection, not"),
    "batch": (lambda env: env.backfill("users", {}, SET, batch="x"), "batch must be an instance of int, not"),
    "batch none": (lambda env: env.backfill("users", {}, SET, batch=None), "batch must be an instance of int, not"),
    "batch by place": (lambda env: env.backfill("users", {}, SET, 1.5), "batch must be an instance of int, not"),
    "workers": (lambda env: env.backfill("users", {}, SET, workers="2"), "workers must be an instance of int, not"),
    "key": (lambda env: env.backfill("users", {}, SET, key=1), "key must be an instance of str, not"),
    "max_rate": (
        lambda env: env.backfill("users", {}, SET, max_rate="9"),
        "max_rate must be an instance of float, not",
    ),
    "name": (lambda env: env.backfill("users", {}, SET, name=1), "name must be an instance of str, not"),
    "filter": (lambda env: env.backfill("users", [], SET), "filter must be an instance of dict"),
    "size": (lambda env: env.batch("x"), "size must be an instance of int, not"),
    "create": (lambda env: env.create_collection(5), "name must be an instance of str, not"),
    "drop": (lambda env: env.drop_collection(5), "name must be an instance of str or Collection, not"),
    "trash": (lambda env: env.drop_collection("users", trash="no"), "trash must be an instance of bool, not"),
    "shard": (lambda env: env.shard_collection(5, "a"), "name must be an instance of str, not"),
    "unique": (lambda env: env.shard_collection("users", "a", unique="x"), "unique must be an instance of bool, not"),
    "unshard": (lambda env: env.unshard_collection(5), "name must be an instance of str, not"),
}


@pytest.fixture
def env(project: Any) -> Iterator[Any]:
    with MigrationManager(project.root).open() as opened:
        yield opened


@pytest.mark.parametrize("name", WRONG)
def test_an_argument_of_a_wrong_type_is_named(env: Any, name: str) -> None:
    call, words = WRONG[name]
    with pytest.raises(TypeError) as raised:
        call(env)
    assert str(raised.value).startswith(words)
    assert "nanobind" not in str(raised.value)
    assert "incompatible" not in str(raised.value)


def test_a_number_that_is_too_large_is_named(env: Any) -> None:
    for call in (lambda: env.batch(2**70), lambda: env.backfill("users", {}, SET, workers=2**70)):
        with pytest.raises(OverflowError, match="must fit into 64 bits"):
            call()


def test_text_that_is_none_is_refused_as_by_pymongo(env: Any) -> None:
    calls: list[Callable[[], Any]] = [
        lambda: env.db["\ud800"].insert_one({}),
        lambda: env.client["\ud800"],
        lambda: env.create_collection("\ud800"),
        lambda: env.backfill("users", {}, SET, key="\ud800"),
    ]
    for call in calls:
        with pytest.raises(UnicodeEncodeError):
            call()


def test_what_is_missing_or_too_much_python_says(env: Any) -> None:
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'change'"):
        env.backfill("users", {})
    with pytest.raises(TypeError, match="unexpected keyword argument 'sizes'"):
        env.batch(sizes=1)


def test_what_fits_passes(env: Any) -> None:
    users = env.create_collection("users", capped=False)
    users.insert_many([{"_id": number} for number in range(3)])
    assert env.backfill(users, None, SET, batch=2, workers=1, key="_id", max_rate=100, name="n").changed == 3
    with env.batch(size=10):
        users.insert_one({"_id": 9})
    env.drop_collection(users, trash=False)
    assert env.collections == []
