// SPDX-License-Identifier: Apache-2.0
#include "treering/library/migration_manager.h"

#include <filesystem>

#include "treering/library/open_project.h"

namespace treering {
namespace {

enum class Needs { files, database };

OpenRequest request_of(const ManagerOptions& options, Needs needs) {
  OpenRequest request;
  if (std::filesystem::is_directory(options.config)) {
    request.config.start = options.config;
  } else {
    request.config.file = options.config;
  }
  request.config.environment = options.environment;
  request.config.url = options.url;
  request.config.database = options.database;
  request.config.need_database = needs == Needs::database;
  request.scripts = options.scripts;
  request.observer = options.observer;
  request.check_interrupted = options.check_interrupted;
  return request;
}

RunReport or_throw(RunReport report) {
  if (report.failure) throw RunFailed(std::move(report));
  return report;
}

}  // namespace

RunReport MigrationManager::upgrade(const std::string& target) {
  OpenProject open(request_of(options_, Needs::database));
  return or_throw(treering::upgrade(open.project(), target));
}

RunReport MigrationManager::downgrade(const std::string& target) {
  OpenProject open(request_of(options_, Needs::database));
  return or_throw(treering::downgrade(open.project(), target));
}

RunReport MigrationManager::stamp(const std::vector<std::string>& targets, bool purge) {
  OpenProject open(request_of(options_, Needs::database));
  return treering::stamp(open.project(), targets, purge);
}

CurrentReport MigrationManager::current() {
  OpenProject open(request_of(options_, Needs::database));
  return treering::current(open.project());
}

std::vector<RevisionReport> MigrationManager::history(const std::string& range) {
  OpenProject open(request_of(options_, Needs::database));
  return treering::history(open.project(), range, true);
}

std::vector<RevisionReport> MigrationManager::heads() {
  OpenProject open(request_of(options_, Needs::files));
  return treering::heads(open.project(), false);
}

std::vector<RevisionReport> MigrationManager::show(const std::string& target) {
  OpenProject open(request_of(options_, Needs::database));
  return treering::show(open.project(), target);
}

std::vector<LogEntry> MigrationManager::log(std::size_t limit) {
  OpenProject open(request_of(options_, Needs::database));
  return treering::log(open.project(), limit);
}

CreatedRevision MigrationManager::revision(const std::string& message) {
  OpenProject open(request_of(options_, Needs::files));
  NewRevisionOptions options;
  options.message = message;
  return create_revision(open.project(), options);
}

}  // namespace treering
