// SPDX-License-Identifier: Apache-2.0
// Puts the rim together: configuration, files, server and clock as one Project that the verbs take. Every face opens
// its project here.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "treering/disk/config.h"
#include "treering/engine/project.h"
#include "treering/mongo/embedded_server.h"

namespace treering {

struct OpenRequest {
  ConfigRequest config;
  Scripts* scripts = nullptr;               // borrowed; nullptr: this face runs no code
  Observer* observer = nullptr;             // borrowed; may be nullptr
  std::function<void()> check_interrupted;  // see system_clock
};

// Owns what a Project borrows. Not synchronised; one verb at a time.
class OpenProject {
 public:
  // Reads the configuration. The server is not started or asked before `project().server` is first used.
  explicit OpenProject(const OpenRequest& request);
  ~OpenProject();
  OpenProject(const OpenProject&) = delete;
  OpenProject& operator=(const OpenProject&) = delete;

  Project& project();
  const Config& config() const;

  // For execv, where an embedded server runs: it goes on for the program that follows.
  void keep_server_across_exec();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace treering
