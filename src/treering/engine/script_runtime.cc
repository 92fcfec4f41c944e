// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/script_runtime.h"

namespace treering {
namespace {

constexpr std::string_view kRuntime = R"js(
  const LEASE_MS = 30000; // by the server's clock; renewed at a third of it
  const durable = {w: "majority", j: true};
  const free = {expires: new Date(0)};
  const leaseEnd = {$toDate: {$add: [{$toLong: "$$NOW"}, NumberLong(String(LEASE_MS))]}};
  const os = require("os");
  const me = {
    host: os.hostname(),
    pid: NumberLong(String(process.pid)),
    user: userName(),
    run: require("crypto").randomBytes(8).toString("hex"),
  };

  let applied = BEFORE;
  let epoch = null; // of our lease; null while we hold none
  let confirmedUs = 0; // when we last asked for what the server then granted
  let lost = false;
  let timer = null;
  let renewals = 0; // under way
  let attempt = null; // the revision under way
  let unsettled = false; // nobody knows whether its record is written
  let logged = 0; // entries of the journal

  function userName() {
    try {
      return os.userInfo().username;
    } catch (error) {
      return String(process.geteuid()); // a container's user without a name
    }
  }

  // Microseconds since some start that never jumps.
  function clock() {
    const [seconds, nanoseconds] = process.hrtime();
    return seconds * 1000000 + Math.floor(nanoseconds / 1000);
  }

  // A reply may be ok: 1 and still say that something was not written.
  function checked(reply) {
    if (reply === null || typeof reply !== "object") return reply;
    if (reply.ok !== undefined && Number(reply.ok) !== 1) throw new Error(reply.errmsg || "the server refused a command");
    if (reply.writeErrors && reply.writeErrors.length > 0) throw new Error(reply.writeErrors[0].errmsg);
    if (reply.writeConcernError) throw new Error(reply.writeConcernError.errmsg);
    if (reply.acknowledged === false) throw new Error("the server doesn't acknowledge writes: leave w=0 out of the URL");
    return reply;
  }

  function command(document) {
    return checked(db.runCommand(document));
  }

  function readState() {
    const project = {now: "$$NOW", format: 1, epoch: 1, lease: 1, heads: 1, count: 1, digest: 1, attempt: 1};
    const pipeline = [{$match: {_id: "state"}}, {$project: project}];
    const found = command({aggregate: "treering_state", pipeline: pipeline, cursor: {}}).cursor.firstBatch;
    return found.length > 0 ? found[0] : null;
  }

  // False, and nothing changed, where the epoch isn't the lease's any more.
  function updateState(update) {
    const statement = {q: {_id: "state", epoch: epoch}, u: update};
    return Number(command({update: "treering_state", updates: [statement], writeConcern: durable}).n) === 1;
  }

  function locked(lease) {
    return new Error(`locked by ${lease.host} (pid ${lease.pid}) ${lease.doing || ""}: run the script again later`);
  }

  function requireFree(found) {
    const lease = found === null ? undefined : found.lease;
    if (lease && lease.run && lease.expires > found.now) throw locked(lease);
  }

  function named(heads) {
    return heads.length > 0 ? heads.join(", ") : "nothing applied";
  }

  function requireExpected(found) {
    if (found !== null && Number(found.format) > 1)
      throw new Error("a newer Treering worked on this database last: write the script with that one");
    if (found !== null && found.attempt !== undefined)
      throw new Error(
        `the ${found.attempt.direction} of ${found.attempt.revision} was begun here and never ended: ` +
          "run treering upgrade or treering stamp, which settle that, and write the script anew",
      );
    const isFresh = found === null || found.heads === undefined;
    const heads = isFresh ? [] : found.heads;
    const isExpected = isFresh
      ? String(BEFORE.count) === "0"
      : String(found.count) === String(BEFORE.count) &&
        found.digest === BEFORE.digest &&
        [...heads].sort().join() === [...BEFORE.heads].sort().join();
    if (!isExpected)
      throw new Error(
        `${DATABASE} is at ${named(heads)} and the script starts from ${named(BEFORE.heads)}: write the script anew`,
      );
    const isForeign = {version_num: {$type: "string", $ne: ""}};
    if (isFresh && db.getCollection("_db_version").findOne(isForeign) !== null)
      throw new Error(
        "the revisions in _db_version are not adopted yet: " +
          "run treering upgrade or treering stamp, which adopt them, and write the script anew",
      );
  }

  function createState() {
    const document = {_id: "state", format: 1, epoch: NumberLong("0"), lease: free};
    try {
      command({insert: "treering_state", documents: [document], writeConcern: durable});
    } catch (error) {
      if (readState() === null) throw error; // else another runner created it just now
    }
  }

  function leaseCommand() {
    const literal = (text) => ({$literal: text});
    const lease = {
      host: literal("mongosh script on " + me.host),
      pid: me.pid,
      user: literal(me.user),
      run: literal(me.run),
      since: "$$NOW",
      renewed: "$$NOW",
      expires: leaseEnd,
      doing: "",
    };
    return {
      findAndModify: "treering_state",
      query: {_id: "state", $expr: {$lt: [{$toLong: "$lease.expires"}, {$toLong: "$$NOW"}]}},
      // The sessions of a runner that left the lease behind: the next Treering shuts them out.
      update: [{$set: {fence: {$concatArrays: [{$ifNull: ["$fence", []]}, {$ifNull: ["$lease.sessions", []]}]}, lease: {$mergeObjects: [lease]}, epoch: {$add: ["$epoch", NumberLong("1")]}}}],
      new: true,
      writeConcern: durable,
    };
  }

