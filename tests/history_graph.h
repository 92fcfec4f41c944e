// SPDX-License-Identifier: Apache-2.0
// Graphs as text for tests: "a <- b <- c, b <- d(feat), c <- m, d <- m, x ~> a".
// "a <- b": b's parent is a. "x ~> a": x depends on a. "d(feat)": d declares the label feat. A name alone is a base.
#pragma once

#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "treering/base/error.h"
#include "treering/history/graph.h"

namespace treering::testing {

inline std::vector<Revision> revisions_of(const std::string& text) {
  std::map<std::string, Revision> revisions;
  const auto declare = [&](std::string word) -> Revision& {
    std::string label;
    if (const auto open = word.find('('); open != std::string::npos) {
      label = word.substr(open + 1, word.size() - open - 2);
      word.resize(open);
    }
    Revision& revision = revisions[word];
    revision.id = word;
    revision.path = word + ".py";
    if (!label.empty()) revision.labels.push_back(label);
    return revision;
  };
  std::istringstream chains(text);
  for (std::string chain; std::getline(chains, chain, ',');) {
    std::istringstream words(chain);
    std::string previous;
    std::string arrow;
    for (std::string word; words >> word;) {
      if (word == "<-" || word == "~>") {
        arrow = word;
        continue;
      }
      Revision& revision = declare(word);
      if (arrow == "<-") revision.parents.push_back(previous);
      if (arrow == "~>") revisions[previous].depends_on.push_back(revision.id);
      previous = revision.id;
    }
  }
  std::vector<Revision> list;
  for (auto& [id, revision] : revisions) list.push_back(revision);
  return list;
}

inline Graph graph_of(const std::string& text) { return Graph(revisions_of(text)); }

inline std::string spaced(const std::vector<std::string>& ids) {
  std::string text;
  for (const std::string& id : ids) text += (text.empty() ? "" : " ") + id;
  return text;
}

inline std::vector<std::string> words_of(const std::string& text) {
  std::istringstream words(text);
  std::vector<std::string> list;
  for (std::string word; words >> word;) list.push_back(word);
  return list;
}

// What `call` throws, as "sentence | hint"; "" where it throws nothing.
template <class Call>
std::string refusal(Call call) {
  try {
    call();
  } catch (const Error& error) {
    return std::string(error.what()) + " | " + error.hint();
  }
  return "";
}

}  // namespace treering::testing
