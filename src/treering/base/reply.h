// SPDX-License-Identifier: Apache-2.0
// What a server's reply says about failure. A reply may be ok: 1 and still hold writeErrors or a writeConcernError.
#pragma once

#include <string>
#include <string_view>

#include "treering/base/document.h"
#include "treering/base/error.h"

namespace treering {

// A command the server refused (Kind::server, or authentication for codes 18 and 8000), with the reply as it came.
// Where the user lacks the right, the message holds only the start of the command that the server quotes, and the hint
// says who tells of the right.
class ServerError : public Error {
 public:
  explicit ServerError(Document reply);
  const Document& reply() const { return reply_; }
  int code() const;
  bool has_label(std::string_view label) const;

 private:
  Document reply_;
};

// What a server, or the driver where the connection broke, says of an error in a transaction.
inline constexpr std::string_view kRetryable = "RetryableWriteError";                 // send the same write once more
inline constexpr std::string_view kTransient = "TransientTransactionError";           // begin the whole again
inline constexpr std::string_view kUnknownCommit = "UnknownTransactionCommitResult";  // ask for the commit again

// Also of an error that came without a reply: its fields "error_labels" hold them, joined by commas.
bool has_label(const Error& error, std::string_view label);
void add_label(Error& error, std::string_view label);  // one that the error doesn't have yet

// The server's codes that we act on. Source: MongoDB's error_codes.yml.
enum ServerCode : int {
  kUnauthorized = 13,
  kAuthenticationFailed = 18,
  kNamespaceNotFound = 26,
  kIndexNotFound = 27,
  kNamespaceExists = 48,
  kExecutionTimeout = 50,
  kCommandNotFound = 59,
  kWriteConflict = 112,
  kTransactionTooOld = 225,  // of a session in which somebody wrote with a higher transaction number
  kNoSuchTransaction = 251,
  kNotInTransaction = 263,  // OperationNotSupportedInTransaction
  kDuplicateKey = 11000,
};

// Throws ServerError where the reply holds a write error or a write concern error; `ok: 0` never gets this far.
void require_written(const Document& reply);

}  // namespace treering
