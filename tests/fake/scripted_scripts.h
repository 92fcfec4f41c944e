// SPDX-License-Identifier: Apache-2.0
// The code of revisions as lambdas, with a record of what ran. A revision without one does nothing.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "treering/base/error.h"
#include "treering/engine/env.h"
#include "treering/engine/port/scripts.h"

namespace treering {

class ScriptedScripts : public Scripts {
 public:
  using Code = std::function<void(Env&)>;

  void check(const std::vector<Script>& scripts, Direction) override {
    for (const Script& script : scripts)
      if (broken_.contains(script.revision))
        throw Error(Kind::revision, script.path + ":9: invalid syntax").with("file", script.path).with("line", "9");
  }

  void run(const Script& script, Direction direction, Env& env) override {
    started_.push_back(name_of(script.revision, direction));
    sources_[script.revision] = script.source;
    if (auto code = code_.find(name_of(script.revision, direction)); code != code_.end()) code->second(env);
    ended_.push_back(name_of(script.revision, direction));
  }

  std::vector<Document> models(const std::vector<std::string>& modules) override {
    modules_ = modules;
    return models_;
  }

  // --- For tests
  void say_models(std::vector<Document> models) { models_ = std::move(models); }
  const std::vector<std::string>& modules() const { return modules_; }  // asked for last
  // A run is written "+id" (upgrade) or "-id" (downgrade).
  void on(const std::string& run, Code code) { code_[run] = std::move(code); }
  void forget(const std::string& run) { code_.erase(run); }
  void break_syntax(const std::string& revision) { broken_.insert(revision); }
  const std::vector<std::string>& started() const { return started_; }
  const std::vector<std::string>& ended() const { return ended_; }
  void forget_runs() {
    started_.clear();
    ended_.clear();
  }
  const std::string& source_of(const std::string& revision) { return sources_[revision]; }

 private:
  static std::string name_of(const std::string& revision, Direction direction) {
    return (direction == Direction::upgrade ? "+" : "-") + revision;
  }

  std::vector<Document> models_;
  std::vector<std::string> modules_;
  std::map<std::string, Code> code_;
  std::set<std::string> broken_;
  std::vector<std::string> started_;
  std::vector<std::string> ended_;
  std::map<std::string, std::string> sources_;
};

}  // namespace treering
