// SPDX-License-Identifier: Apache-2.0
#include "treering/base/error.h"

#include <gtest/gtest.h>

#include <csignal>
#include <set>

namespace treering {
namespace {

constexpr Kind kAll[] = {Kind::migration_failed, Kind::interrupted, Kind::usage,          Kind::config,
                         Kind::revision,         Kind::file,        Kind::authentication, Kind::locked,
                         Kind::lease_lost,       Kind::differs,     Kind::unreachable,    Kind::server};

TEST(Error, HasARowOfItsOwnForEveryKind) {
  std::set<std::string_view> names, classes;
  for (Kind kind : kAll) {
    EXPECT_EQ(kind_row(kind).kind, kind);
    EXPECT_NE(kind_row(kind).exit_code, 0) << kind_row(kind).name;
    names.insert(kind_row(kind).name);
    classes.insert(kind_row(kind).python_class);
  }
  EXPECT_EQ(names.size(), std::size(kAll));
  EXPECT_EQ(classes.size(), std::size(kAll));
}

TEST(Error, ExitsAsDocumented) {
  EXPECT_EQ(Error(Kind::migration_failed, "").exit_code(), 1);
  EXPECT_EQ(Error(Kind::config, "").exit_code(), 2);
  EXPECT_EQ(Error(Kind::locked, "").exit_code(), 3);
  EXPECT_EQ(Error(Kind::differs, "").exit_code(), 4);
  EXPECT_EQ(Error(Kind::unreachable, "").exit_code(), 5);
  EXPECT_EQ(Error(Kind::interrupted, "").exit_code(), 130);
  EXPECT_EQ(Error(Kind::interrupted, "").with("signal", std::to_string(SIGINT)).exit_code(), 130);
  EXPECT_EQ(Error(Kind::interrupted, "").with("signal", std::to_string(SIGTERM)).exit_code(), 143);
  EXPECT_EQ(Error(Kind::interrupted, "").with("signal", std::to_string(SIGHUP)).exit_code(), 129);
}

TEST(Error, KeepsItsFactsInOrder) {
  const Error error = Error(Kind::file, "no such file", "look again").with("file", "a.py").with("line", "3");
  EXPECT_STREQ(error.what(), "no such file");
  EXPECT_EQ(error.hint(), "look again");
  EXPECT_EQ(error.field("line"), "3");
  EXPECT_EQ(error.field("column"), "");
  ASSERT_EQ(error.fields().size(), 2u);
  EXPECT_EQ(error.fields()[0].first, "file");
}

}  // namespace
}  // namespace treering
