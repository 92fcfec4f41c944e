// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/undo.h"

#include <fmt/format.h>

#include <algorithm>

#include "treering/base/amount.h"
#include "treering/base/error.h"
#include "treering/base/planted_flaw.h"
#include "treering/base/reply.h"
#include "treering/engine/backfill.h"
#include "treering/engine/known_schema.h"
#include "treering/engine/send_again.h"

namespace treering {
namespace {

// What a refusal says when the step has nothing to do: it never took place, or is undone already.
bool is_done_already(const Operation& step, int code) {
  const bool is_gone = std::holds_alternative<ModifyCollection>(step.body) && code == kNamespaceNotFound;
  return is_gone || says_done_before(step, code);
}

class Undoing {
 public:
  Undoing(Lease& lease, Connection& connection, const UndoRequest& request)
      : lease_(lease), connection_(connection), request_(request) {
    result_.left = request.left;
  }

  Undone run() {
    std::vector<JournalledOperation> order(request_.entries.rbegin(), request_.entries.rend());
    if (planted(Flaw::undo_oldest_first)) std::ranges::reverse(order);
    for (const JournalledOperation& entry : order) {
      if (entry.refused) continue;
      undo_one(entry);
      lease_.strike_out(entry.number, result_.left);
    }
    return std::move(result_);
  }

 private:
  void undo_one(const JournalledOperation& entry) {
    if (entry.inverse && entry.inverse->empty()) return;
    const std::string text = describe_change(entry.operation, request_.database);
    if (!entry.inverse) return undo_in_part(entry, text);
    bool acted = false;
    kept_.reset();
    for (const Operation& step : *entry.inverse) {
      try {
        acted = take_step(entry, step) || acted;
      } catch (const ServerError& error) {
        if (error.code() == kTransactionTooOld) throw;
        if (is_done_already(step, error.code())) continue;
        result_.left.push_back(
            fmt::format("{} ({} was refused: {})", text, describe_change(step, request_.database), error.what()));
        return;
      }
    }
    if (!acted) return;
    result_.undone.push_back(kept_ ? fmt::format("{} (it is in the trash, with {})", text, counted(*kept_, "document"))
                                   : text);
  }

  // Of a rename that dropped its target for good, what was renamed can come back.
  void undo_in_part(const JournalledOperation& entry, const std::string& text) {
    const auto* rename = std::get_if<RenameCollection>(&entry.operation.body);
    if (rename == nullptr) {
      result_.left.push_back(text);
      return;
    }
    try {
      if (!take_step(entry, {entry.operation.database, RenameCollection{rename->to, rename->collection, false}}))
        return;
      result_.undone.push_back(text);
      result_.left.push_back(fmt::format("drop {}, which was under that name before", rename->to));
    } catch (const ServerError& error) {
      if (error.code() == kTransactionTooOld) throw;
      result_.left.push_back(text);
    }
  }

  // False where there was nothing to do.
  bool take_step(const JournalledOperation& entry, const Operation& step) {
    KnownSchema now(connection_);
    if (const auto* rename = std::get_if<RenameCollection>(&step.body)) {
      const KnownSchema::Entry& moved = now.collection(step.database, rename->collection);
      // Somebody else's collection may be under that name by now, and ours back already.
      if (!moved.exists || (!entry.uuid.empty() && !moved.uuid.empty() && moved.uuid != entry.uuid)) return false;
    }
    if (const auto* drop = std::get_if<DropCollection>(&step.body)) {
      const KnownSchema::Entry& there = now.collection(step.database, drop->collection);
      if (!there.exists) return false;
      result_.moved.push_back({step.database + "." + drop->collection, ""});
      forget_backfills_of(connection_, step.database, drop->collection);
      if (there.type == "collection") kept_ = to_keep(step.database, drop->collection);
      if (kept_) {
        Trashed trashed = request_.trashed_as;
        trashed.collection = drop->collection;
        send({step.database,
              RenameCollection{drop->collection, trash_name(step.database, trashed, entry.number), false}});
        return true;
      }
    }
    // An index would bring its collection back, which somebody else took away.
    if (const auto* indexes = std::get_if<CreateIndexes>(&step.body))
      if (!now.exists(step.database, indexes->collection)) return false;
    send(step);
    if (const auto* rename = std::get_if<RenameCollection>(&step.body))
      result_.moved.push_back({step.database + "." + rename->collection, step.database + "." + rename->to});
    return true;
  }

  // How many documents it holds, where these may be others' and it goes into the trash.
  std::optional<std::int64_t> to_keep(const std::string& database, const std::string& collection) {
    if (request_.drops == Drops::for_good || planted(Flaw::undo_forgets_trash)) return std::nullopt;
    const Document reply = connection_.command(database, Document().add("count", collection));
    const std::int64_t there = reply.integer("n").value_or(0);
    if (there == 0) return std::nullopt;
    if (!request_.written) return there;
    const auto ours = request_.written->find(database + "." + collection);
    return ours == request_.written->end() || there > ours->second ? std::optional(there) : std::nullopt;
  }

  void send(const Operation& step) {
    for (const Document& command : commands_of(step)) {
      lease_.require_held();  // last: what was asked before may have taken long
      require_written(connection_.command(command_database(step), command));
    }
  }

  Lease& lease_;
  Connection& connection_;
  const UndoRequest& request_;
  Undone result_;
  std::optional<std::int64_t> kept_;  // documents of the collection that went into the trash, of the step at hand
};

}  // namespace

Undone undo(Lease& lease, Connection& connection, const UndoRequest& request) {
  return Undoing(lease, connection, request).run();
}

}  // namespace treering