  function takeLease() {
    let found = null;
    for (let tries = 0; tries < 10; ++tries) {
      const asked = clock();
      const taken = command(leaseCommand()).value;
      if (taken) {
        epoch = taken.epoch;
        confirmedUs = asked;
        return taken;
      }
      found = readState();
      if (found === null) createState();
      else requireFree(found);
    }
    throw locked(found.lease);
  }

  function renewLease() {
    ++renewals;
    try {
      const asked = clock();
      if (updateState([{$set: {"lease.renewed": "$$NOW", "lease.expires": leaseEnd}}])) confirmedUs = asked;
      else lost = true;
    } finally {
      --renewals;
    }
  }

  function startRenewing() {
    timer = setInterval(() => {
      try {
        renewLease();
      } catch (error) {
        // Tried again next time; requireLease notices when it has been too long.
      }
    }, LEASE_MS / 3);
  }

  // A renewal that arrived after the lease is freed would take it again.
  function stopRenewing() {
    clearInterval(timer);
    while (renewals > 0) sleep(10);
  }

  function loseLease() {
    lost = true;
    throw new Error(
      `the lease on ${DATABASE} ran out while the script worked, and another runner may hold it: ` +
        "see treering log and treering current",
    );
  }

  function requireLease() {
    if (!lost && clock() - confirmedUs > (LEASE_MS * 1000 * 2) / 3) renewLease();
    if (lost) loseLease();
  }

  function freeLease() {
    updateState({$set: {lease: free}});
  }

  function takeDatabase() {
    if (db.getName() !== DATABASE)
      throw new Error(`this script is for the database ${DATABASE}, not ${db.getName()}: name it in the URL`);
    const found = readState();
    requireFree(found);
    requireExpected(found);
    const taken = takeLease();
    try {
      requireExpected(taken); // somebody may have been faster
    } catch (error) {
      freeLease();
      throw error;
    }
    startRenewing();
  }

  function begin(revision, message) {
    attempt = {revision: revision, message: message, started: new Date(), beganUs: clock()};
    requireLease();
    const open = {revision: revision, direction: DIRECTION, started: attempt.started, ...me};
    const doing = (DIRECTION === "upgrade" ? "upgrading " : "downgrading ") + revision;
    if (!updateState({$set: {...applied, "lease.doing": doing, attempt: open}})) loseLease();
  }

  function run(statement) {
    requireLease();
    return checked(statement());
  }

  function writeRecord(record, durationUs, file) {
    const times = {started: attempt.started, applied_at: new Date(), duration_us: durationUs};
    const document = {...record, ...times, how: "upgrade", version: VERSION, ...me, ...file};
    const statement = {q: {_id: attempt.revision}, u: document, upsert: true};
    command({update: "treering_revisions", updates: [statement], writeConcern: durable});
  }

  function deleteRecord() {
    const statement = {q: {_id: attempt.revision}, limit: 1};
    command({delete: "treering_revisions", deletes: [statement], writeConcern: durable});
  }

  function writeJournal(outcome, durationUs, error) {
    const start = {revision: attempt.revision, direction: DIRECTION, outcome: outcome, started: attempt.started};
    const document = {...start, duration_us: durationUs, ...me, ...error};
    logged += 1; // with an _id, what the shell sends twice is there once
    const statement = {q: {_id: {epoch: epoch, n: NumberLong(String(logged))}}, u: document, upsert: true};
    command({update: "treering_journal", updates: [statement], writeConcern: durable});
  }

  function spentUs() {
    return NumberLong(String(clock() - attempt.beganUs));
  }

  // `record` and `file`: what the revision's record holds before and after what this run adds; of a downgrade nothing.
  function finish(after, record, file) {
    requireLease();
    const durationUs = spentUs();
    unsettled = true;
    if (DIRECTION === "upgrade") writeRecord(record, durationUs, file);
    else deleteRecord();
    writeJournal("done", durationUs, {});
    print(`${attempt.revision}  ${attempt.message}  ${DIRECTION} done`);
    applied = after;
    attempt = null;
    unsettled = false;
  }

  function release() {
    stopRenewing();
    if (!updateState({$set: {...applied, lease: free}, $unset: {attempt: ""}})) loseLease();
    epoch = null;
  }

  // What failed is journalled and the lease freed; where the record may be written or not, the attempt stays open for
  // the next runner to settle.
  function stop(error) {
    stopRenewing();
    if (attempt !== null) print(`${attempt.revision}  ${attempt.message}  failed, and nothing after it was begun`);
    if (epoch === null || lost) return;
    try {
      if (attempt !== null && !unsettled) {
        writeJournal("failed", spentUs(), {error: String(error.message)});
        release();
        return;
      }
    } catch (other) {
      print(`and this was not written down: ${other.message}`);
    }
    try {
      freeLease();
    } catch (other) {
      print("and the lease ends by itself, in half a minute");
    }
  }
)js";

}  // namespace

std::string_view script_runtime() { return kRuntime; }

}  // namespace treering
