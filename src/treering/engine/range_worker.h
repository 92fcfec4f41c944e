// SPDX-License-Identifier: Apache-2.0
// One thread's part of a backfill: it takes ranges and changes their documents, each range and the note that it is done
// in one transaction where the server has them.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "treering/engine/backfill.h"
#include "treering/engine/backfill_store.h"

namespace treering {

// Of one range, or of several together.
struct RangeResult {
  std::int64_t found = 0;  // that the filter meant
  std::int64_t changed = 0;
};

// Borrows all that it is given; for one thread, as the connection is.
class RangeWorker {
 public:
  // `code`: empty where the server carries out the job's change. `keys`: walks with that connection.
  RangeWorker(const BackfillPlace& place, const BackfillJob& job, const DocumentCode& code, BackfillWorker kind,
              Connection& connection, KeyWalk& keys);

  // Takes ranges until none is left to take, or the collection is gone. `before` is called before each change is sent
  // and may throw, `after` after each range that is noted as done. Throws what these, the code and the server throw.
  void work(const std::function<void()>& before, const std::function<void(const RangeResult&)>& after);

 private:
  void give_back(const BackfillRange& range);
  std::optional<RangeResult> in_a_transaction(const std::function<std::optional<RangeResult>()>& change);
  std::optional<RangeResult> change(const BackfillRange& range, const std::function<void()>& before);
  bool is_still_there();
  RangeResult change_at_server(const Document& query);
  RangeResult change_by_code(const Document& query, const std::function<void()>& before);

  const BackfillPlace& place_;
  const BackfillJob& job_;
  const DocumentCode& code_;
  BackfillWorker kind_;
  Connection& connection_;
  BackfillStore store_;
  KeyWalk& keys_;
  std::unique_ptr<Connection> outside_;  // once it is needed
  bool collection_is_gone_ = false;
};

}  // namespace treering
