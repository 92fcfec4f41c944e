// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/env.h"

#include <algorithm>

#include "treering/base/reply.h"
#include "treering/engine/cursor.h"
#include "treering/engine/preview.h"

namespace treering {
namespace {

std::int64_t count_of(const Document& reply, std::string_view field) { return reply.integer(field).value_or(0); }

// Statement numbers in a reply count from the start of its own command; the caller counts from the start of the whole
// write.
Document renumbered(const Document& item, std::int64_t offset) {
  Document result;
  for (const Field& field : item.fields()) {
    if (field.key() == "index") {
      result.add("index", static_cast<std::int32_t>(field.integer().value_or(0) + offset));
    } else {
      result.add(field);
    }
  }
  return result;
}

// The replies of the commands that a long write was split into, as one.
class MergedReply {
 public:
  void add(const Document& reply, std::int64_t offset) {
    n_ += count_of(reply, "n");
    modified_ += count_of(reply, "nModified");
    for (const Document& item : reply.documents("upserted")) upserted_.push_back(renumbered(item, offset));
    for (const Document& item : reply.documents("writeErrors")) errors_.push_back(renumbered(item, offset));
    if (auto concern = reply.document("writeConcernError")) concern_error_ = *concern;
  }
  bool failed() const { return !errors_.empty(); }
  Document document(Write::Verb verb) const {
    Document result;
    result.add("n", static_cast<std::int32_t>(n_));
    if (verb == Write::Verb::update) result.add("nModified", static_cast<std::int32_t>(modified_));
    if (!upserted_.empty()) result.add_array("upserted", upserted_);
    if (!errors_.empty()) result.add_array("writeErrors", errors_);
    if (concern_error_) result.add("writeConcernError", *concern_error_);
    return result.add("ok", 1.0);
  }

