// SPDX-License-Identifier: Apache-2.0
#include "treering/library/schema_source.h"

#include <algorithm>
#include <cctype>

#include "treering/base/error.h"
#include "treering/disk/server_url.h"
#include "treering/engine/autogenerate.h"
#include "treering/engine/catalog.h"
#include "treering/engine/read_schema.h"
#include "treering/engine/snapshots.h"
#include "treering/mongo/mongo_server.h"

namespace treering {
namespace {

enum class Source { models, live, head, url };

// A slip in a name is quoted. Anything else may be a URL with a mistake in it, which holds a password anywhere.
std::string shown(const std::string& text) {
  const bool is_word =
      std::ranges::all_of(text, [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '-'; });
  return is_word ? "\"" + text + "\"" : "***";
}

Source source_of(const std::string& text) {
  if (text == "models") return Source::models;
  if (text == "live") return Source::live;
  if (text == "head") return Source::head;
  if (is_server_url(text) && !is_embedded_url(text)) return Source::url;
  throw Error(Kind::usage, shown(text) + " is no schema to compare",
              "there are: models, live, head, or a URL: mongodb://host/database");
}

bool is_database(Source source) { return source == Source::live || source == Source::url; }

Schema read_url(const std::string& url, std::chrono::milliseconds timeout, const std::vector<const Schema*>& named) {
  const std::string database = database_in_url(url);
  if (database.empty())
    throw Error(Kind::usage, "the URL " + redact_url(url) + " names no database",
                "write it as mongodb://host/database");
  const auto server = mongo_server({.url = url, .timeout = timeout});
  return read_schema(*server, database, named);
}

Schema read_source(OpenProject& open, Source source, const std::string& text, const std::vector<const Schema*>& named) {
  Project& project = open.project();
  switch (source) {
    case Source::models:
      return read_models(project);
    case Source::live:
      return read_schema(*project.server, project.settings.database, named);
    case Source::url:
      return read_url(text, open.config().server_timeout, named);
    case Source::head:
      break;
  }
  const Graph graph = load_graph(*project.files);
  return snapshot_at(*project.files, graph, graph.heads()).schema;
}

}  // namespace

bool is_models_source(const std::string& source) { return source_of(source) == Source::models; }
bool is_live_source(const std::string& source) { return source_of(source) == Source::live; }

std::vector<Difference> compare_sources(OpenProject& project, const std::string& a, const std::string& b) {
  const Source left = source_of(a);
  const Source right = source_of(b);
  // What isn't a database says which documents of a database matter, so it is read first.
  Schema from;
  Schema to;
  if (is_database(left) && !is_database(right)) {
    to = read_source(project, right, b, {});
    from = read_source(project, left, a, {&to});
  } else {
    from = read_source(project, left, a, {});
    to = read_source(project, right, b, {&from});
  }
  return differences(from, to);
}

}  // namespace treering
