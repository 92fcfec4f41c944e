// SPDX-License-Identifier: Apache-2.0
// The collections and indexes of a server as they would be after operations that were not sent: what a dry run answers
// from. Only names, options and indexes; documents are the server's, as they are.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "treering/engine/port/database.h"
#include "treering/schema/operation.h"

namespace treering {

class Shadow {
 public:
  // Borrows the connection, and asks it for each collection when that is first needed.
  explicit Shadow(Connection& connection) : connection_(&connection) {}

  struct Entry {
    bool exists = false;
    std::string stored_as;  // the name under which the server has its documents; "" where they would be new
    std::string type = "collection";
    Document options;
    std::vector<Document> indexes;       // as listIndexes gives them
    std::vector<std::string> new_names;  // of the indexes among them that this run would build
    // The index of that name, or with that key; nullptr where there is none.
    const Document* index(const Field& name_or_key) const;
    bool is_new(const Document& index) const;
  };
  const Entry& at(const std::string& database, const std::string& collection);

  // Changes the shadow by a schema operation and gives the reply that the server would give. Throws ServerError where
  // it would surely refuse: a collection or index that is there already, or isn't there.
  Document run(const Operation& operation);

  // Throws ServerError where a view has that name: documents and indexes are changed in collections.
  void require_no_view(const std::string& database, const std::string& collection);

  // A collection comes into being by a write. Throws as require_no_view.
  void write_into(const std::string& database, const std::string& collection);

  // The server's reply to listCollections or listIndexes (complete in its first batch), with what would be changed.
  // Nothing where the command is another one, or the shadow has nothing to add.
  std::optional<Document> listing(const std::string& database, const Document& command);

 private:
  using Name = std::pair<std::string, std::string>;

  Entry& entry(const std::string& database, const std::string& collection);
  Document create(const std::string& database, const CreateCollection& op);
  Document drop(const std::string& database, const DropCollection& op);
  Document rename(const std::string& database, const RenameCollection& op);
  Document create_indexes(const std::string& database, const CreateIndexes& op);
  Document drop_indexes(const std::string& database, const DropIndexes& op);
  Document modify(const std::string& database, const ModifyCollection& op);
  Document list_collections(const std::string& database, const Document& command);
  Document list_indexes(const std::string& database, const std::string& collection);

  Connection* connection_;  // never null
  std::map<Name, Entry> entries_;
};

// The reply of a server that refuses with that code and these words.
Document refusal(int code, const std::string& code_name, const std::string& message);

}  // namespace treering