 private:
  std::int64_t n_ = 0;
  std::int64_t modified_ = 0;
  std::vector<Document> upserted_;
  std::vector<Document> errors_;
  std::optional<Document> concern_error_;
};

std::string_view statements_field(Write::Verb verb) {
  switch (verb) {
    case Write::Verb::insert:
      return "documents";
    case Write::Verb::update:
      return "updates";
    case Write::Verb::remove:
      break;
  }
  return "deletes";
}

std::int64_t written_by(const Operation& operation, const Document& reply) {
  if (const auto* write = std::get_if<Write>(&operation.body)) {
    if (write->verb != Write::Verb::update) return count_of(reply, "n");
    return count_of(reply, "nModified") + static_cast<std::int64_t>(reply.documents("upserted").size());
  }
  return count_of(reply, "lastErrorObject.n");  // findAndModify
}

// createIndexes of indexes that are all there already succeeds and does nothing.
bool changed_schema(const Operation& operation, const Document& reply) {
  if (!std::holds_alternative<CreateIndexes>(operation.body)) return true;
  auto before = reply.integer("numIndexesBefore");
  return !before || before != reply.integer("numIndexesAfter");
}

const char* run_on(const Operation& operation) {
  return std::holds_alternative<RenameCollection>(operation.body) ? "admin" : operation.database.c_str();
}

}  // namespace

bool is_internal_collection(std::string_view name) {
  constexpr std::string_view kOwn[] = {"treering_state", "treering_revisions", "treering_journal", "_db_version"};
  constexpr std::string_view kPrefixes[] = {"system.", "tmp.agg_out.", "treering_trash."};
  return std::ranges::find(kOwn, name) != std::end(kOwn) ||
         std::ranges::any_of(kPrefixes, [&](std::string_view prefix) { return name.starts_with(prefix); });
}

Env::Env(Connection& connection, std::string database, std::function<void()> before_change)
    : connection_(connection), database_(std::move(database)), before_change_(std::move(before_change)) {}

Env::Env(Connection& connection, std::string database, Preview& preview, std::function<void()> before_change)
    : connection_(connection),
      database_(std::move(database)),
      before_change_(std::move(before_change)),
      preview_(&preview) {}

Document Env::apply(const Operation& operation) {
  std::lock_guard lock(mutex_);
  return apply_locked(operation);
}

Document Env::apply_locked(const Operation& operation) {
  if (preview_ != nullptr) {
    if (before_change_) before_change_();
    return preview_->apply(operation);
  }
  const auto* write = std::get_if<Write>(&operation.body);
  Connection::Limits limits;
  if (write != nullptr) limits = connection_.limits();
  // The server's limit is on the whole message; the statements' share leaves room for the command around them.
  constexpr std::size_t kCommandRoom = 16384;
  std::vector<Document> commands = commands_of(operation, limits.write_batch, limits.message_bytes - kCommandRoom);
  Document reply;
  MergedReply merged;
  std::int64_t offset = 0;
  for (const Document& command : commands) {
    if (before_change_) before_change_();
    done_.refused.reset();
    try {
      reply = connection_.command(run_on(operation), command);
    } catch (const ServerError&) {
      done_.refused = operation;
      throw;
    }
    tell_done(operation, reply);  // at once: a later command of this write may fail, and this one is done all the same
    if (commands.size() == 1) break;
    merged.add(reply, offset);
    if (merged.failed() && command.boolean("ordered").value_or(true)) break;
    offset += static_cast<std::int64_t>(command.document(statements_field(write->verb)).value_or(Document()).count());
  }
  return commands.size() > 1 ? merged.document(write->verb) : reply;
}

void Env::tell_done(const Operation& operation, const Document& reply) {
  if (is_schema(operation)) {
    if (changed_schema(operation, reply)) done_.schema.push_back(describe(operation));
  } else if (std::int64_t written = written_by(operation, reply); written > 0) {
    done_.written[collection_of(operation)] += written;
  }
}

Document Env::read(const std::string& database, const Document& command) {
  std::lock_guard lock(mutex_);
  return read_locked(database, command);
}

Document Env::read_locked(const std::string& database, const Document& command) {
  return preview_ != nullptr ? preview_->read(database, command) : connection_.command(database, command);
}

std::vector<std::string> Env::collections() {
  std::lock_guard lock(mutex_);
  Document command;
  command.add("listCollections", 1).add("nameOnly", true).add("authorizedCollections", true);
  std::vector<std::string> names;
  const auto listed =
      read_cursor([&](const Document& sent) { return read_locked(database_, sent); }, database_, command);
  for (const Document& found : listed) {
    std::string name = found.string("name").value_or("");
    if (!is_internal_collection(name)) names.push_back(std::move(name));
  }
  std::ranges::sort(names);
  return names;
}

bool Env::has_collection(const std::string& database, const std::string& name) {
  std::lock_guard lock(mutex_);
  return has_collection_locked(database, name);
}

bool Env::has_collection_locked(const std::string& database, const std::string& name) {
  if (preview_ != nullptr) return preview_->has_collection(database, name);
  Document command;
  command.add("listCollections", 1).add("filter", Document().add("name", name)).add("nameOnly", true);
  return !read_cursor(connection_, database, command).empty();
}

bool Env::create_collection(const std::string& name, const Document& options) {
  std::lock_guard lock(mutex_);
  // Asked first: a newer server answers `create` of what is there with ok, and then nobody could tell that nothing was
  // created.
  if (has_collection_locked(database_, name)) return false;
  try {
    apply_locked({database_, CreateCollection{name, options}});
  } catch (const ServerError& error) {
    if (error.code() == kNamespaceExists) return false;  // somebody else was faster
    throw;
  }
  return true;
}

bool Env::drop_collection(const std::string& name) {
  std::lock_guard lock(mutex_);
  try {
    Document reply = apply_locked({database_, DropCollection{name}});
    if (reply.has("ns") || reply.has("nIndexesWas")) return true;
  } catch (const ServerError& error) {
    if (error.code() != kNamespaceNotFound) throw;
    return false;
  }
  if (preview_ == nullptr) done_.schema.pop_back();  // a newer server answers ok where there was nothing to drop
  return false;
}

Env::Done Env::done() const {
  std::lock_guard lock(mutex_);
  return done_;
}

}  // namespace treering
