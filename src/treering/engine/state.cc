// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/state.h"

#include <algorithm>

#include "treering/base/error.h"
#include "treering/engine/state_fields.h"

namespace treering {
namespace {

std::string text(const Document& document, std::string_view path) { return document.string(path).value_or(""); }
std::int64_t number(const Document& document, std::string_view path) { return document.integer(path).value_or(0); }
std::int64_t date(const Document& document, std::string_view path) { return document.date(path).value_or(Date{}).ms; }

void refuse_newer(const Document& document) {
  const auto format = document.integer("format");
  if (!format || *format <= kStateFormat) return;
  throw Error(Kind::server,
              "this database was last worked on by a newer Treering (state format " + std::to_string(*format) + ")",
              "install the Treering that the rest of the team uses");
}

}  // namespace

State state_from(const Document& document) {
  refuse_newer(document);
  require_state_fields(document);
  State state;
  state.epoch = number(document, "epoch");
  state.fresh = !document.has("heads");
  state.applied.heads = document.strings("heads");
  state.applied.count = number(document, "count");
  if (!state.fresh) state.applied.digest = AppliedDigest(text(document, "digest"));
  if (auto attempt = document.document("attempt")) {
    state.attempt = Attempt{text(*attempt, "revision"), text(*attempt, "direction"), date(*attempt, "started")};
    state.attempt_holder = holder_from(*attempt);
    state.chunks = number(*attempt, "chunks");
    state.undone = number(*attempt, "undone");
    state.left = attempt->strings("left");
    const Document operations = attempt->document("operations").value_or(Document());
    for (const Field& field : operations.fields())
      state.operations.push_back(journalled_from(field.document().value_or(Document())));
    // The server adds fields in the order of their names.
    std::ranges::sort(state.operations, {}, &JournalledOperation::number);
  }
  state.fence = document.documents("fence");
  return state;
}

LeaseView lease_from(const Document& document) {
  LeaseView view;
  if (auto lease = document.document("lease")) {
    view.holder = holder_from(*lease);
    view.since_ms = date(*lease, "since");
    view.renewed_ms = date(*lease, "renewed");
    view.doing = text(*lease, "doing");
  }
  view.server_now_ms = date(document, "now");
  return view;
}

Document applied_fields(const AppliedState& applied) {
  return Document().add_array("heads", applied.heads).add("count", applied.count).add("digest", applied.digest.text());
}

Document holder_fields(const Holder& holder) {
  return Document().add("host", holder.host).add("pid", holder.pid).add("user", holder.user).add("run", holder.run);
}

Holder holder_from(const Document& document) {
  return {text(document, "host"), number(document, "pid"), text(document, "user"), text(document, "run")};
}

Document attempt_document(const Attempt& attempt, const Holder& holder) {
  return Document()
      .add("revision", attempt.revision)
      .add("direction", attempt.direction)
      .add("started", Date{attempt.started_ms})
      .add_all(holder_fields(holder));
}

Document record_document(const RevisionRecord& record, const Holder& holder) {
  const Revision& revision = record.revision;
  Document document;
  document.add("_id", revision.id)
      .add_array("parents", revision.parents)
      .add_array("depends_on", revision.depends_on)
      .add_array("labels", revision.labels)
      .add("message", revision.message)
      .add("doc", revision.doc)
      .add("path", revision.path)
      .add("started", Date{record.started_ms})
      .add("applied_at", Date{record.applied_ms})
      .add("duration_us", record.duration_us)
      .add("how", record.how)
      .add("version", TREERING_VERSION)
      .add_all(holder_fields(holder));
  if (!record.source.empty()) document.add("checksum", checksum_of(record.source)).add("source", record.source);
  return document;
}

RevisionRecord record_from(const Document& document) {
  require_record_fields(document);
  RevisionRecord record;
  record.revision = {text(document, "_id"),      document.strings("parents"), document.strings("depends_on"),
                     document.strings("labels"), text(document, "message"),   text(document, "doc"),
                     text(document, "path")};
  record.source = text(document, "source");
  record.started_ms = date(document, "started");
  record.applied_ms = date(document, "applied_at");
  record.duration_us = number(document, "duration_us");
  record.how = text(document, "how");
  record.run = text(document, "run");
  return record;
}

}  // namespace treering
