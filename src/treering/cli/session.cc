// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

#include "treering/cli/verbs.h"

namespace treering {

std::unique_ptr<OpenProject> Session::open(Needs needs, Observer* observer) const {
  OpenRequest request;
  request.config.start = host.start;
  request.config.file = options.config;
  request.config.default_file = host.config;
  request.config.environment = options.environment;
  request.config.url = options.url;
  request.config.need_database = needs == Needs::database;
  request.scripts = host.scripts;
  request.observer = observer;
  request.check_interrupted = check_interrupted;
  auto project = std::make_unique<OpenProject>(request);
  if (host.opened) host.opened(project->config().root);
  return project;
}

}  // namespace treering
