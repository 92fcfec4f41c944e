// SPDX-License-Identifier: Apache-2.0
// Port: the project's revision files.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace treering {

// One file of a versions folder.
struct RevisionFile {
  std::string path;  // as shown to people: relative to the project's root
  std::string name;  // the last part of the path
};

// Thread-safe. Every method throws Error(Kind::file) naming the path where the file system refuses.
class Files {
 public:
  virtual ~Files() = default;

  // Everything in the versions folders whose name ends in ".py", in no order. Throws Error(Kind::config) where no
  // versions folder exists.
  virtual std::vector<RevisionFile> list() = 0;

  // The names of `list`, each followed by '/'. Where that takes a while they are gathered from now on, beside what the
  // caller does until it calls the result: once, and while this object is there. What `list` throws, that call throws.
  virtual std::function<std::string()> begin_names() {
    return [this] {
      std::string names;
      for (const RevisionFile& file : list()) names += file.name + '/';
      return names;
    };
  }

  // The whole text of a file that `list` gave, or of another path inside the project.
  virtual std::string read(const std::string& path) = 0;

  // The texts of many files, in the order asked for; may read several at a time. Each is cut after `limit` bytes
  // (headers stand at the start of a file; 0 means whole files).
  virtual std::vector<std::string> read_all(const std::vector<RevisionFile>& files, std::size_t limit) = 0;

  // Writes a new revision file into the (first, or the named) versions folder and gives its path as `list` would.
  // Atomic: it is there whole or not at all. Throws Error(Kind::file) where a file of that name exists, or one whose
  // name starts with the same timestamp id: of two commands in one second, one is told.
  virtual std::string create(const std::string& name, const std::string& text) = 0;

  // Snapshots of the models, one file a revision at most: the ids that have one, in no order; the text of one; a new
  // one, over what was there, whose path it gives.
  virtual std::vector<std::string> snapshots() = 0;
  virtual std::string snapshot_path(const std::string& revision) = 0;
  virtual std::string create_snapshot(const std::string& revision, const std::string& text) = 0;

  // Any other file of the project, by its path relative to the root. `write` makes folders that are missing and
  // replaces what is there, whole or not at all; `remove` is fine with what isn't there.
  virtual bool exists(const std::string& path) = 0;
  virtual void write(const std::string& path, const std::string& text) = 0;
  virtual void remove(const std::string& path) = 0;

  // Hands a new revision file to the configured post-write hooks (a formatter), in order. Gives what is worth telling,
  // a line each: that it ran, or how it failed. Never throws for a hook that failed: the file is written.
  virtual std::vector<std::string> run_post_write_hooks(const std::string& path) = 0;
};

}  // namespace treering
