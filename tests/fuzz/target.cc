// SPDX-License-Identifier: Apache-2.0
#include "treering/history/target.h"

#include <string>
#include <vector>

#include "fuzz/targets.h"
#include "history_graph.h"
#include "treering/history/graph.h"

namespace treering::fuzz {
namespace {

const Graph& some_graph() {
  static const Graph graph =
      treering::testing::graph_of("a1 <- a2 <- m, a1 <- b2(feat) <- m, m <- t, c1(ops), t ~> c1");
  return graph;
}

std::string text_of(const Target& target) {
  std::string text = target.label.empty() ? "" : target.label + "@";
  text += target.symbol;
  if (target.steps) text += (*target.steps < 0 ? "" : "+") + std::to_string(*target.steps);
  return text;
}

void require_same_when_written(std::string_view input) {
  Target parsed;
  if (is_refused(Kind::revision, [&] { parsed = parse_target(input); })) return;
  if (parsed.steps == 0) return;  // "-0" is "+0"
  const Target again = parse_target(text_of(parsed));
  require(again.label == parsed.label && again.symbol == parsed.symbol && again.steps == parsed.steps,
          "a target that is written from its parts has the same parts");
}

void require_known(const std::vector<std::string>& ids) {
  for (const std::string& id : ids) require(some_graph().contains(id), "a target names revisions of the graph");
}

}  // namespace

void target(std::string_view input) {
  require_same_when_written(input);
  const std::vector<std::string> applied{"a2", "b2"};
  std::vector<std::string> ids;
  if (!is_refused(Kind::revision, [&] { ids = resolve(some_graph(), input, applied); })) require_known(ids);
  if (!is_refused(Kind::revision, [&] { ids = resolve_range(some_graph(), input, applied); })) require_known(ids);
  if (!is_refused(Kind::revision, [&] { ids = {resolve_one(some_graph(), input, applied)}; })) require_known(ids);
  if (!is_refused(Kind::revision, [&] { require_revision_id(input); }))
    require(input.find_first_of("/\\\"'\n\x1b") == std::string_view::npos, "an id is safe in a file's name");
}

}  // namespace treering::fuzz
