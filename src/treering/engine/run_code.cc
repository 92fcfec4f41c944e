// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/run_code.h"

#include <exception>

#include "treering/base/error.h"

namespace treering {

void run_code(Scripts& scripts, const Script& script, Direction direction, Env& env) {
  struct Ending {
    Env& env;
    ~Ending() { env.end_backfills(); }
  };
  try {
    const Ending ending{env};
    scripts.run(script, direction, env);
  } catch (const Error&) {
    throw;
  } catch (const std::exception& thrown) {
    // Code in C++ throws what it likes, and is to be undone as any other.
    throw Error(Kind::migration_failed, thrown.what()).with("exception", thrown.what());
  }
  env.require_ended();
}

}  // namespace treering
