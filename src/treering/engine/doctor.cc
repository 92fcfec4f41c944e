// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/doctor.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <iterator>
#include <optional>

#include "treering/base/amount.h"
#include "treering/base/error.h"
#include "treering/base/reply.h"
#include "treering/engine/bookkeeping_check.h"
#include "treering/engine/catalog.h"
#include "treering/engine/edited.h"
#include "treering/engine/permissions.h"
#include "treering/engine/trash_verbs.h"
#include "treering/engine/with_transaction.h"

namespace treering {
namespace {

constexpr std::int64_t kDayMs = 86400000;
constexpr std::int64_t kClocksApartMs = 60000;
constexpr std::int64_t kWireVersionOf42 = 8;  // Source: MongoDB's wire_version.h

class Examination {
 public:
  Examination(Project& project, const ProjectPlaces& places)
      : project_(project), places_(places), database_(project.settings.database) {}

  std::vector<Diagnosis> run() {
    examine("configuration", [&] { return configuration(); });
    examine("files", [&] { return files(); });
    if (!examine("server", [&] { return server(); })) return std::move(result_);
    if (!graph_) fill_gaps();
    examine("permissions", [&] { return examine_permissions(*connection_, database_); });
    examine("clock", [&] { return clock(); });
    if (!examine("lock", [&] {
          held_ = read_lease(*connection_, database_);
          return examine_lock(held_);
        }))
      return std::move(result_);
    examine("attempt", [&] { return examine_attempt(held_); });
    examine("journal", [&] { return examine_journal(*connection_, database_, held_); });
    if (graph_) examine("records", [&] { return examine_records(*connection_, database_, *graph_, held_); });
    if (graph_) examine("checksums", [&] { return checksums(); });
    examine("trash", [&] { return trash_held(); });
    return std::move(result_);
  }

 private:
  // What fails is a problem with that subject; false then.
  bool examine(const char* subject, const std::function<std::vector<Diagnosis>()>& look) {
    project_.clock->check_interrupted();
    try {
      std::ranges::move(look(), std::back_inserter(result_));
      return true;
    } catch (const Error& error) {
      if (error.kind() == Kind::interrupted) throw;
      result_.push_back({Health::problem, subject, error.what(), error.hint()});
      return false;
    }
  }

  std::vector<Diagnosis> configuration() const {
    return diagnosis(Health::ok, "configuration", fmt::format("{}, database {}", places_.config_file, database_));
  }

  std::vector<Diagnosis> files() {
    graph_ = load_graph(*project_.files);
    return diagnosis(Health::ok, "files",
                     fmt::format("{} in {}", counted(static_cast<std::int64_t>(graph_->size()), "revision"),
                                 fmt::join(places_.versions, ", ")));
  }

  // What is wrong with the files is told already; where it is a gap alone, the database is still worth a look.
  void fill_gaps() {
    try {
      graph_ = load_graph_with_applied(project_);
    } catch (const Error& error) {
      if (error.kind() == Kind::interrupted) throw;
    }
  }

  std::vector<Diagnosis> server() {
    connection_ = project_.server->connect();
    connection_->command("admin", Document().add("ping", 1));
    const Document hello = connection_->hello();
    std::vector<Diagnosis> result = diagnosis(Health::ok, "server", connection_->address() + " answers" + version());
    if (hello.integer("maxWireVersion").value_or(kWireVersionOf42) < kWireVersionOf42)
      result.push_back({Health::problem, "server", "it is older than MongoDB 4.2: the lease can't be taken there",
                        "use a newer server"});
    if (!has_transaction_numbers(hello))
      result.push_back({Health::warning, "server",
                        "it stands alone: there are no transactions, and what a runner sends after it lost its lease "
                        "can't be refused",
                        "make it a replica set of one member: start it with --replSet, then rs.initiate()"});
    return result;
  }

  std::string version() {
    try {
      return ", version " +
             connection_->command("admin", Document().add("buildInfo", 1)).string("version").value_or("?");
    } catch (const ServerError&) {
      return "";
    }
  }

  // `localTime` of a hello that is asked now: the connection keeps its first one.
  std::vector<Diagnosis> clock() {
    const std::int64_t before_ms = project_.clock->now_ms();
    std::optional<Date> theirs;
    try {
      theirs = connection_->command("admin", Document().add("hello", 1)).date("localTime");
    } catch (const ServerError&) {
      theirs = connection_->command("admin", Document().add("isMaster", 1)).date("localTime");
    }
    if (!theirs) return diagnosis(Health::ok, "clock", "the server doesn't tell its time");
    const std::int64_t ahead_ms = (before_ms + project_.clock->now_ms()) / 2 - theirs->ms;
    if (std::abs(ahead_ms) <= kClocksApartMs) return diagnosis(Health::ok, "clock", "goes with the server's");
    return diagnosis(Health::warning, "clock",
                     fmt::format("this machine's is {} s {} the server's", std::abs(ahead_ms) / 1000,
                                 ahead_ms > 0 ? "ahead of" : "behind"),
                     "set it (timedatectl set-ntp true): new revisions are named and dated by it");
  }

  std::vector<Diagnosis> checksums() {
    const auto edited = edited_revisions(*connection_, database_, *project_.files, *graph_);
    if (edited.empty()) return diagnosis(Health::ok, "checksums", "no applied file was edited");
    std::vector<Diagnosis> result;
    for (const std::string& id : edited)
      result.push_back({Health::warning, "checksums", graph_->at(id).path + " was edited after it was applied",
                        "put it back, and what it should do more into a new revision: treering revision -m ..."});
    return result;
  }

  std::vector<Diagnosis> trash_held() {
    constexpr std::int64_t kOldMs = 30 * kDayMs;
    const std::vector<TrashReport> held = trash(project_);
    if (held.empty()) return diagnosis(Health::ok, "trash", "empty");
    std::int64_t bytes = 0;
    for (const TrashReport& report : held) bytes += report.bytes.value_or(0);
    const std::int64_t age_ms = std::max<std::int64_t>(project_.clock->now_ms() - held.back().what.dropped_ms, 0);
    const std::string what =
        fmt::format("{}, {}, the oldest for {}", counted(static_cast<std::int64_t>(held.size()), "dropped collection"),
                    size_text(bytes), age_ms < kDayMs ? "less than a day" : counted(age_ms / kDayMs, "day"));
    if (age_ms < kOldMs) return diagnosis(Health::ok, "trash", what);
    return diagnosis(Health::warning, "trash", what, "treering trash empty --older-than 30d");
  }

  Project& project_;
  const ProjectPlaces& places_;
  const std::string& database_;
  std::unique_ptr<Connection> connection_;
  std::optional<Graph> graph_;
  std::optional<LeaseState> held_;
  std::vector<Diagnosis> result_;
};

}  // namespace

std::vector<Diagnosis> diagnosis(Health health, const char* subject, std::string what, std::string mend) {
  return {{health, subject, std::move(what), std::move(mend)}};
}

std::string_view to_string(Health health) {
  switch (health) {
    case Health::ok:
      return "ok";
    case Health::warning:
      return "warning";
    case Health::problem:
      return "problem";
  }
  return "";
}

std::vector<Diagnosis> doctor(Project& project, const ProjectPlaces& places) {
  return Examination(project, places).run();
}

bool any_problem(const std::vector<Diagnosis>& diagnoses) {
  return std::ranges::any_of(diagnoses, [](const Diagnosis& one) { return one.health == Health::problem; });
}

}  // namespace treering
