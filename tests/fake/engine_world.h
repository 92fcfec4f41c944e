// SPDX-License-Identifier: Apache-2.0
// A whole world for the engine: a server, files, scripts and a clock in memory, and as many runners as a test wants.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <exception>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "caught.h"
#include "fake/fixed_clock.h"
#include "fake/memory_files.h"
#include "fake/memory_server.h"
#include "fake/scripted_scripts.h"
#include "treering/engine/catalog.h"
#include "treering/engine/project.h"
#include "treering/engine/report.h"
#include "treering/engine/store.h"

namespace treering {

// Ends a runner as kill -9 does: not an Error, so that nothing of it acts on it.
struct Killed : std::exception {};
// The same, for the code of a revision: as which it would fail where that were a std::exception.
struct KilledInCode {};

class Heard : public Observer {
 public:
  void note(const std::string& line) override { notes.push_back(line); }
  void step_started(const std::string& revision, const std::string&, Direction) override {
    steps.push_back("begin " + revision);
  }
  void step_finished(const StepReport& step) override { steps.push_back("end " + step.revision); }

  std::vector<std::string> notes;
  std::vector<std::string> steps;
};

// A process that works on the project: its own clock, scripts and name.
struct Runner {
  Runner(MemoryServer& server, MemoryFiles& files, const std::string& host) {
    project.settings.database = "app";
    project.settings.me = {host, 100, "ann", "run-of-" + host};
    project.files = &files;
    project.server = &server;
    project.scripts = &scripts;
    project.clock = &clock;
    project.observer = &heard;
  }
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  FixedClock clock;
  ScriptedScripts scripts;
  Heard heard;
  Project project;
};

struct World {
  World() = default;
  explicit World(ServerAge age) : server(age) {}

  // Writes the file of a revision and gives its path.
  std::string file(const std::string& id, const std::vector<std::string>& parents,
                   const std::vector<std::string>& depends_on = {}, const std::string& message = "") {
    NewRevision revision;
    revision.id = id;
    revision.parents = parents;
    revision.depends_on = depends_on;
    revision.message = message.empty() ? "revision " + id : message;
    revision.created = "2024-12-10 00:00:00";
    const std::string path = files.put(revision);
    paths[id] = path;
    return path;
  }
  // r1 <- r2 <- ... <- rN
  void line(int count) {
    for (int i = 1; i <= count; ++i)
      file("r" + std::to_string(i),
           i == 1 ? std::vector<std::string>{} : std::vector<std::string>{"r" + std::to_string(i - 1)});
  }
  void remove_file(const std::string& id) { files.remove(paths.at(id)); }

  // Time passes for everybody: the server, and the machines of the runners named.
  void pass(std::chrono::milliseconds time, const std::vector<Runner*>& runners) {
    server.advance(time);
    for (Runner* runner : runners) runner->clock.advance(time);
  }

  // The server carries out the first command that it matches, goes away before it answers, and when the command comes
  // again, so much later, remembers nothing of it.
  void carry_out_unheard(const std::function<bool(const MemoryServer::Sent&)>& matches,
                         std::chrono::milliseconds away = {}) {
    server.retry_writes();
    server.before_command([this, matches, away, times = 0](const MemoryServer::Sent& sent) mutable {
      if (!matches(sent)) return;
      ++times;
      if (times == 1) server.fail_command(1, Fault::reply_lost);
      if (times != 2) return;
      server.restart(MemoryServer::Numbers::forgotten);
      server.advance(away);
    });
  }

  std::optional<Document> state_document() {
    auto found = server.documents("app", kStateCollection);
    return found.empty() ? std::nullopt : std::optional(found.front());
  }
  State state() { return state_from(state_document().value()); }
  bool lease_is_free() { return state_document()->date("lease.expires")->ms <= server.now_ms(); }

  // Ids of treering_revisions, sorted; an id twice is there twice.
  std::vector<std::string> recorded() {
    std::vector<std::string> ids;
    for (const Document& record : server.documents("app", kRevisionsCollection))
      ids.push_back(record.string("_id").value());
    std::ranges::sort(ids);
    return ids;
  }
  std::optional<Document> record(const std::string& id) {
    for (const Document& document : server.documents("app", kRevisionsCollection))
      if (document.string("_id") == id) return document;
    return std::nullopt;
  }
  // "upgrade r1 done", oldest first.
  std::vector<std::string> journal() {
    std::vector<std::string> lines;
    for (const Document& entry : server.documents("app", kJournalCollection))
      lines.push_back(*entry.string("direction") + " " + *entry.string("revision") + " " + *entry.string("outcome"));
    return lines;
  }

  // "" where heads, count and digest of the state say what the records say, else what doesn't.
  std::string disagreement() {
    const auto ids = recorded();
    const State now = state();
    AppliedDigest digest;
    for (const std::string& id : ids) digest.add(id);
    if (now.attempt) return "an attempt is open: " + now.attempt->revision;
    if (now.applied.count != static_cast<std::int64_t>(ids.size()))
      return "count is " + std::to_string(now.applied.count);
    if (!(now.applied.digest == digest)) return "the digest is of other revisions";
    const Graph graph = load_graph(files);
    if (now.applied.heads != graph.heads_of({ids.begin(), ids.end()})) {
      std::string text = "heads are";
      for (const std::string& head : now.applied.heads) text += " " + head;
      return text;
    }
    return "";
  }

  std::size_t sent(const std::string& name, const std::string& collection) const {
    return static_cast<std::size_t>(std::ranges::count_if(server.sent(), [&](const MemoryServer::Sent& one) {
      return one.name == name && one.collection == collection;
    }));
  }
  // Commands that change something of Treering's own.
  std::size_t bookkeeping_writes() const {
    return static_cast<std::size_t>(std::ranges::count_if(server.sent(), [](const MemoryServer::Sent& one) {
      const bool writes =
          one.name == "insert" || one.name == "update" || one.name == "delete" || one.name == "findAndModify";
      return writes && one.collection.starts_with("treering_");
    }));
  }

  MemoryServer server;
  MemoryFiles files;
  std::map<std::string, std::string> paths;
};

// A migration's usual work: one command.
inline ScriptedScripts::Code inserts(const std::string& collection, const std::string& id) {
  return [=](Env& env) {
    env.apply({env.database(), Write{Write::Verb::insert, collection, {Document().add("_id", id)}, {}}});
  };
}

inline ScriptedScripts::Code raises(const std::string& what) {
  return [=](Env&) { throw Error(Kind::migration_failed, what).with("exception", what); };
}

}  // namespace treering
