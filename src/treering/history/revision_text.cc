// SPDX-License-Identifier: Apache-2.0
// Writing a revision file.
#include <fmt/format.h>

#include "treering/base/quote.h"
#include "treering/history/revision_file.h"

namespace treering {
namespace {

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n\f\v") == std::string_view::npos; }

std::string joined(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items) text.append(text.empty() ? "" : ", ").append(item);
  return text;
}

// None, 'a' or ('a', 'b')
std::string python_value(const std::vector<std::string>& items) {
  if (items.empty()) return "None";
  if (items.size() == 1) return python_quoted(items[0]);
  std::vector<std::string> quoted;
  for (const std::string& item : items) quoted.push_back(python_quoted(item));
  return "(" + joined(quoted) + ")";
}

std::string function(std::string_view name, std::string_view doc, std::string_view body) {
  while (!body.empty() && (body.back() == '\n' || body.back() == '\r')) body.remove_suffix(1);
  return fmt::format("def {}(env):\n    \"\"\"{}\"\"\"\n{}\n", name, doc, is_blank(body) ? "    pass" : body);
}

}  // namespace

std::string render_revision_file(const NewRevision& revision) {
  std::string doc = is_blank(revision.message) ? "empty message" : revision.message;
  if (!is_blank(revision.details)) doc += "\n\n" + revision.details;
  doc += fmt::format("\n\nRevision ID: {}\nRevises: {}\nCreate Date: {}\n", revision.id,
                     revision.parents.empty() ? "None" : joined(revision.parents), revision.created);
  std::string text = "\"\"\"\n" + python_docstring_text(doc) + "\"\"\"\n\n";
  if (!is_blank(revision.imports)) text += revision.imports + (revision.imports.ends_with('\n') ? "\n" : "\n\n");
  text += "revision = " + python_quoted(revision.id) + "\n";
  text += "down_revision = " + python_value(revision.parents) + "\n";
  text += "branch_labels = " + python_value(revision.labels) + "\n";
  text += "depends_on = " + python_value(revision.depends_on) + "\n";
  if (revision.transactional) text += fmt::format("transactional = {}\n", *revision.transactional ? "True" : "False");
  text += "\n\n" + function("upgrade", "Apply schema changes", revision.upgrade_body);
  text += "\n\n" + function("downgrade", "Revert schema changes", revision.downgrade_body);
  return text;
}

}  // namespace treering
