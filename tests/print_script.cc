// SPDX-License-Identifier: Apache-2.0
// Prints the mongosh script of a project's revisions, asking no server what is applied:
//   print_script upgrade|downgrade ROOT DATABASE APPLIED,... ID,...
// APPLIED: the revisions that are applied before, or "-". Reads from stdin, for each ID, a BSON document
// {operations: [...as the journal has them], reads: [...]}.
#include <iostream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "bson_input.h"
#include "treering/base/error.h"
#include "treering/engine/script.h"
#include "treering/library/open_project.h"

namespace {

using namespace treering;

std::vector<std::string> listed(const std::string& text) {
  std::vector<std::string> result;
  std::istringstream words(text);
  for (std::string word; std::getline(words, word, ',');)
    if (word != "-") result.push_back(word);
  return result;
}

ScriptPlan plan_of(char** arguments, Files& files) {
  const Direction direction = std::string(arguments[1]) == "upgrade" ? Direction::upgrade : Direction::downgrade;
  Catalog catalog;
  catalog.graph = load_graph(files);
  for (const std::string& id : listed(arguments[4])) catalog.applied.insert(id);
  std::vector<Script> scripts;
  for (const std::string& id : listed(arguments[5])) {
    const std::string path = catalog.graph.at(id).path;
    scripts.push_back({id, path, files.read(path)});
  }
  return script_plan(arguments[3], direction, std::move(catalog), scripts);
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 6) return 2;
  try {
    OpenRequest request;
    request.config.start = arguments[2];
    OpenProject open(request);
    ScriptPlan plan = plan_of(arguments, *open.project().files);
    for (ScriptStep& step : plan.steps) {
      const Document told = Document::from_bytes(next_document());
      for (const Document& operation : told.documents("operations"))
        step.operations.push_back(operation_from(operation));
      step.reads = told.strings("reads");
    }
    std::cout << migration_script(plan);
  } catch (const Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
