// SPDX-License-Identifier: Apache-2.0
// Laws of operations, on generated ones.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>

#include "treering/schema/operation.h"

namespace treering {
namespace {

rc::Gen<std::string> any_name() {
  return rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::elementOf(std::string("abcxyz._-$ "))));
}

Document any_document(int depth = 0) {
  Document result;
  const int count = *rc::gen::inRange(0, 4);
  for (int i = 0; i < count; ++i) {
    const std::string key = *any_name() + std::to_string(i);
    switch (*rc::gen::inRange(0, depth > 2 ? 5 : 7)) {
      case 0:
        result.add(key, *rc::gen::arbitrary<std::int32_t>());
        break;
      case 1:
        result.add(key, *rc::gen::arbitrary<std::int64_t>());
        break;
      case 2:
        result.add(key, *any_name());
        break;
      case 3:
        result.add(key, *rc::gen::arbitrary<bool>());
        break;
      case 4:
        result.add_null(key);
        break;
      case 5:
        result.add(key, any_document(depth + 1));
        break;
      default:
        result.add_array(key, std::vector<Document>{any_document(depth + 1)});
        break;
    }
  }
  return result;
}

std::vector<Document> any_documents(int limit) {
  std::vector<Document> result;
  const int count = *rc::gen::inRange(0, limit);
  for (int i = 0; i < count; ++i) result.push_back(any_document());
  return result;
}

decltype(Operation::body) any_body() {
  const std::string collection = *any_name();
  switch (*rc::gen::inRange(0, 8)) {
    case 0:
      return CreateCollection{collection, any_document()};
    case 1:
      return DropCollection{collection};
    case 2:
      return RenameCollection{collection, *any_name(), *rc::gen::arbitrary<bool>()};
    case 3:
      return CreateIndexes{collection, any_documents(4), any_document()};
    case 4:
      return DropIndexes{collection, any_document(), any_document()};
    case 5:
      return ModifyCollection{collection, any_document()};
    case 6: {
      const auto verb = *rc::gen::element(Write::Verb::insert, Write::Verb::update, Write::Verb::remove);
      return Write{verb, collection, any_documents(6), any_document()};
    }
    default:
      return RunCommand{any_document()};
  }
}

// An index as listIndexes gives it, named by its number so that names differ.
Document any_index(int number) {
  Document key;
  key.add("field" + std::to_string(number), *rc::gen::element(std::int32_t{1}, std::int32_t{-1}));
  Document result;
  result.add("v", std::int32_t{2}).add("key", key).add("name", "index" + std::to_string(number));
  if (*rc::gen::arbitrary<bool>()) result.add("unique", true);
  return result;
}

void law(const char* description, void (*body)()) { EXPECT_TRUE(rc::check(description, body)); }

TEST(OperationLaw, ReadsBackWhatItWrote) {
  law("operation_from(to_document(op)) == op", [] {
    const Operation operation{*any_name(), any_body()};
    RC_ASSERT(operation_from(to_document(operation)) == operation);
    RC_ASSERT(operation_from(Document::from_bytes(to_document(operation).bytes())) == operation);
  });
}

TEST(OperationLaw, SplittingKeepsEveryStatementInOrder) {
  law("the statements of all commands are those of the write", [] {
    const Write write{Write::Verb::update, "w", any_documents(12), any_document()};
    const auto max_statements = *rc::gen::inRange<std::size_t>(1, 6);
    const auto max_bytes = *rc::gen::inRange<std::size_t>(1, 300);
    std::vector<Document> sent;
    for (const Document& command : commands_of({"app", write}, max_statements, max_bytes)) {
      const auto batch = command.documents("updates");
      std::size_t bytes = 0;
      for (const Document& statement : batch) bytes += statement.bytes().size();
      RC_ASSERT(!batch.empty());
      RC_ASSERT(batch.size() <= max_statements);
      RC_ASSERT(batch.size() == 1 || bytes <= max_bytes);
      RC_ASSERT(command.string("update") == "w");
      sent.insert(sent.end(), batch.begin(), batch.end());
    }
    RC_ASSERT(sent == write.statements);
  });
}

TEST(OperationLaw, DroppingNewIndexesAndCreatingThemAgainIsTheSame) {
  law("the inverse of the inverse creates the new indexes", [] {
    const int count = *rc::gen::inRange(1, 6);
    const int known = *rc::gen::inRange(0, count + 1);
    std::vector<Document> all, fresh;
    for (int i = 0; i < count; ++i) all.push_back(any_index(i));
    fresh.assign(all.begin() + known, all.end());

    const Found before{true, {}, {all.begin(), all.begin() + known}};
    const Found after{true, {}, all};
    const auto back = inverse_of({"app", CreateIndexes{"w", all, {}}}, before);
    RC_ASSERT(back.has_value());
    RC_ASSERT(back->empty() == fresh.empty());
    if (back->empty()) return;
    const auto forth = inverse_of(back->front(), after);
    RC_ASSERT(forth.has_value());
    RC_ASSERT(*forth == (std::vector<Operation>{{"app", CreateIndexes{"w", fresh, {}}}}));
  });
}

TEST(OperationLaw, EveryOperationHasWordsAndAnAnswer) {
  law("describe, collection_of, is_schema and inverse_of take anything", [] {
    const Operation operation{"app", any_body()};
    RC_ASSERT(!describe(operation).empty());
    collection_of(operation);
    is_schema(operation);
    inverse_of(operation, {*rc::gen::arbitrary<bool>(), any_document(), any_documents(4)});
  });
}

}  // namespace
}  // namespace treering
