// SPDX-License-Identifier: Apache-2.0
// Compares two schemas of so many collections with three indexes each, of which one in a hundred differs. Prints the
// median milliseconds of `differences`, of `propose` and of both, then those of processor time of both, then the peak
// resident KiB.
//   diff_schema COLLECTIONS ROUNDS
// The proposal is made of three schemas, as in autogenerate: the snapshot and the database agree, the models differ.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <string>
#include <utility>
#include <vector>

#include "resident.h"
#include "treering/schema/canonical.h"
#include "treering/schema/compare.h"
#include "treering/schema/proposal.h"

namespace treering {
namespace {

constexpr int kOneIn = 100;

enum class Side { before, after };

Index index_of(Document key, Document options) {
  Document specification;
  specification.add("key", key).add_all(options);
  return *canonical_index(specification, Document(), IndexSource::specification);
}

// The one in a hundred gets another index, another time to live, or loses an index.
Collection collection_of(int number, Side side) {
  Collection result;
  result.name = fmt::format("collection_{:05}", number);
  const bool differs = side == Side::after && number % kOneIn == 0;
  const int how = number / kOneIn % 3;
  const std::int32_t lifetime = differs && how == 0 ? 7200 : 3600;
  result.indexes.push_back(index_of(Document().add("email", 1), Document().add("unique", true)));
  result.indexes.push_back(index_of(Document().add("created_at", 1), Document().add("expireAfterSeconds", lifetime)));
  if (!differs || how != 1)
    result.indexes.push_back(index_of(Document().add("account", 1).add("created_at", -1), Document()));
  if (differs && how == 2) result.indexes.push_back(index_of(Document().add("status", 1), Document()));
  return result;
}

Schema schema_of(int collections, Side side) {
  std::vector<Collection> result;
  result.reserve(static_cast<std::size_t>(collections));
  for (int number = 0; number < collections; ++number) result.push_back(collection_of(number, side));
  return Schema(std::move(result));
}

struct Taken {
  double milliseconds = 0;
  double processor_milliseconds = 0;
};

template <class Work>
Taken timed(const Work& work) {
  const auto start = std::chrono::steady_clock::now();
  const std::clock_t processor_start = std::clock();
  work();
  const std::clock_t processor = std::clock() - processor_start;
  return {std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count(),
          1000.0 * static_cast<double>(processor) / CLOCKS_PER_SEC};
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

int measure(int collections, int rounds) {
  const Schema before = schema_of(collections, Side::before);
  const Schema after = schema_of(collections, Side::after);
  const std::size_t expected = static_cast<std::size_t>((collections + kOneIn - 1) / kOneIn);
  std::vector<double> comparing;
  std::vector<double> proposing;
  std::vector<double> both;
  std::vector<double> processor;
  for (int round = 0; round < rounds; ++round) {
    std::size_t found = 0;
    const Taken compared = timed([&] { found = differences(before, after).size(); });
    Schema live = before;  // autogenerate gives it away as well
    Proposal proposal;     // taking it apart isn't timed
    const Taken proposed = timed([&] { proposal = propose(before, after, std::move(live), {}); });
    comparing.push_back(compared.milliseconds);
    proposing.push_back(proposed.milliseconds);
    both.push_back(compared.milliseconds + proposed.milliseconds);
    processor.push_back(compared.processor_milliseconds + proposed.processor_milliseconds);
    if (found == expected && proposal.changes.size() == expected) continue;
    fmt::print(stderr, "diff_schema: {} differences and {} changes instead of {}\n", found, proposal.changes.size(),
               expected);
    return 1;
  }
  fmt::print("{:.4f} {:.4f} {:.4f} {:.4f} {}\n", median(comparing), median(proposing), median(both), median(processor),
             peak_resident_kib());
  return 0;
}

}  // namespace
}  // namespace treering

int main(int argc, char** argv) {
  const int collections = argc == 3 ? std::atoi(argv[1]) : 0;
  const int rounds = argc == 3 ? std::atoi(argv[2]) : 0;
  if (collections > 0 && rounds > 0) return treering::measure(collections, rounds);
  fmt::print(stderr, "usage: diff_schema COLLECTIONS ROUNDS\n");
  return 2;
}
