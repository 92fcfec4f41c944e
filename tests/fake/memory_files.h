// SPDX-License-Identifier: Apache-2.0
// The files of a project in memory, which counts what is read.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "treering/base/error.h"
#include "treering/engine/port/files.h"
#include "treering/history/revision_file.h"

namespace treering {

class MemoryFiles : public Files {
 public:
  static constexpr const char* kFolder = "migrations/versions/";
  static constexpr const char* kSnapshots = "migrations/snapshots/";

  std::vector<RevisionFile> list() override {
    std::vector<RevisionFile> result;
    for (const auto& [path, text] : texts_)
      if (path.starts_with(kFolder) && path.ends_with(".py"))
        result.push_back({path, path.substr(path.rfind('/') + 1)});
    return result;
  }

  std::string read(const std::string& path) override {
    ++reads_;
    return text_of(path);
  }

  std::vector<std::string> read_all(const std::vector<RevisionFile>& files, std::size_t limit) override {
    std::vector<std::string> result;
    for (const RevisionFile& file : files) {
      ++reads_;
      const std::string text = text_of(file.path);
      result.push_back(limit == 0 ? text : text.substr(0, limit));
    }
    return result;
  }

  std::string create(const std::string& name, const std::string& text) override {
    const std::string path = kFolder + name;
    if (texts_.contains(path)) throw Error(Kind::file, path + " exists already").with("file", path);
    texts_[path] = text;
    return path;
  }

  std::vector<std::string> snapshots() override {
    std::vector<std::string> ids;
    for (const auto& [path, text] : texts_)
      if (path.starts_with(kSnapshots) && path.ends_with(".json"))
        ids.push_back(path.substr(std::string(kSnapshots).size(), path.rfind('.') - std::string(kSnapshots).size()));
    return ids;
  }
  std::string snapshot_path(const std::string& revision) override { return kSnapshots + revision + ".json"; }
  std::string create_snapshot(const std::string& revision, const std::string& text) override {
    write(snapshot_path(revision), text);
    return snapshot_path(revision);
  }

  bool exists(const std::string& path) override { return texts_.contains(path); }
  void write(const std::string& path, const std::string& text) override { texts_[path] = text; }
  void remove(const std::string& path) override { texts_.erase(path); }

  std::vector<std::string> run_post_write_hooks(const std::string& path) override {
    hooked_.push_back(path);
    return hook_lines_;
  }

  // --- For tests
  // Writes (or writes again) the file of a revision and gives its path.
  std::string put(const NewRevision& revision) {
    const std::string path = kFolder + file_name_of(revision.id, revision.message);
    texts_[path] = render_revision_file(revision);
    return path;
  }
  void put_text(const std::string& name, const std::string& text) { texts_[kFolder + name] = text; }
  void answer_hooks(std::vector<std::string> lines) { hook_lines_ = std::move(lines); }
  const std::vector<std::string>& hooked() const { return hooked_; }  // paths that hooks were run for
  std::size_t reads() const { return reads_; }
  void forget_reads() { reads_ = 0; }
  const std::map<std::string, std::string>& texts() const { return texts_; }

 private:
  const std::string& text_of(const std::string& path) const {
    auto found = texts_.find(path);
    if (found == texts_.end()) throw Error(Kind::file, path + ": no such file").with("file", path);
    return found->second;
  }

  std::map<std::string, std::string> texts_;
  std::vector<std::string> hooked_;
  std::vector<std::string> hook_lines_;
  std::size_t reads_ = 0;
};

}  // namespace treering
