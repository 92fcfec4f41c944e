// SPDX-License-Identifier: Apache-2.0
// Paragraphs of operations as the body of upgrade() or downgrade().
#include <fmt/format.h>

#include "treering/base/quote.h"
#include "treering/schema/render.h"

namespace treering {
namespace {

constexpr std::string_view kIndent = "    ";
constexpr std::string_view kCommentMark = "# ";

std::string_view verb_of(Change change) {
  switch (change) {
    case Change::create:
      return "Create";
    case Change::rename:
      return "Rename";
    case Change::drop:
      return "Drop";
    case Change::rebuild:
      return "Rebuild";
    case Change::replace:
      return "Replace";
    case Change::change:
      return "Change";
  }
  return {};
}

std::string comment(std::string_view text) { return fmt::format("{}{}{}\n", kIndent, kCommentMark, text); }

std::string title(const Paragraph& paragraph) {
  std::string text = fmt::format("{} {}: {}", verb_of(paragraph.change), paragraph.is_view ? "view" : "collection",
                                 comment_text(paragraph.collection));
  if (paragraph.change == Change::rename) text += " -> " + comment_text(paragraph.to);
  std::string lines = comment(text);
  // A view holds no documents: making it anew loses nothing.
  if (paragraph.change == Change::rebuild && !paragraph.is_view)
    lines += comment("The documents are copied, and writes made meanwhile are lost: stop the writers first.");
  if (paragraph.held_back)
    lines +=
        comment("Not done, it would destroy documents (--allow-drop-collections writes it without the comment marks):");
  return lines;
}

std::string indented(const Operation& operation, Imports& imports) {
  const std::string statements = python_statement(operation, imports);
  return statements.empty() ? "" : fmt::format("{}{}\n", kIndent, statements);
}

// Rendered further to the right, so that the mark takes the place of spaces on every line. It imports what it would
// need: whoever takes the marks away has code that runs.
std::string commented_out(const Operation& operation, Imports& imports) {
  const std::string margin(kIndent.size() + kCommentMark.size(), ' ');
  const std::string statements = python_statement(operation, imports, static_cast<int>(margin.size()));
  if (statements.empty()) return {};
  std::string text = margin + statements;
  for (std::size_t line = 0; line != std::string::npos;) {
    text.replace(line + kIndent.size(), kCommentMark.size(), kCommentMark);
    const std::size_t end = text.find('\n', line);
    line = end == std::string::npos ? end : end + 1;
  }
  return text + "\n";
}

bool is_lone_drop(const Paragraph& paragraph, Body body) {
  return body == Body::downgrade && !paragraph.held_back && paragraph.operations.size() == 1 &&
         std::holds_alternative<DropCollection>(paragraph.operations.front().body);
}

}  // namespace

std::string python_body(const std::vector<Paragraph>& paragraphs, Body body, Imports& imports) {
  std::string text;
  bool does_something = false;
  bool after_lone_drop = false;
  for (const Paragraph& paragraph : paragraphs) {
    const bool lone_drop = is_lone_drop(paragraph, body);
    if (!text.empty() && !(lone_drop && after_lone_drop)) text.append(kIndent).append("\n");
    if (!lone_drop) text += title(paragraph);
    for (const Operation& operation : paragraph.operations) {
      const std::string statement =
          paragraph.held_back ? commented_out(operation, imports) : indented(operation, imports);
      does_something |= !paragraph.held_back && !statement.empty();
      text += statement;
    }
    after_lone_drop = lone_drop;
  }
  return does_something ? text : text.append(kIndent).append("pass\n");
}

}  // namespace treering
