// SPDX-License-Identifier: Apache-2.0
#include "treering/schema/snapshot.h"

#include "fuzz/targets.h"

namespace treering::fuzz {

void snapshot(std::string_view input) {
  Schema schema;
  if (is_refused(Kind::file, [&] { schema = schema_from_snapshot(input, "a.json"); })) return;
  const std::string text = snapshot_text(schema);
  const Schema again = schema_from_snapshot(text, "a.json");
  require(again == schema, "a snapshot is read as it is written");
  require(snapshot_text(again) == text, "a snapshot has one spelling");
}

}  // namespace treering::fuzz
