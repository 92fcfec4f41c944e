// SPDX-License-Identifier: Apache-2.0
#include "treering/library/open_project.h"

#include <fmt/format.h>

#include <mutex>
#include <thread>

#include "treering/disk/disk_files.h"
#include "treering/disk/identity.h"
#include "treering/disk/server_url.h"
#include "treering/disk/system_clock.h"
#include "treering/mongo/handle.h"
#include "treering/mongo/mongo_server.h"

namespace treering {
namespace {

// Starts nothing and parses nothing before somebody connects: half of the commands never ask the database.
class LazyServer : public Server {
 public:
  LazyServer(const Config& config, Observer* observer, Clock& clock)
      : config_(config), observer_(observer), clock_(clock) {}

  std::unique_ptr<Connection> connect() override { return server().connect(); }
  std::vector<Document> read_many(const std::string& database, const std::vector<Document>& commands) override {
    return server().read_many(database, commands);
  }
  ServerAccess access() override { return server().access(); }
  std::string hosts() const override { return const_cast<LazyServer*>(this)->server().hosts(); }

  void keep_across_exec() {
    std::lock_guard lock(mutex_);
    if (embedded_) embedded_->keep_across_exec();
    leave_mongoc_for_exec();
  }

 private:
  Server& server() {
    std::lock_guard lock(mutex_);
    if (server_) return *server_;
    std::string url = config_.url;
    if (is_embedded_url(url)) {
      embedded_ = EmbeddedServer::start(config_.root, [this](const std::string& line) {
        if (observer_ != nullptr) observer_->note(line);
      });
      url = embedded_->url();
    }
    if (observer_ != nullptr && !is_embedded_url(config_.url))
      for (const std::string& name : unknown_options(config_.url))
        observer_->note(
            fmt::format("the server's URL has an option that Treering doesn't know, and passes over: {}", name));
    server_ = mongo_server({url, config_.username, config_.password, config_.server_timeout, config_.lease,
                            [this](std::chrono::milliseconds away) { while_waiting(away); }});
    return *server_;
  }

  // Only where the verb runs: the observer is no other thread's, nor are an interpreter's signals.
  void while_waiting(std::chrono::milliseconds away) {
    if (std::this_thread::get_id() != opener_) return;
    const bool is_worth_a_word = away >= std::chrono::seconds(1);
    if (is_worth_a_word && !told_away_ && observer_ != nullptr)
      observer_->note(fmt::format("the server at {} is away: asking again for up to {} s", server_->hosts(),
                                  std::chrono::ceil<std::chrono::seconds>(config_.lease).count()));
    told_away_ = is_worth_a_word;
    clock_.check_interrupted();
  }

  const Config& config_;
  Observer* observer_;
  Clock& clock_;
  const std::thread::id opener_ = std::this_thread::get_id();
  bool told_away_ = false;  // of the outage that lasts
  std::mutex mutex_;
  std::unique_ptr<EmbeddedServer> embedded_;
  std::unique_ptr<Server> server_;  // after embedded_: connections end before the server does
};

}  // namespace

struct OpenProject::Parts {
  explicit Parts(const OpenRequest& request)
      : config(load_config(request.config)),
        files(disk_files(config.root, config.versions, {config.snapshots, config.post_write_hooks})),
        clock(system_clock(request.check_interrupted)),
        server(config, request.observer, *clock) {
    project.settings.database = config.database;
    project.settings.models = config.models;
    project.settings.strict_heads = config.strict_heads;
    project.settings.transactional = config.transactional;
    project.settings.trash = config.trash;
    project.settings.lock_timeout = config.lock_timeout;
    project.settings.lease = config.lease;
    project.settings.me = this_process();
    project.files = files.get();
    project.server = &server;
    project.scripts = request.scripts;
    project.clock = clock.get();
    project.observer = request.observer;
  }

  Config config;
  std::unique_ptr<Files> files;
  std::unique_ptr<Clock> clock;
  LazyServer server;
  Project project;
};

OpenProject::OpenProject(const OpenRequest& request) : parts_(std::make_unique<Parts>(request)) {}
OpenProject::~OpenProject() = default;

Project& OpenProject::project() { return parts_->project; }
const Config& OpenProject::config() const { return parts_->config; }
void OpenProject::keep_server_across_exec() { parts_->server.keep_across_exec(); }

}  // namespace treering
