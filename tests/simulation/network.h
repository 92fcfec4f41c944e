// SPDX-License-Identifier: Apache-2.0
// The way between the simulated processes and their server: what is sent takes its time, and may get lost.
#pragma once

namespace treering::simulation {

struct World;

// From now on the world's server is reached through it. REQUIRES: the world outlives the server's last command.
void connect_runners(World& world);

}  // namespace treering::simulation
