// SPDX-License-Identifier: Apache-2.0
#include "treering/disk/config.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include "fuzz/targets.h"

namespace treering::fuzz {
namespace {

// One file a process, written anew for each input.
class ConfigText {
 public:
  ConfigText()
      : path_(std::filesystem::temp_directory_path() / ("treering-fuzz-" + std::to_string(getpid()) + ".toml")) {}
  ~ConfigText() { std::filesystem::remove(path_); }
  ConfigText(const ConfigText&) = delete;
  ConfigText& operator=(const ConfigText&) = delete;

  std::string path_with(std::string_view text) const {
    std::ofstream(path_, std::ios::binary).write(text.data(), static_cast<std::streamsize>(text.size()));
    return path_.string();
  }

 private:
  std::filesystem::path path_;
};

}  // namespace

void config(std::string_view input) {
  static const ConfigText file;
  ConfigRequest request;
  request.file = file.path_with(input);
  request.getenv = [](const std::string& name) {
    return name.starts_with("TREERING") ? std::nullopt : std::optional<std::string>(name);
  };
  for (const bool need_database : {false, true}) {
    request.need_database = need_database;
    Config read;
    if (is_refused(Kind::config, [&] { read = load_config(request); })) continue;
    const std::string shown = redact_url(read.url);
    require(redact_url(shown) == shown, "a URL that was made safe to show stays as it is");
    require(!read.versions.empty(), "there is always a folder of revisions");
  }
}

}  // namespace treering::fuzz
