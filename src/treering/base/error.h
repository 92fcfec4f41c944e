// SPDX-License-Identifier: Apache-2.0
// The one error type of Treering, and the one table that says what each kind of it means at every face.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace treering {

// What went wrong, as a closed list. Exit code, HTTP status and Python class follow from it (see `kind_row`).
enum class Kind {
  migration_failed,  // the code of a revision raised, or the server refused an operation of it
  interrupted,       // a signal asked the run to stop; field "signal" holds its number
  usage,             // the command line, or the arguments of a call
  config,            // treering.toml, pyproject.toml, environment variables
  revision,          // revision files and targets: header, graph, unknown or ambiguous target
  models,  // the models: their file doesn't run, or says what no MongoDB can have; fields "class", "file", "line"
  file,    // reading or writing a file failed
  authentication,  // the server refused the user name or the password
  locked,          // somebody else holds the lease
  lease_lost,      // the lease ran out while we worked: somebody else may hold it now
  differs,         // something is pending or differs (asked for with a check)
  unreachable,     // no server answers
  server,          // the server answered with an error; fields "code", "code_name"
};

struct KindRow {
  Kind kind;
  std::string_view name;  // as in JSON
  int exit_code;          // as documented in the README
  int http_status;
  std::string_view python_class;  // name in treering.errors
};

// The row of a kind. Never fails.
const KindRow& kind_row(Kind kind);

// An error for a person: `what()` is one sentence on what is wrong and where, `hint` one on what to do (may be empty).
// Neither ever holds a password.
class Error : public std::runtime_error {
 public:
  Error(Kind kind, const std::string& message, std::string hint = {});

  Kind kind() const { return kind_; }
  const std::string& hint() const { return hint_; }

  // Named facts beside the sentence, in the order given ("file", "line", "revision", "code", ...); for JSON and for
  // Python attributes.
  const std::vector<std::pair<std::string, std::string>>& fields() const { return fields_; }

  // Adds a fact and returns *this, so that factories read as one expression.
  Error& with(std::string name, std::string value);

  // The fact of that name, or "" where there is none.
  std::string_view field(std::string_view name) const;

  int exit_code() const;

 private:
  Kind kind_;
  std::string hint_;
  std::vector<std::pair<std::string, std::string>> fields_;
};

}  // namespace treering
