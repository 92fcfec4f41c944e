// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "treering/schema/render.h"

namespace treering {
namespace {

Document json(const char* text) { return Document::from_json(text); }

Operation index(const char* collection, const char* specification) {
  return {"app", CreateIndexes{collection, {json(specification)}, {}}};
}

Paragraph paragraph(Change change, const char* collection, std::vector<Operation> operations) {
  Paragraph result;
  result.change = change;
  result.collection = collection;
  result.operations = std::move(operations);
  return result;
}

Paragraph drop(const char* collection) {
  return paragraph(Change::drop, collection, {{"app", DropCollection{collection}}});
}

std::string upgrade(const std::vector<Paragraph>& paragraphs) {
  Imports imports;
  return python_body(paragraphs, Body::upgrade, imports);
}

std::string downgrade(const std::vector<Paragraph>& paragraphs) {
  Imports imports;
  return python_body(paragraphs, Body::downgrade, imports);
}

TEST(PythonBody, IsTheGuidesByTheByte) {
  const std::vector<Paragraph> paragraphs{
      paragraph(Change::create, "wallet",
                {{"app", CreateCollection{"wallet", {}}},
                 index("wallet", R"({"key": {"uid": 1, "org_id": 1}, "name": "uid_org_idx", "unique": true})"),
                 index("wallet", R"({"key": {"rec_date": 1}, "name": "rec_date_1"})"),
                 index("wallet", R"({"key": {"coins": 1}, "name": "coins_1"})")}),
      paragraph(Change::create, "wallet_history",
                {{"app", CreateCollection{"wallet_history", {}}},
                 index("wallet_history", R"({"key": {"wallet_id": 1}, "name": "wallet_id_1"})"),
                 index("wallet_history", R"({"key": {"rec_date": 1}, "name": "rec_date_1"})"),
                 index("wallet_history", R"({"key": {"wallet_id": 1, "rec_date": -1}, "name": "wallet_date_idx"})")})};
  EXPECT_EQ(upgrade(paragraphs),
            R"(    # Create collection: wallet
    env.create_collection('wallet')
    env.db['wallet'].create_index([("uid", 1), ("org_id", 1)], name='uid_org_idx', unique=True)
    env.db['wallet'].create_index("rec_date")
    env.db['wallet'].create_index("coins")
    
    # Create collection: wallet_history
    env.create_collection('wallet_history')
    env.db['wallet_history'].create_index("wallet_id")
    env.db['wallet_history'].create_index("rec_date")
    env.db['wallet_history'].create_index([("wallet_id", 1), ("rec_date", -1)], name='wallet_date_idx')
)");
  EXPECT_EQ(downgrade({drop("wallet"), drop("wallet_history")}),
            "    env.drop_collection('wallet')\n"
            "    env.drop_collection('wallet_history')\n");
}

TEST(PythonBody, SaysWhatEachParagraphIsFor) {
  Paragraph view = paragraph(Change::create, "v", {{"app", DropCollection{"x"}}});
  view.is_view = true;
  Paragraph dropped_view = drop("v");
  dropped_view.is_view = true;
  Paragraph renamed = paragraph(Change::rename, "a", {{"app", RenameCollection{"a", "b"}}});
  renamed.to = "b";
  const Paragraph changed =
      paragraph(Change::change, "users", {{"app", DropIndexes{"users", json(R"({"index": "a_1"})"), {}}}});
  const Paragraph rebuilt = paragraph(Change::rebuild, "x", {{"app", DropCollection{"x"}}});
  EXPECT_EQ(upgrade({view}), "    # Create view: v\n    env.drop_collection('x')\n");
  EXPECT_EQ(upgrade({dropped_view}), "    # Drop view: v\n    env.drop_collection('v')\n");
  EXPECT_EQ(upgrade({drop("x")}), "    # Drop collection: x\n    env.drop_collection('x')\n");
  EXPECT_EQ(upgrade({renamed}), "    # Rename collection: a -> b\n    env.db['a'].rename('b')\n");
  EXPECT_EQ(upgrade({changed}), "    # Change collection: users\n    env.db['users'].drop_index('a_1')\n");
  EXPECT_EQ(upgrade({rebuilt}),
            "    # Rebuild collection: x\n"
            "    # The documents are copied, and writes made meanwhile are lost: stop the writers first.\n"
            "    env.drop_collection('x')\n");
}

TEST(PythonBody, ALoneDropOfADowngradeStandsApartFromOtherParagraphsOnly) {
  const Paragraph changed =
      paragraph(Change::change, "users", {{"app", DropIndexes{"users", json(R"({"index": "a_1"})"), {}}}});
  EXPECT_EQ(downgrade({drop("a"), drop("b"), changed, drop("c")}),
            "    env.drop_collection('a')\n"
            "    env.drop_collection('b')\n"
            "    \n"
            "    # Change collection: users\n"
            "    env.db['users'].drop_index('a_1')\n"
            "    \n"
            "    env.drop_collection('c')\n");
}

TEST(PythonBody, HeldBackIsCommentedOutToTheLastLine) {
  Paragraph held = drop("x");
  held.held_back = true;
  const std::string commented =
      "    # Drop collection: x\n"
      "    # Not done, it would destroy documents (--allow-drop-collections writes it without the comment marks):\n"
      "    # env.drop_collection('x')\n";
  EXPECT_EQ(upgrade({held}), commented + "    pass\n");
  EXPECT_EQ(downgrade({held}), commented + "    pass\n");
  EXPECT_EQ(upgrade({held, drop("y")}), commented + "    \n    # Drop collection: y\n    env.drop_collection('y')\n");

  const std::string letters(110, 'a');
  held.operations = {{"app", CreateCollection{"x", Document().add("one", letters).add("two", "b")}}};
  const std::string text = upgrade({held});
  EXPECT_EQ(text.substr(text.find("    # env.")),
            "    # env.create_collection(\n"
            "    #     'x',\n"
            "    #     one='" +
                letters +
                "',\n"
                "    #     two='b',\n"
                "    # )\n"
                "    pass\n");
}

TEST(PythonBody, NamesCannotLeaveTheirComment) {
  Paragraph odd = paragraph(Change::create, "x\nimport os\r\u2028", {{"app", DropCollection{"x"}}});
  EXPECT_EQ(upgrade({odd}), "    # Create collection: x\\nimport os\\r\\u2028\n    env.drop_collection('x')\n");
}

TEST(PythonBody, NothingToDoIsAPass) {
  EXPECT_EQ(upgrade({}), "    pass\n");
  EXPECT_EQ(upgrade({paragraph(Change::change, "x", {})}), "    # Change collection: x\n    pass\n");
}

// A collection that a downgrade makes may come back from the trash, with what somebody made of its documents.
TEST(PythonBody, InsertsOnlyWhatIsMissingWhereDocumentsMayBe) {
  Paragraph one =
      paragraph(Change::create, "c", {{"", Write{Write::Verb::insert, "c", {Document().add("_id", 1)}, {}}}});
  Imports imports;
  EXPECT_EQ(python_body({one}, Body::upgrade, imports),
            "    # Create collection: c\n"
            "    env.db['c'].insert_one({'_id': 1})\n");
  EXPECT_EQ(python_body({one}, Body::downgrade, imports),
            "    # Create collection: c\n"
            "    if env.db['c'].find_one({'_id': 1}) is None:\n"
            "        env.db['c'].insert_one({'_id': 1})\n");
  Write two{Write::Verb::insert, "c", {Document().add("_id", 1), Document().add("_id", 2)}, {}};
  two.options.add("bypassDocumentValidation", true);
  Paragraph several = paragraph(Change::change, "c", {{"", two}});
  EXPECT_EQ(python_body({several}, Body::upgrade, imports),
            "    # Change collection: c\n"
            "    for document in [{'_id': 1}, {'_id': 2}]:\n"
            "        if env.db['c'].find_one({'_id': document['_id']}) is None:\n"
            "            env.db['c'].insert_one(document, bypass_document_validation=True)\n");
}

}  // namespace
}  // namespace treering
