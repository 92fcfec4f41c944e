// SPDX-License-Identifier: Apache-2.0
// Which of libmongoc's ways to send a command fits it. libmongoc takes raw commands in three ways and retries by the
// way, not by the command:
//   read   repeats the command once after a broken connection; right for every command that only reads
//   write  adds a txnNumber to findAndModify (1.23.1: to no other raw command), and repeats that once
//   raw    sends it as it is, once
// So raw insert, update and delete are not repeated by libmongoc, and a caller's own txnNumber has to go the raw way.
#pragma once

#include "treering/base/document.h"

namespace treering {

enum class Route { read, write, raw };

struct CommandRoute {
  Route route = Route::raw;
  bool takes_write_concern = false;  // the URL's write concern holds where the command has none of its own
  bool takes_read_concern = false;
};

// Never fails: an unknown command goes the raw way with neither concern.
CommandRoute route_of(const Document& command);

}  // namespace treering
