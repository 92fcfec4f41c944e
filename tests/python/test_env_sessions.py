# SPDX-License-Identifier: Apache-2.0
"""Sessions and transactions: through the facade as through pymongo, and whole revisions in one."""

from __future__ import annotations

from typing import Any, Callable

import pymongo
import pytest
from differential import contents, outcome, raw_contents
from pymongo.client_session import TransactionOptions
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern


def committed(db: Any) -> Any:
    with db.client.start_session() as session:
        with session.start_transaction():
            db.people.insert_one({"_id": 1000}, session=session)
            db.people.update_many({"name": "n1"}, {"$inc": {"age": 1}}, session=session)
            inside = db.people.count_documents({"_id": 1000}, session=session)
            outside = db.people.count_documents({"_id": 1000})
        return [inside, outside, db.people.find_one(1000), session.in_transaction]


def aborted(db: Any) -> Any:
    with db.client.start_session() as session:
        session.start_transaction()
        db.people.delete_many({}, session=session)
        found = db.people.find_one({}, session=session)
        session.abort_transaction()
        return [found, db.people.count_documents({})]


def left_by_an_exception(db: Any) -> Any:
    with db.client.start_session() as session:
        try:
            with session.start_transaction():
                db.people.delete_many({}, session=session)
                raise KeyError("no")
        except KeyError:
            return [session.in_transaction, db.people.count_documents({}, session=session)]


def ended_while_open(db: Any) -> Any:
    with db.client.start_session() as session:
        session.start_transaction()
        db.people.delete_many({}, session=session)
    return [session.has_ended, db.people.count_documents({})]


def in_conflict(db: Any) -> Any:
    with db.client.start_session() as session:
        session.start_transaction()
        db.people.find_one(5, session=session)
        db.people.update_one({"_id": 5}, {"$set": {"age": -1}})
        try:
            db.people.update_one({"_id": 5}, {"$set": {"age": -2}}, session=session)
        except pymongo.errors.PyMongoError as error:
            return [type(error), error.code, error.has_error_label("TransientTransactionError")]


def with_a_duplicate(db: Any) -> Any:
    with db.client.start_session() as session, session.start_transaction():
        db.people.insert_one({"_id": 5}, session=session)


def retried(db: Any) -> Any:
    runs = []

    def work(session: Any) -> str:
        runs.append(db.people.find_one(5, session=session)["age"])
        if len(runs) == 1:
            db.people.update_one({"_id": 5}, {"$set": {"age": 77}})
        db.people.update_one({"_id": 5}, {"$inc": {"age": 1}}, session=session)
        return "done"

    with db.client.start_session() as session:
        result = session.with_transaction(
            work, read_concern=ReadConcern("snapshot"), write_concern=WriteConcern("majority")
        )
    return [result, runs, db.people.find_one(5)]


def everything_in_one(db: Any) -> Any:
    with db.client.start_session(default_transaction_options=TransactionOptions(max_commit_time_ms=5000)) as session:
        with session.start_transaction():
            at = {"session": session}
            found = [
                db.people.insert_many([{"_id": i} for i in range(1000, 1010)], **at),
                db.people.bulk_write([pymongo.DeleteOne({"_id": 1}), pymongo.InsertOne({"_id": 2000})], **at),
                db.people.replace_one({"_id": 2}, {"a": 1}, **at),
                db.people.find_one_and_update({"_id": 3}, {"$set": {"a": 1}}, **at),
                db.people.find_one_and_delete({"_id": 4}, **at),
                db.people.delete_one({"_id": 6}, **at),
                list(db.people.find({"_id": {"$lt": 20}}, batch_size=3, **at).sort("_id")),
                list(db.people.aggregate([{"$match": {"_id": {"$gte": 1000}}}, {"$sort": {"_id": 1}}], **at)),
                sorted(db.people.distinct("name", **at)),
                db.create_collection("made", **at).name,
                db.made.create_index("a", **at),
                db.made.insert_one({"_id": 1}, **at),
            ]
        return found


