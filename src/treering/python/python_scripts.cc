// SPDX-License-Identifier: Apache-2.0
#include "treering/python/python_scripts.h"

#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <optional>

#include "treering/python/errors.h"
#include "treering/python/native_env.h"

namespace nb = nanobind;

namespace treering::python {
namespace {

// Sources go over as bytes: Python reads the encoding from the file's own first lines.
nb::bytes source_of(const Script& script) { return nb::bytes(script.source.data(), script.source.size()); }

std::string name_of(Direction direction) { return std::string(to_string(direction)); }

// Calls into Python; what is raised there comes back as an Error.
template <class Call>
void with_python(Call&& body) {
  nb::gil_scoped_acquire gil;
  std::optional<Error> error;
  try {
    body();
  } catch (const nb::python_error& raised) {
    error = error_of(raised);
  }
  if (error) throw Error(*error);
}

}  // namespace

void PythonScripts::set_root(const std::string& root) {
  with_python([&] { object_.attr("root") = root; });
}

void PythonScripts::check(const std::vector<Script>& scripts, Direction direction) {
  with_python([&] {
    nb::list list;
    for (const Script& script : scripts) list.append(nb::make_tuple(script.revision, script.path, source_of(script)));
    object_.attr("check")(list, name_of(direction));
  });
}

void PythonScripts::run(const Script& script, Direction direction, Env& env) {
  with_python([&] {
    nb::object native = nb::cast(new NativeEnv(env), nb::rv_policy::take_ownership);
    // The code may have kept env in a variable or a thread; after this it can't reach the Env any more.
    struct Closing {
      nb::object& native;
      ~Closing() { nb::cast<NativeEnv&>(native).close(); }
    } closing{native};
    object_.attr("run")(script.revision, script.path, source_of(script), name_of(direction), native);
  });
}

std::vector<Document> PythonScripts::models(const std::vector<std::string>& modules) {
  std::vector<Document> documents;
  with_python([&] {
    nb::object said = object_.attr("models")(modules);
    for (nb::handle model : said) {
      const auto bytes = nb::cast<nb::bytes>(model);
      documents.push_back(Document::from_bytes(
          {static_cast<const std::uint8_t*>(static_cast<const void*>(bytes.c_str())), bytes.size()}));
    }
  });
  return documents;
}

}  // namespace treering::python
