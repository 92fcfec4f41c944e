// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/permissions.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <set>

#include "treering/base/reply.h"

namespace treering {
namespace {

// Source: MongoDB manual, "Privilege Actions". The bookkeeping needs the first four; revisions, what they do.
constexpr std::array kNeeded{"find", "insert", "update", "remove", "listCollections"};
constexpr std::array kUsual{"createCollection", "dropCollection", "renameCollectionSameDB", "createIndex", "dropIndex",
                            "listIndexes",      "collMod"};

// Whether a privilege's resource is the whole database.
bool covers(const Document& resource, const std::string& database) {
  if (resource.boolean("anyResource").value_or(false)) return true;
  const auto of = resource.string("db");
  const auto collection = resource.string("collection");
  return of && collection && collection->empty() && (of->empty() || *of == database);
}

std::set<std::string> allowed(const Document& status, const std::string& database) {
  std::set<std::string> actions;
  for (const Document& privilege : status.documents("authInfo.authenticatedUserPrivileges")) {
    if (!covers(privilege.document("resource").value_or(Document()), database)) continue;
    for (std::string& action : privilege.strings("actions")) actions.insert(std::move(action));
  }
  return actions;
}

template <typename Actions>
std::vector<std::string> missing(const Actions& wanted, const std::set<std::string>& have) {
  std::vector<std::string> result;
  for (const char* action : wanted)
    if (!have.contains(action)) result.emplace_back(action);
  return result;
}

Diagnosis lacking(Health health, const std::string& user, const std::string& database,
                  const std::vector<std::string>& actions) {
  return {health, "permissions",
          fmt::format("{} may not {} on the whole of {}", user, fmt::join(actions, ", "), database),
          fmt::format("as an administrator: db.grantRolesToUser(\"{}\", [{{role: \"readWrite\", db: \"{}\"}}, "
                      "{{role: \"dbAdmin\", db: \"{}\"}}])",
                      user, database, database)};
}

}  // namespace

std::vector<Diagnosis> examine_permissions(Connection& connection, const std::string& database) {
  Document status;
  try {
    status = connection.command("admin", Document().add("connectionStatus", 1).add("showPrivileges", true));
  } catch (const ServerError&) {
    return {{Health::ok, "permissions", "the server doesn't say what this user may do", ""}};
  }
  const auto users = status.documents("authInfo.authenticatedUsers");
  if (users.empty()) return {{Health::ok, "permissions", "nobody is logged in: the server asks for no user", ""}};
  // Some servers tell a user's roles and leave the list of what these allow empty.
  if (status.documents("authInfo.authenticatedUserPrivileges").empty())
    return {{Health::ok, "permissions", "the server doesn't say what this user may do", ""}};
  const std::string user = users.front().string("user").value_or("?");
  const std::set<std::string> have = allowed(status, database);
  std::vector<Diagnosis> result;
  if (const auto lacks = missing(kNeeded, have); !lacks.empty())
    result.push_back(lacking(Health::problem, user, database, lacks));
  if (const auto lacks = missing(kUsual, have); !lacks.empty())
    result.push_back(lacking(Health::warning, user, database, lacks));
  if (result.empty()) result.push_back({Health::ok, "permissions", user + " may do what migrations need", ""});
  return result;
}

}  // namespace treering
