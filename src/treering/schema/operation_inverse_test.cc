// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "treering/schema/operation.h"

namespace treering {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Optional;

Document json(const char* text) { return Document::from_json(text); }

const Document kId = json(R"({"v": 2, "key": {"_id": 1}, "name": "_id_"})");
const Document kByUid = json(R"({"v": 2, "key": {"uid": 1}, "name": "uid_1", "unique": true})");
const Document kByAge = json(R"({"v": 2, "key": {"age": 1}, "name": "old", "hidden": true, "expireAfterSeconds": 60})");

Found there(const char* options = "{}") { return {true, json(options), {kId, kByUid, kByAge}}; }
const Found kMissing;

Operation app(decltype(Operation::body) body) { return {"app", std::move(body)}; }
auto Is(decltype(Operation::body) body) { return Optional(ElementsAre(app(std::move(body)))); }
const auto kNothingToDo = Optional(IsEmpty());

TEST(Inverse, OfCreatingACollection) {
  EXPECT_THAT(inverse_of(app(CreateCollection{"w", {}}), kMissing), Is(DropCollection{"w"}));
  EXPECT_THAT(inverse_of(app(CreateCollection{"w", {}}), there()), kNothingToDo);
}

TEST(Inverse, OfDroppingACollection) {
  EXPECT_EQ(inverse_of(app(DropCollection{"w"}), there()), std::nullopt);
  EXPECT_THAT(inverse_of(app(DropCollection{"w"}), kMissing), kNothingToDo);
  const Found view{true, json(R"({"viewOn": "x", "pipeline": []})"), {}};
  EXPECT_THAT(inverse_of(app(DropCollection{"w"}), view), Is(CreateCollection{"w", view.options}));
}

TEST(Inverse, OfRenaming) {
  EXPECT_THAT(inverse_of(app(RenameCollection{"a", "b"}), kMissing), Is(RenameCollection{"b", "a"}));
  EXPECT_THAT(inverse_of(app(RenameCollection{"a", "b", true}), kMissing), Is(RenameCollection{"b", "a"}));
  EXPECT_EQ(inverse_of(app(RenameCollection{"a", "b", true}), there()), std::nullopt);
}

TEST(Inverse, OfCreatingIndexesDropsOnlyTheNewOnes) {
  const Document fresh = json(R"({"key": {"new": 1}})");
  const Document other = json(R"({"key": {"other": 1}, "name": "o"})");
  EXPECT_THAT(inverse_of(app(CreateIndexes{"w", {kByUid, fresh, kId}, {}}), there()),
              Is(DropIndexes{"w", json(R"({"index": "new_1"})"), {}}));
  EXPECT_THAT(inverse_of(app(CreateIndexes{"w", {fresh, other}, {}}), there()),
              Is(DropIndexes{"w", json(R"({"index": ["new_1", "o"]})"), {}}));
  EXPECT_THAT(inverse_of(app(CreateIndexes{"w", {kByUid}, {}}), there()), kNothingToDo);
  EXPECT_THAT(inverse_of(app(CreateIndexes{"w", {fresh}, {}}), kMissing), Is(DropCollection{"w"}));
}

TEST(Inverse, OfDroppingIndexesCreatesWhatWasFound) {
  const auto back = [](std::vector<Document> indexes) { return Is(CreateIndexes{"w", std::move(indexes), {}}); };
  const auto drop = [](const char* index) { return app(DropIndexes{"w", json(index), {}}); };
  EXPECT_THAT(inverse_of(drop(R"({"index": "uid_1"})"), there()), back({kByUid}));
  EXPECT_THAT(inverse_of(drop(R"({"index": {"uid": 1.0}})"), there()), back({kByUid}));
  EXPECT_THAT(inverse_of(drop(R"({"index": ["old", "uid_1"]})"), there()), back({kByUid, kByAge}));
  EXPECT_THAT(inverse_of(drop(R"({"index": "*"})"), there()), back({kByUid, kByAge}));
  EXPECT_THAT(inverse_of(drop(R"({"index": "none"})"), there()), kNothingToDo);
  EXPECT_THAT(inverse_of(drop(R"({"index": {"uid": -1}})"), there()), kNothingToDo);
  EXPECT_THAT(inverse_of(drop(R"({"index": "*"})"), kMissing), kNothingToDo);
  const Found old_server{true, {}, {json(R"({"v": 1, "key": {"a": 1}, "name": "a_1", "ns": "app.w"})")}};
  EXPECT_THAT(inverse_of(drop(R"({"index": "a_1"})"), old_server),
              back({json(R"({"v": 1, "key": {"a": 1}, "name": "a_1"})")}));
}

TEST(Inverse, OfChangingValidation) {
  const auto change = app(ModifyCollection{"w", json(R"({"validator": {"a": 1}, "validationLevel": "off"})")});
  EXPECT_THAT(inverse_of(change, there()),
              Is(ModifyCollection{"w", json(R"({"validator": {}, "validationLevel": "strict"})")}));
  EXPECT_THAT(inverse_of(change, there(R"({"validator": {"b": 2}, "validationLevel": "moderate"})")),
              Is(ModifyCollection{"w", json(R"({"validator": {"b": 2}, "validationLevel": "moderate"})")}));
  const auto action = app(ModifyCollection{"w", json(R"({"validationAction": "warn", "comment": "c"})")});
  EXPECT_THAT(inverse_of(action, there()), Is(ModifyCollection{"w", json(R"({"validationAction": "error"})")}));
  EXPECT_THAT(inverse_of(action, kMissing), kNothingToDo);
}

TEST(Inverse, OfChangingAnIndex) {
  const auto change = [](const char* changes) { return app(ModifyCollection{"w", json(changes)}); };
  const auto back = [](const char* changes) { return Is(ModifyCollection{"w", json(changes)}); };
  EXPECT_THAT(inverse_of(change(R"({"index": {"name": "uid_1", "hidden": true}})"), there()),
              back(R"({"index": {"name": "uid_1", "hidden": false}})"));
  EXPECT_THAT(
      inverse_of(change(R"({"index": {"keyPattern": {"age": 1}, "hidden": false, "expireAfterSeconds": 5}})"), there()),
      back(R"({"index": {"name": "old", "hidden": true, "expireAfterSeconds": 60}})"));
  EXPECT_EQ(inverse_of(change(R"({"index": {"name": "uid_1", "expireAfterSeconds": 5}})"), there()), std::nullopt);
  EXPECT_EQ(inverse_of(change(R"({"index": {"name": "old", "unique": true}})"), there()), std::nullopt);
  EXPECT_EQ(inverse_of(change(R"({"index": {"name": "none", "hidden": true}})"), there()), std::nullopt);
  EXPECT_THAT(inverse_of(change(R"({"index": {"name": "uid_1", "unique": true}})"), there()), kNothingToDo);
  EXPECT_THAT(inverse_of(change(R"({"index": {"name": "old", "unique": true}, "dryRun": true})"), there()),
              kNothingToDo);
}

TEST(Inverse, OfOtherChangesOfACollection) {
  const auto change = [](const char* changes) { return app(ModifyCollection{"w", json(changes)}); };
  EXPECT_THAT(inverse_of(change(R"({"cappedSize": 5})"), there(R"({"capped": true, "size": 3})")),
              Is(ModifyCollection{"w", json(R"({"cappedSize": 3})")}));
  EXPECT_THAT(inverse_of(change(R"({"changeStreamPreAndPostImages": {"enabled": true}})"), there()),
              Is(ModifyCollection{"w", json(R"({"changeStreamPreAndPostImages": {"enabled": false}})")}));
  EXPECT_EQ(inverse_of(change(R"({"timeseries": {"granularity": "hours"}})"), there(R"({"timeseries": {}})")),
            std::nullopt);
  EXPECT_EQ(inverse_of(change(R"({"viewOn": "x", "pipeline": []})"), there()), std::nullopt);
}

TEST(Inverse, OfDocumentsIsNone) {
  EXPECT_EQ(inverse_of(app(Write{Write::Verb::insert, "w", {}, {}}), there()), std::nullopt);
  EXPECT_EQ(inverse_of(app(RunCommand{json(R"({"ping": 1})")}), there()), std::nullopt);
}

}  // namespace
}  // namespace treering
