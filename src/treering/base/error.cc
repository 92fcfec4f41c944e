// SPDX-License-Identifier: Apache-2.0
#include "treering/base/error.h"

#include <array>
#include <csignal>
#include <cstdlib>

namespace treering {
namespace {

constexpr std::array<KindRow, 13> kRows{{
    {Kind::migration_failed, "migration_failed", 1, 500, "MigrationFailed"},
    {Kind::interrupted, "interrupted", 130, 503, "Interrupted"},
    {Kind::usage, "usage", 2, 400, "UsageError"},
    {Kind::config, "config", 2, 500, "ConfigError"},
    {Kind::revision, "revision", 2, 400, "RevisionError"},
    {Kind::models, "models", 2, 400, "ModelError"},
    {Kind::file, "file", 2, 500, "FileError"},
    {Kind::authentication, "authentication", 2, 500, "AuthenticationFailed"},
    {Kind::locked, "locked", 3, 409, "Locked"},
    {Kind::lease_lost, "lease_lost", 3, 409, "LeaseLost"},
    {Kind::differs, "differs", 4, 409, "Differs"},
    {Kind::unreachable, "unreachable", 5, 503, "ServerUnreachable"},
    {Kind::server, "server", 1, 500, "ServerError"},
}};

}  // namespace

const KindRow& kind_row(Kind kind) {
  for (const KindRow& row : kRows)
    if (row.kind == kind) return row;
  std::abort();  // a kind without a row: our bug, found by the first test
}

Error::Error(Kind kind, const std::string& message, std::string hint)
    : std::runtime_error(message), kind_(kind), hint_(std::move(hint)) {}

Error& Error::with(std::string name, std::string value) {
  fields_.emplace_back(std::move(name), std::move(value));
  return *this;
}

std::string_view Error::field(std::string_view name) const {
  for (const auto& [key, value] : fields_)
    if (key == name) return value;
  return {};
}

int Error::exit_code() const {
  // By the shell's convention: 128 + the number of the signal that ended the work.
  for (const int number : {SIGTERM, SIGHUP})
    if (kind_ == Kind::interrupted && field("signal") == std::to_string(number)) return 128 + number;
  return kind_row(kind_).exit_code;
}

}  // namespace treering
