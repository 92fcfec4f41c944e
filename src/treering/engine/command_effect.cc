// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/command_effect.h"

namespace treering {
namespace {

// Of {$out: ...} or {$merge: ...}.
std::optional<Namespace> target_of(const Document& stage, const std::string& database) {
  const auto named = [&](const Field& target) -> Namespace {
    if (const auto name = target.string()) return {database, *name};
    const Document whole = target.document().value_or(Document());
    return {whole.string("db").value_or(database), whole.string("coll").value_or("")};
  };
  if (const auto out = stage.find("$out")) return named(*out);
  const auto merge = stage.find("$merge");
  if (!merge) return std::nullopt;
  if (merge->string()) return named(*merge);
  const Document whole = merge->document().value_or(Document());
  const auto into = whole.find("into");
  return into ? std::optional(named(*into)) : std::nullopt;
}

}  // namespace

std::optional<Write> write_of(const Document& command) {
  const auto first = command.first();
  if (!first) return std::nullopt;
  struct Form {
    std::string_view command;
    const char* list;
    Write::Verb verb;
  };
  constexpr Form kForms[] = {{"insert", "documents", Write::Verb::insert},
                             {"update", "updates", Write::Verb::update},
                             {"delete", "deletes", Write::Verb::remove}};
  for (const Form& form : kForms) {
    if (first->key() != form.command) continue;
    Write write{form.verb, first->string().value_or(""), command.documents(form.list), {}};
    for (const Field& option : command.fields())
      if (option.key() != form.command && option.key() != form.list) write.options.add(option);
    return write;
  }
  return std::nullopt;
}

std::optional<Namespace> aggregation_target(const Document& command, const std::string& database) {
  const auto first = command.first();
  if (!first || first->key() != "aggregate") return std::nullopt;
  for (const Document& stage : command.documents("pipeline"))
    if (auto target = target_of(stage, database)) return target;
  return std::nullopt;
}

Namespace namespace_of(const std::string& text) {
  const std::size_t dot = text.find('.');
  if (dot == std::string::npos) return {text, ""};
  return {text.substr(0, dot), text.substr(dot + 1)};
}

}  // namespace treering
