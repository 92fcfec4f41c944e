// SPDX-License-Identifier: Apache-2.0
// One libmongoc client with the sessions that a connection uses.
#pragma once

#include <sys/types.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "treering/base/document.h"
#include "treering/engine/port/database.h"
#include "treering/mongo/driver_error.h"
#include "treering/mongo/handle.h"

namespace treering {

// A session of the driver's. It counts its transactions' numbers by itself, unseen; so the numbers of single writes are
// counted in another session.
using SessionHandle = MongocHandle<mongoc_client_session_t>;

// A client with its sessions; gone as a whole when the first contact fails, or when this process is the child of a
// fork.
struct Link {
  MongocHandle<mongoc_client_t> client;
  SessionHandle session;         // none where the server has no sessions
  SessionHandle transactions;    // likewise
  std::int64_t last_number = 0;  // of a transaction number in `session`
  std::optional<bool> numbers_writes;
  std::optional<Connection::Limits> limits;  // once asked for: every write wants to know them
  pid_t owner = getpid();
  bool contacted = false;
};

// Says hello, where the server has sessions. `doing` names in an error what wanted the link.
// Throws Error(Kind::unreachable), and what throw_driver_error throws.
std::unique_ptr<Link> open_link(const mongoc_uri_t& uri, const Peer& peer, std::string_view doing);

// In the child of a fork the parent goes on using the socket: closing it politely, or ending the session, would speak
// on the parent's connection. So it is left to leak.
void leave_to_parent(std::unique_ptr<Link> link);

// {id: UUID}
Document lsid_of(const SessionHandle& session);

// Gives a session somebody else's id for a while. libmongoc replaces a `lsid` in a command by that of its own session,
// and has no way to make a session of a given id: so the 16 bytes of its UUID are written over, and written back before
// the session goes back to the client's pool, from where it would be used, and ended, as ours.
class BorrowedId {
 public:
  BorrowedId(mongoc_client_session_t* session, const Document& id);
  ~BorrowedId();
  BorrowedId(const BorrowedId&) = delete;
  BorrowedId& operator=(const BorrowedId&) = delete;

 private:
  static constexpr std::size_t kSize = 16;
  static std::span<std::uint8_t, kSize> bytes_of(const bson_t& lsid);

  std::span<std::uint8_t, kSize> bytes_;
  std::array<std::uint8_t, kSize> own_{};
};

}  // namespace treering
