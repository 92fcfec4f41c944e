// SPDX-License-Identifier: Apache-2.0
// Port: whoever runs the code of a revision (a Python interpreter, a library of compiled revisions).
#pragma once

#include <string>
#include <vector>

#include "treering/base/document.h"
#include "treering/base/error.h"
#include "treering/history/plan.h"

namespace treering {

class Env;

// The code of one revision.
struct Script {
  std::string revision;
  std::string path;    // shown in tracebacks
  std::string source;  // whole text
};

// Used from the thread that called the verb.
class Scripts {
 public:
  virtual ~Scripts() = default;

  // Compiles all of them without running any. Throws Error(Kind::revision) with file and line where one has a syntax
  // error or doesn't define the function of that direction, so that nothing was changed when a later file turns out to
  // be broken.
  virtual void check(const std::vector<Script>& scripts, Direction direction) = 0;

  // Runs upgrade(env) or downgrade(env). Throws Error(Kind::migration_failed) with fields "file", "line", "exception",
  // "traceback" where the code raised; Error(Kind::interrupted) where a signal ended it; whatever `Env` threw where the
  // code let it through. What else it throws that is a std::exception counts as a failure of the code.
  virtual void run(const Script& script, Direction direction, Env& env) = 0;

  // What the project's models say, a document each as schema/model_schema.h reads them. `modules`: the configured ones,
  // each a Python module ("shop.models") or the path of a file ("shop/models.py"), relative to the root. Throws
  // Error(Kind::models) where their code raises (field "traceback") or a model can't be made a document.
  virtual std::vector<Document> models(const std::vector<std::string>& modules) {
    throw Error(Kind::usage, "nobody here can read the models " + (modules.empty() ? "" : modules.front()));
  }
};

}  // namespace treering
