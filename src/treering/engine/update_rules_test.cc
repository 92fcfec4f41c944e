// SPDX-License-Identifier: Apache-2.0
// Whether a real server says the same is asked in tests/e2e/test_dry_run.py.
#include "treering/engine/update_rules.h"

#include <gtest/gtest.h>

#include "treering/base/reply.h"

namespace treering {
namespace {

// What is said of it; "" where it is fine.
std::string said_of(const char* update) {
  const Document holder = Document::from_json(update);
  try {
    require_update(*holder.find("u"));
  } catch (const ServerError& error) {
    return std::to_string(error.code()) + " " + error.what();
  }
  return "";
}

TEST(UpdateRules, TakeWhatTheManualHas) {
  for (const char* update : {R"({"u": {"$set": {"a": 1}, "$currentDate": {"b": true}}})", R"({"u": {"a": 1}})",
                             R"({"u": {}})", R"({"u": [{"$set": {"a": 1}}, {"$replaceWith": "$a"}]})", R"({"u": []})"})
    EXPECT_EQ(said_of(update), "") << update;
}

TEST(UpdateRules, NameWhatIsNone) {
  EXPECT_EQ(said_of(R"({"u": {"$set": {"a": 1}, "$ste": {"b": 1}}})").find("9 Unknown modifier: $ste. Expected"), 0U);
  EXPECT_EQ(said_of(R"({"u": {"$set": {"a": 1}, "b": 1}})").find("9 Unknown modifier: b."), 0U);
  EXPECT_EQ(said_of(R"({"u": [{"$set": {"a": 1}}, {"$match": {}}]})"),
            "72 $match is not allowed to be used within an update");
}

struct AlongRow {
  const char* update;  // {"u": ...}
  const char* key;
  bool refused;
};

TEST(LeavesAlone, RefusesWhatNamesTheKey) {
  for (const AlongRow& row : std::vector<AlongRow>{
           {R"({"u": {"$set": {"k": 1}}})", "k", true},
           {R"({"u": {"$set": {"a": 1}, "$inc": {"k.x": 1}}})", "k", true},
           {R"({"u": {"$unset": {"a": ""}}})", "a.b", true},
           {R"({"u": {"$rename": {"n": "k"}}})", "k", true},
           {R"({"u": {"$set": {"kind": 1}, "$setOnInsert": {"k": 1}}})", "k", false},
           {R"({"u": [{"$set": {"a": 1}}, {"$addFields": {"k": 1}}]})", "k", true},
           {R"({"u": [{"$unset": "k"}]})", "k", true},
           {R"({"u": [{"$unset": ["n", "k"]}]})", "k", true},
           {R"({"u": [{"$set": {"a": "$k"}}, {"$unset": ["n", "kind"]}, {"$project": {"k": 1}}]})", "k", false},
           {R"({"u": [{"$project": {"n": 0}}]})", "n", true},
           {R"({"u": [{"$project": {"a": false, "k.b": false}}]})", "k", true},
           {R"({"u": [{"$project": {"n": 0}}]})", "k", false},
           {R"({"u": [{"$project": {"a": 1}}]})", "k", true},
           {R"({"u": [{"$project": {"_id": 0}}]})", "k", false},
           {R"({"u": {"k": 1}})", "k", false},
       }) {
    const Document change = Document::from_json(row.update);
    if (row.refused) {
      EXPECT_THROW(require_leaves_alone(*change.find("u"), row.key), Error) << row.update;
    } else {
      EXPECT_NO_THROW(require_leaves_alone(*change.find("u"), row.key)) << row.update;
    }
  }
}

}  // namespace
}  // namespace treering
