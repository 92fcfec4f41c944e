// SPDX-License-Identifier: Apache-2.0
// A proposal in the words of the guides.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "treering/schema/proposal.h"

namespace treering {
namespace {

using Kind = Difference::Kind;
using What = Difference::What;

// From this many collections with new indexes on, their sum is told instead.
constexpr std::size_t kTooManyToList = 5;

// Names by collection, in the order of their first.
class Grouped {
 public:
  void add(const std::string& collection, std::string name) {
    const auto [place, is_new] = places_.emplace(collection, groups_.size());
    if (is_new) groups_.emplace_back(collection, std::vector<std::string>{});
    groups_[place->second].second.push_back(std::move(name));
  }
  using Group = std::pair<std::string, std::vector<std::string>>;
  const std::vector<Group>& groups() const { return groups_; }

 private:
  std::vector<Group> groups_;
  std::map<std::string, std::size_t> places_;
};

std::string joined(const std::vector<std::string>& items, std::string_view between = ", ") {
  std::string text;
  for (const std::string& item : items) text.append(text.empty() ? "" : between).append(item);
  return text;
}

class Summary {
 public:
  explicit Summary(const Proposal& proposal) : proposal_(proposal) {}

  std::vector<std::string> lines(Detail detail) {
    names("New collections", Kind::added, What::collection);
    names("New views", Kind::added, What::view);
    for (const Rename& rename : proposal_.renames)
      add(fmt::format("Renamed collection: {} -> {}", rename.from, rename.to));
    names("Removed collections", Kind::removed, What::collection);
    names("Removed views", Kind::removed, What::view);
    new_indexes(detail);
    grouped("Changed indexes on", Kind::changed, What::index, "; ");
    grouped("Removed indexes on", Kind::removed, What::index, ", ");
    options();
    lost_documents();
    documents("New initial data in", Kind::added);
    documents("Changed initial data in", Kind::changed);
    documents("Removed initial data from", Kind::removed);
    grouped_shard_keys();
    findings(Finding::Kind::held_back, "Held back");
    findings(Finding::Kind::kept, "Kept");
    findings(Finding::Kind::not_renamed, "Not renamed");
    findings(Finding::Kind::changed_by_hand, "Changed by hand");
    findings(Finding::Kind::unmanaged, "Unmanaged");
    findings(Finding::Kind::hint, "Hint");
    return std::move(lines_);
  }

 private:
  void add(std::string line) { lines_.push_back(std::move(line)); }

  template <class Take>
  void each(Kind kind, What what, const Take& take) {
    for (const Difference& change : proposal_.changes)
      if (change.kind == kind && change.what == what) take(change);
  }

  // A collection that goes takes its indexes and data with it: not worth a line of their own.
  bool goes(const Difference& change) const {
    return change.kind == Kind::removed && proposal_.to.find(change.collection) == nullptr;
  }

  void names(std::string_view title, Kind kind, What what) {
    std::vector<std::string> found;
    each(kind, what, [&](const Difference& change) { found.push_back(change.collection); });
    if (!found.empty()) add(fmt::format("{}: {}", title, joined(found)));
  }

  void new_indexes(Detail detail) {
    Grouped indexes;
    std::size_t total = 0;
    each(Kind::added, What::index, [&](const Difference& change) {
      indexes.add(change.collection, change.name);
      ++total;
    });
    if (indexes.groups().size() >= kTooManyToList && detail == Detail::summary)
      return add(fmt::format("Total new indexes: {} index(es)", total));
    for (const auto& [collection, list] : indexes.groups())
      add(fmt::format("New indexes on {}: {} index(es)", collection, list.size()));
  }

  void grouped(std::string_view title, Kind kind, What what, std::string_view between) {
    Grouped found;
    each(kind, what, [&](const Difference& change) {
      if (!goes(change))
        found.add(change.collection, change.detail.empty() ? change.name : change.name + " " + change.detail);
    });
    for (const auto& [collection, list] : found.groups())
      add(fmt::format("{} {}: {}", title, collection, joined(list, between)));
  }

  void options() {
    Grouped found;
    for (const Difference& change : proposal_.changes)
      if (change.what == What::option) found.add(change.collection, change.name);
    for (const auto& [collection, list] : found.groups())
      add(fmt::format("Changed options of {}: {}", collection, joined(list)));
  }

  void lost_documents() {
    for (const Paragraph& paragraph : proposal_.upgrade) {
      if (paragraph.held_back || (paragraph.change != Change::replace && paragraph.change != Change::drop)) continue;
      if (paragraph.dropped == CollectionKind::time_series) {
        add(fmt::format("Dropped time series {}: its documents are lost (no server renames it into the trash)",
                        paragraph.collection));
      } else if (paragraph.dropped == CollectionKind::collection && paragraph.change == Change::replace) {
        add(fmt::format("Dropped collection {}: its documents go into the trash, where one is kept",
                        paragraph.collection));
      }
    }
  }

  void documents(std::string_view title, Kind kind) {
    Grouped found;
    each(kind, What::document, [&](const Difference& change) {
      if (!goes(change)) found.add(change.collection, change.name);
    });
    for (const auto& [collection, list] : found.groups())
      add(fmt::format("{} {}: {} document(s)", title, collection, list.size()));
  }

  void grouped_shard_keys() {
    for (const Difference& change : proposal_.changes)
      if (change.what == What::shard_key && !goes(change))
        add(fmt::format("Shard key of {}: {}", change.collection, to_string(change.kind)));
  }

  void findings(Finding::Kind kind, std::string_view title) {
    for (const Finding& finding : proposal_.findings)
      if (finding.kind == kind) add(fmt::format("{}: {}", title, finding.text));
  }

  const Proposal& proposal_;
  std::vector<std::string> lines_;
};

}  // namespace

std::vector<std::string> summary_lines(const Proposal& proposal, Detail detail) {
  return Summary(proposal).lines(detail);
}

}  // namespace treering
