// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/transaction_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include "treering/base/reply.h"
#include "treering/engine/cursor.h"
#include "treering/engine/with_transaction.h"

namespace treering {
namespace {

// Wire versions that servers gained something with.
constexpr std::int64_t kCreatesInTransactions = 9;  // 4.4

// What a transaction reads.
constexpr std::array<std::string_view, 4> kInside = {"find", "getmore", "aggregate", "distinct"};
// What is told of the server as a whole: no transaction changes the answer. And cursors that nobody reads any more.
constexpr std::array<std::string_view, 19> kOutside = {
    "killcursors",     "hello",        "ismaster",     "ping",           "buildinfo", "connectionstatus",
    "hostinfo",        "serverstatus", "getparameter", "getcmdlineopts", "getlog",    "listcommands",
    "listdatabases",   "top",          "whatsmyuri",   "features",       "currentop", "replsetgetstatus",
    "replsetgetconfig"};
constexpr std::array<std::string_view, 3> kChanging = {"findandmodify", "aggregate", "bulkwrite"};
// Stages that look at the server, not at documents, and those that write.
constexpr std::array<std::string_view, 9> kNoStages = {"$out",          "$merge",          "$collStats",
                                                       "$currentOp",    "$indexStats",     "$listLocalSessions",
                                                       "$listSessions", "$planCacheStats", "$changeStream"};

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(),
                         [](char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); });
  return result;
}

bool one_of(std::string_view name, const auto& names) { return std::ranges::find(names, name) != names.end(); }

std::string name_of(const Document& command) {
  const auto first = command.first();
  return first ? std::string(first->key()) : "";
}

bool is_servers_own(std::string_view database) {
  return database == "admin" || database == "config" || database == "local";
}

// The first stage of a pipeline that no transaction takes; "" for none.
std::string forbidden_stage(const Document& command) {
  for (const Document& stage : command.documents("pipeline"))
    if (const std::string name = name_of(stage); one_of(name, kNoStages)) return name;
  return "";
}

std::string_view instead_of(const std::string& command) {
  if (command == "count") return "count_documents counts in a transaction";
  if (command == "listcollections") return "env.collections can be asked in a transaction";
  return "write transactional = False into the revision's header, or put this into a revision of its own";
}

// Upserts create the collection that they write to.
bool may_create(const Write& write) {
  return write.verb == Write::Verb::insert ||
         (write.verb == Write::Verb::update && std::ranges::any_of(write.statements, [](const Document& statement) {
            return statement.boolean("upsert").value_or(false);
          }));
}

// How many documents more the collection has after it.
std::int64_t growth(const Operation& operation, const Document& reply) {
  const auto count = [&](std::string_view field) { return reply.integer(field).value_or(0); };
  const auto upserted = static_cast<std::int64_t>(reply.documents("upserted").size());
  if (const auto* run = std::get_if<RunCommand>(&operation.body)) {  // findAndModify
    if (run->command.boolean("remove").value_or(false)) return -count("lastErrorObject.n");
    return reply.has("lastErrorObject.upserted") ? 1 : 0;
  }
  const auto& write = std::get<Write>(operation.body);
  if (write.verb == Write::Verb::update) return upserted;
  return write.verb == Write::Verb::insert ? count("n") : -count("n");
}

}  // namespace

void require_transactions(Connection& connection, const std::string& revision) {
  if (has_transactions(connection)) return;
  const bool too_old = has_transaction_numbers(connection.hello());
  const std::string_view why = too_old ? "is too old for them" : "is no replica set";
  throw Error(Kind::revision,
              fmt::format("revision {} is transactional, but the server has no transactions: it {}", revision, why),
              "make the server a replica set (one member is enough), or set transactional = False in the header")
      .with("revision", revision);
}

bool has_collection(Connection& connection, const std::string& database, const std::string& name) {
  Document command;
  command.add("listCollections", 1).add("filter", Document().add("name", name)).add("nameOnly", true);
  return !read_cursor(connection, database, command).empty();
}

