// SPDX-License-Identifier: Apache-2.0
// libmongoc's objects as owned handles, and its one-time start.
#pragma once

#include <mongoc/mongoc.h>

#include <memory>

namespace treering {

struct MongocDestroy {
  void operator()(mongoc_uri_t* uri) const { mongoc_uri_destroy(uri); }
  void operator()(mongoc_client_t* client) const { mongoc_client_destroy(client); }
  void operator()(mongoc_client_session_t* session) const { mongoc_client_session_destroy(session); }
  void operator()(mongoc_session_opt_t* options) const { mongoc_session_opts_destroy(options); }
  void operator()(mongoc_transaction_opt_t* options) const { mongoc_transaction_opts_destroy(options); }
  void operator()(mongoc_read_prefs_t* prefs) const { mongoc_read_prefs_destroy(prefs); }
  void operator()(mongoc_read_concern_t* concern) const { mongoc_read_concern_destroy(concern); }
  void operator()(mongoc_write_concern_t* concern) const { mongoc_write_concern_destroy(concern); }
  void operator()(mongoc_server_description_t* server) const { mongoc_server_description_destroy(server); }
};

template <class T>
using MongocHandle = std::unique_ptr<T, MongocDestroy>;

// Starts libmongoc once per process and keeps it from printing anything. Thread-safe; call it before any other use of
// libmongoc.
void start_mongoc();

// For execv, which keeps the process id: takes away libmongoc's segment of shared memory, which is named by that id and
// would stay behind, with a warning on stderr when the next program finds it.
void leave_mongoc_for_exec();

}  // namespace treering
