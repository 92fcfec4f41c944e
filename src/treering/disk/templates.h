// SPDX-License-Identifier: Apache-2.0
// What `treering init` sets up.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace treering {

enum class Template {
  python,   // treering.toml, models.py and migrations/versions
  baseapp,  // the same with manage.py and the package baseapp, which has the models
};

struct TemplateRow {
  Template which;
  std::string_view name;
  std::string_view description;  // one line
};
const std::vector<TemplateRow>& template_rows();

// Throws Error(Kind::usage) for a name that none has, naming those there are.
Template template_named(std::string_view name);

// Writes the template's files into the folder, which is made where there is none, and gives their paths relative to it,
// in order. A file that is there already and says the same (or, where the template's is empty, anything) is left alone
// and not in the list. .gitignore gets a line where it lacks it. Throws Error(Kind::usage), with nothing written: the
// folder is a Treering project already; files that differ (all named). Throws Error(Kind::file) where the file system
// refuses; what was made by then is removed.
std::vector<std::string> scaffold(const std::string& folder, Template which);

}  // namespace treering
