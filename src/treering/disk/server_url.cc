// SPDX-License-Identifier: Apache-2.0
// Redaction shows only what it knows to be harmless: a URL with a mistake in it may hold the password anywhere.
#include "treering/disk/server_url.h"

#include <algorithm>
#include <cctype>

#include "treering/base/quote.h"
#include "treering/base/utf8.h"
#include "treering/disk/config.h"
#include "treering/disk/url_options.h"

namespace treering {
namespace {

constexpr std::string_view kEmbedded = "embedded:";
constexpr std::string_view kHidden = "***";
constexpr std::size_t kLongestDatabaseName = 63;

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> result;
  while (true) {
    const std::size_t end = text.find(separator);
    result.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return result;
    text.remove_prefix(end + 1);
  }
}

// A URL cut into its parts; nothing is decoded or checked.
struct Parts {
  std::string_view scheme;    // with "://"
  std::string_view userinfo;  // without "@"
  bool has_userinfo = false;
  std::string_view hosts;
  std::string_view path;   // with "/"
  std::string_view query;  // without "?"
};

Parts cut(std::string_view url) {
  Parts parts;
  const std::size_t start = url.find("://");
  if (start == std::string_view::npos) return parts;
  parts.scheme = url.substr(0, start + 3);
  std::string_view rest = url.substr(start + 3);
  if (const std::size_t query = rest.find('?'); query != std::string_view::npos) {
    parts.query = rest.substr(query + 1);
    rest = rest.substr(0, query);
  }
  if (const std::size_t at = rest.rfind('@'); at != std::string_view::npos) {
    parts.has_userinfo = true;
    parts.userinfo = rest.substr(0, at);
    rest = rest.substr(at + 1);
  }
  parts.hosts = rest.substr(0, rest.find('/'));
  parts.path = rest.substr(parts.hosts.size());
  return parts;
}

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char small = static_cast<char>(c | 0x20);
  return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

std::string percent_decoded(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex(text[i + 1]) >= 0 && hex(text[i + 2]) >= 0) {
      result += static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2]));
      i += 2;
    } else {
      result += text[i];
    }
  }
  return result;
}

// "host", "host:27017", "[::1]:27017": what follows a colon is a number, so it is no password.
bool is_host(std::string_view host) {
  std::string_view port;
  if (host.starts_with('[')) {
    const std::size_t end = host.find(']');
    if (end == std::string_view::npos) return false;
    port = host.substr(end + 1);
    if (!port.empty() && port.front() != ':') return false;
  } else {
    const std::size_t colon = host.find(':');
    port = colon == std::string_view::npos ? std::string_view() : host.substr(colon);
  }
  if (!port.empty()) port.remove_prefix(1);
  return port.size() <= 5 && std::ranges::all_of(port, [](unsigned char c) { return std::isdigit(c) != 0; });
}

// The options with every value hidden that isn't known to be harmless. Sets `sane` to false where an "@" makes it
// likelier that this is the end of a password with a "?" in it.
std::string redacted_query(std::string_view query, bool& sane) {
  std::string result;
  for (std::string_view option : split(query, '&')) {
    const std::size_t equals = option.find('=');
    const std::string_view key = option.substr(0, equals);
    const bool harmless = is_harmless_option(key);
    if (option.find('@') != std::string_view::npos && !is_secret_option(key)) sane = false;
    if (!result.empty()) result += '&';
    result += key;
    if (equals == std::string_view::npos) continue;
    result += '=';
    result += harmless ? option.substr(equals + 1) : kHidden;
  }
  return result;
}

bool is_own_database(std::string_view name) { return name == "admin" || name == "local" || name == "config"; }

// On any system: Windows allows less.
bool is_unfit(unsigned char c) {
  return c < 0x20 || c == 0x7f ||
         std::string_view("/\\. \"$*<>:|?").find(static_cast<char>(c)) != std::string_view::npos;
}

}  // namespace

bool is_embedded_url(std::string_view url) { return url.starts_with(kEmbedded); }

bool is_server_url(std::string_view url) {
  return url.starts_with("mongodb://") || url.starts_with("mongodb+srv://") || is_embedded_url(url);
}

bool has_credentials(std::string_view url) { return cut(url).has_userinfo; }

std::vector<std::string> unknown_options(std::string_view url) {
  bool sane = true;
  const Parts parts = cut(url);
  redacted_query(parts.query, sane);
  std::vector<std::string> result;
  if (!sane || !std::ranges::all_of(split(parts.hosts, ','), is_host)) return result;
  for (const std::string_view option : split(parts.query, '&')) {
    const std::string_view key = option.substr(0, option.find('='));
    if (!key.empty() && !is_known_option(key)) result.emplace_back(key);
  }
  return result;
}

std::string database_in_url(std::string_view url) {
  if (is_embedded_url(url)) return std::string(url.substr(kEmbedded.size()));
  const std::string_view path = cut(url).path;
  return path.empty() ? std::string() : percent_decoded(path.substr(1));
}

std::string database_name_fault(std::string_view name) {
  if (name.empty()) return "is empty";
  if (name.size() > kLongestDatabaseName) return "is longer than 63 bytes";
  for (const char c : name) {
    if (c == '\0') return "holds a NUL character";
    if (c == ' ') return "holds a space";
    if (std::string_view("/\\.\"$").find(c) != std::string_view::npos) return std::string("holds a ") + c;
  }
  if (is_own_database(name)) return "is one of the server's own";
  return {};
}

namespace {

// With "_" for each character that a reader of the name would not see. REQUIRES: UTF-8.
std::string without_hidden(std::string_view text) {
  std::string result;
  CodePoint point;
  for (std::size_t pos = 0; pos < text.size(); pos += point.size) {
    point = decode_utf8(text, pos);
    append_utf8(result, is_hidden(point.value) ? U'_' : point.value);
  }
  return result;
}

}  // namespace

std::string fit_database_name(std::string_view text) {
  std::string result;
  for (const char c : text) result += is_unfit(static_cast<unsigned char>(c)) ? '_' : c;
  if (!is_utf8(result)) std::ranges::replace_if(result, [](unsigned char c) { return c >= 0x80; }, '_');
  result = without_hidden(result);
  if (result.size() > kLongestDatabaseName) {
    std::size_t end = kLongestDatabaseName;
    while (end > 0 && (static_cast<unsigned char>(result[end]) & 0xC0) == 0x80) --end;  // not inside a character
    result.resize(end);
  }
  if (result.find_first_not_of('_') == std::string::npos) return "treering";
  return is_own_database(result) ? result + "_app" : result;
}

std::string redact_url(const std::string& url) {
  if (is_embedded_url(url)) return url;
  const Parts parts = cut(url);
  if (parts.scheme.empty()) return std::string(kHidden);
  const std::string unreadable = std::string(parts.scheme) + std::string(kHidden);
  bool sane = std::ranges::all_of(split(parts.hosts, ','), is_host);
  const std::string query = redacted_query(parts.query, sane);
  if (!sane || (parts.scheme != "mongodb://" && parts.scheme != "mongodb+srv://")) return unreadable;

  std::string result(parts.scheme);
  if (parts.has_userinfo) {
    const std::size_t colon = parts.userinfo.find(':');
    result += parts.userinfo.substr(0, colon);
    if (colon != std::string_view::npos) result.append(":").append(kHidden);
    result += '@';
  }
  result.append(parts.hosts).append(parts.path);
  if (!parts.query.empty()) result.append("?").append(query);
  return result;
}

}  // namespace treering
