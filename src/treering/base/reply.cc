// SPDX-License-Identifier: Apache-2.0
#include "treering/base/reply.h"

#include <algorithm>

namespace treering {
namespace {

// writeErrors carry their code and message one level down; the reply of a refused command at the top.
Document culprit(const Document& reply) {
  auto write_errors = reply.documents("writeErrors");
  if (!write_errors.empty()) return write_errors.front();
  if (auto concern = reply.document("writeConcernError")) return *concern;
  return reply;
}

Kind kind_of(const Document& reply) {
  auto code = culprit(reply).integer("code").value_or(0);
  constexpr std::int64_t kAtlasError = 8000;
  return code == kAuthenticationFailed || code == kAtlasError ? Kind::authentication : Kind::server;
}

// The right is missing; the same code is also of a command without any user, or on the wrong database.
bool lacks_right(const Document& from) {
  return from.integer("code") == kUnauthorized && from.string("errmsg").value_or("").starts_with("not authorized");
}

// "not authorized on shop to execute command { insert: "users", documents: [...], ... }": of the command its name and
// collection are enough.
std::string message_of(const Document& from) {
  std::string text = from.string("errmsg").value_or("the server gave no reason");
  constexpr std::string_view kQuoted = " command { ";
  const std::size_t quoted = text.find(kQuoted);
  if (!lacks_right(from) || quoted == std::string::npos) return text;
  const std::size_t first_field = text.find(", ", quoted);
  return first_field == std::string::npos ? text : text.substr(0, first_field) + ", ... }";
}

std::string hint_of(const Document& from) {
  if (!lacks_right(from)) return {};
  return "migrations need the roles readWrite and dbAdmin on their database: treering doctor names what this user "
         "lacks, and how to grant it";
}

// Whether one of these, joined by commas, is that label.
bool names(std::string_view labels, std::string_view label) {
  while (!labels.empty()) {
    const std::string_view first = labels.substr(0, labels.find(','));
    if (first == label) return true;
    labels.remove_prefix(std::min(first.size() + 1, labels.size()));
  }
  return false;
}

}  // namespace

ServerError::ServerError(Document reply)
    : Error(kind_of(reply), message_of(culprit(reply)), hint_of(culprit(reply))), reply_(std::move(reply)) {
  auto from = culprit(reply_);
  with("code", std::to_string(from.integer("code").value_or(0)));
  if (auto name = from.string("codeName")) with("code_name", *name);
}

int ServerError::code() const { return static_cast<int>(culprit(reply_).integer("code").value_or(0)); }

bool ServerError::has_label(std::string_view label) const {
  const auto labels = reply_.document("errorLabels");
  if (!labels) return false;
  for (const Field& each : labels->fields())
    if (each.string() == label) return true;
  return false;
}

bool has_label(const Error& error, std::string_view label) {
  const auto* refused = dynamic_cast<const ServerError*>(&error);
  if (refused != nullptr && refused->has_label(label)) return true;
  return std::ranges::any_of(
      error.fields(), [&](const auto& fact) { return fact.first == "error_labels" && names(fact.second, label); });
}

void add_label(Error& error, std::string_view label) {
  if (!has_label(error, label)) error.with("error_labels", std::string(label));
}

void require_written(const Document& reply) {
  if (!reply.documents("writeErrors").empty() || reply.has("writeConcernError")) throw ServerError(reply);
}

}  // namespace treering
