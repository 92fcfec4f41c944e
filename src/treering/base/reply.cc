// SPDX-License-Identifier: Apache-2.0
#include "treering/base/reply.h"

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

}  // namespace

ServerError::ServerError(Document reply)
    : Error(kind_of(reply), culprit(reply).string("errmsg").value_or("the server gave no reason")),
      reply_(std::move(reply)) {
  auto from = culprit(reply_);
  with("code", std::to_string(from.integer("code").value_or(0)));
  if (auto name = from.string("codeName")) with("code_name", *name);
}

int ServerError::code() const { return static_cast<int>(culprit(reply_).integer("code").value_or(0)); }

void require_written(const Document& reply) {
  if (!reply.documents("writeErrors").empty() || reply.has("writeConcernError")) throw ServerError(reply);
}

}  // namespace treering
