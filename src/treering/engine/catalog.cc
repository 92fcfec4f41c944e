// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/catalog.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "treering/base/amount.h"
#include "treering/base/error.h"
#include "treering/base/utf8.h"
#include "treering/history/revision_file.h"

namespace treering {
namespace {

// Headers stand at the start of a file; a longer docstring makes us read the rest.
constexpr std::size_t kHeaderBytes = 4096;

// "20241210120000_add_wallet.py", or code that defines upgrade(): somebody means this to run.
bool looks_like_revision(const RevisionFile& file, std::string_view text) {
  const bool stamped = file.name.size() > 14 && std::all_of(file.name.begin(), file.name.begin() + 14,
                                                            [](char c) { return c >= '0' && c <= '9'; });
  return stamped || text.starts_with("def upgrade(") || text.find("\ndef upgrade(") != std::string_view::npos;
}

Error headerless(const std::string& path) {
  return Error(Kind::revision, path + ": looks like a revision but has no header: there is no line revision = '...'",
               "give it the header of the other files, or move it out of the versions folder")
      .with("file", path);
}

Error name_disagrees(const RevisionFile& file, const std::string& id) {
  return Error(Kind::revision,
               file.path + ": the file's name says another revision than its header, which says '" + id + "'",
               "rename the file so that it starts with " + id + "_, or mend the header")
      .with("file", file.path)
      .with("revision", id);
}

// A path is text: in records, in JSON, and for Python.
void require_text(const RevisionFile& file) {
  if (is_utf8(file.path)) return;
  throw Error(Kind::revision, file.path + ": the file's name is not UTF-8", "rename the file")
      .with("file", repaired_utf8(file.path));
}

AppliedDigest digest_of(const Applied& ids) {
  AppliedDigest digest;
  for (const std::string& id : ids) digest.add(id);
  return digest;
}

// The applied ids as the heads of the state document imply them; nothing where they don't match its count and digest.
std::optional<Applied> implied_by_heads(const Graph& graph, const AppliedState& state) {
  std::set<std::string> heads(state.heads.begin(), state.heads.end());
  for (const std::string& head : heads)
    if (!graph.contains(head)) return std::nullopt;
  Applied applied = graph.with_ancestors(heads);
  if (static_cast<std::int64_t>(applied.size()) != state.count || digest_of(applied) != state.digest)
    return std::nullopt;
  return applied;
}

// Revisions of files, and applied ones that no file has. What these stood on may be gone too: such links are left out.
Graph joined(std::vector<Revision> revisions, const std::map<std::string, RevisionRecord>& unknown) {
  std::set<std::string> in_files;
  for (const Revision& revision : revisions) in_files.insert(revision.id);
  for (const auto& [id, record] : unknown) {
    Revision revision = record.revision;
    const auto gone = [&](const std::string& other) {
      return other == id || (!in_files.contains(other) && !unknown.contains(other));
    };
    std::erase_if(revision.parents, gone);
    std::erase_if(revision.depends_on, gone);
    revision.labels.clear();  // a label may be somebody else's by now
    revision.path.clear();
    revisions.push_back(std::move(revision));
  }
  return Graph(std::move(revisions));
}

Graph graph_with(const Graph& files, const std::map<std::string, RevisionRecord>& unknown) {
  std::vector<Revision> revisions;
  for (const std::string& id : files.order())
    if (!unknown.contains(id)) revisions.push_back(files.at(id));
  return joined(std::move(revisions), unknown);
}

// A file stands on what only the database knows.
bool has_gaps(const Graph& graph) {
  return std::ranges::any_of(graph.order(), [&](const std::string& id) { return !has_file(graph, id); });
}

void take_records(Catalog& catalog, std::vector<RevisionRecord> records) {
  for (RevisionRecord& record : records) {
    const std::string id = record.revision.id;
    catalog.applied.insert(id);
    if (!has_file(catalog.graph, id)) catalog.unknown.emplace(id, std::move(record));
  }
  if (!catalog.unknown.empty()) catalog.graph = graph_with(catalog.graph, catalog.unknown);
}

// The Python system's versions become ours: what its documents name, and what those stand on in the files.
void adopt(Catalog& catalog, const std::vector<Store::ForeignVersion>& versions) {
  std::vector<RevisionRecord> records;
  std::set<std::string> seen;
  std::string previous;
  for (const auto& version : versions) {
    if (!seen.insert(version.id).second) continue;
    RevisionRecord record;
    record.revision.id = version.id;
    if (!previous.empty()) record.revision.parents = {previous};  // it knew a line only
    record.revision.message = "adopted from _db_version";
    record.applied_ms = version.applied_ms;
    record.how = "adopted";
    records.push_back(std::move(record));
    previous = version.id;
  }
  take_records(catalog, std::move(records));
  catalog.applied = catalog.graph.with_ancestors(catalog.applied);
  for (const std::string& id : catalog.graph.order())
    if (catalog.applied.contains(id)) catalog.adopted.push_back(id);
}

// An adoption writes its records before the state says anything; every other record follows its state.
bool follow_a_state(const std::vector<RevisionRecord>& records) {
  return std::ranges::any_of(records, [](const RevisionRecord& record) { return record.how != "adopted"; });
}

Error state_lost(const Catalog& by_records) {
  return Error(
      Kind::server,
      fmt::format("{} doesn't say what is applied, and {} has {}: the state document is gone", kStateCollection,
                  kRevisionsCollection, counted(static_cast<std::int64_t>(by_records.applied.size()), "record")),
      fmt::format("bring it back from a backup, or, where the database is at what the records say: treering "
                  "stamp {}",
                  fmt::join(by_records.heads(), " ")));
}

}  // namespace

namespace {

std::vector<Revision> read_revisions(Files& files) {
  const std::vector<RevisionFile> list = files.list();
  const std::vector<std::string> texts = files.read_all(list, kHeaderBytes);
  std::vector<Revision> revisions;
  revisions.reserve(list.size());
  for (std::size_t i = 0; i < list.size(); ++i) {
    require_text(list[i]);
    std::string whole;
    std::string_view text = texts[i];
    if (text.size() >= kHeaderBytes && header_may_continue(text)) text = whole = files.read(list[i].path);
    std::optional<Revision> revision = read_header(text, list[i].path);
    if (!revision) {
      if (looks_like_revision(list[i], text)) throw headerless(list[i].path);
      continue;
    }
    if (!name_agrees(list[i].name, revision->id)) throw name_disagrees(list[i], revision->id);
    revisions.push_back(*std::move(revision));
  }
  return revisions;
}

// Nothing where no database can be asked.
std::map<std::string, RevisionRecord> records_without_file(Project& project, const std::vector<Revision>& files) {
  std::map<std::string, RevisionRecord> unknown;
  try {
    const auto connection = project.server->connect();
    for (RevisionRecord& record : Store(*connection, project.settings.database).read_records())
      unknown.emplace(record.revision.id, std::move(record));
  } catch (const Error& error) {
    if (error.kind() == Kind::interrupted) throw;
    return {};
  }
  for (const Revision& revision : files) unknown.erase(revision.id);
  return unknown;
}

}  // namespace

bool has_file(const Graph& graph, const std::string& id) {
  const Revision* found = graph.find(id);
  return found != nullptr && !found->path.empty();
}

Graph load_graph(Files& files) { return Graph(read_revisions(files)); }

Graph load_graph_with_applied(Project& project) {
  try {
    return load_graph(*project.files);
  } catch (const Error& error) {
    if (error.field("missing").empty()) throw;
    std::vector<Revision> revisions = read_revisions(*project.files);
    const auto unknown = records_without_file(project, revisions);
    if (!unknown.contains(std::string(error.field("missing")))) throw;
    return joined(std::move(revisions), unknown);
  }
}

NamedIds named_ids(std::string_view names) {
  NamedIds result;
  for (std::size_t end; (end = names.find('/')) != std::string_view::npos; names.remove_prefix(end + 1)) {
    std::string_view name = names.substr(0, end);
    name = name.substr(0, name.find('.'));
    result.digest.add(name.substr(0, name.find('_')));
    ++result.count;
  }
  return result;
}

std::vector<std::string> Catalog::unknown_ids() const {
  std::vector<std::string> ids;
  for (const auto& [id, record] : unknown) ids.push_back(id);
  return ids;
}

AppliedState Catalog::state() const { return {heads(), static_cast<std::int64_t>(applied.size()), digest_of(applied)}; }

bool Catalog::any_pending() const {
  return std::ranges::any_of(graph.order(), [&](const std::string& id) {
    return !applied.contains(id) && !graph.at(id).path.empty();  // without a path: no file has it
  });
}

Catalog load_catalog(Graph file_graph, Store& store, const std::optional<State>& state, LostState lost) {
  Catalog catalog;
  catalog.graph = std::move(file_graph);
  if (!state || state->fresh) {
    if (std::vector<RevisionRecord> records = store.read_records(); follow_a_state(records)) {
      // Somebody's first run may have begun since the state was read.
      const std::optional<State> now = store.read_state();
      if (now && !now->fresh) return load_catalog(std::move(catalog.graph), store, now, lost);
      take_records(catalog, std::move(records));
      if (lost == LostState::refuse) throw state_lost(catalog);
      return catalog;
    }
    adopt(catalog, store.read_foreign_versions());
    return catalog;
  }
  return catalog_of(std::move(catalog.graph), *state, [&] { return store.read_records(); });
}

Catalog catalog_of(Graph file_graph, const State& state,
                   const std::function<std::vector<RevisionRecord>()>& read_records) {
  Catalog catalog;
  catalog.graph = std::move(file_graph);
  if (state.applied.count == 0 && !state.attempt) return catalog;
  if (auto applied = implied_by_heads(catalog.graph, state.applied);
      applied && !state.attempt && !has_gaps(catalog.graph)) {
    catalog.applied = *std::move(applied);
    return catalog;
  }
  // Revisions without files, files that changed their parents, or a runner that was killed between two writes: the
  // records say it one by one.
  take_records(catalog, read_records());
  return catalog;
}

std::vector<RevisionRecord> adopted_records(const Catalog& catalog, Store& store, Files& files) {
  std::map<std::string, std::int64_t> applied_at;
  for (const auto& version : store.read_foreign_versions()) applied_at[version.id] = version.applied_ms;
  std::vector<RevisionRecord> records;
  for (const std::string& id : catalog.adopted) {
    RevisionRecord record;
    if (auto unknown = catalog.unknown.find(id); unknown != catalog.unknown.end()) {
      record = unknown->second;
    } else {
      record.revision = catalog.graph.at(id);
      record.revision.depends_on = catalog.graph.dependencies(id);
      record.source = files.read(record.revision.path);
    }
    record.applied_ms = applied_at[id];
    record.how = "adopted";
    records.push_back(std::move(record));
  }
  return records;
}

}  // namespace treering
