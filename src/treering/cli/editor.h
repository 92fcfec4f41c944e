// SPDX-License-Identifier: Apache-2.0
// Opens a file in the person's editor.
#pragma once

#include <string>

namespace treering {

enum class EditorOutput { stdout_as_it_is, stdout_to_stderr };

// $VISUAL, else $EDITOR, else nano or vi; run by the shell, as git does, so that it may hold arguments. Waits for it to
// end. Throws Error(Kind::usage) where there is none, Error(Kind::file) where it ends with an error.
void edit_file(const std::string& path, EditorOutput output);

}  // namespace treering
