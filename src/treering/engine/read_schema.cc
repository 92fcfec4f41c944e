// SPDX-License-Identifier: Apache-2.0
// Thousands of collections are an ordinary database: their indexes are asked for in flight together.
#include "treering/engine/read_schema.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "treering/base/reply.h"
#include "treering/engine/cursor.h"
#include "treering/engine/env.h"
#include "treering/schema/canonical.h"
#include "treering/schema/documents_by_id.h"
#include "treering/schema/live_schema.h"

namespace treering {
namespace {

constexpr std::size_t kAtOnce = 4096;  // replies held in memory at a time

// One after the other, where together didn't do: a cursor of several batches, or a collection that went meanwhile.
std::vector<Document> read_alone(Connection& connection, const std::string& database, const Document& command) {
  try {
    return read_cursor(connection, database, command);
  } catch (const ServerError& error) {
    if (error.code() == kNamespaceNotFound) return {};
    throw;
  }
}

template <class Take>
void read_together(Server& server, const std::string& database, const std::vector<Document>& commands,
                   const Take& take) {
  std::unique_ptr<Connection> alone;
  const auto read = [&](const Document& command) {
    if (!alone) alone = server.connect();
    return read_alone(*alone, database, command);
  };
  for (std::size_t start = 0; start < commands.size(); start += kAtOnce) {
    const auto first = commands.begin() + static_cast<std::ptrdiff_t>(start);
    const std::vector<Document> some(first,
                                     first + static_cast<std::ptrdiff_t>(std::min(kAtOnce, commands.size() - start)));
    std::vector<Document> replies;
    try {
      replies = server.read_many(database, some);
    } catch (const ServerError& error) {
      if (error.code() != kNamespaceNotFound) throw;
    }
    for (std::size_t i = 0; i < some.size(); ++i) {
      const bool whole = !replies.empty() && replies[i].integer("cursor.id").value_or(0) == 0;
      take(start + i, whole ? replies[i].documents("cursor.firstBatch") : read(some[i]));
    }
  }
}

void read_indexes(Server& server, const std::string& database, std::vector<Collection>& collections) {
  std::vector<Document> commands;
  std::vector<Collection*> asked;
  for (Collection& collection : collections) {
    if (collection.is_view()) continue;
    asked.push_back(&collection);
    commands.push_back(Document().add("listIndexes", collection.name));
  }
  read_together(server, database, commands,
                [&](std::size_t i, const std::vector<Document>& listed) { set_listed_indexes(*asked[i], listed); });
}

// By collection what names documents of it, also under the name that it is to get.
using Named = std::unordered_map<std::string_view, std::vector<const Collection*>>;

Named with_data(const std::vector<const Schema*>& schemas) {
  Named named;
  for (const Schema* schema : schemas)
    for (const Collection& collection : schema->collections()) {
      if (collection.data.empty()) continue;
      named[collection.name].push_back(&collection);
      if (!collection.renamed_from.empty()) named[collection.renamed_from].push_back(&collection);
    }
  return named;
}

// {0: id, 1: id, ...} of all their documents, each once.
Document wanted_ids(const std::vector<const Collection*>& collections) {
  Document ids;
  std::unordered_set<std::string> seen;
  for (const Collection* collection : collections)
    for (const Document& document : collection->data) {
      const auto id = document.find("_id");
      if (id && seen.insert(id_key(*id)).second) ids.add(std::to_string(seen.size() - 1), *id);
    }
  return ids;
}

void read_data(Server& server, const std::string& database, std::vector<Collection>& collections,
               const std::vector<const Schema*>& schemas) {
  std::vector<Document> commands;
  std::vector<Collection*> asked;
  const Named named = with_data(schemas);
  for (Collection& collection : collections) {
    const auto found = named.find(collection.name);
    if (found == named.end() || collection.is_view()) continue;
    const Document ids = wanted_ids(found->second);
    asked.push_back(&collection);
    Document filter;
    filter.add("_id", Document().add_array("$in", ids));
    commands.push_back(Document().add("find", collection.name).add("filter", filter));
  }
  read_together(server, database, commands, [&](std::size_t i, const std::vector<Document>& found) {
    for (const Document& document : found) asked[i]->data.push_back(canonical_data(document));
  });
}

void read_shard_keys(Server& server, const std::string& database, std::vector<Collection>& collections,
                     const std::vector<const Schema*>& named) {
  const auto connection = server.connect();
  const Document hello = connection->command("admin", Document().add("hello", 1));
  if (hello.string("msg") != "isdbgrid") {
    for (Collection& collection : collections)
      for (const Schema* schema : named)
        if (const Collection* known = schema->find(collection.name)) {
          collection.shard_key = known->shard_key;
          break;
        }
    return;
  }
  Document range;  // "shop." <= _id < "shop/": the namespaces of this database
  range.add("$gte", database + ".").add("$lt", database + "/");
  Document command;
  command.add("find", "collections").add("filter", Document().add("_id", range));
  std::map<std::string, Document> keys;
  for (const Document& found : read_cursor(*connection, "config", command))
    keys.emplace(found.string("_id").value_or(""), found);
  for (Collection& collection : collections) {
    const auto found = keys.find(database + "." + collection.name);
    if (found != keys.end()) collection.shard_key = canonical_shard_key(found->second);
  }
}

}  // namespace

Schema read_schema(Server& server, const std::string& database, const std::vector<const Schema*>& named) {
  std::vector<Collection> collections;
  const auto connection = server.connect();
  for (const Document& listed : read_cursor(*connection, database, Document().add("listCollections", 1)))
    if (!is_internal_collection(listed.string("name").value_or("")))
      collections.push_back(collection_from_listing(listed));
  std::ranges::sort(collections, {}, &Collection::name);
  read_indexes(server, database, collections);
  read_data(server, database, collections, named);
  read_shard_keys(server, database, collections, named);
  return Schema(std::move(collections));
}

}  // namespace treering
