// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/write_batch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace treering {
namespace {

using testing::ElementsAre;

Operation update(const char* collection, int id, Document options = {}) {
  return {"app", Write{Write::Verb::update,
                       collection,
                       {Document().add("q", Document().add("_id", id)).add("u", Document().add("a", 1))},
                       std::move(options)}};
}
Operation insert(const char* collection, int id) {
  return {"app", Write{Write::Verb::insert, collection, {Document().add("_id", id)}, {}}};
}
Operation index(const char* collection, const char* field) {
  return {"app", CreateIndexes{collection, {Document().add("key", Document().add(field, 1)).add("name", field)}, {}}};
}

std::vector<std::string> words(const std::vector<WriteBatch::Group>& groups) {
  std::vector<std::string> result;
  for (const WriteBatch::Group& group : groups)
    result.push_back(describe(group.operation) + " x" + std::to_string(group.places.size()));
  return result;
}

TEST(WriteBatch, JoinsNeighboursOfOneKindAndKeepsTheirOrder) {
  WriteBatch batch(100);
  batch.add(update("users", 1), "a:1");
  batch.add(update("users", 2), "a:2");
  batch.add(insert("users", 3), "a:3");
  batch.add(update("users", 3), "a:4");
  batch.add(update("users", 4, Document().add("comment", "x")), "a:5");
  const auto groups = batch.take("app", "users");
  EXPECT_THAT(words(groups),
              ElementsAre("update users x2", "insert into users x1", "update users x1", "update users x1"));
  EXPECT_THAT(groups.front().places, ElementsAre("a:1", "a:2"));
  EXPECT_TRUE(batch.take("app", "users").empty());
}

TEST(WriteBatch, KeepsCollectionsApart) {
  WriteBatch batch(100);
  batch.add(update("users", 1), "");
  batch.add(insert("plans", 1), "");
  batch.add(update("users", 2), "");
  EXPECT_THAT(words(batch.take("app", "plans")), ElementsAre("insert into plans x1"));
  EXPECT_TRUE(batch.take("other", "users").empty());
  batch.add(insert("plans", 2), "");
  EXPECT_THAT(words(batch.take_all()), ElementsAre("update users x2", "insert into plans x1"));
}

TEST(WriteBatch, SaysWhenACollectionIsFull) {
  WriteBatch batch(2);
  EXPECT_FALSE(batch.add(update("users", 1), ""));
  EXPECT_FALSE(batch.add(update("plans", 1), ""));
  EXPECT_TRUE(batch.add(insert("users", 2), ""));
}

TEST(WriteBatch, MakesOneCommandOfSeveralIndexes) {
  WriteBatch batch(100);
  batch.add(index("users", "a"), "a:1");
  batch.add(index("users", "b"), "a:2");
  const auto groups = batch.take_all();
  ASSERT_EQ(groups.size(), 1U);
  EXPECT_EQ(std::get<CreateIndexes>(groups[0].operation.body).indexes.size(), 2U);
  EXPECT_THAT(groups[0].places, ElementsAre("a:1", "a:2"));
}

TEST(WriteBatch, TakesWhatIsOneStatement) {
  Operation two = update("users", 1);
  std::get<Write>(two.body).statements.push_back(Document());
  EXPECT_FALSE(WriteBatch::takes(two));
  EXPECT_TRUE(WriteBatch::takes(update("users", 1)));
  EXPECT_TRUE(WriteBatch::takes(index("users", "a")));
  EXPECT_FALSE(WriteBatch::takes({"app", DropCollection{"users"}}));
}

}  // namespace
}  // namespace treering
