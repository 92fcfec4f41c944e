// SPDX-License-Identifier: Apache-2.0
// Reading stops at the first `def`, `class`, `async def` or decorator at the left margin: what a file assigns after its
// functions is not its header. So a header costs the same however long its migration is.
#include "treering/history/revision_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "treering/base/error.h"
#include "treering/base/utf8.h"
#include "treering/history/python_source.h"
#include "treering/history/target.h"

namespace treering {
namespace {

enum Name { kRevision, kDownRevision, kBranchLabels, kDependsOn, kTransactional, kNames };
constexpr std::array<std::string_view, kNames> kNameTexts{"revision", "down_revision", "branch_labels", "depends_on",
                                                          "transactional"};

std::optional<Name> name_of(std::string_view word) {
  const auto found = std::find(kNameTexts.begin(), kNameTexts.end(), word);
  if (found == kNameTexts.end()) return std::nullopt;
  return static_cast<Name>(found - kNameTexts.begin());
}

bool is_any_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// What the header of a text says, before it is known to be sound.
class HeaderScan {
 public:
  explicit HeaderScan(std::string_view text) : source_(text) {}

  // Throws SourceError.
  void run() {
    bool first = true;
    while (const auto column = source_.next_line()) {
      if (*column > 0) {  // inside a compound statement
        source_.skip_line();
        continue;
      }
      if (first) read_docstring();
      first = false;
      if (ends_header()) {
        complete_ = true;
        return;
      }
      read_line();
    }
    if (source_.left_open() && values_[kRevision])
      throw SourceError{"this bracket or string isn't closed", *source_.left_open()};
  }

  const std::optional<PythonLiteral>& value(Name name) const { return values_[name]; }
  const std::string& doc() const { return doc_; }
  bool complete() const { return complete_; }  // false: the text ended where the header may go on
  std::size_t line_of(std::size_t pos) const { return source_.line_of(pos); }

 private:
  bool ends_header() const {
    if (source_.peek() == '@') return true;
    const std::string_view word = source_.peek_word();
    // A word at the text's end may go on where the text is cut.
    return is_any_of(word, {"def", "class", "async"}) && !source_.is_end(source_.position() + word.size());
  }

  void read_docstring() {
    const std::size_t start = source_.position();
    const char c = source_.peek();
    if (c != '"' && c != '\'' && c != '(' && !is_any_of(source_.peek_word(), {"r", "R", "u", "U"})) return;
    try {
      const PythonLiteral literal = source_.read_literal(PythonSource::Strictness::docstring);
      if (literal.type == PythonLiteral::Type::string && source_.at_statement_end()) doc_ = literal.text;
    } catch (const SourceError&) {  // some other expression
    }
    source_.go_to(start);
  }

  // The simple statements of one line, or the head of a compound one.
  void read_line() {
    if (is_any_of(source_.peek_word(), {"if", "for", "while", "with", "try", "else", "elif", "except", "finally"}))
      return source_.skip_line();
    do read_statement();
    while (source_.skip_statement());
  }

  void read_statement() {
    std::array<bool, kNames> targets{};
    std::string_view word = source_.peek_word();
    if (word.empty()) return;
    for (bool first = true; !word.empty(); first = false, word = source_.peek_word()) {
      const std::size_t start = source_.position();
      const auto name = name_of(word);
      source_.go_to(start + word.size());
      source_.skip_space();
      if (first && name && source_.peek() == ':') {
        source_.go_to(source_.position() + 1);
        if (!source_.skip_annotation()) return;
        targets[*name] = true;
        break;
      }
      if (!source_.take_assign()) {
        if (first && name) refuse_other_binding(start);
        source_.go_to(start);
        break;
      }
      if (name) targets[*name] = true;
    }
    if (std::find(targets.begin(), targets.end(), true) != targets.end()) read_value(targets);
  }

  // `revision += "x"` and `revision, other = ...` bind the name too, to something that we don't read.
  void refuse_other_binding(std::size_t start) const {
    for (const std::string_view token :
         {",", "+=", "-=", "*=", "/=", "%=", "@=", "&=", "|=", "^=", "<<=", ">>=", "**=", "//="})
      if (source_.stands_at(token)) throw SourceError{"this isn't a plain assignment", start};
  }

  void read_value(const std::array<bool, kNames>& targets) {
    const auto target = static_cast<std::size_t>(std::find(targets.begin(), targets.end(), true) - targets.begin());
    try {
      if (targets[kTransactional] && target != kTransactional)
        throw SourceError{"this isn't a string", source_.position()};
      const PythonLiteral literal =
          targets[kTransactional] ? read_flag() : source_.read_literal(PythonSource::Strictness::literal);
      if (!source_.at_statement_end()) throw SourceError{"this isn't a literal", literal.pos};
      for (std::size_t i = target; i < kNames; ++i)
        if (targets[i]) values_[i] = literal;
    } catch (SourceError& error) {
      error.what = fmt::format("{}: {}", kNameTexts[target], error.what);
      throw;
    }
  }

