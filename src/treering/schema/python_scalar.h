// SPDX-License-Identifier: Apache-2.0
// Values without others inside, as Python expressions. Pure.
#pragma once

#include <string>

#include "treering/base/document.h"
#include "treering/schema/render.h"

namespace treering {

// REQUIRES: no document, no array, no code with scope. Throws Error(Kind::usage) on a type that Python's bson can't
// write.
std::string python_scalar(const Field& value, Imports& imports);

}  // namespace treering
