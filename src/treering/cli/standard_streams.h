// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace treering {

// Keeps the descriptors 0, 1 and 2 from everything else that is opened: who started us may have closed them (`>&-`),
// and a connection would get the number that results are written to. Those that are free become /dev/null: nothing is
// read from 0, and writing to 1 or 2 fails as it does where nothing is open. Programs that we start, or become, inherit
// that.
void hold_standard_streams();

}  // namespace treering
