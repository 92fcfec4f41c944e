// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/changed_documents.h"

#include <gtest/gtest.h>

namespace treering {
namespace {

Document json(const char* text) { return Document::from_json(text); }

void update(ChangedDocuments& changed, const char* filter, const char* change) {
  const Document holder = json(change);
  changed.note_updated(json(filter), *holder.find("u"));
}

TEST(ChangedDocuments, NothingConcernsNothing) {
  EXPECT_FALSE(ChangedDocuments().may_concern(json("{}")));
  EXPECT_FALSE(ChangedDocuments().may_concern(json(R"({"a": 1})")));
}

TEST(ChangedDocuments, AnUpdateConcernsFiltersOfItsFields) {
  ChangedDocuments changed;
  update(changed, R"({"a": 1})", R"({"u": {"$set": {"b.c": 1}, "$rename": {"d": "e.f"}}})");
  for (const char* filter : {R"({"b": 1})", R"({"b.x": {"$gt": 1}})", R"({"d": 1})", R"({"e": 1})",
                             R"({"$or": [{"a": 1}, {"b": 1}]})", R"({"$expr": {"$eq": ["$a", 1]}})"})
    EXPECT_TRUE(changed.may_concern(json(filter))) << filter;
  for (const char* filter : {"{}", R"({"a": 1})", R"({"_id": 1})", R"({"$and": [{"a": 1}, {"_id": 7}]})"})
    EXPECT_FALSE(changed.may_concern(json(filter))) << filter;
}

TEST(ChangedDocuments, AWholeDocumentOrAPipelineConcernsAllFieldsButTheId) {
  for (const char* change : {R"({"u": {"b": 1}})", R"({"u": [{"$set": {"b": 1}}]})"}) {
    ChangedDocuments changed;
    update(changed, R"({"a": 1})", change);
    EXPECT_TRUE(changed.may_concern(json(R"({"z": 1})"))) << change;
    EXPECT_FALSE(changed.may_concern(json(R"({"_id": {"$gt": 1}})"))) << change;
    EXPECT_FALSE(changed.may_concern(json("{}"))) << change;
  }
}

TEST(ChangedDocuments, OneDocumentByItsIdConcernsNoOther) {
  ChangedDocuments changed;
  update(changed, R"({"_id": 1})", R"({"u": {"$set": {"b": 1}}})");
  EXPECT_FALSE(changed.may_concern(json(R"({"_id": 2, "b": 1})")));
  EXPECT_TRUE(changed.may_concern(json(R"({"_id": 1, "b": 1})")));
  EXPECT_TRUE(changed.may_concern(json(R"({"b": 1})")));

  ChangedDocuments gone;
  gone.note_removed(json(R"({"_id": 1})"));
  gone.note_inserted(json(R"({"_id": {"a": 5}, "b": 1})"));
  EXPECT_FALSE(gone.may_concern(json(R"({"_id": 2})")));
  for (const char* filter : {R"({"_id": 1})", R"({"_id": {"a": 5}})", R"({"_id": {"$in": [2]}})", R"({"b": 1})", "{}"})
    EXPECT_TRUE(gone.may_concern(json(filter))) << filter;
}

TEST(ChangedDocuments, WhatCameOrWentUnknownConcernsEverything) {
  ChangedDocuments removed;
  removed.note_removed(json(R"({"_id": {"$gt": 1}})"));
  ChangedDocuments inserted;
  inserted.note_inserted(json(R"({"b": 1})"));
  ChangedDocuments anything;
  anything.note_anything();
  for (const ChangedDocuments* changed : {&removed, &inserted, &anything})
    EXPECT_TRUE(changed->may_concern(json(R"({"_id": 7})")));
}

}  // namespace
}  // namespace treering
