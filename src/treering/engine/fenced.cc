// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/fenced.h"

namespace treering {

Error fenced(const std::string& database) {
  return Error(Kind::lease_lost,
               "another runner has taken the lease on " + database + ", and the server refused what we sent late",
               "see treering log and treering current, then run the command again");
}

}  // namespace treering
