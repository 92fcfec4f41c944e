// SPDX-License-Identifier: Apache-2.0
#include "treering/disk/templates.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <system_error>

#include "treering/base/error.h"
#include "treering/disk/absolute_path.h"
#include "treering/disk/embedded_files.h"
#include "treering/disk/server_url.h"

namespace treering {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kIgnoredFolder = ".treering/";
constexpr std::string_view kDatabase = "@DATABASE@";
constexpr std::string_view kModels = "@MODELS@";
constexpr const char* kModelsOfPython = "models.py";
constexpr const char* kModelsOfBaseapp = "baseapp/models/mongodb_schema.py";

using Contents = std::map<std::string, std::string>;  // by path relative to the project's folder

std::optional<std::string> text_of(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return std::nullopt;
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

void fill_in(std::string& text, std::string_view place, std::string_view value) {
  if (const std::size_t at = text.find(place); at != std::string::npos) text.replace(at, place.size(), value);
}

void add_files_of(std::string_view name, const std::string& database, const std::string& models, Contents& contents) {
  const std::string prefix = std::string(name) + "/";
  for (const EmbeddedFile& file : embedded_files()) {
    if (!file.path.starts_with(prefix)) continue;
    std::string text(file.text);
    fill_in(text, kDatabase, database);
    fill_in(text, kModels, models);
    contents[std::string(file.path.substr(prefix.size()))] = std::move(text);
  }
}

Contents contents_of(Template which, const std::string& database) {
  Contents contents;
  if (which == Template::python) {
    add_files_of("python", database, kModelsOfPython, contents);
    return contents;
  }
  add_files_of("python", database, kModelsOfBaseapp, contents);
  contents.erase(kModelsOfPython);  // the package has them
  add_files_of("baseapp", database, kModelsOfBaseapp, contents);
  return contents;
}

bool is_there(const fs::path& path) {
  std::error_code error;
  return fs::exists(fs::symlink_status(path, error));
}

// A file, or what stands where a folder of it should be.
std::optional<std::string> obstacle(const fs::path& folder, const std::string& name, const std::string& text) {
  fs::path parent;
  for (const fs::path& part : fs::path(name).parent_path()) {
    parent /= part;
    if (is_there(folder / parent) && !fs::is_directory(folder / parent)) return parent.string();
  }
  if (!is_there(folder / name)) return std::nullopt;
  if (fs::is_regular_file(folder / name) && (text.empty() || text_of(folder / name) == text)) return std::nullopt;
  return name;
}

void require_free(const fs::path& folder, const Contents& contents) {
  if (is_there(folder) && !fs::is_directory(folder)) throw Error(Kind::usage, folder.string() + " is not a folder");
  if (is_there(folder / "treering.toml"))
    throw Error(Kind::usage, folder.string() + " is a Treering project already: it has a treering.toml",
                "write a first revision with: treering revision -m \"...\"");
  std::string obstacles;
  for (const auto& [name, text] : contents)
    if (const auto found = obstacle(folder, name, text)) obstacles += (obstacles.empty() ? "" : ", ") + *found;
  if (obstacles.empty()) return;
  Error error(Kind::usage, "these are in " + folder.string() + " already: " + obstacles,
              "nothing was written; move them away, or choose another folder");
  throw error.with("files", obstacles);
}

// The text that .gitignore should have; nothing where it has the line.
std::optional<std::string> ignoring(const fs::path& path) {
  std::string text = text_of(path).value_or("");
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line == ".treering/" || line == ".treering" || line == "/.treering/" || line == "/.treering")
      return std::nullopt;
  }
  if (!text.empty() && text.back() != '\n') text += '\n';
  return text.append(kIgnoredFolder).append("\n");
}

// Makes files and folders, and removes them again unless told to keep them.
class Construction {
 public:
  Construction() = default;
  Construction(const Construction&) = delete;
  Construction& operator=(const Construction&) = delete;
  ~Construction() {
    std::error_code ignored;
    std::ranges::reverse(made_);
    for (const fs::path& path : made_) fs::remove(path, ignored);
  }
  void keep() { made_.clear(); }

  void folder(const fs::path& path) {
    if (path.empty() || fs::is_directory(path)) return;
    folder(path.parent_path());
    std::error_code error;
    if (!fs::create_directory(path, error)) throw failure(path, error);
    made_.push_back(path);
  }

  void file(const fs::path& path, const std::string& text) {
    folder(path.parent_path());
    if (!is_there(path)) made_.push_back(path);
    errno = 0;
    std::ofstream stream(path, std::ios::binary | std::ios::trunc);
    stream << text;
    stream.close();
    if (!stream) throw failure(path, std::error_code(errno, std::generic_category()));
  }

 private:
  static Error failure(const fs::path& path, const std::error_code& code) {
    Error error(Kind::file, "can't write " + path.string() + ": " + code.message());
    return error.with("file", path.string());
  }

  std::vector<fs::path> made_;
};

}  // namespace

const std::vector<TemplateRow>& template_rows() {
  static const std::vector<TemplateRow> kRows{
      {Template::python, "python", "treering.toml, models.py and a folder for revisions in Python"},
      {Template::baseapp, "baseapp", "the same with manage.py and the package baseapp"},
  };
  return kRows;
}

Template template_named(std::string_view name) {
  std::string names;
  for (const TemplateRow& row : template_rows()) {
    if (row.name == name) return row.which;
    names.append(names.empty() ? "there are: " : ", ").append(row.name);
  }
  throw Error(Kind::usage, "no template is called \"" + std::string(name) + "\"", names);
}

std::vector<std::string> scaffold(const std::string& folder, Template which) {
  fs::path root = absolute_path(folder);
  if (!root.has_filename() && root.has_relative_path()) root = root.parent_path();
  const Contents contents = contents_of(which, fit_database_name(root.filename().string()));
  require_free(root, contents);

  std::vector<std::string> written;
  Construction construction;
  for (const auto& [name, text] : contents) {
    if (is_there(root / name)) continue;
    construction.file(root / name, text);
    written.push_back(name);
  }
  if (const auto text = ignoring(root / ".gitignore")) {
    construction.file(root / ".gitignore", *text);
    written.emplace_back(".gitignore");
  }
  construction.keep();
  return written;
}

}  // namespace treering