TransactionRules::TransactionRules(Connection& outside, std::string revision, HadCollection had_collection)
    : outside_(outside),
      revision_(std::move(revision)),
      had_collection_(std::move(had_collection)),
      wire_version_(outside.hello().integer("maxWireVersion").value_or(0)) {
  if (!had_collection_)
    had_collection_ = [&outside](const std::string& database, const std::string& collection) {
      return treering::has_collection(outside, database, collection);
    };
}

Error TransactionRules::refusal(const std::string& what, const std::string& why) const {
  return Error(Kind::usage,
               fmt::format("{} isn't allowed in a transaction{} (revision {} is transactional)", what, why, revision_),
               std::string(instead_of(lower(what))))
      .with("revision", revision_);
}

void TransactionRules::require_allowed(const Operation& operation) {
  const std::string what = describe(operation);
  if (is_servers_own(operation.database)) throw refusal(what, " on the database " + operation.database);
  if (std::holds_alternative<Write>(operation.body)) return;
  if (const auto* run = std::get_if<RunCommand>(&operation.body)) {
    const std::string name = name_of(run->command);
    if (!one_of(lower(name), kChanging)) throw refusal(name, "");
    if (const std::string stage = forbidden_stage(run->command); !stage.empty()) throw refusal(stage, "");
    return;
  }
  const bool creates = std::holds_alternative<CreateCollection>(operation.body);
  if (!creates && !std::holds_alternative<CreateIndexes>(operation.body)) throw refusal(what, "");
  if (wire_version_ < kCreatesInTransactions) throw refusal(what, " before MongoDB 4.4");
  if (!creates) require_new_and_empty(operation, collection_of(operation));
}

void TransactionRules::require_new_and_empty(const Operation& operation, const std::string& collection) const {
  const std::string name = operation.database + "." + collection;
  if (!created_.contains(name) && had_collection_(operation.database, collection))
    throw refusal(describe(operation), fmt::format(": the collection {} was there before it", collection));
  if (const auto grown = documents_.find(name); grown != documents_.end() && grown->second > 0)
    throw refusal(describe(operation), fmt::format(": the collection {} has documents by then", collection));
}

Connection& TransactionRules::place_of(const std::string& database, const Document& command, Connection& inside) const {
  const std::string name = name_of(command);
  if (is_servers_own(database) || one_of(lower(name), kOutside)) return outside_;
  if (!one_of(lower(name), kInside)) throw refusal(name, "");
  if (const std::string stage = forbidden_stage(command); !stage.empty()) throw refusal(stage, "");
  return inside;
}

void TransactionRules::tell_done(const Operation& operation, const Document& reply) {
  const auto* write = std::get_if<Write>(&operation.body);
  if (!reply.documents("writeErrors").empty()) tell_failed(ServerError(reply));
  const std::string name = operation.database + "." + collection_of(operation);
  if (write != nullptr && may_create(*write)) written_.insert(name);
  if (is_schema(operation)) {
    created_.insert(name);
  } else {
    documents_[name] += growth(operation, reply);
  }
}

void TransactionRules::tell_failed(const Error& error) {
  const auto* refused = dynamic_cast<const ServerError*>(&error);
  if (refused != nullptr && refused->code() == kNotInTransaction) {
    refused_by_server_ = true;
    return;  // the transaction goes on
  }
  if (broken_) return;
  broken_ = std::make_shared<Error>(error);
  transient_ = has_label(error, kTransient);
}

bool TransactionRules::may_be_repeated() const { return broken_ && transient_; }

void TransactionRules::require_intact() const {
  if (!broken_) return;
  throw Error(Kind::migration_failed,
              fmt::format("the code of revision {} went on after an error that ended its transaction: {}", revision_,
                          broken_->what()),
              "let such an error through, or look before you write what may be there already")
      .with("revision", revision_);
}

bool TransactionRules::has_collection(const std::string& database, const std::string& name) const {
  const std::string whole = database + "." + name;
  return created_.contains(whole) || written_.contains(whole) || had_collection_(database, name);
}

std::set<std::string> TransactionRules::made_in(const std::string& database) const {
  std::set<std::string> names;
  for (const auto& made : {created_, written_})
    for (const std::string& whole : made)
      if (whole.starts_with(database + ".")) names.insert(whole.substr(database.size() + 1));
  return names;
}

}  // namespace treering
