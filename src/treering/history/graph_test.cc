// SPDX-License-Identifier: Apache-2.0
#include "treering/history/graph.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "history_graph.h"

namespace treering {
namespace {

using testing::graph_of;
using ::testing::HasSubstr;
using testing::refusal;
using testing::revisions_of;
using testing::spaced;

std::string joined(const std::set<std::string>& ids) { return spaced({ids.begin(), ids.end()}); }

TEST(Graph, OrdersParentsAndDependenciesFirstAndThenById) {
  EXPECT_EQ(spaced(graph_of("a <- z <- m, a <- b, b <- m").order()), "a b z m");
  EXPECT_EQ(spaced(graph_of("b <- a, c").order()), "b a c");
  EXPECT_EQ(spaced(graph_of("a, b <- c, a ~> c").order()), "b c a");
  EXPECT_EQ(spaced(Graph().order()), "");
}

TEST(Graph, HeadsAndBasesGoByParentsAlone) {
  const Graph graph = graph_of("a <- b, x <- y, y ~> b");
  EXPECT_EQ(spaced(graph.heads()), "b y");
  EXPECT_EQ(spaced(graph.bases()), "a x");
  EXPECT_EQ(spaced(graph.children("a")), "b");
  EXPECT_EQ(spaced(graph.dependencies("y")), "b");
  EXPECT_FALSE(graph.is_branch_point("a"));
}

TEST(Graph, KnowsBranchAndMergePoints) {
  const Graph graph = graph_of("a <- b <- m, a <- c <- m");
  EXPECT_TRUE(graph.is_branch_point("a"));
  EXPECT_TRUE(graph.is_merge_point("m"));
  EXPECT_FALSE(graph.is_merge_point("b"));
}

TEST(Graph, ReachesThroughParentsAndDependencies) {
  const Graph graph = graph_of("a <- b <- c, x <- y ~> b");
  EXPECT_EQ(joined(graph.with_ancestors({"y"})), "a b x y");
  EXPECT_EQ(joined(graph.with_descendants({"a"})), "a b c y");
  EXPECT_EQ(joined(graph.with_ancestors({"gone", "a"})), "a gone");
}

TEST(Graph, HeadsOfASetLooksThroughWhatIsNotInIt) {
  const Graph graph = graph_of("a <- b <- c, a <- d, x ~> a");
  EXPECT_EQ(spaced(graph.heads_of({"a", "c"})), "c");
  EXPECT_EQ(spaced(graph.heads_of({"a", "b", "d"})), "b d");
  EXPECT_EQ(spaced(graph.heads_of({"a", "x"})), "x");
  EXPECT_EQ(spaced(graph.heads_of({"a", "gone", "also_gone"})), "a also_gone gone");
}

TEST(Graph, LabelsHoldUpwardsAndDownToABranchPoint) {
  const Graph graph = graph_of("a <- b <- c(feat) <- d, b <- x, d <- m, x <- m");
  const auto labels = [&](const char* id) { return joined(graph.labels(id)); };
  EXPECT_EQ(labels("c"), "feat");
  EXPECT_EQ(labels("d"), "feat");
  EXPECT_EQ(labels("m"), "feat");
  EXPECT_EQ(labels("x"), "");
  EXPECT_EQ(labels("b"), "");  // the branch point
  EXPECT_EQ(labels("a"), "");
  EXPECT_EQ(graph.labelled("feat")->id, "c");
  EXPECT_EQ(graph.labelled("other"), nullptr);
}

TEST(Graph, LabelsInAChainHoldForTheWholeChain) {
  const Graph graph = graph_of("r(root) <- a <- b(one) <- c <- d(two), r <- z(side)");
  for (const char* id : {"a", "b", "c", "d"}) EXPECT_EQ(joined(graph.labels(id)), "one root two") << id;
  EXPECT_EQ(joined(graph.labels("z")), "root side");
  EXPECT_EQ(joined(graph.labels("r")), "root");
}

TEST(Graph, ResolvesDependenciesByIdLabelAndPrefix) {
  std::vector<Revision> revisions = revisions_of("alpha(feat), beta, gamma");
  revisions[2].depends_on = {"feat", "be", "beta"};
  EXPECT_EQ(spaced(Graph(revisions).dependencies("gamma")), "alpha beta");
}

struct Broken {
  std::string graph;
  std::string says;
};

TEST(Graph, RefusesWhatIsNoHistory) {
  const Broken rows[] = {
      {"a <- a", "a.py: Self-loop is detected in revisions (a)"},
      {"a ~> a", "a.py: Dependency self-loop is detected in revisions (a)"},
      {"b <- a <- c <- b, r <- x, b <- x", "Cycle is detected in revisions (a, b, c): a.py, b.py, c.py"},
      {"a <- b, a ~> b", "Dependency cycle is detected in revisions (a, b): a.py, b.py"},
      {"a(feat), b(feat)", "Branch name 'feat' in revision b already used by revision a (b.py and a.py)"},
      {"a, b(a)", "b.py: Branch name 'a' is the id of a revision (a.py)"},
  };
  for (const Broken& row : rows) EXPECT_THAT(refusal([&] { graph_of(row.graph); }), HasSubstr(row.says)) << row.graph;
}

TEST(Graph, NamesTheFilesOfOneId) {
  std::vector<Revision> revisions = revisions_of("a, b");
  revisions[1].id = "a";
  EXPECT_THAT(refusal([&] { Graph graph(revisions); }), HasSubstr("revision a is in two files: a.py and b.py"));
}

TEST(Graph, NamesFileAndParentThatIsMissingAndWhatIsNear) {
  std::vector<Revision> revisions = revisions_of("20241210120000 <- 20241210120001");
  revisions[1].parents = {"20241210120009"};
  EXPECT_THAT(refusal([&] { Graph graph(revisions); }),
              HasSubstr("20241210120001.py: down_revision '20241210120009' is in no revision file | did you mean "
                        "20241210120000?"));
  revisions[1].parents = {};
  revisions[1].depends_on = {"2024121012000"};
  EXPECT_THAT(refusal([&] { Graph graph(revisions); }),
              HasSubstr("Multiple revisions start with '2024121012000': 20241210120000, 20241210120001"));
  revisions[1].depends_on = {"zz"};
  EXPECT_THAT(refusal([&] { Graph graph(revisions); }), HasSubstr("depends_on 'zz' is in no revision file"));
}

TEST(Graph, IsFineWithLongChainsAndManyLabels) {
  std::vector<Revision> revisions;
  for (int i = 0; i < 64'000; ++i) {
    Revision revision;
    revision.id = fmt::format("{:06}", i);
    if (i > 0) revision.parents = {revisions.back().id};
    if (i % 100 == 0) revision.labels = {fmt::format("label{}", i)};
    revisions.push_back(revision);
  }
  const Graph graph(revisions);
  EXPECT_EQ(graph.order().size(), 64'000U);
  EXPECT_EQ(spaced(graph.heads()), "063999");
  EXPECT_EQ(graph.labels("000001").size(), 640U);
  EXPECT_EQ(graph.with_ancestors({"063999"}).size(), 64'000U);
}

TEST(Graph, CopiesOutliveTheirOrigin) {
  Graph copy;
  const Revision* found = nullptr;
  {
    const Graph graph = graph_of("a <- b");
    found = graph.find("b");
    copy = graph;
  }
  EXPECT_EQ(copy.find("b"), found);
  EXPECT_EQ(found->id, "b");
}

}  // namespace
}  // namespace treering
