// SPDX-License-Identifier: Apache-2.0
// The commands that set a project up.
#include <fmt/format.h>

#include <filesystem>

#include "treering/cli/json.h"
#include "treering/cli/text.h"
#include "treering/cli/verbs.h"
#include "treering/disk/templates.h"

namespace treering {

int run_init(Session& session) {
  Output& output = session.output;
  const std::filesystem::path folder = std::filesystem::path(session.host.start) / session.options.folder;
  const std::vector<std::string> created = scaffold(folder.string(), template_named(session.options.template_name));
  if (output.json()) {
    const std::string name = session.options.template_name;
    output.document({{"folder", folder.string()}, {"template", name}, {"created", created}});
    return 0;
  }
  for (const std::string& file : created)
    output.result(fmt::format("created {}", one_line((folder / file).lexically_normal().string())));
  output.note("next: treering revision -m \"initial schema\"");
  return 0;
}

int run_list_templates(Session& session) {
  Json rows = Json::array();
  for (const TemplateRow& row : template_rows()) {
    session.output.result(fmt::format("{}  {}", in_columns(row.name, 10), row.description));
    rows.push_back({{"name", row.name}, {"description", row.description}});
  }
  if (session.output.json()) session.output.document({{"templates", std::move(rows)}});
  return 0;
}

}  // namespace treering
