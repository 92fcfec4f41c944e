// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/cursor.h"

namespace treering {

std::vector<Document> read_cursor(Connection& connection, const std::string& database, const Document& command) {
  return read_cursor([&](const Document& sent) { return connection.command(database, sent); }, database, command);
}

std::vector<Document> read_cursor(const std::function<Document(const Document&)>& send, const std::string& database,
                                  const Document& command) {
  Document reply = send(command);
  std::vector<Document> result = reply.documents("cursor.firstBatch");
  const std::string ns = reply.string("cursor.ns").value_or("");
  const std::string collection = ns.size() > database.size() ? ns.substr(database.size() + 1) : ns;
  std::int64_t id = reply.integer("cursor.id").value_or(0);
  while (id != 0) {
    reply = send(Document().add("getMore", id).add("collection", collection));
    for (Document& document : reply.documents("cursor.nextBatch")) result.push_back(std::move(document));
    id = reply.integer("cursor.id").value_or(0);
  }
  return result;
}

}  // namespace treering
