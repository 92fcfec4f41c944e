// SPDX-License-Identifier: Apache-2.0
#include "treering/schema/merged_collection.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "treering/schema/canonical.h"
#include "treering/schema/documents_by_id.h"
#include "treering/schema/same_field.h"

namespace treering {
namespace {

using What = Difference::What;

// Two indexes that the server takes for one, whatever their names.
bool same_but_for_name(const Index& a, const Index& b) {
  return a.spec.document("key") == b.spec.document("key") && a.options() == b.options();
}

Document with_sorted_fields(std::vector<Field> fields) {
  std::ranges::sort(fields, [](const Field& a, const Field& b) { return a.key() < b.key(); });
  Document result;
  for (const Field& field : fields) result.add(field);
  return result;
}

// The index as it has to be written under other options of its collection to stay what it is: what it had from the
// collection's collation it then says itself.
Index kept_under(const Document& options, const Index& index, const Document& former) {
  if (same_field(former, options, "collation")) return index;
  Document specification;
  specification.add("key", index.key()).add("name", index.name()).add_all(index.options());
  if (!index.spec.has("collation"))
    specification.add("collation", former.document("collation").value_or(Document().add("locale", "simple")));
  return canonical_index(specification, options, IndexSource::specification).value_or(index);
}

class Merger {
 public:
  Merger(const Collection& model, const Collection& before, const Collection& found, const ProposalRules& rules,
         std::vector<Finding>& findings)
      : model_(model), before_(before), found_(found), rules_(rules), findings_(findings) {}

  Collection merge() {
    Collection merged = model_;
    if (!same_kind(model_, found_)) return merged;
    merged.options = options();
    add_indexes(merged);
    merged.data = data();
    return merged;
  }

 private:
  void unmanaged(What what, const std::string& name, const std::string& words) {
    findings_.push_back(unmanaged_part(what, model_.name, name, words));
  }

  Document options() {
    std::vector<Field> fields = model_.options.fields();
    const std::vector<Field> there = found_.options.fields();
    for (const Field& field : there) {
      const std::string name(field.key());
      if (model_.options.has(name) || before_.options.has(name) || rules_.include_unmanaged) continue;
      fields.push_back(field);
      unmanaged(What::option, name, fmt::format("option {} of {}", name, model_.name));
    }
    return with_sorted_fields(std::move(fields));
  }

  void add_indexes(Collection& merged) {
    std::vector<Index> foreign;
    for (const Index& index : found_.indexes) {
      const std::string name(index.name());
      if (model_.find_index(name) != nullptr || before_.find_index(name) != nullptr || rules_.include_unmanaged)
        continue;
      Index kept = kept_under(merged.options, index, found_.options);
      const bool stands_in_the_way =
          std::ranges::any_of(model_.indexes, [&](const Index& own) { return same_but_for_name(own, kept); });
      if (!stands_in_the_way) foreign.push_back(std::move(kept));
    }
    for (Index& index : foreign) {
      unmanaged(What::index, std::string(index.name()), fmt::format("index {}.{}", merged.name, index.name()));
      merged.indexes.push_back(std::move(index));
    }
  }

  std::vector<Document> data() {
    std::vector<Document> result;
    const DocumentsById wanted(model_.data);
    const DocumentsById earlier(before_.data);
    const DocumentsById present(found_.data);
    for (const Document& document : model_.data) {
      const Field id = *document.find("_id");
      const Document* there = present.find(id);
      const Document* former = earlier.find(id);
      const bool ours =
          there == nullptr || same_document(*there, document) || (former != nullptr && same_document(*former, *there));
      if (!ours) changed_by_hand(document);
      result.push_back(ours ? document : *there);
    }
    for (const Document& there : found_.data) {
      const Field id = *there.find("_id");
      if (wanted.find(id) != nullptr) continue;
      const Document* former = earlier.find(id);
      if (former != nullptr && same_document(*former, there)) continue;  // ours, and gone from the models
      if (former != nullptr) changed_by_hand(there);
      result.push_back(there);
    }
    return result;
  }

  void changed_by_hand(const Document& document) {
    const Difference named{Difference::Kind::changed, What::document, model_.name,
                           document.find("_id")->string().value_or(Document().add(*document.find("_id")).json()), ""};
    findings_.push_back({Finding::Kind::changed_by_hand, What::document, model_.name, named.name,
                         name_of(named) + " was changed in the database (left as it is there)"});
  }

  const Collection& model_;
  const Collection& before_;
  const Collection& found_;
  const ProposalRules& rules_;
  std::vector<Finding>& findings_;
};

}  // namespace

bool same_kind(const Collection& a, const Collection& b) {
  return a.is_view() == b.is_view() && a.is_timeseries() == b.is_timeseries();
}

Collection merged_collection(const Collection& model, const Collection& before, const Collection& found,
                             const ProposalRules& rules, std::vector<Finding>& findings) {
  return Merger(model, before, found, rules, findings).merge();
}

Finding unmanaged_part(What what, const std::string& collection, const std::string& name, const std::string& words) {
  return {Finding::Kind::unmanaged, what, collection, name, words + " is in the database and in no model (left alone)"};
}

}  // namespace treering
