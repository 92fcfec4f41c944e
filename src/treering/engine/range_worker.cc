// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/range_worker.h"

#include <utility>
#include <vector>

#include "treering/base/error.h"
#include "treering/base/planted_flaw.h"
#include "treering/base/reply.h"
#include "treering/engine/cursor.h"
#include "treering/engine/key_walk.h"
#include "treering/engine/transaction_rules.h"
#include "treering/engine/update_rules.h"
#include "treering/engine/with_transaction.h"
#include "treering/schema/operation.h"

namespace treering {
namespace {

constexpr std::size_t kCommandRoom = 16384;

Document update_statement(const Document& query, const Document& change) {
  Document statement;
  statement.add("q", query);
  return statement.add_all(change);
}

Document run_write(Connection& connection, const std::string& database, const Document& command) {
  Document reply = connection.command(database, command);
  require_written(reply);
  return reply;
}

}  // namespace

RangeWorker::RangeWorker(const BackfillPlace& place, const BackfillJob& job, const DocumentCode& code,
                         BackfillWorker kind, Connection& connection, KeyWalk& keys)
    : place_(place),
      job_(job),
      code_(code),
      kind_(kind),
      connection_(connection),
      store_(connection, place.database, place.owner, kind),
      keys_(keys) {}

void RangeWorker::work(const std::function<void()>& before, const std::function<void(const RangeResult&)>& after) {
  const bool transactional = has_transactions(connection_) && !planted(Flaw::backfill_note_apart);
  while (!collection_is_gone_) {
    const auto range = store_.take(job_, keys_);
    if (!range) return;
    const auto body = [&] {
      before();
      return change(*range, before);
    };
    try {
      const auto changed = transactional ? in_a_transaction(body) : body();
      if (changed) after(*changed);
    } catch (const Error&) {
      give_back(*range);
      throw;
    }
  }
}

// Whoever goes on needn't wait then until its time has run out.
void RangeWorker::give_back(const BackfillRange& range) {
  if (kind_ == BackfillWorker::runner) return;  // the next runner takes all of its ranges at once
  try {
    store_.free(range);
  } catch (const Error&) {
    // There may be no server any more. Then it is anybody's when its time has run out.
  }
}

// Nothing where the range was somebody else's by then. Where somebody writes the same documents: the whole again.
std::optional<RangeResult> RangeWorker::in_a_transaction(
    const std::function<std::optional<RangeResult>()>& change_range) {
  struct Lost {};
  std::optional<RangeResult> changed;
  const auto body = [&] {
    changed = change_range();
    if (!changed) throw Lost{};
  };
  const auto is_transient = [](const Error& error) { return has_label(error, kTransient); };
  try {
    with_transaction(connection_, *place_.clock, {}, body, is_transient);
  } catch (const Lost&) {
    return std::nullopt;
  }
  return changed;
}

std::optional<RangeResult> RangeWorker::change(const BackfillRange& range, const std::function<void()>& before) {
  const Document query = range_query(job_.key, range.keys, job_.filter);
  const RangeResult changed = code_ ? change_by_code(query, before) : change_at_server(query);
  if ((kind_ == BackfillWorker::helper || changed.found == 0) && !is_still_there()) {
    collection_is_gone_ = true;
    return std::nullopt;
  }
  if (!store_.finish(range, changed.found, changed.changed)) return std::nullopt;
  return changed;
}

// Where the revision was undone or went on meanwhile, another collection may have the name, or none: then nothing may
// be changed, nor noted. A helper isn't fenced, so it asks each time. It asks after the change, for a transaction
// holds what it has touched: nobody drops the collection between the answer and the commit. And on a connection of
// its own, since a transaction can't ask.
bool RangeWorker::is_still_there() {
  if (!outside_) outside_ = place_.server->connect();
  return BackfillStore(*outside_, place_.database, place_.owner, kind_).uuid_of(job_.collection) == job_.uuid;
}

RangeResult RangeWorker::change_at_server(const Document& query) {
  Document command;
  command.add("update", job_.collection)
      .add_array("updates", std::vector<Document>{update_statement(query, job_.change).add("multi", true)});
  const Document reply = run_write(connection_, place_.database, command);
  return {reply.integer("n").value_or(0), reply.integer("nModified").value_or(0)};
}

RangeResult RangeWorker::change_by_code(const Document& query, const std::function<void()>& before) {
  RangeResult result;
  Write write{Write::Verb::update, job_.collection, {}, Document().add("ordered", true)};
  for (const Document& document :
       read_cursor(connection_, place_.database, Document().add("find", job_.collection).add("filter", query))) {
    ++result.found;
    const auto change = code_(document);
    if (change && job_.key != "_id") require_leaves_alone(*change->find("u"), job_.key);
    if (change) write.statements.push_back(update_statement(Document().add("_id", *document.find("_id")), *change));
  }
  if (write.statements.empty()) return result;
  const auto limits = connection_.limits();
  for (const Document& command :
       commands_of({place_.database, write}, limits.write_batch, limits.message_bytes - kCommandRoom)) {
    before();  // the code may have taken long, and not every server refuses what comes late
    result.changed += run_write(connection_, place_.database, command).integer("nModified").value_or(0);
  }
  return result;
}

}  // namespace treering
