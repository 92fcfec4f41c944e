// SPDX-License-Identifier: Apache-2.0
// The memory that a program of the benchmark needed.
#pragma once

namespace treering {

// Peak resident KiB of this process since its exec; what forked it doesn't count, as it does in getrusage.
long peak_resident_kib();

}  // namespace treering
