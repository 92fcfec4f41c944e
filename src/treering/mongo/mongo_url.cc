// SPDX-License-Identifier: Apache-2.0
#include "treering/mongo/mongo_url.h"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <limits>
#include <vector>

#include "treering/base/error.h"
#include "treering/base/nearest.h"

namespace treering {
namespace {

// "mongodb" + "user:password" + "host/db?options". `userinfo` is still percent-encoded.
struct UrlParts {
  std::string scheme;
  std::string userinfo;
  std::string rest;
};

constexpr std::string_view kSchemeEnd = "://";

UrlParts split_url(std::string_view url) {
  const auto scheme_end = url.find(kSchemeEnd);
  if (scheme_end == std::string_view::npos) return {"", "", std::string(url)};
  UrlParts parts;
  parts.scheme = url.substr(0, scheme_end);
  url.remove_prefix(scheme_end + kSchemeEnd.size());
  const auto at = url.substr(0, url.find_first_of("/?")).rfind('@');
  if (at != std::string_view::npos) {
    parts.userinfo = url.substr(0, at);
    url.remove_prefix(at + 1);
  }
  parts.rest = url;
  return parts;
}

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  constexpr std::string_view kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string result;
  for (const char letter : text) {
    if (kPlain.find(letter) != std::string_view::npos) {
      result += letter;
      continue;
    }
    const auto byte = static_cast<unsigned char>(letter);
    result += '%';
    result += kHex[byte >> 4U];
    result += kHex[byte & 15U];
  }
  return result;
}

// The URL with the user name and password given apart. They go in as text, before libmongoc reads the URL, because it
// refuses an authMechanism without a user name there.
std::string with_credentials(const MongoOptions& options) {
  if (options.username.empty() && options.password.empty()) return options.url;
  const UrlParts parts = split_url(options.url);
  if (parts.scheme.empty()) return options.url;
  const auto colon = parts.userinfo.find(':');
  std::string user = options.username.empty() ? parts.userinfo.substr(0, colon) : percent_encoded(options.username);
  std::string password = colon == std::string::npos ? "" : parts.userinfo.substr(colon + 1);
  if (!options.password.empty()) password = percent_encoded(options.password);
  if (user.empty())
    throw Error(Kind::config, "there is a password for the server but no user name", "Set username beside password.");
  if (!password.empty()) user += ':' + password;
  return parts.scheme + "://" + user + '@' + parts.rest;
}

// The URL without whatever stands before its last '@': also where a password with an unescaped '/' or '@' makes its end
// unclear.
std::string without_credentials(std::string_view url) {
  const auto scheme_end = url.find(kSchemeEnd);
  const std::size_t start = scheme_end == std::string_view::npos ? 0 : scheme_end + kSchemeEnd.size();
  const auto at = url.rfind('@');
  if (at == std::string_view::npos || at < start) return std::string(url);
  return std::string(url.substr(0, start)) + std::string(url.substr(at + 1));
}

// libmongoc's words on a URL may quote its options; these hold secrets.
bool has_secret_option(std::string url) {
  std::ranges::transform(url, url.begin(),
                         [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return url.find("password") != std::string::npos || url.find("authmechanismproperties") != std::string::npos;
}

// What to do about what libmongoc says of a URL.
std::string hint_for(std::string_view why) {
  const auto says = [&](std::string_view words) { return why.find(words) != std::string_view::npos; };
  if (says("Invalid host string"))
    return "Write the hosts as HOST:PORT, joined by commas, with ports from 1 to 65535; an IPv6 address stands in "
           "brackets.";
  if (says("Invalid service name"))
    return "The name after mongodb+srv:// has three parts or more, as in mongodb+srv://cluster0.example.net/DATABASE.";
  if (says("Port numbers are prohibited"))
    return "Leave the port out: the DNS tells it. One host with its port is mongodb://HOST:PORT/.";
  if (says("requires username")) return "Set username and password, in the URL or apart from it.";
  return "Write it as mongodb://HOST:PORT/?OPTION=VALUE&OPTION=VALUE.";
}

[[noreturn]] void refuse_url(const std::string& url) {
  const std::string start = "the URL " + redact_url(url) + " is not a MongoDB URL";
  if (!url.starts_with("mongodb://") && !url.starts_with("mongodb+srv://"))
    throw Error(Kind::config, start + ": it starts with neither mongodb:// nor mongodb+srv://",
                "Write it as mongodb://HOST:PORT/, or embedded: for a server of the project's own.");
  // Where the rest is fine with another user name, libmongoc's words would be about the user name or the password, and
  // quote them.
  bson_error_t error;
  const std::string bare = without_credentials(url);
  std::string other_user = bare;
  if (bare != url) other_user.insert(url.find(kSchemeEnd) + kSchemeEnd.size(), "user@");
  if (MongocHandle<mongoc_uri_t>(mongoc_uri_new_with_error(other_user.c_str(), &error)))
    throw Error(Kind::config, start + ": its user name or password is not percent-encoded",
                "Write @ as %40, : as %3A, / as %2F and % as %25, or set username and password apart from the URL.");
  const std::string why = has_secret_option(bare) ? "one of its options is wrong" : error.message;
  throw Error(Kind::config, start + ": " + why, hint_for(why));
}

// libmongoc tells an unknown one only after the server answered, as if that had refused the user.
void require_known_mechanism(const mongoc_uri_t* uri) {
  static const std::vector<std::string> kKnown{"SCRAM-SHA-256", "SCRAM-SHA-1", "MONGODB-X509", "MONGODB-AWS",
                                               "MONGODB-OIDC",  "MONGODB-CR",  "GSSAPI",       "PLAIN"};
  const char* found = mongoc_uri_get_auth_mechanism(uri);
  if (found == nullptr) return;
  std::string upper = found;
  std::ranges::transform(upper, upper.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  if (std::ranges::find(kKnown, upper) != kKnown.end()) return;
  const std::string near = nearest(upper, kKnown);
  throw Error(Kind::config, "the server's URL names an authMechanism that MongoDB doesn't have: " + std::string(found),
              near.empty()
                  ? "Leave it out, and the server's own choice is taken; or write SCRAM-SHA-256 or SCRAM-SHA-1."
                  : "Did you mean " + near + "? Without it the server's own choice is taken.");
}

// A member of a replica set may be between two primaries: then look again until the time is up. Alone, a server that
// refuses is not there.
bool may_elect(const mongoc_uri_t* uri) {
  const mongoc_host_list_t* hosts = mongoc_uri_get_hosts(uri);
  return hosts == nullptr || hosts->next != nullptr || mongoc_uri_get_replica_set(uri) != nullptr;
}

void set_timeouts(mongoc_uri_t* uri, std::chrono::milliseconds timeout) {
  constexpr std::int64_t kLongest = std::numeric_limits<std::int32_t>::max();
  const bool again = may_elect(uri);
  // A last look that starts just before the time is up may take as long as connecting does: each gets half.
  const std::int64_t share = std::clamp<std::int64_t>(again ? timeout.count() / 2 : timeout.count(), 1, kLongest);
  const auto limit = static_cast<std::int32_t>(share);
  const std::int32_t connect = mongoc_uri_get_option_as_int32(uri, MONGOC_URI_CONNECTTIMEOUTMS, limit);
  mongoc_uri_set_option_as_int32(uri, MONGOC_URI_CONNECTTIMEOUTMS, std::min(connect, limit));
  mongoc_uri_set_option_as_int32(uri, MONGOC_URI_SERVERSELECTIONTIMEOUTMS, limit);
  mongoc_uri_set_option_as_bool(uri, MONGOC_URI_SERVERSELECTIONTRYONCE, !again);
  // libmongoc gives up on a reply after five minutes; building an index takes longer. TCP keep-alive finds a dead host
  // in four.
  if (!mongoc_uri_has_option(uri, MONGOC_URI_SOCKETTIMEOUTMS))
    mongoc_uri_set_option_as_int32(uri, MONGOC_URI_SOCKETTIMEOUTMS, static_cast<std::int32_t>(kLongest));
}

}  // namespace

MongocHandle<mongoc_uri_t> read_mongo_url(const MongoOptions& options) {
  start_mongoc();
  bson_error_t error;
  // libmongoc would take the first '@' for the end of the password, and the rest of it for a host that messages name.
  if (split_url(options.url).userinfo.find('@') != std::string::npos) refuse_url(options.url);
  const std::string url = with_credentials(options);
  MongocHandle<mongoc_uri_t> uri(mongoc_uri_new_with_error(url.c_str(), &error));
  if (!uri) refuse_url(options.url);
  require_known_mechanism(uri.get());
  set_timeouts(uri.get(), options.timeout);
  if (mongoc_uri_get_appname(uri.get()) == nullptr) mongoc_uri_set_appname(uri.get(), "treering");
  return uri;
}

std::string hosts_of(const mongoc_uri_t* uri) {
  if (const char* name = mongoc_uri_get_srv_hostname(uri)) return name;
  std::string result;
  for (const mongoc_host_list_t* host = mongoc_uri_get_hosts(uri); host != nullptr; host = host->next) {
    if (!result.empty()) result += ',';
    result += host->host_and_port;
  }
  return result;
}

std::string redact_url(std::string_view url) {
  const auto scheme_end = url.find(kSchemeEnd);
  const std::size_t start = scheme_end == std::string_view::npos ? 0 : scheme_end + kSchemeEnd.size();
  std::string bare = without_credentials(url);
  const bool had_user = bare.size() != url.size();
  if (const auto options = bare.find('?', std::min(start, bare.size())); options != std::string::npos)
    bare.replace(options, std::string::npos, "?...");
  if (had_user) bare.insert(start, "***@");
  return bare;
}

}  // namespace treering
