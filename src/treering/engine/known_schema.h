// SPDX-License-Identifier: Apache-2.0
// What a server has of collections and indexes, remembered while an attempt works: asked for once, then changed by the
// operations that are told. Inverses are made from it, so that an operation costs no listing of its own.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "treering/engine/port/database.h"
#include "treering/schema/operation.h"

namespace treering {

// Not synchronised. What others change meanwhile isn't seen.
class KnownSchema {
 public:
  // Borrows the connection, which must be in no transaction.
  explicit KnownSchema(Connection& connection) : connection_(connection) {}

  struct Entry {
    bool exists = false;
    std::string type;  // "collection", "view", "timeseries"
    std::string uuid;  // in hexadecimal; "" where the server gives none, or it was made since (see uuid())
    bool was_listed = false;
    Document options;
    std::optional<std::vector<Document>> indexes;  // nothing: not asked for yet
  };
  const Entry& collection(const std::string& database, const std::string& name);
  bool exists(const std::string& database, const std::string& name) { return collection(database, name).exists; }
  // Also of a collection that an operation has made since; "" where there is none, or the server gives none.
  std::string uuid(const std::string& database, const std::string& name);

  // What an operation's inverse has to know (schema/operation.h).
  Found before(const Operation& operation);

  // The operation was carried out.
  void tell_done(const Operation& operation);
  // Nobody knows what came of it.
  void forget(const Operation& operation);

 private:
  using Name = std::pair<std::string, std::string>;
  Entry& entry(const std::string& database, const std::string& name);
  void list(const std::string& database, const Document& filter);
  const std::vector<Document>& indexes(const std::string& database, const std::string& name);

  Connection& connection_;
  std::map<Name, Entry> entries_;
  std::map<std::string, int> asked_;  // by database: how often for one collection; -1 when all are listed
};

}  // namespace treering
