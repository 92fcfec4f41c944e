// SPDX-License-Identifier: Apache-2.0
// Errors that tests look at.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "treering/base/error.h"

namespace treering {

// What the code throws; the test fails where it throws nothing.
inline Error caught(const std::function<void()>& code) {
  try {
    code();
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "nothing was thrown";
  return Error(Kind::usage, "");
}

// All that somebody may be shown of it.
inline std::string everything(const Error& error) {
  std::string text = error.what() + ("\n" + error.hint());
  for (const auto& [name, value] : error.fields()) text += "\n" + name + "=" + value;
  return text;
}

}  // namespace treering
