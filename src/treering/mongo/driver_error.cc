// SPDX-License-Identifier: Apache-2.0
#include "treering/mongo/driver_error.h"

#include "treering/base/error.h"

namespace treering {
namespace {

// "No suitable servers found (...): [connection refused calling hello on '127.0.0.1:1'] [connection refused calling
// hello on '127.0.0.1:2']" -> "connection refused calling hello on '127.0.0.1:1'; connection refused ...".
std::string reason(std::string_view words) {
  // libmongoc leaves a host alone for five seconds after it was not there.
  if (words.find("eligible for rescan") != std::string_view::npos) return "it was not there a moment ago";
  const auto open = words.find('[');
  const auto close = words.rfind(']');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) return std::string(words);
  std::string reasons(words.substr(open + 1, close - open - 1));
  constexpr std::string_view kBetween = "] [";
  for (std::size_t at = 0; (at = reasons.find(kBetween, at)) != std::string::npos;)
    reasons.replace(at, kBetween.size(), "; ");
  return reasons;
}

// "TransientTransactionError,RetryableWriteError"; "" for none.
std::string labels_of(const Document& reply) {
  std::string labels;
  const auto found = reply.document("errorLabels");
  if (!found) return labels;
  for (const Field& label : found->fields()) labels += (labels.empty() ? "" : ",") + label.string().value_or("");
  return labels;
}

// Whoever answers and isn't of the set that the URL names, or not its primary, libmongoc passes over without a word.
Error no_server(const Peer& peer, std::string_view words) {
  const bool none_fits = words.starts_with("No suitable servers") && words.find('[') == std::string_view::npos;
  if (!peer.replica_set.empty() && none_fits)
    return Error(Kind::unreachable, "no primary of the replica set " + peer.replica_set + " answers at " + peer.hosts,
                 "Is replicaSet in the URL the name of that set (rs.status().set in mongosh), and has the set a "
                 "primary?");
  return Error(Kind::unreachable, "no server answers at " + peer.hosts + ": " + reason(words),
               "Is it running, and is the URL right? `embedded:` as URL starts a server of the project's own.");
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
      return no_server(peer, words).with("hosts", peer.hosts);
    case MONGOC_ERROR_STREAM:
      // Of a mongodb+srv:// URL; names of hosts are resolved while a server is selected.
      if (error.code == MONGOC_ERROR_STREAM_NAME_RESOLUTION)
        return Error(Kind::unreachable, "the DNS tells no servers for " + peer.hosts + ": " + words,
                     "Is the name right, and is a DNS server reached from here? Only names with an SRV record go with "
                     "mongodb+srv://; a host of its own is mongodb://HOST:PORT/.")
            .with("hosts", peer.hosts);
      [[fallthrough]];
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
