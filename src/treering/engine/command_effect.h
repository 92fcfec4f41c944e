// SPDX-License-Identifier: Apache-2.0
// What a command that the code put together itself does to documents. Pure.
#pragma once

#include <optional>
#include <string>

#include "treering/base/document.h"
#include "treering/schema/operation.h"

namespace treering {

// Of insert, update and delete; nothing of another command.
std::optional<Write> write_of(const Document& command);

struct Namespace {
  std::string database;
  std::string collection;
};

// Where an aggregation of that database writes to, by $out or $merge; nothing where it writes nowhere, or of another
// command.
std::optional<Namespace> aggregation_target(const Document& command, const std::string& database);

// "app.users"
Namespace namespace_of(const std::string& text);

}  // namespace treering
