// SPDX-License-Identifier: Apache-2.0
#include "treering/mongo/driver_error.h"

#include "treering/base/error.h"

namespace treering {
namespace {

// "No suitable servers found (...): [connection refused calling hello on '127.0.0.1:1']" -> "connection refused calling
// hello on ...".
std::string reason(std::string_view words) {
  // libmongoc leaves a host alone for five seconds after it was not there.
  if (words.find("eligible for rescan") != std::string_view::npos) return "it was not there a moment ago";
  const auto open = words.find('[');
  const auto close = words.rfind(']');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) return std::string(words);
  return std::string(words.substr(open + 1, close - open - 1));
}

// "TransientTransactionError,RetryableWriteError"; "" for none.
std::string labels_of(const Document& reply) {
  std::string labels;
  const auto found = reply.document("errorLabels");
  if (!found) return labels;
  for (const Field& label : found->fields()) labels += (labels.empty() ? "" : ",") + label.string().value_or("");
  return labels;
}

Error error_for(const bson_error_t& error, const Peer& peer, std::string_view doing) {
  const std::string words = error.message;
  if (is_authentication(error)) {
    const std::string who = peer.user.empty() ? "the credentials" : "user '" + peer.user + "'";
    return Error(Kind::authentication, "the server at " + peer.hosts + " refused " + who + ": " + words,
                 "Check user name and password; authSource in the URL names the database that knows the user (default: "
                 "the one in "
                 "the URL's path, else admin).")
        .with("hosts", peer.hosts)
        .with("user", peer.user);
  }
  switch (error.domain) {
    case MONGOC_ERROR_SERVER_SELECTION:
      return Error(Kind::unreachable, "no server answers at " + peer.hosts + ": " + reason(words),
                   "Is it running, and is the URL right? `embedded:` as URL starts a server of the project's own.")
          .with("hosts", peer.hosts);
    case MONGOC_ERROR_STREAM:
    case MONGOC_ERROR_PROTOCOL:
      return Error(Kind::unreachable,
                   "the connection to " + peer.hosts + " broke during " + std::string(doing) + ": " + words,
                   "Whether the server carried that out is unknown; look before you repeat it.")
          .with("hosts", peer.hosts);
    default:
      return Error(Kind::usage, "the command " + std::string(doing) + " can't be sent to " + peer.hosts + ": " + words);
  }
}

}  // namespace

bool is_authentication(const bson_error_t& error) {
  return error.domain == MONGOC_ERROR_CLIENT && error.code == MONGOC_ERROR_CLIENT_AUTHENTICATE;
}

void throw_driver_error(const bson_error_t& error, const Peer& peer, std::string_view doing, const Document& reply) {
  Error told = error_for(error, peer, doing);
  if (const std::string labels = labels_of(reply); !labels.empty()) told.with("error_labels", labels);
  throw told;
}

}  // namespace treering