def misuse(action: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def call(db: Any) -> Any:
        with db.client.start_session() as session:
            return outcome(session, action)

    return call


def started(session: Any) -> Any:
    session.start_transaction()
    return session


CASES: dict[str, Callable[[Any], Any]] = {
    "committed": committed,
    "aborted": aborted,
    "left by an exception": left_by_an_exception,
    "ended while open": ended_while_open,
    "in conflict": in_conflict,
    "with a duplicate": with_a_duplicate,
    "retried": retried,
    "everything in one": everything_in_one,
    "bound": lambda db: bound(db),
    "commit of nothing": misuse(lambda s: s.commit_transaction()),
    "abort of nothing": misuse(lambda s: s.abort_transaction()),
    "two at once": misuse(lambda s: started(started(s))),
    "empty commit": misuse(lambda s: [started(s).commit_transaction(), s.commit_transaction(), s.in_transaction]),
    "abort twice": misuse(lambda s: [started(s).abort_transaction(), s.abort_transaction()]),
    "commit after abort": misuse(lambda s: [started(s).abort_transaction(), s.commit_transaction()]),
    "abort after commit": misuse(lambda s: [started(s).commit_transaction(), s.abort_transaction()]),
    "wrong concern": misuse(lambda s: s.start_transaction(read_concern=5)),
    "wrong time": misuse(lambda s: s.start_transaction(max_commit_time_ms="5")),
    "after its end": misuse(lambda s: [s.end_session(), s.end_session(), s.has_ended, s.start_transaction()]),
    "used after its end": misuse(lambda s: [s.end_session(), s.client["x"].y.find_one({}, session=s)]),
    "session id": misuse(lambda s: [sorted(s.session_id), s.session_id["id"].subtype]),
    "drop in one": misuse(lambda s: started(s).client["treering_nowhere"].x.drop(session=s)),
}


def bound(db: Any) -> Any:
    with db.client.start_session() as session, session.bind(end_session=False):
        session.start_transaction()
        db.people.delete_many({})
        inside = db.people.find_one()
        session.abort_transaction()
    return [inside, db.people.count_documents({})]


@pytest.mark.parametrize("name", CASES)
def test_sessions_do_what_pymongos_do(both: tuple[Any, Any], mongo: pymongo.MongoClient, name: str) -> None:
    ours, theirs = both
    assert outcome(ours, CASES[name]) == outcome(theirs, CASES[name])
    assert contents(ours) == contents(theirs)
    assert raw_contents(ours, mongo) == raw_contents(theirs, mongo)


def test_what_an_aborted_transaction_did_is_not_counted(project: Any) -> None:
    project.add(
        "r1",
        None,
        "with env.client.start_session() as session:\n"
        "    session.start_transaction()\n"
        "    env.db.people.insert_many([{} for _ in range(5)], session=session)\n"
        "    session.abort_transaction()\n"
        "    session.with_transaction(lambda s: env.db.people.insert_many([{}, {}], session=s))",
    )
    assert project.json("upgrade")["done"][0]["written"] == {"people": 2}


def transactional(project: Any, upgrade: str, downgrade: str = "pass") -> None:
    path = project.add("r1", None, upgrade, downgrade)
    path.write_text(path.read_text().replace("depends_on = None\n", "depends_on = None\ntransactional = True\n"))


def test_a_revision_that_raises_leaves_nothing(project: Any, mongo: pymongo.MongoClient) -> None:
    transactional(project, "env.db.people.insert_one({'_id': 1})\nenv.create_collection('made')\n1 / 0")
    failed = project.run("upgrade", expect=1)
    assert "ZeroDivisionError" in failed.stderr
    assert {"people", "made"}.isdisjoint(mongo[project.database].list_collection_names())
    assert mongo[project.database].treering_revisions.count_documents({}) == 0


def test_what_went_through_a_session_of_its_own_is_told_as_left(project: Any, mongo: pymongo.MongoClient) -> None:
    transactional(
        project,
        "env.db.people.insert_one({'_id': 1})\n"
        "with env.client.start_session() as session:\n"
        "    env.db.audit.insert_many([{'_id': 1}, {'_id': 2}], session=session)\n"
        "    with session.start_transaction():\n"
        "        env.db.audit.insert_one({'_id': 3}, session=session)\n"
        "    session.start_transaction()\n"
        "    env.db.audit.insert_one({'_id': 4}, session=session)\n"
        "    session.abort_transaction()\n"
        "1 / 0",
    )
    mongo[project.database].audit.insert_one({"_id": 0})
    mongo[project.database].people.insert_one({"_id": 0})
    failed = project.run("upgrade", expect=1)
    assert "left in place: 3 documents changed in audit" in failed.stderr
    assert "changed in people" not in failed.stderr
    assert mongo[project.database].people.count_documents({}) == 1
    assert project.json("upgrade", expect=1)["failed"]["written"] == {}  # refused at the first of audit's ids


def test_a_revision_and_its_record_are_committed_together(project: Any, mongo: pymongo.MongoClient) -> None:
    transactional(
        project,
        "assert env.db.treering_revisions.count_documents({}) == 0\n"
        "env.db.people.insert_many([{'_id': i} for i in range(500)])\n"
        "for person in env.db.people.find(batch_size=50):\n"
        "    env.db.people.update_one({'_id': person['_id']}, {'$set': {'a': 1}})\n"
        "env.db.create_collection('made').create_index('a')\n"
        "assert env.collections == ['made', 'people']",
        "env.db.people.delete_many({})",
    )
    project.run("upgrade")
    there = mongo[project.database]
    assert there.people.count_documents({"a": 1}) == 500
    assert "a_1" in there.made.index_information()
    assert project.json("current")["heads"] == ["r1"]
    project.run("downgrade", "base")
    assert there.people.count_documents({}) == 0
    assert there.treering_revisions.count_documents({}) == 0


def test_a_conflict_runs_the_code_again(project: Any, mongo: pymongo.MongoClient) -> None:
    mongo[project.database].people.insert_one({"_id": 1, "n": 0})
    transactional(
        project,
        "env.db.people.find_one(1)\n"
        "env.pymongo_db.runs.insert_one({})\n"
        "if env.pymongo_db.runs.count_documents({}) == 1:\n"
        "    env.pymongo_db.people.update_one({'_id': 1}, {'$inc': {'n': 1}})\n"
        "env.db.people.update_one({'_id': 1}, {'$inc': {'n': 10}})",
    )
    project.run("upgrade")
    assert mongo[project.database].people.find_one() == {"_id": 1, "n": 11}
    assert mongo[project.database].runs.count_documents({}) == 2


@pytest.mark.parametrize(
    "line, words",
    [
        ("env.db.people.create_index('a')", "create index people.a_1"),
        ("env.db.people.drop()", "drop collection people"),
        ("env.drop_collection('people')", "drop collection people"),
        ("env.db.people.rename('humans')", "people"),
        ("env.db.people.drop_indexes()", "people"),
        ("env.db.command('collMod', 'people', validator={})", "people"),
        ("env.db.people.estimated_document_count()", "count"),
        ("list(env.db.people.list_indexes())", "listIndexes"),
        ("env.db.list_collection_names()", "listCollections"),
        ("env.db.people.find().explain()", "explain"),
        ("env.db.people.aggregate([{'$out': 'x'}])", "$out"),
    ],
)
def test_what_no_transaction_takes_is_refused_by_name(
    project: Any, mongo: pymongo.MongoClient, line: str, words: str
) -> None:
    mongo[project.database].people.insert_one({"_id": 1})
    transactional(project, f"env.db.people.insert_one({{'_id': 2}})\n{line}")
    failed = project.run("upgrade", expect=1).stderr
    assert words in failed and "isn't allowed in a transaction" in failed and "r1" in failed
    assert mongo[project.database].people.count_documents({}) == 1


def test_the_configuration_makes_every_revision_transactional(project: Any, mongo: pymongo.MongoClient) -> None:
    config = project.root / "treering.toml"
    config.write_text(config.read_text() + "transactional = true\n")
    project.add("r1", None, "env.db.people.insert_one({'_id': 1})\nraise KeyError('no')")
    project.run("upgrade", expect=1)
    assert mongo[project.database].people.count_documents({}) == 0
    path = next(project.versions.glob("r1*"))
    path.write_text(path.read_text().replace("depends_on = None\n", "depends_on = None\ntransactional = False\n"))
    mongo[project.database].create_collection("people")  # the revision's own would go again with it
    project.run("upgrade", expect=1)
    assert mongo[project.database].people.count_documents({}) == 1
