// SPDX-License-Identifier: Apache-2.0
// The bodies of a first revision that takes over what is there.
#include "treering/base/quote.h"
#include "treering/schema/python_value.h"
#include "treering/schema/render.h"

namespace treering {
namespace {

// Each collection's name, and those of its indexes; a view has none.
Brackets required(const Schema& schema) {
  Brackets result;
  result.text = "required = {";
  result.close = "}";
  result.shape = Brackets::Shape::broken;
  for (const Collection& collection : schema.collections()) {
    Brackets& names = result.items.emplace_back();
    names.text = python_quoted(collection.name) + ": [";
    names.close = "]";
    for (const Index& index : collection.indexes) names.items.emplace_back().text = python_quoted(index.name());
  }
  return result;
}

}  // namespace

std::string python_baseline_upgrade(const Schema& schema) {
  BracketLayout layout;
  layout.indent = layout.column = 4;
  return "    # Creates nothing: verifies that what the models describe is there (each collection, and its indexes)\n"
         "    " +
         laid_out(required(schema), layout) +
         R"python(
    
    existing = set(env.collections)
    missing = [f"collection {name}" for name in required if name not in existing]
    for name, indexes in required.items():
        if indexes and name in existing:
            found = env.db[name].index_information()
            missing += [f"index {name}.{index}" for index in indexes if index not in found]
    
    if missing:
        raise Exception(f"Missing: {', '.join(missing)}. This baseline assumes they already exist!")
    
    print("✓ All required collections exist")
    print("✓ Baseline established - future migrations will be tracked")
)python";
}

std::string python_baseline_downgrade() {
  return "    raise Exception(\"Cannot downgrade baseline - collections already existed\")\n";
}

}  // namespace treering
