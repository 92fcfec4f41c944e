// SPDX-License-Identifier: Apache-2.0
// Which of libmongoc's ways to send a command fits it. libmongoc takes raw commands in three ways and retries by the
// way, not by the command:
//   read   repeats the command once after a broken connection; right for every command that only reads
//   write  adds a txnNumber to findAndModify alone (1.23.1), and repeats that once
//   raw    sends it as it is, once
// So writes go the raw way, with a txnNumber of our own: then all of those that the server can know again are repeated
// once, and a session that was fenced can't make late ones.
#pragma once

#include "treering/base/document.h"

namespace treering {

enum class Route { read, raw };

struct CommandRoute {
  Route route = Route::raw;
  bool takes_write_concern = false;  // the URL's write concern holds where the command has none of its own
  bool takes_read_concern = false;
  // The server knows it again by its session and txnNumber, and carries it out once (MongoDB manual, "Retryable
  // Writes"): writes of single documents, findAndModify, and inserts.
  bool retryable_write = false;
};

// Never fails: an unknown command goes the raw way with neither concern.
CommandRoute route_of(const Document& command);

}  // namespace treering
