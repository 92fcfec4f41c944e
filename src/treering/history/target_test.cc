// SPDX-License-Identifier: Apache-2.0
#include "treering/history/target.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "history_graph.h"

namespace treering {
namespace {

using testing::graph_of;
using ::testing::HasSubstr;
using testing::refusal;
using testing::spaced;

constexpr char kFork[] = "a1 <- b1 <- c1(left), a1 <- x1 <- y1(right)";
constexpr char kLine[] = "a <- b <- c <- d <- e";

TEST(Target, Parses) {
  const Target target = parse_target("feat@20241210-12");
  EXPECT_EQ(target.label, "feat");
  EXPECT_EQ(target.symbol, "20241210");
  EXPECT_EQ(target.steps, -12);
  EXPECT_EQ(parse_target("+3").steps, 3);
  EXPECT_EQ(parse_target("+3").symbol, "");
  EXPECT_EQ(parse_target("head").steps, std::nullopt);
}

TEST(Target, RefusesWhatIsNotInTheGrammar) {
  using namespace std::string_literals;
  for (const std::string& text : {""s, "@"s, "@head"s, "feat@"s, "a@b@c"s, "+"s, "a+"s, "+-1"s, "a-1-2"s, "a b"s,
                                  "head\n"s, "a\0b"s, "+99999999999999999999"s, "a:b"s})
    EXPECT_NE(refusal([&] { parse_target(text); }), "") << text;
  EXPECT_THAT(refusal([] { parse_target("a:b"); }), HasSubstr("Range revision not allowed"));
}

TEST(Target, ResolvesSymbols) {
  const Graph graph = graph_of(kFork);
  const auto names = [&](const char* text) { return spaced(resolve(graph, text, {"b1", "x1"})); };
  EXPECT_EQ(names("head"), "c1 y1");
  EXPECT_EQ(names("heads"), "c1 y1");
  EXPECT_EQ(names("base"), "");
  EXPECT_EQ(names("current"), "b1 x1");
  EXPECT_EQ(names("right@current"), "x1");
  EXPECT_EQ(names("left"), "c1");
  EXPECT_EQ(names("b"), "b1");
  EXPECT_EQ(names("right@head"), "y1");
  EXPECT_EQ(names("b+1"), "c1");
  EXPECT_EQ(names("c1-3"), "");
}

TEST(Target, APrefixThatIsAmbiguousCountsOnItsBranch) {
  const Graph graph = graph_of("base1 <- n1(left), base1 <- n2(right)");
  EXPECT_EQ(spaced(resolve(graph, "right@n", {})), "n2");
  EXPECT_THAT(refusal([&] { resolve(graph, "n", {}); }), HasSubstr("Multiple revisions start with 'n': n1, n2"));
}

TEST(Target, AnExactIdWinsOverLongerOnes) { EXPECT_EQ(resolve_symbol(graph_of("ab <- abc <- abcd"), "abc"), "abc"); }

TEST(Target, SaysWhatIsNearAnUnknownName) {
  EXPECT_THAT(
      refusal([] { resolve(graph_of("20241210120000 <- 20241211120000"), "20241212120000", {}); }),
      HasSubstr(
          "Can't locate revision identified by '20241212120000' | did you mean 20241210120000 or 20241211120000?"));
  EXPECT_THAT(refusal([] { resolve(Graph(), "zz", {}); }), HasSubstr("there are no revisions yet"));
}

TEST(Target, StepsAloneNeedSomethingApplied) {
  EXPECT_THAT(refusal([] { resolve(graph_of(kLine), "+1", {}); }), HasSubstr("as in REV+1"));
}

TEST(Target, ResolveOneWantsOne) {
  const Graph graph = graph_of(kFork);
  EXPECT_EQ(resolve_one(graph, "left@head", {}), "c1");
  EXPECT_EQ(resolve_one(graph, "current", {"b1"}), "b1");
  EXPECT_THAT(refusal([&] { resolve_one(graph, "head", {}); }), HasSubstr("for all heads: c1, y1"));
  EXPECT_THAT(refusal([&] { resolve_one(graph, "heads", {}); }), HasSubstr("'heads' names several revisions: c1, y1"));
  EXPECT_THAT(refusal([&] { resolve_one(graph, "base", {}); }), HasSubstr("names no revision"));
}

TEST(Target, WalkingFromSomethingAppliedThatNoFileHasIsRefused) {
  EXPECT_THAT(refusal([] { resolve(graph_of(kLine), "current-1", {"gone"}); }), HasSubstr("Can't walk from gone"));
}

struct Row {
  const char* graph;
  const char* range;
  const char* current;
  const char* ids;
};

TEST(Target, Ranges) {
  const Row rows[] = {
      {kLine, "b:d", "", "b c d"},
      {kLine, "b:", "", "b c d e"},
      {kLine, ":c", "", "a b c"},
      {kLine, ":", "", "a b c d e"},
      {kLine, "base:head", "", "a b c d e"},
      {kLine, " b : d ", "", "b c d"},
      {kLine, "-2:current", "d", "b c d"},
      {kLine, "-9:current", "d", "a b c d"},
      {kLine, "-1:", "", "d e"},
      {kLine, "b:+2", "", "b c d"},
      {kLine, ":+2", "", "a b"},
      {kLine, "current:", "c", "c d e"},
      {kLine, "current-1:current+1", "c", "b c d"},
      {kLine, "current:", "", "a b c d e"},
      {kLine, ":current", "", ""},
      {kFork, "left@a1:", "", "!not a member"},
      {kFork, "b1:", "", "b1 c1"},
      {kFork, "-1:current", "c1", "b1 c1"},
      {kLine, "d:b", "", "!Requested range d:b does not refer to ancestor/descendant revisions along the same branch"},
      {kFork, "c1:y1", "", "!does not refer"},
      {kLine, "b", "", "!History range requires [start]:[end], [start]:, or :[end]"},
      {kLine, "a:b:c", "", "!History range requires"},
      {kLine, "+1:", "", "!a range can't start at '+1'"},
      {kLine, ":-1", "", "!a range can't end at '-1'"},
  };
  for (const Row& row : rows) {
    std::string ids;
    const std::string error =
        refusal([&] { ids = spaced(resolve_range(graph_of(row.graph), row.range, testing::words_of(row.current))); });
    if (row.ids[0] == '!')
      EXPECT_THAT(error, HasSubstr(row.ids + 1)) << row.range << " gave " << ids;
    else
      EXPECT_EQ(ids + error, row.ids) << row.range;
  }
}

TEST(RevisionId, AllowsWhatCanStandInATargetAndInAFileName) {
  for (const char* id : {"20241210120000", "add_wallet", "1.2", "ünïcode", "漢字"})
    EXPECT_EQ(refusal([&] { require_revision_id(id); }), "");
  using namespace std::string_literals;
  for (const std::string& id : {""s,         "a-b"s,
                                "a@b"s,      "a+b"s,
                                "a:b"s,      "a b"s,
                                "a\tb"s,     "a/b"s,
                                "a\\b"s,     "a'b"s,
                                "a\"b"s,     "a\0b"s,
                                "a\x7f"s,    "\xff"s,
                                "a\u00a0b"s, "a\u2028b"s,
                                "\u202e"s,   "head"s,
                                "heads"s,    "base"s,
                                "current"s,  ".."s,
                                "__a"s,      "a\u00ad"s,
                                "a\ufffd"s,  std::string(101, 'a')})
    EXPECT_NE(refusal([&] { require_revision_id(id); }), "") << id;
  EXPECT_THAT(refusal([] { require_revision_id("a-b"); }),
              HasSubstr("Character(s) '-' not allowed in revision identifier 'a-b'"));
}

}  // namespace
}  // namespace treering
