// SPDX-License-Identifier: Apache-2.0
// Paragraphs of operations as the body of upgrade() or downgrade().
#include <fmt/format.h>

#include <algorithm>

#include "treering/base/quote.h"
#include "treering/schema/python_write.h"
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

std::string_view name_of(CollectionKind kind) {
  switch (kind) {
    case CollectionKind::collection:
      return "collection";
    case CollectionKind::time_series:
      return "time series";
    case CollectionKind::view:
      break;
  }
  return "view";
}

std::string fate_of_documents(const Paragraph& paragraph) {
  if (paragraph.change != Change::replace && paragraph.change != Change::drop) return {};
  if (paragraph.dropped == CollectionKind::time_series)
    return comment("Its documents are lost for good: no server renames a time series into the trash.");
  if (paragraph.dropped == CollectionKind::collection && paragraph.change == Change::replace)
    return comment("The collection is dropped with its documents. They go into the trash where one is kept.");
  return {};
}

std::string subject(const Paragraph& paragraph) {
  if (paragraph.change != Change::replace) return paragraph.is_view ? "view" : "collection";
  const bool becomes_a_view = paragraph.is_view && paragraph.dropped != CollectionKind::view;
  return fmt::format("{}{}", name_of(paragraph.dropped), becomes_a_view ? " by a view" : "");
}

std::string title(const Paragraph& paragraph) {
  std::string text =
      fmt::format("{} {}: {}", verb_of(paragraph.change), subject(paragraph), comment_text(paragraph.collection));
  if (paragraph.change == Change::rename) text += " -> " + comment_text(paragraph.to);
  std::string lines = comment(text) + fate_of_documents(paragraph);
  // A view holds no documents: making it anew loses nothing.
  if (paragraph.change == Change::rebuild && !paragraph.is_view)
    lines += comment("The documents are copied, and writes made meanwhile are lost: stop the writers first.");
  if (paragraph.held_back)
    lines +=
        comment("Not done, it would destroy documents (--allow-drop-collections writes it without the comment marks):");
  return lines;
}

// Only a collection that was just made is known to be empty. One that a downgrade makes may come back from the trash.
bool may_hold_documents(const Paragraph& paragraph, Body body) {
  const bool is_made = paragraph.change == Change::create || paragraph.change == Change::replace;
  return body == Body::downgrade || !is_made;
}

struct Statements {
  bool looks_first;  // before it inserts a document
  Imports& imports;

  std::string of(const Operation& operation, std::size_t indent) const {
    const auto* write = std::get_if<Write>(&operation.body);
    if (looks_first && write != nullptr && write->verb == Write::Verb::insert)
      return python_insert_where_missing(*write, imports, static_cast<int>(indent));
    return python_statement(operation, imports, static_cast<int>(indent));
  }
};

std::string indented(const Operation& operation, const Statements& rendered) {
  const std::string statements = rendered.of(operation, kIndent.size());
  return statements.empty() ? "" : fmt::format("{}{}\n", kIndent, statements);
}

// Rendered further to the right, so that the mark takes the place of spaces on every line. It imports what it would
// need: whoever takes the marks away has code that runs.
std::string commented_out(const Operation& operation, const Statements& rendered) {
  const std::string margin(kIndent.size() + kCommentMark.size(), ' ');
  const std::string statements = rendered.of(operation, margin.size());
  if (statements.empty()) return {};
  std::string text = margin + statements;
  for (std::size_t line = 0; line != std::string::npos;) {
    text.replace(line + kIndent.size(), kCommentMark.size(), kCommentMark);
    const std::size_t end = text.find('\n', line);
    line = end == std::string::npos ? end : end + 1;
  }
  return text + "\n";
}

// Writes of a paragraph are initial data, and those that change what is there look whether it is still the same.
bool changes_documents(const Paragraph& paragraph) {
  return std::ranges::any_of(paragraph.operations, [](const Operation& operation) {
    const auto* write = std::get_if<Write>(&operation.body);
    return write != nullptr && write->verb != Write::Verb::insert;
  });
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
    if (changes_documents(paragraph))
      text += comment("The filters hold whole documents: one that somebody changed is not found, and stays as it is.");
    const Statements rendered{may_hold_documents(paragraph, body), imports};
    for (const Operation& operation : paragraph.operations) {
      const std::string statement =
          paragraph.held_back ? commented_out(operation, rendered) : indented(operation, rendered);
      does_something |= !paragraph.held_back && !statement.empty();
      text += statement;
    }
    after_lone_drop = lone_drop;
  }
  return does_something ? text : text.append(kIndent).append("pass\n");
}

}  // namespace treering
