// SPDX-License-Identifier: Apache-2.0
// Inverses: from an operation and what it found to the operations that bring the schema back.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "treering/base/planted_flaw.h"
#include "treering/schema/operation.h"

namespace treering {
namespace {

using Inverse = std::optional<std::vector<Operation>>;

bool same_value(const Field& a, const Field& b) {
  if (a.key() != b.key()) return false;
  if (a.number() && b.number()) return *a.number() == *b.number();  // 1, 1.0 and NumberLong(1) are one direction
  return a.string() && a.string() == b.string();
}

bool same_key(const Document& a, const Document& b) {
  const auto left = a.fields();
  const auto right = b.fields();
  return std::ranges::equal(left, right, same_value);
}

bool is_id_index(const Document& specification) {
  const auto key = specification.document("key");
  if (!key) return false;
  const auto fields = key->fields();
  return fields.size() == 1 && fields.front().key() == "_id" && fields.front().number().has_value();
}

// As createIndexes takes it back: old servers list the namespace too, and refuse it.
Document recreatable(const Document& listed) {
  Document result;
  for (const Field& field : listed.fields())
    if (field.key() != "ns" && !(planted(Flaw::unique_lost_in_inverse) && field.key() == "unique")) result.add(field);
  return result;
}

class Inverter {
 public:
  Inverter(const Operation& operation, const Found& before) : database_(operation.database), before_(before) {}

  Inverse operator()(const CreateCollection& op) const {
    if (before_.exists) return nothing_to_do();
    return one(DropCollection{op.collection});
  }

  Inverse operator()(const DropCollection& op) const {
    if (!before_.exists) return nothing_to_do();
    if (before_.options.has("viewOn"))
      return one(CreateCollection{op.collection, before_.options});  // holds no documents
    return std::nullopt;
  }

  Inverse operator()(const RenameCollection& op) const {
    if (op.drop_target && before_.exists) return std::nullopt;
    return one(RenameCollection{op.to, op.collection, false});
  }

  Inverse operator()(const CreateIndexes& op) const {
    if (!before_.exists) return one(DropCollection{op.collection});  // createIndexes made it
    std::vector<std::string> added;
    for (const Document& index : op.indexes)
      if (!is_id_index(index) && find_index(index_name(index)) == nullptr) added.push_back(index_name(index));
    if (added.empty()) return nothing_to_do();
    Document names;
    if (added.size() == 1) {
      names.add("index", added.front());
    } else {
      names.add_array("index", added);
    }
    return one(DropIndexes{op.collection, names, {}});
  }

  Inverse operator()(const DropIndexes& op) const {
    std::vector<Document> dropped;
    for (const Document& index : before_.indexes)
      if (drops(op, index)) dropped.push_back(recreatable(index));
    if (dropped.empty()) return nothing_to_do();
    return one(CreateIndexes{op.collection, std::move(dropped), {}});
  }

  Inverse operator()(const ModifyCollection& op) const {
    if (!before_.exists || op.changes.boolean("dryRun").value_or(false)) return nothing_to_do();
    Document back;
    for (const Field& change : op.changes.fields())
      if (!add_former(back, change)) return std::nullopt;
    if (back.empty()) return nothing_to_do();
    return one(ModifyCollection{op.collection, back});
  }

  Inverse operator()(const Write&) const { return std::nullopt; }
  Inverse operator()(const RunCommand&) const { return std::nullopt; }

 private:
  static Inverse nothing_to_do() { return std::vector<Operation>{}; }
  template <class Body>
  Inverse one(Body body) const {
    return std::vector<Operation>{{database_, std::move(body)}};
  }

  const Document* find_index(const std::string& name) const {
    for (const Document& index : before_.indexes)
      if (index.string("name") == name) return &index;
    return nullptr;
  }

  static bool drops(const DropIndexes& op, const Document& index) {
    if (is_id_index(index)) return false;  // the server never drops it
    const auto which = op.index.find("index");
    if (!which) return false;
    const auto name = index_name(index);
    if (const auto wanted = which->string()) return *wanted == "*" || *wanted == name;
    if (which->is_array()) return std::ranges::count(op.index.strings("index"), name) > 0;
    return same_key(which->document().value_or(Document()), index.document("key").value_or(Document()));
  }

  // Adds to `back` what undoes one field of a collMod. False where nothing can.
  bool add_former(Document& back, const Field& change) const {
    const std::string_view name = change.key();
    if (name == "comment" || name == "writeConcern") return true;
    if (name == "index") return add_former_index(back, change.document().value_or(Document()));
    if (name == "cappedSize") return add_option(back, name, "size");
    if (name == "cappedMax") return add_option(back, name, "max");
    if (name == "viewOn" || name == "pipeline") return add_option(back, name, name);
    if (!is_option(name)) return false;
    return add_option(back, name, name) || add_default(back, name);
  }

  static bool is_option(std::string_view name) {
    return name == "validator" || name == "validationLevel" || name == "validationAction" ||
           name == "changeStreamPreAndPostImages" || name == "expireAfterSeconds";
  }

  bool add_option(Document& back, std::string_view name, std::string_view option) const {
    const auto former = before_.options.find(option);
    if (former) back.add(name, *former);
    return former.has_value();
  }

  // For what a collection doesn't list because it never was set.
  static bool add_default(Document& back, std::string_view name) {
    if (name == "validator") {
      back.add(name, Document());
    } else if (name == "validationLevel") {
      back.add(name, "strict");
    } else if (name == "validationAction") {
      back.add(name, "error");
    } else if (name == "expireAfterSeconds") {
      back.add(name, "off");
    } else {
      back.add(name, Document().add("enabled", false));  // changeStreamPreAndPostImages
    }
    return true;
  }

  bool add_former_index(Document& back, const Document& change) const {
    const Document* index = modified_index(change);
    if (index == nullptr) return false;
    Document former;
    former.add("name", index_name(*index));
    for (const Field& field : change.fields()) {
      const std::string_view name = field.key();
      if (name == "name" || name == "keyPattern") continue;
      if (name == "hidden" || name == "prepareUnique") {
        former.add(name, index->boolean(name).value_or(false));
      } else if (name == "expireAfterSeconds" && index->has(name)) {
        former.add(name, *index->find(name));
      } else if (name == "unique" && index->boolean(name).value_or(false)) {
        continue;  // it was unique before
      } else {
        return false;  // no collMod takes `unique` or a new expiry away
      }
    }
    if (former.count() > 1) back.add("index", former);
    return true;
  }

  const Document* modified_index(const Document& change) const {
    if (auto name = change.string("name")) return find_index(*name);
    const auto key = change.document("keyPattern");
    if (!key) return nullptr;
    for (const Document& index : before_.indexes)
      if (same_key(*key, index.document("key").value_or(Document()))) return &index;
    return nullptr;
  }

  const std::string& database_;
  const Found& before_;
};

}  // namespace

std::optional<std::vector<Operation>> inverse_of(const Operation& operation, const Found& before) {
  return std::visit(Inverter(operation, before), operation.body);
}

}  // namespace treering
