// SPDX-License-Identifier: Apache-2.0
// Ranges for `history`. Both ends are inclusive, so "-3:current" gives up to four revisions, as in Alembic. Where
// Alembic gives up on a relative end because of several heads or a merge ("Ambiguous walk"), we count in the order in
// which revisions are applied: on a line it is the same.
#include <fmt/format.h>

#include <algorithm>

#include "treering/history/naming.h"
#include "treering/history/target.h"
#include "treering/history/target_walk.h"

namespace treering {
namespace {

struct End {
  std::optional<Target> target;  // nothing: the side is empty
  std::vector<std::string> ids;  // nothing: the base
  bool relative = false;
};

End read_end(const Graph& graph, std::string_view text, const std::vector<std::string>& applied_heads) {
  End end;
  if (text.empty()) return end;
  end.target = parse_target(text);
  end.relative = end.target->steps && end.target->symbol.empty();
  if (!end.relative) end.ids = resolve(graph, text, applied_heads);
  return end;
}

// All ids of the graph that are in the set, in order.
std::vector<std::string> in_order(const Graph& graph, const std::set<std::string>& ids) {
  std::vector<std::string> result;
  std::copy_if(graph.order().begin(), graph.order().end(), std::back_inserter(result),
               [&](const std::string& id) { return ids.contains(id); });
  return result;
}

std::set<std::string> as_set(const std::vector<std::string>& ids) { return {ids.begin(), ids.end()}; }

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

// "-3:end": the end and the three before it.
std::vector<std::string> before(const Graph& graph, const Target& start, const End& end) {
  if (*start.steps > 0)
    throw target_error(start, fmt::format("a range can't start at '{}'", start.text),
                       "count back from the range's end, as in -3:current");
  const std::vector<std::string> heads = end.target ? end.ids : graph.heads();
  std::vector<std::string> ids =
      those_on(branch_of(graph, start), in_order(graph, graph.with_ancestors(as_set(heads))));
  const auto wanted = static_cast<std::size_t>(-*start.steps) + 1;
  if (ids.size() > wanted) ids.erase(ids.begin(), ids.end() - static_cast<std::ptrdiff_t>(wanted));
  return ids;
}

// "start:+2": the start and the two after it; from the base, the first two.
std::vector<std::string> after(const Graph& graph, const Target& end, const End& start) {
  if (*end.steps < 0 || start.relative)
    throw target_error(end, fmt::format("a range can't end at '{}' here", end.text),
                       "count on from the range's start, as in REV:+2");
  const bool from_base = start.ids.empty();
  const std::set<std::string> above = graph.with_descendants(as_set(from_base ? graph.bases() : start.ids));
  std::vector<std::string> ids = those_on(branch_of(graph, end), in_order(graph, above));
  const auto wanted = static_cast<std::size_t>(*end.steps) + (from_base ? 0 : start.ids.size());
  if (ids.size() > wanted) ids.resize(wanted);
  return ids;
}

}  // namespace

std::vector<std::string> resolve_range(const Graph& graph, std::string_view range,
                                       const std::vector<std::string>& applied_heads) {
  Target whole;
  whole.text = range;
  range = trimmed(range);
  const auto colon = range.find(':');
  if (colon == std::string_view::npos || range.find(':', colon + 1) != std::string_view::npos)
    throw target_error(whole, "History range requires [start]:[end], [start]:, or :[end]",
                       "as in -3:current, or base:head");
  const End start = read_end(graph, trimmed(range.substr(0, colon)), applied_heads);
  const End end = read_end(graph, trimmed(range.substr(colon + 1)), applied_heads);
  if (end.relative) return after(graph, *end.target, start);
  if (start.relative) return before(graph, *start.target, end);

  std::set<std::string> ids(graph.order().begin(), graph.order().end());
  if (end.target) ids = graph.with_ancestors(as_set(end.ids));
  if (start.ids.empty()) return in_order(graph, ids);
  const std::set<std::string> above = graph.with_descendants(as_set(start.ids));
  std::erase_if(ids, [&](const std::string& id) { return !above.contains(id); });
  if (ids.empty())
    throw target_error(
        whole,
        fmt::format("Requested range {} does not refer to ancestor/descendant revisions along the same branch",
                    whole.text),
        "the older end comes first");
  return in_order(graph, ids);
}

}  // namespace treering
