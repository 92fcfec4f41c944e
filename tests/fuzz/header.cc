// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <string>

#include "fuzz/targets.h"
#include "treering/history/revision_file.h"

namespace treering::fuzz {
namespace {

// What came of reading: the revision, nothing, or where it was refused.
struct Outcome {
  std::optional<Revision> revision;
  std::string refusal;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

Outcome outcome_of(std::string_view text) {
  try {
    return {read_header(text, "a.py"), ""};
  } catch (const Error& error) {
    require(error.kind() == Kind::revision, "what is refused is refused as a revision");
    require(!error.field("line").empty(), "a refusal names its line");
    return {std::nullopt, error.what()};
  }
}

// Of long files only the start is read, where it says that it holds the whole header.
void require_cut_is_seen(std::string_view text, std::size_t size) {
  const std::string_view start = text.substr(0, size);
  if (header_may_continue(start)) return;
  require(outcome_of(start) == outcome_of(text), "where a start holds the whole header, it reads as the whole file");
}

void require_written_as_read(const Revision& revision) {
  NewRevision again;
  again.id = revision.id;
  again.parents = revision.parents;
  again.labels = revision.labels;
  again.depends_on = revision.depends_on;
  again.message = revision.message;
  std::string text;
  if (is_refused(Kind::usage, [&] { text = render_revision_file(again); })) return;  // not UTF-8
  const std::optional<Revision> read = read_header(text, "a.py");
  require(read && read->id == revision.id && read->parents == revision.parents && read->labels == revision.labels &&
              read->depends_on == revision.depends_on,
          "a rendered header reads back");
  require(revision.message.empty() || read->message == revision.message, "a rendered message reads back");
}

}  // namespace

void header(std::string_view input) {
  const Outcome outcome = outcome_of(input);
  for (const std::size_t part : {input.size() / 4, input.size() / 2, input.size() - input.size() / 4})
    require_cut_is_seen(input, part);
  if (outcome.revision) require_written_as_read(*outcome.revision);
}

}  // namespace treering::fuzz
