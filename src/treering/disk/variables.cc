// SPDX-License-Identifier: Apache-2.0
#include "treering/disk/variables.h"

#include "treering/base/error.h"

namespace treering {
namespace {

constexpr int kDeepest = 32;  // defaults in defaults

bool starts_name(char c) { return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool continues_name(char c) { return starts_name(c) || (c >= '0' && c <= '9'); }

class Expander {
 public:
  Expander(const Environment& environment, const std::string& place) : environment_(environment), place_(place) {}

  std::string expand(std::string_view text, int depth) const {
    std::string result;
    for (std::size_t i = 0; i < text.size();) {
      if (text.substr(i, 2) == "$$") {
        result += '$';
        i += 2;
      } else if (text.substr(i, 2) == "${") {
        const std::size_t end = closing(text, i + 2);
        result += variable(text.substr(i + 2, end - i - 2), depth);
        i = end + 1;
      } else {
        result += text[i++];
      }
    }
    return result;
  }

 private:
  // The "}" that ends the variable whose inside starts there.
  std::size_t closing(std::string_view text, std::size_t start) const {
    int open = 1;
    for (std::size_t i = start; i < text.size(); ++i) {
      if (text.substr(i, 2) == "$$") {
        ++i;
      } else if (text.substr(i, 2) == "${") {
        ++open;
        ++i;
      } else if (text[i] == '}' && --open == 0) {
        return i;
      }
    }
    throw malformed("a \"${\" has no closing \"}\"");
  }

  std::string variable(std::string_view inside, int depth) const {
    std::size_t length = 0;
    while (length < inside.size() && (length == 0 ? starts_name(inside[0]) : continues_name(inside[length]))) ++length;
    const std::string_view rest = inside.substr(length);
    const bool has_default = rest.starts_with(":-");
    if (length == 0 || (!rest.empty() && !has_default) || depth >= kDeepest)
      throw malformed("what stands between \"${\" and \"}\" is not NAME or NAME:-default");
    const std::string name(inside.substr(0, length));
    const auto value = environment_(name);
    if (has_default) return value && !value->empty() ? *value : expand(rest.substr(2), depth + 1);
    if (value) return *value;
    Error error(Kind::config, place_ + " needs the environment variable " + name + ", which is not set",
                "set it, or give a default: ${" + name + ":-...}");
    throw error.with("variable", name);
  }

  Error malformed(const std::string& what) const {
    return Error(Kind::config, place_ + ": " + what, "write $$ for a dollar sign that starts no variable");
  }

  const Environment& environment_;
  const std::string& place_;
};

}  // namespace

std::string expand_variables(std::string_view text, const Environment& environment, const std::string& place) {
  return Expander(environment, place).expand(text, 0);
}

}  // namespace treering
