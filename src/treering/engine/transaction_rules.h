// SPDX-License-Identifier: Apache-2.0
// What the code of a transactional revision may ask of its transaction, and whether the transaction still stands.
// Source of the rules: MongoDB's manual, "Transactions and Operations".
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "treering/base/document.h"
#include "treering/base/error.h"
#include "treering/engine/port/database.h"
#include "treering/schema/operation.h"

namespace treering {

// Throws Error(Kind::revision), naming the revision, where the server behind the connection has no transactions.
void require_transactions(Connection& connection, const std::string& revision);

// Whether a collection of that name is there.
bool has_collection(Connection& connection, const std::string& database, const std::string& name);

// Of one attempt at one revision. For one thread at a time.
class TransactionRules {
 public:
  // Whether a database had that collection before the transaction.
  using HadCollection = std::function<bool(const std::string& database, const std::string& collection)>;

  // `outside`: a connection to the same server that is in no transaction; borrowed. It is asked for collections where
  // nobody else knows them.
  TransactionRules(Connection& outside, std::string revision, HadCollection had_collection = {});

  // Each throws Error(Kind::usage), naming what isn't allowed, before anything is sent.
  void require_allowed(const Operation& operation);
  // Where a command that only reads is to be sent: nothing that the server has in no transaction is asked in one.
  Connection& place_of(const std::string& database, const Document& command, Connection& inside) const;

  // What came of it. A failed command ends the transaction, whether or not the code goes on.
  void tell_done(const Operation& operation, const Document& reply);
  void tell_failed(const Error& error);

  // The first error that ended the transaction; null where none did.
  const std::shared_ptr<const Error>& broken() const { return broken_; }
  // Whether the server itself said that it takes something in no transaction.
  bool refused_by_server() const { return refused_by_server_; }
  // Whether everything may be tried again: what ended the transaction was no fault of the code.
  bool may_be_repeated() const;
  // Throws where the code went on after its transaction had ended. The one that may be repeated has its label.
  void require_intact() const;

  // Asked outside, with what the transaction itself made.
  bool has_collection(const std::string& database, const std::string& name) const;
  std::set<std::string> made_in(const std::string& database) const;
  Connection& outside() const { return outside_; }

 private:
  Error refusal(const std::string& what, const std::string& why) const;
  void require_new_and_empty(const Operation& operation, const std::string& collection) const;

  Connection& outside_;
  std::string revision_;
  HadCollection had_collection_;
  std::int64_t wire_version_;
  std::set<std::string> created_;                  // namespaces, "database.collection"
  std::set<std::string> written_;                  // there since the transaction wrote to them, if not before
  std::map<std::string, std::int64_t> documents_;  // that the transaction added to a collection, less those it removed
  std::shared_ptr<const Error> broken_;
  bool transient_ = false;
  bool refused_by_server_ = false;
};

}  // namespace treering
