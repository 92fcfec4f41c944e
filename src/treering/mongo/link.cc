// SPDX-License-Identifier: Apache-2.0
#include "treering/mongo/link.h"

#include <algorithm>

#include "treering/base/error.h"

namespace treering {

std::unique_ptr<Link> open_link(const mongoc_uri_t& uri, const Peer& peer, std::string_view doing) {
  bson_error_t error{};
  auto link = std::make_unique<Link>();
  link->client.reset(mongoc_client_new_from_uri_with_error(&uri, &error));
  if (!link->client) throw_driver_error(error, peer, doing);
  mongoc_client_set_error_api(link->client.get(), MONGOC_ERROR_API_VERSION_2);
  // libmongoc would add the URL's concerns beside those of the command; the connection adds them where there are none.
  const MongocHandle<mongoc_write_concern_t> no_write_concern(mongoc_write_concern_new());
  const MongocHandle<mongoc_read_concern_t> no_read_concern(mongoc_read_concern_new());
  mongoc_client_set_write_concern(link->client.get(), no_write_concern.get());
  mongoc_client_set_read_concern(link->client.get(), no_read_concern.get());
  const MongocHandle<mongoc_session_opt_t> options(mongoc_session_opts_new());
  mongoc_session_opts_set_causal_consistency(options.get(), false);  // all goes to the primary: nothing to wait for
  link->session.reset(mongoc_client_start_session(link->client.get(), options.get(), &error));  // says hello
  const bool no_sessions = error.domain == MONGOC_ERROR_CLIENT && error.code == MONGOC_ERROR_CLIENT_SESSION_FAILURE;
  if (!link->session && !no_sessions) throw_driver_error(error, peer, doing);
  if (link->session) {
    link->transactions.reset(mongoc_client_start_session(link->client.get(), options.get(), &error));
    if (!link->transactions) throw_driver_error(error, peer, doing);
  }
  return link;
}

void leave_to_parent(std::unique_ptr<Link> link) {
  [[maybe_unused]] const auto* session = link->session.release();
  [[maybe_unused]] const auto* transactions = link->transactions.release();
  [[maybe_unused]] const auto* client = link->client.release();
}

Document lsid_of(const SessionHandle& session) {
  return Document::from_bson(*mongoc_client_session_get_lsid(session.get()));
}

BorrowedId::BorrowedId(mongoc_client_session_t* session, const Document& id)
    : bytes_(bytes_of(*mongoc_client_session_get_lsid(session))) {
  std::ranges::copy(bytes_, own_.begin());
  std::ranges::copy(bytes_of(*id.bson()), bytes_.begin());
}

BorrowedId::~BorrowedId() { std::ranges::copy(own_, bytes_.begin()); }

std::span<std::uint8_t, BorrowedId::kSize> BorrowedId::bytes_of(const bson_t& lsid) {
  bson_iter_t found;
  bson_subtype_t subtype{};
  std::uint32_t size = 0;
  const std::uint8_t* bytes = nullptr;
  if (bson_iter_init_find(&found, &lsid, "id") && BSON_ITER_HOLDS_BINARY(&found))
    bson_iter_binary(&found, &subtype, &size, &bytes);
  if (size != kSize) throw Error(Kind::usage, "that is no session's id");
  return std::span<std::uint8_t, kSize>(const_cast<std::uint8_t*>(bytes), kSize);
}

}  // namespace treering
