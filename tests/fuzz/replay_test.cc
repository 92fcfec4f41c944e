// SPDX-License-Identifier: Apache-2.0
// Every file of the corpora and every find, through its target.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "fuzz/targets.h"

namespace treering::fuzz {
namespace {

namespace fs = std::filesystem;

struct Case {
  NamedTarget target;
  fs::path file;
};

void PrintTo(const Case& replayed, std::ostream* to) { *to << replayed.file.string(); }

std::vector<Case> cases() {
  std::vector<Case> found;
  for (const NamedTarget& target : kTargets) {
    for (const char* kind : {"corpus", "finds"}) {
      const fs::path folder = fs::path(TREERING_FUZZ_FOLDER) / kind / target.name;
      if (!fs::exists(folder)) continue;
      for (const auto& entry : fs::directory_iterator(folder)) found.push_back({target, entry.path()});
    }
  }
  std::ranges::sort(found, {}, &Case::file);
  return found;
}

std::string name_of(const testing::TestParamInfo<Case>& info) {
  std::string name = std::string(info.param.target.name) + "_" + info.param.file.stem().string();
  std::ranges::replace_if(name, [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return name + "_" + std::to_string(info.index);
}

class Replay : public testing::TestWithParam<Case> {};

TEST_P(Replay, IsTakenOrRefusedAndKeepsItsLaws) {
  std::ifstream stream(GetParam().file, std::ios::binary);
  const std::string input{std::istreambuf_iterator<char>(stream), {}};
  EXPECT_NO_THROW(GetParam().target.run(input));
}

INSTANTIATE_TEST_SUITE_P(Fuzz, Replay, testing::ValuesIn(cases()), name_of);

TEST(Corpus, EveryTargetHasOne) {
  for (const NamedTarget& target : kTargets)
    EXPECT_TRUE(std::ranges::any_of(cases(), [&](const Case& each) { return each.target.name == target.name; }))
        << target.name;
}

}  // namespace
}  // namespace treering::fuzz
