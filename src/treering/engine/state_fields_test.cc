// SPDX-License-Identifier: Apache-2.0
// Documents of the bookkeeping that somebody broke: each is refused with its collection and field, by the check alone
// and by the verbs that would meet it, and nothing is changed.
#include "treering/engine/state_fields.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "fake/engine_world.h"
#include "treering/base/error.h"
#include "treering/engine/backfill_store.h"
#include "treering/engine/inspect.h"
#include "treering/engine/migrate.h"
#include "treering/engine/state.h"

namespace treering {
namespace {

using testing::HasSubstr;
using Check = void (*)(const Document&);

constexpr const char* kSoundState = R"({"_id": "state", "format": 1, "epoch": 3,
  "lease": {"expires": {"$date": "1970-01-01T00:00:00Z"}}, "heads": ["r1"], "count": 1,
  "digest": "00000000000000000000000000000001",
  "attempt": {"revision": "r2", "direction": "upgrade", "started": {"$date": "2024-12-10T00:00:00Z"}, "host": "h",
              "pid": 1, "user": "u", "run": "r"}})";
constexpr const char* kSoundRecord = R"({"_id": "r1", "parents": [], "depends_on": [], "labels": [], "message": "m",
  "doc": "d", "path": "p", "started": {"$date": "2024-12-10T00:00:00Z"}, "how": "upgrade",
  "applied_at": {"$date": "2024-12-10T00:00:00Z"}, "duration_us": 5, "version": "0.1.0", "host": "h", "pid": 1,
  "user": "u", "run": "r", "checksum": "xxh3:00", "source": "s"})";
constexpr const char* kSoundEntry = R"({"_id": {"$oid": "65f000000000000000000001"}, "revision": "r1",
  "direction": "upgrade", "outcome": "failed", "started": {"$date": "2024-12-10T00:00:00Z"}, "duration_us": 5,
  "host": "h", "pid": 1, "user": "u", "run": "r", "error": "e"})";
constexpr const char* kSoundVersion =
    R"({"_id": 1, "version_num": "a", "applied_at": {"$date": "2024-12-10T00:00:00Z"}})";
// {} and {"u": {}} as bytes.
constexpr const char* kSoundBackfill = R"({"_id": "r1:upgrade:users:0", "collection": "users", "key": "_id",
  "batch": 1000, "filter": {"$binary": {"base64": "BQAAAAA=", "subType": "00"}},
  "change": {"$binary": {"base64": "DQAAAAN1AAUAAAAAAA==", "subType": "00"}}, "n": 2, "next": {"": 5},
  "ended": false, "total": 9})";
constexpr const char* kSoundRange = R"({"_id": {"job": "r1:upgrade:users:0", "n": 1}, "from": {"": 1}, "to": {"": 5},
  "with_from": true, "state": "open", "owner": "o", "runner": true, "session": {"id": 1}})";

// The document with a field at that path set to a value, or taken out where there is none.
Document changed(const Document& document, const std::string& path, const std::optional<Field>& value) {
  const std::size_t dot = path.find('.');
  const std::string name = path.substr(0, dot);
  Document result;
  for (const Field& field : document.fields()) {
    if (field.key() != name) {
      result.add(field);
    } else if (dot != std::string::npos) {
      result.add(name, changed(*field.document(), path.substr(dot + 1), value));
    }
  }
  if (dot == std::string::npos && value) result.add(name, *value);
  if (dot != std::string::npos && !document.has(name)) result.add(name, changed({}, path.substr(dot + 1), value));
  return result;
}

// One value of every kind, and the awkward ones of some.
Document any_values() {
  return Document::from_json(R"({"text": "x", "empty text": "", "zero": 0, "less than nothing": -1,
    "half": 0.5, "huge": {"$numberDouble": "1e300"}, "no number": {"$numberDouble": "NaN"}, "true": true, "null": null,
    "largest": {"$numberLong": "9223372036854775807"}, "decimal": {"$numberDecimal": "1"}, "list": [], "numbers": [1],
    "lists": [["a"]], "texts": ["a", "b"], "document": {}, "date": {"$date": "2024-12-10T00:00:00Z"},
    "id": {"$oid": "65f000000000000000000001"}, "bytes": {"$binary": {"base64": "AA==", "subType": "00"}},
    "pattern": {"$regularExpression": {"pattern": "^a", "options": ""}}, "minimum": {"$minKey": 1},
    "digits": "0123456789abcdef0123456789abcdeF"})");
}

struct Row {
  const char* what;
  Check check;
  const char* collection;
  const char* sound;
  const char* field;
  std::vector<std::string> allowed;  // of any_values
  bool required;
};

const std::vector<std::string> kTexts{"text", "empty text", "digits"};
const std::vector<std::string> kNumbers{"zero", "less than nothing"};

