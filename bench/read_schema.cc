// SPDX-License-Identifier: Apache-2.0
// Reads the schema of a database as autogenerate does, and prints: collections, indexes, seconds, peak resident KiB.
//   read_schema URL DATABASE
// The seconds begin before the first connection and end with the schema in memory; starting the program isn't in them.
#include "treering/engine/read_schema.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdio>

#include "resident.h"
#include "treering/base/error.h"
#include "treering/mongo/mongo_server.h"

namespace treering {
namespace {

void read(const char* url, const char* database) {
  const auto start = std::chrono::steady_clock::now();
  const auto server = mongo_server({.url = url, .username = {}, .password = {}});
  const Schema schema = read_schema(*server, database, {});
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  std::size_t indexes = 0;
  for (const Collection& collection : schema.collections()) indexes += collection.indexes.size();
  fmt::print("{} {} {:.6f} {}\n", schema.collections().size(), indexes, taken.count(), peak_resident_kib());
}

}  // namespace
}  // namespace treering

int main(int argc, char** argv) {
  if (argc != 3) {
    fmt::print(stderr, "usage: read_schema URL DATABASE\n");
    return 2;
  }
  try {
    treering::read(argv[1], argv[2]);
  } catch (const treering::Error& error) {
    fmt::print(stderr, "read_schema: {}\n", error.what());
    return 1;
  }
  return 0;
}
