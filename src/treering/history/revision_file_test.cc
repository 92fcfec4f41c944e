// SPDX-License-Identifier: Apache-2.0
// Reading is checked against Python's own parser in tests/python/test_headers_against_ast.py; here is what that can't
// see.
#include "treering/history/revision_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "history_graph.h"

namespace treering {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::refusal;

constexpr char kWhole[] = R"("""
Baseline - Current Production Schema

Revision ID: 20241210000000
Revises: None
Create Date: 2024-12-10 00:00:00
"""

revision = '20241210000000'
down_revision = None
branch_labels = None
depends_on = None


def upgrade(env):
    """Apply schema changes"""
    revision = 'not this'


def downgrade(env):
    """Revert schema changes"""
    pass


revision = 'nor this'
)";

TEST(RevisionFile, ReadsTheGuidesForm) {
  const auto revision = read_header(kWhole, "v/20241210000000_baseline.py");
  ASSERT_TRUE(revision);
  EXPECT_EQ(revision->id, "20241210000000");
  EXPECT_EQ(revision->message, "Baseline - Current Production Schema");
  EXPECT_TRUE(revision->doc.starts_with("\nBaseline"));
  EXPECT_TRUE(revision->doc.ends_with("00:00:00\n"));
  EXPECT_EQ(revision->path, "v/20241210000000_baseline.py");
  EXPECT_TRUE(revision->parents.empty() && revision->labels.empty() && revision->depends_on.empty());
}

TEST(RevisionFile, AFileWithoutRevisionIsNone) {
  for (const char* text : {"", "x = 1\n", "def f():\n  revision = 'a'\n", "\"\"\"revision = 'a'", "revisions = 'a'",
                           "revision: str", "\xEF\xBB\xBF"})
    EXPECT_FALSE(read_header(text, "x.py")) << text;
}

TEST(RevisionFile, ReadsWhetherItIsTransactional) {
  const auto said = [](const std::string& line) {
    return read_header("revision = 'a'\ndown_revision = None\n" + line, "x.py")->transactional;
  };
  EXPECT_EQ(said(""), std::nullopt);
  EXPECT_EQ(said("transactional = True  # all or nothing\n"), true);
  EXPECT_EQ(said("transactional: bool = False\n"), false);
  EXPECT_EQ(said("transactional = True\ntransactional = False\n"), false);
  EXPECT_EQ(said("def upgrade(env):\n  pass\ntransactional = True\n"), std::nullopt);
}

struct Refused {
  std::string text;
  const char* line;
  const char* says;
};

TEST(RevisionFile, RefusesWithFileAndLine) {
  const Refused rows[] = {
      {"revision = 'a'\ndown_revision = None\ntransactional = 1\n", "3", "transactional: this isn't True or False"},
      {"revision = 'a'\ndown_revision = None\ntransactional = True and 1\n", "3",
       "transactional: this isn't a literal"},
      {"revision = 'a'\ndown_revision = transactional = True\n", "2", ""},
      {"\n\nrevision = make()\n", "3", "x.py:3: revision: this isn't a literal"},
      {"revision = 'a'\ndown_revision = ('b',\n  c)\n", "3", "down_revision: this isn't a literal"},
      {"revision = 'a'\r\ndown_revision = f'b'\r\n", "2", "down_revision"},
      {"revision = 'a'\rdown_revision = b'b'\r", "2", "down_revision"},
      {"revision = 'a\n", "1", "this string isn't closed"},
      {"revision = '\\N{BULLET}'\n", "1", "\\N{...} can't be read without running Python"},
      {"revision = '\\x4'\n", "1", "broken escape"},
      {"revision = ('a',)\ndown_revision = None", "1", "revision is not a string"},
      {"revision = None\n", "1", "revision is not a string"},
      {"revision = 'a'\n", "1", "no down_revision"},
      {"revision = 'a-b'\ndown_revision = None\n", "1", "Character(s) '-' not allowed in revision identifier 'a-b'"},
      {"revision = 'a'\ndown_revision = 'b/c'\n", "2", "Character(s) '/' not allowed"},
      {"revision = 'a'\ndown_revision = None\nbranch_labels = 'x@y'\n", "3", "'@' not allowed in branch label 'x@y'"},
      {"revision = 'a'\ndown_revision = ''\n", "2", "empty"},
      {"revision = 'a'\nrevision += 'b'\n", "2", "this isn't a plain assignment"},
      {"revision, down_revision = 'a', None\n", "1", "this isn't a plain assignment"},
      {"revision = 'a'\nx = (\ndown_revision = None\n", "2", "isn't closed"},
      {"revision = " + std::string(100'000, '(') + "\n", "1", "too many brackets"},
      {"revision = '\xff'\ndown_revision = None\n", "1", ""},
  };
  for (const Refused& row : rows) {
    try {
      (void)read_header(row.text, "x.py");
      if (*row.says != '\0') ADD_FAILURE() << "accepted: " << row.text.substr(0, 80);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), Kind::revision);
      EXPECT_THAT(error.what(), HasSubstr(row.says));
      EXPECT_EQ(error.field("line"), row.line) << row.text.substr(0, 80);
      EXPECT_EQ(error.field("file"), "x.py");
      EXPECT_NE(error.hint(), "");
    }
  }
}

TEST(RevisionFile, ADocstringSurvivesWhatWeCantDecode) {
  EXPECT_EQ(read_header("'''\\N{BULLET} \\xzz \xff'''\nrevision='a'\ndown_revision=None\n", "x")->doc,
            "\\N{BULLET} \\xzz \uFFFD");
}

TEST(RevisionFile, ReadsLatin1) {
  EXPECT_EQ(read_header("# -*- coding: latin-1 -*-\n'caf\xe9'\nrevision='a'\ndown_revision=None\n", "x")->message,
            "caf\u00e9");
}

TEST(RevisionFile, SaysWhetherACutTextMayGoOn) {
  const std::string_view whole = kWhole;
  const auto header_end = whole.find("def upgrade") + 4;  // "def" at the end may be the start of another word
  for (std::size_t cut = 0; cut <= whole.size(); ++cut) {
    const std::string_view text = whole.substr(0, cut);
    EXPECT_EQ(header_may_continue(text), cut < header_end) << cut;
    if (header_may_continue(text)) continue;
    EXPECT_EQ(read_header(text, "x"), read_header(whole, "x"));
  }
}

TEST(RevisionFile, WritesTheGuidesForm) {
  EXPECT_EQ(render_revision_file({.id = "20241210150000",
                                  .parents = {"20241210140000"},
                                  .labels = {},
                                  .depends_on = {"a", "b"},
                                  .message = "add wallet collections",
                                  .created = "2024-12-10 15:00:00",
                                  .details = "Autogenerated migration:\n- New collections: wallet",
                                  .upgrade_body = "    env.create_collection('wallet')\n",
                                  .downgrade_body = ""}),
            R"("""
add wallet collections

Autogenerated migration:
- New collections: wallet

Revision ID: 20241210150000
Revises: 20241210140000
Create Date: 2024-12-10 15:00:00
"""

revision = '20241210150000'
down_revision = '20241210140000'
branch_labels = None
depends_on = ('a', 'b')


def upgrade(env):
    """Apply schema changes"""
    env.create_collection('wallet')


def downgrade(env):
    """Revert schema changes"""
    pass
)");
}

TEST(RevisionFile, AnyMessageReadsBack) {
  using namespace std::string_literals;
  for (const std::string& message :
       {"plain"s, "\"\"\""s, "ends with \""s, "''' \\ \\\\ \\n \\N{X} \\"s, "two\nlines"s, "\r\n\v\f\x1b\x7f\0nul"s,
        "漢字 \U0001F600 \u202e\u2028\ufeff"s, "\"\"\"\"\"\"\""s, "# coding: latin-1"s, "revision = 'x'"s,
        std::string(10'000, '"'), "  spaces  "s}) {
    const std::string text =
        render_revision_file({"a", {"b", "c"}, {"l"}, {}, message, "2024-12-10 00:00:00", "", "", ""});
    const auto revision = read_header(text, "x.py");
    ASSERT_TRUE(revision) << text;
    EXPECT_TRUE(revision->doc.starts_with("\n" + message + "\n\nRevision ID: a\nRevises: b, c\n")) << text;
    EXPECT_THAT(revision->parents, ElementsAre("b", "c"));
  }
  EXPECT_EQ(read_header(render_revision_file({"a", {}, {}, {}, " \n", "", "", "", ""}), "")->message, "empty message");
  EXPECT_THROW(render_revision_file({"a", {}, {}, {}, "\xff", "", "", "", ""}), Error);
}

TEST(RevisionFile, Slugs) {
  EXPECT_EQ(slug_of("Add wallet!"), "add_wallet");
  EXPECT_EQ(slug_of("a\xef\xbb\xbf"
                    "b\xe2\x80\xae"
                    "c"),
            "a_b_c");  // what nobody sees is no part of a name
  EXPECT_EQ(slug_of("add user last_login field"), "add_user_last_login_field");
  EXPECT_EQ(slug_of("  --Çà et là, Łódź, Straße, Ægir, tiếng Việt"), "ca_et_la_lodz_strasse_aegir_tieng_viet");
  EXPECT_EQ(slug_of("e\u0301te\u0301"), "ete");
  EXPECT_EQ(slug_of("Добавить КОШЕЛЁК"), "добавить_кошелёк");
  EXPECT_EQ(slug_of("添加钱包，🙂 ＡＢＣ"), "添加钱包_abc");
  EXPECT_EQ(slug_of("../../etc/passwd"), "etc_passwd");
  EXPECT_EQ(slug_of("🙂 !!"), "revision");
  EXPECT_EQ(slug_of(""), "revision");
  EXPECT_EQ(slug_of("\xff\xfe"), "revision");
  EXPECT_EQ(slug_of("one two three", 8), "one_two");
  EXPECT_EQ(slug_of("one two three", 7), "one_two");
  EXPECT_EQ(slug_of(std::string(10'000, 'x')), std::string(40, 'x'));
  EXPECT_EQ(file_name_of("20241210120000", "Add wallet"), "20241210120000_add_wallet.py");
}

TEST(RevisionFile, NamesAgreeWithIds) {
  EXPECT_TRUE(name_agrees("12_x.py", "12"));
  EXPECT_TRUE(name_agrees("12.py", "12"));
  EXPECT_FALSE(name_agrees("123_x.py", "12"));
  EXPECT_FALSE(name_agrees("12_x.txt", "12"));
  EXPECT_FALSE(name_agrees("12.py.py", "12"));
  EXPECT_FALSE(name_agrees("1.py", "1.py"));
}

TEST(RevisionFile, Dates) {
  EXPECT_EQ(date_text(0), "1970-01-01 00:00:00");
  EXPECT_EQ(date_text(-1), "1969-12-31 23:59:59");
  EXPECT_EQ(date_text(1733788800999), "2024-12-10 00:00:00");
  EXPECT_EQ(timestamp_id(1709251199000), "20240229235959");
  EXPECT_EQ(timestamp_id(INT64_MAX), "99991231235959");
  EXPECT_EQ(timestamp_id(INT64_MIN), "00000101000000");
}

TEST(RevisionFile, ATakenSecondGivesTheNextOfTheCalendar) {
  EXPECT_EQ(free_timestamp_id(1709251199500, {}), "20240229235959");
  EXPECT_EQ(free_timestamp_id(1709251199500, {"20240229235959", "other"}), "20240301000000");
  EXPECT_EQ(free_timestamp_id(1735689599000, {"20250101000000", "20241231235959"}), "20250101000001");
  EXPECT_THROW(free_timestamp_id(INT64_MAX, {"99991231235959"}), Error);
}

}  // namespace
}  // namespace treering