std::vector<Row> state_rows() {
  const auto row = [](const char* field, std::vector<std::string> allowed, bool required = true) {
    return Row{"state", require_state_fields, kStateCollection, kSoundState, field, std::move(allowed), required};
  };
  return {row("format", {"zero"}),
          row("epoch", {"zero"}),
          row("lease", {}, false),
          row("lease.expires", {"date"}),
          row("lease.since", {"date", "null"}, false),
          row("lease.renewed", {"date", "null"}, false),
          row("lease.doing", {"text", "empty text", "digits", "null"}, false),
          row("lease.pid", {"zero", "less than nothing", "null"}, false),
          row("lease.run", {"text", "empty text", "digits", "null"}, false),
          row("heads", {"texts"}),
          row("count", {}),
          row("digest", {}),
          row("attempt", {}, false),
          row("attempt.revision", kTexts),
          row("attempt.direction", {}),
          row("attempt.started", {"date"}),
          row("attempt.run", kTexts),
          row("attempt.pid", {"zero", "less than nothing", "null"}, false)};
}

std::vector<Row> record_rows() {
  const auto row = [](const char* field, std::vector<std::string> allowed, bool required = false) {
    if (!required) allowed.emplace_back("null");
    return Row{"record", require_record_fields, kRevisionsCollection, kSoundRecord, field, std::move(allowed),
               required};
  };
  return {row("_id", {"text", "digits"}, true),
          row("parents", {"list", "texts"}, true),
          row("depends_on", {"list", "texts"}),
          row("labels", {"list", "texts"}),
          row("message", kTexts),
          row("doc", kTexts),
          row("path", kTexts),
          row("how", kTexts),
          row("started", {"date"}),
          row("applied_at", {"date"}),
          row("duration_us", kNumbers),
          row("source", kTexts),
          row("checksum", kTexts),
          row("host", kTexts),
          row("pid", kNumbers)};
}

std::vector<Row> other_rows() {
  const auto entry = [](const char* field, std::vector<std::string> allowed, bool required = true) {
    if (!required) allowed.emplace_back("null");
    return Row{"entry", require_journal_fields, kJournalCollection, kSoundEntry, field, std::move(allowed), required};
  };
  const auto version = [](const char* field, std::vector<std::string> allowed, bool required) {
    return Row{"version", require_foreign_fields, kForeignCollection, kSoundVersion, field, std::move(allowed),
               required};
  };
  const auto backfill = [](const char* field, std::vector<std::string> allowed, bool required = true) {
    if (!required) allowed.emplace_back("null");
    return Row{"backfill", require_backfill_fields, kBackfillsCollection, kSoundBackfill, field, std::move(allowed),
               required};
  };
  const auto range = [](const char* field, std::vector<std::string> allowed, bool required) {
    return Row{"range", require_range_fields, kBackfillsCollection, kSoundRange, field, std::move(allowed), required};
  };
  return {entry("revision", kTexts),
          entry("direction", {}),
          entry("outcome", kTexts),
          entry("started", {"date"}),
          entry("duration_us", kNumbers, false),
          entry("error", kTexts, false),
          entry("user", kTexts, false),
          version("version_num", kTexts, true),
          version("applied_at", {"date", "null"}, false),
          backfill("_id", {"text", "digits"}),
          backfill("collection", {"text", "digits"}),
          backfill("uuid", kTexts, false),
          backfill("key", {"text", "digits"}),
          backfill("batch", {}),
          backfill("filter", {}),
          backfill("change", {}),
          backfill("n", {"zero"}),
          backfill("next", {"document"}, false),
          backfill("ended", {"true"}),
          backfill("total", {"zero"}, false),
          range("from", {}, true),
          range("to", {}, true),
          range("with_from", {"true", "null"}, false),
          range("session", {"document", "null"}, false)};
}

void expect_refused(const Row& row, const Document& broken, const std::string& how) {
  SCOPED_TRACE(std::string(row.what) + ": " + row.field + " " + how);
  try {
    row.check(broken);
    ADD_FAILURE() << "taken for sound";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), Kind::server);
    EXPECT_EQ(error.field("collection"), row.collection);
    // A document in the place of a document lacks its own fields; heads are looked at together with the count.
    EXPECT_TRUE(error.field("field").starts_with(std::string(row.field).substr(0, std::string(row.field).find('.'))) ||
                error.field("field") == "count")
        << error.field("field");
    EXPECT_THAT(error.what(), HasSubstr(row.collection));
    EXPECT_NE(error.hint(), "");
  }
}

TEST(StateFields, WhatIsSoundIsTaken) {
  EXPECT_NO_THROW(require_state_fields(Document::from_json(kSoundState)));
  EXPECT_NO_THROW(require_record_fields(Document::from_json(kSoundRecord)));
  EXPECT_NO_THROW(require_journal_fields(Document::from_json(kSoundEntry)));
  EXPECT_NO_THROW(require_foreign_fields(Document::from_json(kSoundVersion)));
  EXPECT_NO_THROW(require_backfill_fields(Document::from_json(kSoundBackfill)));
  EXPECT_NO_THROW(require_range_fields(Document::from_json(kSoundRange)));
  // Before the first run, with numbers as a shell writes them, and with fields that a later Treering may add.
  EXPECT_NO_THROW(require_state_fields(
      Document::from_json(R"({"_id": "state", "format": {"$numberDouble": "1.0"}, "epoch": 0, "news": [1]})")));
}

