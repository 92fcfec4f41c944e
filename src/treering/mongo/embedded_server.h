// SPDX-License-Identifier: Apache-2.0
// `embedded:`: a server for one project, as a process of its own with its data in the project's .treering/ folder.
#pragma once

#include <functional>
#include <memory>
#include <string>

namespace treering {

// The environment variable that carries our share across an exec: the number of the open file that holds the lock.
inline constexpr const char* kEmbeddedShareVariable = "TREERING_EMBEDDED_FD";

// Starts the server, or joins the one that another command of the project started. The last user's destructor stops it:
// users hold a shared lock (flock) on .treering/users.lock, which the kernel releases however they end, so that a
// killed user never keeps the server from being stopped by the next one.
class EmbeddedServer {
 public:
  // `root`: the project's folder. `note` is told what a person should know (the fallback server's warning).
  // Picks `mongod` on PATH, else `secantusd-rs` on PATH or in the cache folder where `make test` keeps it, else
  // `secantusd-py` on PATH or beside this program; TREERING_EMBEDDED names one explicitly. The data stays with the
  // engine that wrote it. Throws Error(Kind::unreachable) where there is none (says what to install) or it doesn't
  // start (with the end of its log), Error(Kind::file) where .treering/ can't be written.
  static std::unique_ptr<EmbeddedServer> start(const std::string& root,
                                               const std::function<void(const std::string&)>& note);
  virtual ~EmbeddedServer() = default;

  virtual std::string url() const = 0;  // mongodb://127.0.0.1:PORT/

  // For execv: keeps our share of the server across the exec. The new program calls start() with the same root, which
  // takes the share over.
  virtual void keep_across_exec() = 0;
};

}  // namespace treering
