// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/trash_verbs.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "treering/base/error.h"
#include "treering/base/nearest.h"
#include "treering/base/planted_flaw.h"
#include "treering/base/reply.h"
#include "treering/engine/catalog.h"
#include "treering/engine/env.h"
#include "treering/engine/lease.h"
#include "treering/engine/lease_state.h"
#include "treering/engine/settle.h"

namespace treering {
namespace {

std::optional<std::int64_t> number_in(Connection& connection, const std::string& database, const Document& command,
                                      const char* field) {
  try {
    return connection.command(database, command).integer(field);
  } catch (const ServerError&) {
    return std::nullopt;  // a server without that command, or a user without that right
  }
}

// Throws where the state is lost: taking the lease would make one anew.
void require_state(Project& project, Store& store) {
  const std::optional<State> state = store.read_state();
  if (!state || state->fresh) load_catalog(load_graph_with_applied(project), store, state);
}

// An attempt that a dead runner left open may want what is in the trash, so it comes first.
void with_lease(Project& project, const std::function<void(Connection&, Lease&)>& work) {
  const auto connection = project.server->connect();
  Store store(*connection, project.settings.database);
  require_state(project, store);
  Lease lease(project, store, *connection);
  const bool is_settled = !lease.state().attempt || planted(Flaw::trash_emptied_unsettled);
  if (is_settled) return work(*connection, lease);  // and the lease is freed as it was
  const Catalog catalog = load_catalog(load_graph_with_applied(project), store, lease.state());
  settle_open_attempt(project, *connection, store, lease, catalog);
  lease.advance(catalog.state(), std::nullopt);
  work(*connection, lease);
}

// By a runner that is dead, so that there is something to settle.
bool is_left_open(Project& project) {
  const std::optional<LeaseState> held = read_lease(project);
  return held && held->state.attempt && !held->is_at_work();
}

Error not_in_trash(const std::string& name, const std::vector<Trashed>& held) {
  std::vector<std::string> names;
  for (const Trashed& one : held) names.push_back(one.collection);
  const std::string near = nearest(name, names);
  return Error(Kind::usage, fmt::format("the trash holds no collection {}", name),
               near.empty() ? "treering trash lists what it holds" : fmt::format("did you mean {}?", near))
      .with("collection", name);
}

Trashed found(const std::string& name, const std::vector<Trashed>& held) {
  const auto by_name = std::ranges::find(held, name, &Trashed::name);
  if (by_name != held.end()) return *by_name;
  const auto newest = std::ranges::find_if(held, [&](const Trashed& one) { return is_of(one, name); });
  if (newest == held.end()) throw not_in_trash(name, held);
  return *newest;
}

// What it is to be called again, where it was found as `asked`.
std::string former_name(const Trashed& one, const std::string& asked) {
  if (const auto whole = whole_name(one)) return *whole;
  if (asked != one.name && asked != one.collection) return asked;  // its checksum is that of this name
  throw Error(Kind::usage,
              fmt::format("the trash has only the start of what {} was called, and a checksum of all", one.collection),
              "name it by its whole name, or say what it is to be called: --as NAME")
      .with("collection", one.collection);
}

Error taken(const std::string& name) {
  return Error(Kind::usage, fmt::format("there is a collection {} already", name),
               "give it another name with --as NAME, or rename the one that is there")
      .with("collection", name);
}

void rename(Connection& connection, const std::string& database, const std::string& from, const std::string& to) {
  Document command;
  command.add("renameCollection", database + "." + from).add("to", database + "." + to).add("writeConcern", durable());
  try {
    require_written(connection.command("admin", command));
  } catch (const ServerError& error) {
    if (error.code() == kNamespaceExists) throw taken(to);
    throw;
  }
}

bool drop(Connection& connection, const std::string& database, const std::string& name) {
  try {
    require_written(connection.command(database, Document().add("drop", name).add("writeConcern", durable())));
  } catch (const ServerError& error) {
    if (error.code() != kNamespaceNotFound) throw;
    return false;
  }
  return true;
}

}  // namespace

std::vector<TrashReport> trash(Project& project) {
  const auto connection = project.server->connect();
  const std::string& database = project.settings.database;
  std::vector<TrashReport> reports;
  for (Trashed& one : list_trash(*connection, database)) {
    TrashReport report{std::move(one), {}, {}};
    report.documents = number_in(*connection, database, Document().add("count", report.what.name), "n");
    report.bytes = number_in(*connection, database, Document().add("collStats", report.what.name), "size");
    reports.push_back(std::move(report));
  }
  return reports;
}

std::vector<TrashReport> older_than(const std::vector<TrashReport>& reports, std::chrono::milliseconds age,
                                    std::int64_t now_ms) {
  std::vector<TrashReport> result;
  for (const TrashReport& report : reports)
    if (report.what.dropped_ms <= now_ms - age.count()) result.push_back(report);
  return result;
}

Trashed restore(Project& project, const std::string& name, const std::string& as) {
  if (is_internal_collection(as))
    throw Error(Kind::usage, fmt::format("{} is a name that is Treering's or the server's own", as),
                "choose another one with --as NAME");
  Trashed restored;
  with_lease(project, [&](Connection& connection, Lease& lease) {
    restored = found(name, list_trash(connection, project.settings.database));  // they come newest first
    restored.collection = as.empty() ? former_name(restored, name) : as;
    lease.require();
    rename(connection, project.settings.database, restored.name, restored.collection);
  });
  return restored;
}

std::vector<TrashReport> empty_trash(Project& project, const std::vector<TrashReport>& chosen) {
  std::vector<TrashReport> dropped;
  if (chosen.empty() && !is_left_open(project)) return dropped;
  with_lease(project, [&](Connection& connection, Lease& lease) {
    // What was settled just now may have taken some of it out; and a newer server says ok to a drop of what isn't
    // there.
    const std::vector<Trashed> held = list_trash(connection, project.settings.database);
    for (const TrashReport& report : chosen) {
      if (std::ranges::find(held, report.what.name, &Trashed::name) == held.end()) continue;
      lease.require();
      if (drop(connection, project.settings.database, report.what.name)) dropped.push_back(report);
    }
  });
  return dropped;
}

}  // namespace treering
