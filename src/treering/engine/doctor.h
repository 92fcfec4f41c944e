// SPDX-License-Identifier: Apache-2.0
// Looks over everything that a project and its database need, and says of each what is wrong and which command mends
// it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "treering/engine/project.h"

namespace treering {

enum class Health { ok, warning, problem };
std::string_view to_string(Health health);

struct Diagnosis {
  Health health = Health::ok;
  std::string subject;  // "configuration", "files", "server", "permissions", "lock", "attempt", "checksums", ...
  std::string what;     // one sentence
  std::string mend;     // what to do; "" where there is nothing to do
  friend bool operator==(const Diagnosis&, const Diagnosis&) = default;
};

// A single one.
std::vector<Diagnosis> diagnosis(Health health, const char* subject, std::string what, std::string mend = {});

// What the rim knows of where the project comes from.
struct ProjectPlaces {
  std::string config_file;
  std::vector<std::string> versions;  // folders
};

// Changes nothing, in the files or the database, and takes no lease. Throws only where somebody asked to stop: what
// fails is a diagnosis.
std::vector<Diagnosis> doctor(Project& project, const ProjectPlaces& places);

bool any_problem(const std::vector<Diagnosis>& diagnoses);

}  // namespace treering
