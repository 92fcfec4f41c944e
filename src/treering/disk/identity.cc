// SPDX-License-Identifier: Apache-2.0
#include "treering/disk/identity.h"

#include <fmt/format.h>
#include <pwd.h>
#include <sys/random.h>
#include <sys/types.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <climits>
#include <cstdint>
#include <string>

#include "treering/base/utf8.h"

namespace treering {
namespace {

std::string host_name() {
  std::array<char, HOST_NAME_MAX + 1> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "unknown";
  return repaired_utf8(name.data());
}

std::string user_name() {
  std::array<char, 4096> space{};
  passwd entry{};
  passwd* found = nullptr;
  const uid_t user = ::geteuid();
  if (::getpwuid_r(user, &entry, space.data(), space.size(), &found) == 0 && found != nullptr)
    return repaired_utf8(found->pw_name);
  return std::to_string(user);  // a container's user without a name
}

std::string run_id() {
  std::uint64_t number = 0;
  if (::getrandom(&number, sizeof number, 0) != static_cast<ssize_t>(sizeof number)) {
    // Refused (a strict sandbox): time and process are unique enough.
    number = static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch().count());
    number ^= static_cast<std::uint64_t>(::getpid()) << 48u;
  }
  return fmt::format("{:016x}", number);
}

}  // namespace

Holder this_process() { return {host_name(), ::getpid(), user_name(), run_id()}; }

}  // namespace treering
