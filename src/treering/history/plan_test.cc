// SPDX-License-Identifier: Apache-2.0
// Each row: graph, what is applied, verb and target, and the plan in order ("!" and words of the error where it is
// refused).
#include "treering/history/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "history_graph.h"

namespace treering {
namespace {

using testing::graph_of;
using ::testing::HasSubstr;
using testing::refusal;
using testing::spaced;
using testing::words_of;

constexpr char kLine[] = "a <- b <- c <- d";
constexpr char kFork[] = "a <- b <- c(left), a <- x <- y(right)";
constexpr char kMerge[] = "a <- b <- m, a <- c <- m, m <- n";
constexpr char kTwo[] = "a(one) <- b <- c, p(two) <- q <- r, q ~> b";

struct Row {
  const char* graph;
  const char* applied;
  const char* target;
  const char* plan;
};

Applied applied_of(const Row& row) {
  const auto words = words_of(row.applied);
  return {words.begin(), words.end()};
}

using Planner = std::vector<std::string> (*)(const Graph&, const Applied&, std::string_view, TargetRules);

void check(const std::vector<Row>& rows, Planner planner, TargetRules rules = {}) {
  for (const Row& row : rows) {
    SCOPED_TRACE(std::string(row.graph) + " at [" + row.applied + "] to " + row.target);
    const Graph graph = graph_of(row.graph);
    std::string plan;
    const std::string error = refusal([&] { plan = spaced(planner(graph, applied_of(row), row.target, rules)); });
    if (row.plan[0] == '!') {
      EXPECT_THAT(error, HasSubstr(row.plan + 1)) << "planned: " << plan;
    } else {
      EXPECT_EQ(plan, row.plan) << error;
      EXPECT_EQ(error, "");
    }
  }
}

TEST(Plan, Upgrade) {
  check(
      {
          {kLine, "", "head", "a b c d"},
          {kLine, "a b", "heads", "c d"},
          {kLine, "a b c d", "head", ""},
          {"", "", "head", ""},
          {kLine, "a", "c", "b c"},
          {kLine, "a b c", "b", ""},
          {kLine, "a", "+2", "b c"},
          {kLine, "a", "current+1", "b"},
          {kLine, "a", "+0", ""},
          {kLine, "a b", "+5", "!Relative revision +5 didn't produce 5 migrations: 2 are pending"},
          {kLine, "", "a+2", "a b c"},
          {kLine, "", "head-1", "a b c"},
          {kLine, "", "base+2", "a b"},
          {kLine, "", "c+2", "!Walked too far: 'c+2' asks for 2 steps, and there are 1"},
          {kLine, "a", "current", ""},
          {kLine, "a", "base", "!'base' means nothing to upgrade"},
          {kLine, "a", "-1", "!'-1' means nothing to upgrade | say `downgrade -1`"},
          {kLine, "a", "a-1", "!'a-1' means nothing to upgrade"},
          {kLine, "", "zz", "!Can't locate revision identified by 'zz'"},
          {kFork, "", "head", "a b c x y"},
          {kFork, "a x", "head", "b c y"},
          {kFork, "a", "+3", "b c x"},
          {kFork, "a", "a+1", "!Ambiguous walk in 'a+1': several revisions stand on a: b, x"},
          {kFork, "a", "right@a+1", "!Revision a is not a member of branch 'right'"},
          {kFork, "a", "right@x+1", "x y"},
          {kFork, "", "left@head", "a b c"},
          {kFork, "", "right@heads", "a x y"},
          {kFork, "a", "right@+1", "x"},
          {kFork, "", "right@+1", "a x"},
          {kFork, "a", "right@+3", "!didn't produce 3 migrations: 2 are pending"},
          {kFork, "", "left", "a b c"},
          {kFork, "", "left@x", "!Revision x is not a member of branch 'left'"},
          {kFork, "", "lefd@head", "!No such branch: 'lefd' | did you mean left?"},
          {kFork, "", "b@head", "a b c"},
          {kMerge, "", "m", "a b c m"},
          {kMerge, "a b", "head", "c m n"},
          {kMerge, "a", "n-1", "b c m"},
          {kMerge, "a", "n-2", "!Ambiguous walk in 'n-2': m stands on several revisions: b, c"},
          {kTwo, "", "q", "a b p q"},
          {kTwo, "", "two@head", "a b p q r"},
          {kTwo, "", "two@+2", "a b p q"},
          {kTwo, "gone", "head", "a b c p q r"},
      },
      plan_upgrade);
}

TEST(Plan, Downgrade) {
  check(
      {
          {kLine, "a b c d", "base", "d c b a"},
          {kLine, "a b c d", "b", "d c"},
          {kLine, "a b", "b", ""},
          {kLine, "a b c", "-1", "c"},
          {kLine, "a b c", "current-2", "c b"},
          {kLine, "a b c", "-3", "c b a"},
          {kLine, "a b c", "-4", "!Relative revision -4 didn't produce 4 migrations: 3 are applied"},
          {kLine, "", "-1", "!didn't produce 1 migrations: 0 are applied"},
          {kLine, "", "base", ""},
          {kLine, "a b c", "current", ""},
          {kLine, "a b", "c", "!c is not applied | downgrade goes to something that is applied; now at b"},
          {kLine, "a b", "head", "!d is not applied"},
          {kLine, "a b c d", "head", ""},
          {kLine, "a b c d", "d-2", "d c"},
          {kLine, "a b c d", "b-2", "d c b a"},
          {kLine, "a b c d", "a+1", "d c"},
          {kLine, "a b c", "+1", "!'+1' means nothing to downgrade | say `upgrade +1`"},
          {kLine, "a b c", "b-3", "!Walked too far"},
          {kFork, "a b c x y", "base", "y x c b a"},
          {kFork, "a b c x y", "-2", "y x"},
          {kFork, "a b c x y", "b", "c"},
          {kFork, "a b c x y", "left@base", "c b"},
          {kFork, "a b c x y", "left@-1", "c"},
          {kFork, "a b c x y", "left@-3", "!2 are applied"},
          {kFork, "a b c", "right@base", ""},
          {kMerge, "a b c m n", "b", "n m"},
          {kMerge, "a b c m n", "n-1", "n"},
          {kMerge, "a b c m n", "m-1", "!Ambiguous walk in 'm-1': m stands on several revisions: b, c"},
          {kMerge, "a b c m n", "-2", "n m"},
          {kTwo, "a b c p q r", "a", "r q c b"},
          {kTwo, "a b c p q r", "p-1", "r q p"},
          {kTwo, "a b c p q r", "one@base", "r q c b a"},
          {kTwo, "a b c p q r", "one@-2", "r q c b"},
          {kTwo, "a b c p q r", "two@base", "r q p"},
          {kTwo, "a gone", "base", "a"},
          {kTwo, "a gone", "-2", "!1 is applied"},
      },
      plan_downgrade);
}

TEST(Plan, StrictHeadsGivesAlembicsErrors) {
  const TargetRules strict{.strict_heads = true};
  check(
      {
          {kLine, "", "head", "a b c d"},
          {kFork, "", "head",
           "!Multiple head revisions are present for given argument 'head'; please specify a specific target revision, "
           "'<branchname>@head' to narrow to a specific head, or 'heads' for all heads: c, y"},
          {kFork, "", "heads", "a b c x y"},
          {kFork, "", "left@head", "a b c"},
          {kLine, "a", "+2", "b c"},
          {kLine, "", "+1", "a"},
          {kLine, "a", "+9", "!Relative revision +9 didn't produce 9 migrations: 3 stand on a |"},
          {kLine, "", "+9", "!Relative revision +9 didn't produce 9 migrations: 4 are pending"},
          {kFork, "a b c", "+1",
           "!Relative revision +1 didn't produce 1 migrations: 0 stand on c, and beside it are pending: x, y | name"},
          {kFork, "a b", "+2", "!didn't produce 2 migrations: 1 stands on b, and beside it are pending: x, y"},
          {kFork, "a b", "left@+2", "!didn't produce 2 migrations: 1 stands on b |"},
          {kFork, "a", "+1", "!Ambiguous walk in '+1': several revisions stand on a: b, x"},
          {kFork, "a b x", "+1", "!Ambiguous upgrade from multiple current revisions: b, x"},
          {kFork, "a b x", "left@+1", "c"},
          {kFork, "a b", "+1", "c"},
      },
      plan_upgrade, strict);
  check(
      {
          {kLine, "a b c", "-1", "c"},
          {kLine, "a b c", "-3", "c b a"},
          {kLine, "a b c", "-4", "!Relative revision -4 didn't produce 4 migrations: 3 are applied"},
          {kFork, "a b x", "-1", "!Ambiguous walk: several heads are applied: b, x"},
          {kFork, "a b x", "left@-1", "b"},
          {kMerge, "a b c m", "-1", "!Ambiguous walk in '-1': m stands on several revisions: b, c"},
      },
      plan_downgrade, strict);
}

struct Stamp {
  const char* graph;
  const char* applied;
  const char* targets;
  bool purge;
  const char* result;
};

TEST(Plan, Stamp) {
  const Stamp rows[] = {
      {kLine, "", "head", false, "a b c d"},
      {kLine, "a b c d", "b", false, "a b"},
      {kLine, "a b", "base", false, ""},
      {kLine, "a gone", "base", false, ""},
      {kLine, "a gone", "b", false, "a b gone"},
      {kLine, "a gone", "b", true, "a b"},
      {kLine, "a", "+1", false, "a b"},
      {kLine, "a b c", "-2", false, "a"},
      {kLine, "a b", "c-1", false, "a b"},
      {kFork, "a b c", "x", false, "a b c x"},
      {kFork, "a b c", "x", true, "a x"},
      {kFork, "", "b y", false, "a b x y"},
      {kFork, "a b c x y", "b x", false, "a b x"},
      {kFork, "a b c x y", "left@base", false, "a x y"},
      {kTwo, "", "q", false, "a b p q"},
      {kTwo, "a b c p q", "a", false, "a p"},
      {kTwo, "a b", "current", false, "a b"},
  };
  for (const Stamp& row : rows) {
    const auto applied = words_of(row.applied);
    const Applied result =
        plan_stamp(graph_of(row.graph), {applied.begin(), applied.end()}, words_of(row.targets), row.purge);
    EXPECT_EQ(spaced({result.begin(), result.end()}), row.result)
        << row.graph << " at " << row.applied << " stamp " << row.targets;
  }
  const Graph fork = graph_of(kFork);
  EXPECT_THAT(refusal([&] { plan_stamp(fork, {}, {"head"}, false, {.strict_heads = true}); }),
              HasSubstr("Multiple head revisions"));
  EXPECT_THAT(refusal([&] { plan_stamp(fork, {}, {"+1", "b"}, false); }), HasSubstr("can't be combined"));
  EXPECT_THAT(refusal([&] { plan_stamp(fork, {}, {}, false); }), HasSubstr("stamp needs a target"));
}

}  // namespace
}  // namespace treering