  // True or False, kept as its word.
  PythonLiteral read_flag() {
    PythonLiteral literal;
    literal.pos = source_.position();
    literal.text = source_.peek_word();
    if (literal.text != "True" && literal.text != "False") throw SourceError{"this isn't True or False", literal.pos};
    source_.go_to(literal.pos + literal.text.size());
    source_.skip_space();
    return literal;
  }

  PythonSource source_;
  std::array<std::optional<PythonLiteral>, kNames> values_;
  std::string doc_;
  bool complete_ = false;
};

Error header_error(const std::string& path, std::size_t line, const std::string& what, const std::string& hint) {
  return Error(Kind::revision, fmt::format("{}:{}: {}", path, line, what), hint)
      .with("file", path)
      .with("line", std::to_string(line));
}

// `coding: latin-1` in a comment of the first two lines, the one encoding beside UTF-8 that needs no table.
bool is_latin1(std::string_view text) {
  for (int line = 0; line < 2; ++line) {
    const std::string_view first = text.substr(0, text.find('\n'));
    if (first.find_first_not_of(" \t\f\xEF\xBB\xBF") != first.find('#')) return false;
    const auto coding = first.find("coding");
    if (coding != std::string_view::npos && first.size() > coding + 7) {
      std::string_view name = first.substr(coding + 7);
      name.remove_prefix(std::min(name.find_first_not_of(" \t"), name.size()));
      return name.starts_with("latin") || name.starts_with("iso-8859-1") || name.starts_with("iso8859-1");
    }
    text.remove_prefix(std::min(first.size() + 1, text.size()));
  }
  return false;
}

std::string latin1_to_utf8(std::string_view text) {
  std::string utf8;
  for (const char c : text) append_utf8(utf8, static_cast<unsigned char>(c));
  return utf8;
}

// The docstring's first line that isn't blank, without the space around it.
std::string message_of(std::string_view doc) {
  constexpr std::string_view kSpace = " \t\r\n\f\v";
  const auto start = doc.find_first_not_of(kSpace);
  if (start == std::string_view::npos) return "";
  doc = doc.substr(start);
  doc = doc.substr(0, doc.find_first_of("\r\n"));
  return std::string(doc.substr(0, doc.find_last_not_of(kSpace) + 1));
}

// From what the scan found to sound values.
class HeaderValues {
 public:
  HeaderValues(const HeaderScan& scan, const std::string& path) : scan_(scan), path_(path) {}

  std::string id() const {
    const PythonLiteral& literal = *scan_.value(kRevision);
    if (literal.type != PythonLiteral::Type::string)
      throw error(literal, "revision is not a string",
                  "write the revision's id as a string, revision = '20241210120000'");
    require_name(literal, literal.text, kRevision);
    return literal.text;
  }

  std::vector<std::string> ids(Name name) const {
    const auto& literal = scan_.value(name);
    if (!literal) return {};
    std::vector<std::string> ids = literal->items;
    if (literal->type == PythonLiteral::Type::string) ids = {literal->text};
    for (const std::string& id : ids) require_name(*literal, id, name);
    return ids;
  }

 private:
  Error error(const PythonLiteral& literal, const std::string& what, const std::string& hint) const {
    return header_error(path_, scan_.line_of(literal.pos), what, hint);
  }

  void require_name(const PythonLiteral& literal, std::string_view text, Name name) const {
    try {
      name == kBranchLabels ? require_branch_label(text) : require_revision_id(text);
    } catch (const Error& refused) {
      throw error(literal, refused.what(), refused.hint());
    }
  }

  const HeaderScan& scan_;
  const std::string& path_;
};

}  // namespace

std::optional<Revision> read_header(std::string_view text, const std::string& path) {
  std::string converted;
  if (is_latin1(text)) text = converted = latin1_to_utf8(text);
  HeaderScan scan(text);
  try {
    scan.run();
  } catch (const SourceError& error) {
    throw header_error(
        path, scan.line_of(error.pos), error.what + " (the header is read, not run)",
        "write revision, down_revision, branch_labels and depends_on as None, a string or a tuple of strings, and "
        "transactional as True or False");
  }
  if (!scan.value(kRevision)) return std::nullopt;
  const HeaderValues values(scan, path);
  Revision revision;
  revision.id = values.id();
  if (!scan.value(kDownRevision)) {
    throw header_error(path, scan.line_of(scan.value(kRevision)->pos),
                       "the header assigns revision but no down_revision",
                       "add down_revision = '<the revision before it>', or down_revision = None for a first one");
  }
  revision.parents = values.ids(kDownRevision);
  revision.labels = values.ids(kBranchLabels);
  revision.depends_on = values.ids(kDependsOn);
  if (const auto& said = scan.value(kTransactional)) revision.transactional = said->text == "True";
  revision.message = message_of(scan.doc());
  revision.doc = scan.doc();
  revision.path = path;
  return revision;
}

bool header_may_continue(std::string_view text) {
  HeaderScan scan(text);
  try {
    scan.run();
  } catch (const SourceError&) {
    return true;  // perhaps just the cut; who reads the whole text will see
  }
  return !scan.complete();
}

}  // namespace treering
