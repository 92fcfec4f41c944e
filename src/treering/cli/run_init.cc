// SPDX-License-Identifier: Apache-2.0
// The commands that set a project up.
#include "treering/base/error.h"
#include "treering/cli/verbs.h"

namespace treering {
int run_init(Session&) { throw Error(Kind::usage, "soon"); }
int run_list_templates(Session&) { throw Error(Kind::usage, "soon"); }
}  // namespace treering