TEST(StateFields, EveryFieldIsRefusedInEveryTypeThatItIsNot) {
  std::vector<Row> rows = state_rows();
  for (auto& more : {record_rows(), other_rows()}) rows.insert(rows.end(), more.begin(), more.end());
  const Document values = any_values();
  int cases = 0;
  for (const Row& row : rows) {
    const Document sound = Document::from_json(row.sound);
    for (const Field& value : values.fields()) {
      const Document broken = changed(sound, row.field, value);
      if (std::ranges::find(row.allowed, value.key()) == row.allowed.end()) {
        expect_refused(row, broken, "is the " + std::string(value.key()));
        ++cases;
      } else {
        EXPECT_NO_THROW(row.check(broken)) << row.what << " " << row.field << " is the " << value.key();
      }
    }
    if (row.required) expect_refused(row, changed(sound, row.field, std::nullopt), "is missing");
  }
  EXPECT_GT(cases, 600);
}

TEST(StateFields, HeadsAndCountMustAgree) {
  const Document sound = Document::from_json(kSoundState);
  const Document values = Document::from_json(R"({"zero": 0, "list": []})");
  EXPECT_THROW(require_state_fields(changed(sound, "count", values.find("zero"))), Error);
  EXPECT_THROW(require_state_fields(changed(sound, "heads", values.find("list"))), Error);
}

// --- the verbs that meet it

class BrokenDatabase : public testing::Test, protected World {
 protected:
  void SetUp() override {
    line(3);
    upgrade(me.project, "r2");
  }

  void set(const std::string& collection, const std::string& update) {
    Document statement = Document::from_json(update);
    server.connect()->command(
        "app", Document()
                   .add("update", collection)
                   .add_array("updates", std::vector<Document>{Document().add("q", Document()).add("u", statement)}));
  }

  std::vector<std::vector<Document>> everything() {
    return {server.documents("app", kStateCollection), server.documents("app", kRevisionsCollection),
            server.documents("app", kJournalCollection), server.documents("app", kForeignCollection)};
  }

  template <class Verb>
  void expect_refusal(const std::string& collection, const std::string& field, Verb verb) {
    SCOPED_TRACE(collection + " " + field);
    const auto before = everything();
    try {
      verb();
      ADD_FAILURE() << "went on";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), Kind::server) << error.what();
      EXPECT_EQ(error.field("collection"), collection) << error.what();
      EXPECT_EQ(error.field("field"), field) << error.what();
    }
    EXPECT_EQ(everything(), before);
    EXPECT_EQ(me.scripts.ended(), (std::vector<std::string>{"+r1", "+r2"}));
  }

  void expect_every_verb_refuses(const std::string& collection, const std::string& field) {
    expect_refusal(collection, field, [&] { current(me.project); });
    expect_refusal(collection, field, [&] { history(me.project, "", true); });
    expect_refusal(collection, field, [&] { upgrade(me.project, "head"); });
    expect_refusal(collection, field, [&] { downgrade(me.project, "base"); });
    expect_refusal(collection, field, [&] { stamp(me.project, {"head"}, false); });
  }

  Runner me{server, files, "here"};
};

TEST_F(BrokenDatabase, AStateThatSaysNothingStopsEveryVerb) {
  set(kStateCollection, R"({"$set": {"heads": "r2"}})");
  expect_every_verb_refuses(kStateCollection, "heads");
}

TEST_F(BrokenDatabase, ALeaseWithoutItsEndStopsEveryVerb) {
  set(kStateCollection, R"({"$set": {"lease": {"expires": "never", "run": "x"}}})");
  expect_every_verb_refuses(kStateCollection, "lease.expires");
}

TEST_F(BrokenDatabase, AnAttemptInADirectionThatNobodyKnowsStopsEveryVerb) {
  set(kStateCollection, R"({"$set": {"attempt": {"revision": "r3", "direction": "sideways", "run": "x",
                            "started": {"$date": "2024-12-10T00:00:00Z"}}}})");
  expect_every_verb_refuses(kStateCollection, "attempt.direction");
}

TEST_F(BrokenDatabase, AnEntryOfTheJournalThatIsNoneIsNamedAndLeftOut) {
  set(kJournalCollection, R"({"$set": {"started": "yesterday"}})");
  log(me.project, 0);
  EXPECT_THAT(me.heard.notes, testing::Contains(HasSubstr("left out: treering_journal: \"started\"")));
}

}  // namespace
}  // namespace treering
