// SPDX-License-Identifier: Apache-2.0
// What a configuration needs to know of a server's URL, and names of databases. See config.h for redact_url.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace treering {

bool is_embedded_url(std::string_view url);
bool is_server_url(std::string_view url);  // mongodb:// or mongodb+srv:// or embedded:

// Whether the URL itself holds a user.
bool has_credentials(std::string_view url);

// The options in it that no driver has, which drivers pass over without a word. Nothing of a URL with a mistake in it,
// where they may be a part of the password.
std::vector<std::string> unknown_options(std::string_view url);

// The database in the URL's path, percent-decoded, or after "embedded:"; "" where it names none.
std::string database_in_url(std::string_view url);

// What is wrong with it as a name for a user's database ("holds a dot"), or "".
std::string database_name_fault(std::string_view name);

// A good name for a database that is like this text.
std::string fit_database_name(std::string_view text);

}  // namespace treering
