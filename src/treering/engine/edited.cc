// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/edited.h"

#include <algorithm>
#include <map>

#include "treering/engine/applied_digest.h"
#include "treering/engine/cursor.h"
#include "treering/engine/state.h"
#include "treering/history/comparable_source.h"

namespace treering {
namespace {

using Texts = std::map<std::string, std::string>;  // by revision

Texts field_of_records(Connection& connection, const std::string& database, const Document& filter, const char* field) {
  Document command;
  command.add("find", kRevisionsCollection).add("filter", filter).add("projection", Document().add(field, 1));
  Texts result;
  for (const Document& record : read_cursor(connection, database, command)) {
    const auto id = record.string("_id");
    const auto text = record.string(field);
    if (id && text) result.emplace(*id, *text);
  }
  return result;
}

// The files' texts where they aren't byte for byte what was applied.
Texts changed_texts(const Texts& checksums, Files& files, const Graph& graph) {
  std::vector<RevisionFile> wanted;
  std::vector<std::string> ids;
  for (const auto& [id, checksum] : checksums) {
    const Revision* revision = graph.find(id);
    if (revision == nullptr || revision->path.empty()) continue;
    wanted.push_back({revision->path, revision->path.substr(revision->path.rfind('/') + 1)});
    ids.push_back(id);
  }
  const std::vector<std::string> texts = files.read_all(wanted, 0);
  Texts changed;
  for (std::size_t i = 0; i < ids.size(); ++i)
    if (checksum_of(texts[i]) != checksums.at(ids[i])) changed.emplace(ids[i], texts[i]);
  return changed;
}

}  // namespace

std::vector<std::string> edited_revisions(Connection& connection, const std::string& database, Files& files,
                                          const Graph& graph) {
  const Texts changed = changed_texts(field_of_records(connection, database, Document(), "checksum"), files, graph);
  std::vector<std::string> ids;
  if (changed.empty()) return ids;
  for (const auto& [id, text] : changed) ids.push_back(id);
  const Document among = Document().add("_id", Document().add_array("$in", ids));
  const Texts applied = field_of_records(connection, database, among, "source");
  std::vector<std::string> edited;
  for (const std::string& id : graph.order()) {
    const auto text = changed.find(id);
    const auto source = applied.find(id);
    if (text == changed.end() || source == applied.end()) continue;
    if (comparable_source(text->second) != comparable_source(source->second)) edited.push_back(id);
  }
  return edited;
}

std::vector<std::string> edited_revisions(Project& project) {
  const Graph graph = load_graph_with_applied(project);
  const auto connection = project.server->connect();
  return edited_revisions(*connection, project.settings.database, *project.files, graph);
}

void note_edited(Project& project, Connection& connection, const Catalog& catalog, Direction direction,
                 const std::vector<std::string>& plan) {
  if (catalog.applied.empty() || project.observer == nullptr) return;
  for (const std::string& id : edited_revisions(connection, project.settings.database, *project.files, catalog.graph)) {
    const std::string& path = catalog.graph.at(id).path;
    if (direction == Direction::upgrade)
      note(project, path + " was edited after it was applied: what it says now was never run");
    else if (std::ranges::find(plan, id) != plan.end())
      note(project, path + " was edited after it was applied: it is reverted by the downgrade that it has now");
  }
}

}  // namespace treering
