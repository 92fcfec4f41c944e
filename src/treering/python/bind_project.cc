// SPDX-License-Identifier: Apache-2.0
// treering._native.Project. treering.migration stands on it.
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <memory>
#include <set>

#include "treering/engine/author.h"
#include "treering/engine/autogenerate.h"
#include "treering/engine/doctor.h"
#include "treering/engine/dry_run.h"
#include "treering/engine/edited.h"
#include "treering/engine/inspect.h"
#include "treering/engine/lease_state.h"
#include "treering/engine/migrate.h"
#include "treering/engine/trash_verbs.h"
#include "treering/engine/write_script.h"
#include "treering/library/schema_source.h"
#include "treering/python/native_env.h"
#include "treering/python/native_project.h"
#include "treering/python/report_values.h"

namespace nb = nanobind;
using nb::literals::operator""_a;

namespace treering::python {
namespace {

// A connection of its own for looking at the database outside a migration.
struct Session {
  std::unique_ptr<Connection> connection;
  Env env;
  explicit Session(Project& project)
      : connection(project.server->connect()),
        env(
            *connection, project.settings.database, [clock = project.clock] { clock->check_interrupted(); },
            surroundings_of(project)) {}

 private:
  static EnvSurroundings surroundings_of(Project& project) {
    EnvSurroundings around;
    around.server = project.server;
    around.clock = project.clock;
    around.observer = project.observer;
    around.run = project.settings.me.run;
    return around;
  }
};

NativeEnv* open_env(NativeProject& native) {
  auto session = run_verb(native, [](Project& project) { return std::make_shared<Session>(project); });
  Env& env = session->env;
  return new NativeEnv(env, std::move(session));
}

NewRevisionOptions options_of(std::string message, std::vector<std::string> head, bool splice,
                              std::vector<std::string> branch_labels, std::string rev_id,
                              std::vector<std::string> depends_on) {
  NewRevisionOptions options;
  options.message = std::move(message);
  options.head = std::move(head);
  options.splice = splice;
  options.branch_labels = std::move(branch_labels);
  options.rev_id = std::move(rev_id);
  options.depends_on = std::move(depends_on);
  return options;
}

void bind_looking(nb::class_<NativeProject>& project) {
  project.def("current", [](NativeProject& p) { return value_of(run_verb(p, [](Project& x) { return current(x); })); })
      .def(
          "history",
          [](NativeProject& p, const std::string& range, bool with_database) {
            const std::vector<RevisionReport> found =
                run_verb(p, [&](Project& x) { return history(x, range, with_database); });
            std::set<std::string> edited;
            if (with_database)
              for (std::string& id : run_verb(p, [](Project& x) { return edited_revisions(x); })) edited.insert(id);
            nb::list values;
            for (const RevisionReport& report : found) {
              nb::dict value = value_of(report);
              value["edited"] = edited.contains(report.revision.id);
              values.append(value);
            }
            return values;
          },
          "range"_a, "with_database"_a)
      .def(
          "heads",
          [](NativeProject& p, bool resolve_dependencies) {
            return values_of(run_verb(p, [&](Project& x) { return heads(x, resolve_dependencies); }));
          },
          "resolve_dependencies"_a)
      .def("branches", [](NativeProject& p) { return values_of(run_verb(p, [](Project& x) { return branches(x); })); })
      .def(
          "show",
          [](NativeProject& p, const std::string& target) {
            return values_of(run_verb(p, [&](Project& x) { return show(x, target); }));
          },
          "target"_a)
      .def(
          "log",
          [](NativeProject& p, std::size_t limit) {
            return values_of(run_verb(p, [&](Project& x) { return log(x, limit); }));
          },
          "limit"_a)
      .def(
          "wait",
          [](NativeProject& p, double timeout_s) {
            run_verb(p, [&](Project& x) {
              wait_for_server(x, std::chrono::milliseconds(static_cast<std::int64_t>(timeout_s * 1000)));
            });
          },
          "timeout_s"_a)
      .def("open_env", &open_env, nb::rv_policy::take_ownership, nb::keep_alive<0, 1>());
}

nb::object lock_holder(NativeProject& native) {
  const auto state = run_verb(native, [](Project& project) { return read_lease(project); });
  return state && state->is_held() ? nb::object(value_of(*state)) : nb::none();
}

nb::list empty_trash_of(NativeProject& native, std::optional<double> age_s) {
  return values_of(run_verb(native, [&](Project& project) {
    std::vector<TrashReport> chosen = trash(project);
    if (age_s) {
      const std::chrono::milliseconds age(static_cast<std::int64_t>(*age_s * 1000));
      chosen = older_than(chosen, age, project.clock->now_ms());
    }
    return empty_trash(project, chosen);
  }));
}

void bind_operating(nb::class_<NativeProject>& project) {
  project.def("lock_holder", &lock_holder)
      .def(
          "unlock",
          [](NativeProject& p, std::int64_t epoch) {
            return run_verb(p, [&](Project& x) {
              LeaseState shown;
              shown.state.epoch = epoch;
              return unlock(x, shown);
            });
          },
          "epoch"_a)
      .def("trash", [](NativeProject& p) { return values_of(run_verb(p, [](Project& x) { return trash(x); })); })
      .def(
          "restore",
          [](NativeProject& p, const std::string& name, const std::string& as) {
            return run_verb(p, [&](Project& x) { return restore(x, name, as); }).collection;
          },
          "name"_a, "as_"_a)
      .def("empty_trash", &empty_trash_of, "age_s"_a.none())
      .def("doctor", [](NativeProject& p) {
        const ProjectPlaces places{p.config().file, p.config().versions};
        return values_of(run_verb(p, [&](Project& x) { return doctor(x, places); }));
      });
}

void bind_changing(nb::class_<NativeProject>& project) {
  project
      .def(
          "upgrade",
          [](NativeProject& p, const std::string& target, bool dry) {
            return value_of(run_verb(
                p, [&](Project& x) { return dry ? dry_run(x, Direction::upgrade, target) : upgrade(x, target); }));
          },
          "target"_a, "dry_run"_a)
      .def(
          "downgrade",
          [](NativeProject& p, const std::string& target, bool dry) {
            return value_of(run_verb(
                p, [&](Project& x) { return dry ? dry_run(x, Direction::downgrade, target) : downgrade(x, target); }));
          },
          "target"_a, "dry_run"_a)
      .def(
          "script",
          [](NativeProject& p, const std::string& target, bool downgrade) {
            const WrittenScript written = run_verb(p, [&](Project& x) {
              return write_script(x, downgrade ? Direction::downgrade : Direction::upgrade, target);
            });
            return nb::make_tuple(written.text, value_of(written.report));
          },
          "target"_a, "downgrade"_a)
      .def(
          "stamp",
          [](NativeProject& p, const std::vector<std::string>& targets, bool purge) {
            return value_of(run_verb(p, [&](Project& x) { return stamp(x, targets, purge); }));
          },
          "targets"_a, "purge"_a)
      .def(
          "revision",
          [](NativeProject& p, std::string message, std::vector<std::string> head, bool splice,
             std::vector<std::string> labels, std::string rev_id, std::vector<std::string> depends_on) {
            auto options = options_of(std::move(message), std::move(head), splice, std::move(labels), std::move(rev_id),
                                      std::move(depends_on));
            return value_of(run_verb(p, [&](Project& x) { return create_revision(x, options); }));
          },
          "message"_a, "head"_a, "splice"_a, "branch_labels"_a, "rev_id"_a, "depends_on"_a)
      .def(
          "merge",
          [](NativeProject& p, const std::vector<std::string>& targets, std::string message,
             std::vector<std::string> labels, std::string rev_id) {
            auto options = options_of(std::move(message), {}, false, std::move(labels), std::move(rev_id), {});
            return value_of(run_verb(p, [&](Project& x) { return merge_revisions(x, targets, options); }));
          },
          "targets"_a, "message"_a, "branch_labels"_a, "rev_id"_a);
}

void bind_comparing(nb::class_<NativeProject>& project) {
  project
      .def(
          "autogenerate",
          [](NativeProject& p, std::string message, std::vector<std::string> head, bool splice,
             std::vector<std::string> labels, std::string rev_id, std::vector<std::string> depends_on,
             bool allow_drop_collections, bool include_unmanaged, bool offline, bool force, bool write) {
            const auto options = options_of(std::move(message), std::move(head), splice, std::move(labels),
                                            std::move(rev_id), std::move(depends_on));
            const AutogenerateOptions rules{{allow_drop_collections, include_unmanaged}, offline, force};
            return value_of(run_verb(p, [&](Project& x) {
              return autogenerate(x, options, rules, write ? Generate::write : Generate::show);
            }));
          },
          "message"_a, "head"_a, "splice"_a, "branch_labels"_a, "rev_id"_a, "depends_on"_a, "allow_drop_collections"_a,
          "include_unmanaged"_a, "offline"_a, "force"_a, "write"_a)
      .def(
          "check",
          [](NativeProject& p, bool offline) {
            return value_of(run_verb(p, [&](Project& x) { return check(x, offline); }));
          },
          "offline"_a)
      .def(
          "diff",
          [](NativeProject& p, const std::string& a, const std::string& b) {
            OpenProject& open = p.open();
            return values_of(run_verb(p, [&](Project&) { return compare_sources(open, a, b); }));
          },
          "a"_a, "b"_a)
      .def(
          "baseline",
          [](NativeProject& p, std::string message, std::string models, bool stamp) {
            const BaselineOptions options{std::move(message), std::move(models), stamp};
            return value_of(run_verb(p, [&](Project& x) { return baseline(x, options); }).created);
          },
          "message"_a, "models"_a, "stamp"_a);
}

}  // namespace

void bind_project(nb::module_& module) {
  nb::class_<NativeProject> project(module, "Project", "A project opened for one call of a verb.");
  project
      .def(
          "__init__",
          [](NativeProject* self, std::string config, std::string start, std::string url, std::string environment,
             std::string database, bool need_database, std::optional<double> lock_timeout_s, nb::object scripts,
             nb::object note) {
            new (self) NativeProject({std::move(config), std::move(start), std::move(url), std::move(environment),
                                      std::move(database), need_database, lock_timeout_s},
                                     std::move(scripts), std::move(note));
          },
          "config"_a, "start"_a, "url"_a, "environment"_a, "database"_a, "need_database"_a, "lock_timeout_s"_a.none(),
          "scripts"_a, "note"_a)
      .def_prop_ro("root", [](NativeProject& p) { return p.config().root; })
      .def("close", &NativeProject::close);
  bind_looking(project);
  bind_operating(project);
  bind_changing(project);
  bind_comparing(project);
}

}  // namespace treering::python
