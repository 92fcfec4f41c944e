// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/script.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "treering/base/error.h"
#include "treering/base/quote.h"
#include "treering/engine/script_runtime.h"
#include "treering/schema/mongosh.h"

namespace treering {
namespace {

constexpr int kIndent = 4;

std::string indented(const Document& document) {
  BracketLayout layout = kMongoshLayout;
  layout.indent = layout.column = kIndent + layout.step;
  return mongosh_document(document, layout);
}

std::string state_text(const AppliedState& state) { return mongosh_document(applied_fields(state)); }

std::string named(const AppliedState& state) {
  return state.heads.empty() ? "nothing applied" : comment_text(fmt::format("{}", fmt::join(state.heads, ", ")));
}

// What the record holds before and after the fields that a run adds: when, how, who.
struct RecordParts {
  Document record;
  Document file;
};

RecordParts parts_of(const RevisionRecord& record) {
  RecordParts parts;
  bool is_before = true;
  const Document whole = record_document(record, Holder{});
  for (const Field& field : whole.fields()) {
    if (field.key() == "started") is_before = false;
    if (is_before) parts.record.add(field);
    if (field.key() == "checksum" || field.key() == "source") parts.file.add(field);
  }
  return parts;
}

std::string title(const ScriptStep& step) {
  const Revision& revision = step.record.revision;
  return comment_text(revision.id + "  " + revision.message);
}

std::string head(const ScriptPlan& plan) {
  std::string text = fmt::format("// {} of the database {}, written by Treering {}; to be run with mongosh:\n",
                                 to_string(plan.direction), comment_text(plan.database), TREERING_VERSION);
  text += "//   mongosh \"mongodb://HOST/DATABASE\" FILE\n";
  text += fmt::format("// from: {}\n", named(plan.before));
  text += fmt::format("// to:   {}\n", plan.steps.empty() ? named(plan.before) : named(plan.steps.back().after));
  if (!plan.attempt.empty()) text += "// when this was written, " + comment_text(plan.attempt) + "\n";
  for (const ScriptStep& step : plan.steps)
    text += fmt::format("//   {}{}\n", title(step), step.reads.empty() ? "" : "  !!! depends on documents, see there");
  return text +
         "// Where the database isn't at \"from\" it changes nothing and says so. Treering afterwards finds what it "
         "would\n"
         "// have left itself.\n";
}

std::string warning(const ScriptStep& step) {
  if (step.reads.empty()) return "";
  std::string text =
      "    // !!! CAUTION: what this revision writes was worked out from documents that it read when this script was\n"
      "    // !!! written. On a database that holds others, or once they changed, the statements below are WRONG.\n";
  for (const std::string& read : step.reads) text += "    // !!!   " + comment_text(read) + "\n";
  return text;
}

// A script's drops are for good: what a trash is, mongosh doesn't know.
std::string drop_remark(const Operation& operation) {
  const auto* rename = std::get_if<RenameCollection>(&operation.body);
  return fmt::format("    // drops {} for good: Treering itself would keep it in the trash, this script doesn't\n",
                     comment_text(rename == nullptr ? collection_of(operation) : rename->to));
}

std::string step_text(const ScriptStep& step, const ScriptPlan& plan, std::size_t number) {
  const Revision& revision = step.record.revision;
  std::string text = fmt::format("\n    // {} of {}: {}\n", number, plan.steps.size(), title(step));
  if (!revision.path.empty()) text += "    // " + comment_text(revision.path) + "\n";
  text += warning(step);
  text += fmt::format("    begin({}, {});\n", javascript_quoted(revision.id), javascript_quoted(revision.message));
  for (std::size_t i = 0; i < step.operations.size(); ++i) {
    const std::string statement = mongosh_statement(step.operations[i], plan.database, kIndent);
    if (statement.empty()) continue;
    if (step.trashed.contains(i)) text += drop_remark(step.operations[i]);
    text += "    " + statement + "\n";
  }
  text += "    finish(\n      " + indented(applied_fields(step.after)) + ",\n";
  if (plan.direction == Direction::upgrade) {
    const RecordParts parts = parts_of(step.record);
    text += "      " + indented(parts.record) + ",\n      " + indented(parts.file) + ",\n";
  }
  return text + "    );\n";
}

std::string constants(const ScriptPlan& plan) {
  return fmt::format("  const DATABASE = {};\n  const DIRECTION = {};\n  const VERSION = {};\n  const BEFORE = {};\n",
                     javascript_quoted(plan.database), javascript_quoted(to_string(plan.direction)),
                     javascript_quoted(TREERING_VERSION), state_text(plan.before));
}

void move_on(Catalog& catalog, Direction direction, const std::string& id) {
  if (direction == Direction::upgrade)
    catalog.applied.insert(id);
  else
    catalog.applied.erase(id);
}

}  // namespace

ScriptPlan script_plan(const std::string& database, Direction direction, Catalog catalog,
                       const std::vector<Script>& scripts) {
  if (!catalog.adopted.empty())
    throw Error(Kind::usage, fmt::format("the revisions in {} of {} are not adopted yet", kForeignCollection, database),
                "run treering upgrade or treering stamp once, which adopt them, and then write the script");
  ScriptPlan plan{database, direction, catalog.state(), {}};
  for (const Script& script : scripts) {
    ScriptStep step;
    step.record.revision = catalog.graph.at(script.revision);
    step.record.revision.depends_on = catalog.graph.dependencies(script.revision);
    step.record.source = script.source;
    move_on(catalog, direction, script.revision);
    step.after = catalog.state();
    plan.steps.push_back(std::move(step));
  }
  return plan;
}

std::string migration_script(const ScriptPlan& plan) {
  std::string text = head(plan) + "(() => {\n" + constants(plan);
  text += script_runtime();
  text += "\n  takeDatabase();\n  try {";
  std::size_t number = 0;
  for (const ScriptStep& step : plan.steps) {
    try {
      text += step_text(step, plan, ++number);
    } catch (Error& error) {
      error.with("revision", step.record.revision.id);
      throw;
    }
  }
  return text + "\n    release();\n  } catch (error) {\n    stop(error);\n    throw error;\n  }\n})();\n";
}

}  // namespace treering
