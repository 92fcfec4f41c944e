// SPDX-License-Identifier: Apache-2.0
// Laws that hold for every history: plans, labels, headers.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <fmt/format.h>
#include <algorithm>

#include "history_graph.h"
#include "treering/history/plan.h"
#include "treering/history/revision_file.h"
#include "treering/history/target.h"

namespace treering {
namespace {

using Ids = std::vector<std::string>;

// Parents and dependencies come from earlier in the list; ids are in another order than the list.
std::vector<Revision> any_revisions() {
  const int count = *rc::gen::inRange(1, 14);
  std::vector<Revision> revisions;
  for (int i = 0; i < count; ++i) {
    Revision revision;
    revision.id = fmt::format("r{}{:02}", *rc::gen::inRange(0, 4), i);
    for (int links = i == 0 ? 0 : *rc::gen::inRange(0, 3); links > 0; --links)
      revision.parents.push_back(revisions[static_cast<std::size_t>(*rc::gen::inRange(0, i))].id);
    if (i > 0 && *rc::gen::inRange(0, 4) == 0)
      revision.depends_on = {revisions[static_cast<std::size_t>(*rc::gen::inRange(0, i))].id};
    if (*rc::gen::inRange(0, 5) == 0) revision.labels = {fmt::format("label{}", i)};
    revisions.push_back(revision);
  }
  return revisions;
}

Applied any_closed_set(const Graph& graph) {
  std::set<std::string> some;
  for (const std::string& id : graph.order())
    if (*rc::gen::inRange(0, 4) == 0) some.insert(id);
  return graph.with_ancestors(some);
}

std::string any_target(const Graph& graph) {
  const auto any_of = [](const Ids& items) { return *rc::gen::elementOf(items); };
  Ids symbols{"head", "heads", "base", "current", ""};
  symbols.insert(symbols.end(), graph.order().begin(), graph.order().end());
  Ids labels = graph.all_labels();
  symbols.insert(symbols.end(), labels.begin(), labels.end());
  labels.push_back(any_of(graph.order()));
  std::string target = *rc::gen::inRange(0, 3) == 0 ? any_of(labels) + "@" : "";
  target += any_of(symbols);
  if (*rc::gen::inRange(0, 2) == 0) target += any_of({"+1", "-1", "+2", "-2", "+3", "-3"});
  return target;
}

bool is_closed(const Graph& graph, const Applied& applied) { return graph.with_ancestors(applied) == applied; }

bool is_in_order(const Graph& graph, const Ids& plan) {
  auto at = graph.order().begin();
  for (const std::string& id : plan) {
    at = std::find(at, graph.order().end(), id);
    if (at == graph.order().end()) return false;
    ++at;
  }
  return true;
}

// The plan, or nothing where the target is refused.
std::optional<Ids> planned(decltype(&plan_upgrade) planner, const Graph& graph, const Applied& applied,
                           const std::string& target, TargetRules rules) {
  try {
    return planner(graph, applied, target, rules);
  } catch (const Error& error) {
    RC_ASSERT(error.kind() == Kind::revision);
    return std::nullopt;
  }
}

TEST(HistoryLaws, AnUpgradeIsClosedOrderedAndUndoneByADowngrade) {
  ASSERT_TRUE(rc::check("upgrade", [] {
    const Graph graph(any_revisions());
    const Applied before = any_closed_set(graph);
    const TargetRules rules{.strict_heads = *rc::gen::arbitrary<bool>()};
    const auto plan = planned(plan_upgrade, graph, before, any_target(graph), rules);
    if (!plan) return;
    RC_ASSERT(is_in_order(graph, *plan));
    Applied after = before;
    for (const std::string& id : *plan) RC_ASSERT(after.insert(id).second);
    RC_ASSERT(is_closed(graph, after));
    // Undo, newest first: each step leaves a closed set, and the end is the start.
    for (auto id = plan->rbegin(); id != plan->rend(); ++id) {
      after.erase(*id);
      RC_ASSERT(is_closed(graph, after));
    }
    RC_ASSERT(after == before);
  }));
}

TEST(HistoryLaws, ADowngradeLeavesAClosedSetAndAnUpgradeGivesItBack) {
  ASSERT_TRUE(rc::check("downgrade", [] {
    const Graph graph(any_revisions());
    const Applied before = any_closed_set(graph);
    const TargetRules rules{.strict_heads = *rc::gen::arbitrary<bool>()};
    auto plan = planned(plan_downgrade, graph, before, any_target(graph), rules);
    if (!plan) return;
    Applied after = before;
    for (const std::string& id : *plan) RC_ASSERT(after.erase(id) == 1);
    RC_ASSERT(is_closed(graph, after));
    std::reverse(plan->begin(), plan->end());
    RC_ASSERT(is_in_order(graph, *plan));
    for (const std::string& id : *plan)
      for (const std::string& step : plan_upgrade(graph, after, id)) after.insert(step);
    RC_ASSERT(after == before);
  }));
}

TEST(HistoryLaws, DowngradeToARevisionThenHeadIsHead) {
  ASSERT_TRUE(rc::check("down and up", [] {
    const Graph graph(any_revisions());
    const Ids up = plan_upgrade(graph, {}, "head");
    RC_ASSERT(up == graph.order());
    Applied applied(up.begin(), up.end());
    const std::string target = *rc::gen::elementOf(graph.order());
    const Ids down = plan_downgrade(graph, applied, target);
    for (const std::string& id : down) applied.erase(id);
    RC_ASSERT(applied.contains(target));
    RC_ASSERT(plan_downgrade(graph, applied, target).empty());
    Ids again = plan_upgrade(graph, applied, "head");
    std::reverse(again.begin(), again.end());
    RC_ASSERT(again == down);
  }));
}

TEST(HistoryLaws, AStampIsClosed) {
  ASSERT_TRUE(rc::check("stamp", [] {
    const Graph graph(any_revisions());
    try {
      const Applied after = plan_stamp(graph, any_closed_set(graph), {any_target(graph)}, *rc::gen::arbitrary<bool>());
      RC_ASSERT(is_closed(graph, after));
    } catch (const Error& error) {
      RC_ASSERT(error.kind() == Kind::revision);
    }
  }));
}

TEST(HistoryLaws, HeadsImplyTheirSetAndNoneIsAnothersAncestor) {
  ASSERT_TRUE(rc::check("heads_of", [] {
    const Graph graph(any_revisions());
    const Applied applied = any_closed_set(graph);
    const Ids heads = graph.heads_of(applied);
    RC_ASSERT(graph.with_ancestors({heads.begin(), heads.end()}) == applied);
    for (const std::string& head : heads)
      for (const std::string& other : heads) RC_ASSERT(head == other || !graph.with_ancestors({head}).contains(other));
  }));
}

// As Alembic spreads labels, step by step.
TEST(HistoryLaws, LabelsAreAlembics) {
  ASSERT_TRUE(rc::check("labels", [] {
    const std::vector<Revision> revisions = any_revisions();
    const Graph graph(revisions);
    std::map<std::string, std::set<std::string>> expected;
    for (const Revision& declaring : revisions) {
      for (const std::string& label : declaring.labels) {
        Ids open{declaring.id};
        while (!open.empty()) {
          const std::string id = open.back();
          open.pop_back();
          if (expected[id].insert(label).second)
            open.insert(open.end(), graph.children(id).begin(), graph.children(id).end());
        }
        std::string at = declaring.id;
        while (!graph.is_branch_point(at) &&
               std::set<std::string>(graph.at(at).parents.begin(), graph.at(at).parents.end()).size() < 2) {
          expected[at].insert(label);
          if (graph.at(at).parents.empty()) break;
          at = graph.at(at).parents[0];
        }
      }
    }
    for (const std::string& id : graph.order()) RC_ASSERT(graph.labels(id) == expected[id]);
  }));
}

std::string hostile_text() {
  const Ids parts{"\"",   "\"\"\"", "'",    "\\",   "\\N{",   "\n",     "\r",     "\t",         "#", "{",
                  "word", " ",      "\x01", "\x7f", "\u00e9", "\u4e2d", "\u2028", "\U0001F600", "\0"};
  std::string text;
  for (int i = *rc::gen::inRange(0, 12); i > 0; --i) text += *rc::gen::elementOf(parts);
  return text;
}

TEST(HistoryLaws, WhatIsRenderedReadsBack) {
  ASSERT_TRUE(rc::check("render and read", [] {
    const NewRevision written{.id = "id_1",
                              .parents = *rc::gen::element(Ids{}, Ids{"a"}, Ids{"a", "b"}),
                              .labels = *rc::gen::element(Ids{}, Ids{"feat"}, Ids{"x", "\u00e9"}),
                              .depends_on = *rc::gen::element(Ids{}, Ids{"d"}),
                              .message = "m" + hostile_text(),
                              .created = "2024-12-10 00:00:00",
                              .details = hostile_text(),
                              .upgrade_body = "",
                              .downgrade_body = "    pass\n"};
    const std::string text = render_revision_file(written);
    const auto read = read_header(text, "x.py");
    RC_ASSERT(read.has_value());
    RC_ASSERT(read->id == written.id && read->parents == written.parents);
    RC_ASSERT(read->labels == written.labels && read->depends_on == written.depends_on);
    RC_ASSERT(read->doc.starts_with("\n" + written.message + "\n"));
    RC_ASSERT(read->message.starts_with("m"));
    RC_ASSERT(!header_may_continue(text));
  }));
}

// Survives, and says only what it is allowed to say.
void survive(const std::string& text) {
  try {
    (void)read_header(text, "x.py");
  } catch (const Error& error) {
    RC_ASSERT(error.kind() == Kind::revision);
    RC_ASSERT(error.field("line") != "");
  }
  (void)header_may_continue(text);
}

TEST(HistoryLaws, AnyBytesAreSurvived) {
  ASSERT_TRUE(rc::check("bytes", [] { survive(*rc::gen::arbitrary<std::string>()); }));
  ASSERT_TRUE(rc::check("pieces of headers", [] {
    const Ids pieces{"revision",
                     "down_revision",
                     " = ",
                     ":",
                     "'",
                     "\"\"\"",
                     "r'",
                     "f\"",
                     "(",
                     ")",
                     "[",
                     ",",
                     "\\",
                     "\n",
                     "\r\n",
                     "\f",
                     ";",
                     "#",
                     "None",
                     "'a'",
                     "\\x",
                     "\\N{",
                     "if ",
                     "def",
                     "@",
                     "=",
                     "\xff",
                     "\xef\xbb\xbf",
                     std::string(1, '\0'),
                     "coding: latin-1",
                     "+="};
    std::string text;
    for (int i = *rc::gen::inRange(0, 30); i > 0; --i) text += *rc::gen::elementOf(pieces);
    survive(text);
  }));
}

}  // namespace
}  // namespace treering
