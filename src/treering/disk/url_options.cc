// SPDX-License-Identifier: Apache-2.0
#include "treering/disk/url_options.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <vector>

#include "treering/base/nearest.h"

namespace treering {
namespace {

// Sources: MongoDB's specification of URI options, and what libmongoc and pymongo take beside these.
constexpr std::array<std::string_view, 61> kHarmlessOptions{"appName",
                                                            "authMechanism",
                                                            "authSource",
                                                            "canonicalizeHostname",
                                                            "compressors",
                                                            "connect",
                                                            "connectTimeoutMS",
                                                            "directConnection",
                                                            "fsync",
                                                            "gssapiServiceName",
                                                            "heartbeatFrequencyMS",
                                                            "j",
                                                            "journal",
                                                            "loadBalanced",
                                                            "localThresholdMS",
                                                            "maxConnecting",
                                                            "maxIdleTimeMS",
                                                            "maxPoolSize",
                                                            "maxStalenessSeconds",
                                                            "minPoolSize",
                                                            "proxyHost",
                                                            "proxyPort",
                                                            "readConcernLevel",
                                                            "readPreference",
                                                            "readPreferenceTags",
                                                            "replicaSet",
                                                            "retryReads",
                                                            "retryWrites",
                                                            "safe",
                                                            "serverMonitoringMode",
                                                            "serverSelectionTimeoutMS",
                                                            "serverSelectionTryOnce",
                                                            "slaveOk",
                                                            "socketCheckIntervalMS",
                                                            "socketTimeoutMS",
                                                            "srvMaxHosts",
                                                            "srvServiceName",
                                                            "ssl",
                                                            "sslAllowInvalidCertificates",
                                                            "sslAllowInvalidHostnames",
                                                            "sslCertificateAuthorityFile",
                                                            "sslClientCertificateKeyFile",
                                                            "timeoutMS",
                                                            "tls",
                                                            "tlsAllowInvalidCertificates",
                                                            "tlsAllowInvalidHostnames",
                                                            "tlsCAFile",
                                                            "tlsCRLFile",
                                                            "tlsCertificateKeyFile",
                                                            "tlsDisableCertificateRevocationCheck",
                                                            "tlsDisableOCSPEndpointCheck",
                                                            "tlsInsecure",
                                                            "tz_aware",
                                                            "unicode_decode_error_handler",
                                                            "uuidRepresentation",
                                                            "w",
                                                            "waitQueueMultiple",
                                                            "waitQueueTimeoutMS",
                                                            "wTimeout",
                                                            "wTimeoutMS",
                                                            "zlibCompressionLevel"};
// Known so that an "@" inside is no riddle.
constexpr std::array<std::string_view, 6> kSecretOptions{
    "authMechanismProperties",      "password", "proxyPassword", "proxyUsername", "sslClientCertificateKeyPassword",
    "tlsCertificateKeyFilePassword"};

// Of these, what no driver takes: people write it for the "user:password@" of the URL.
constexpr std::array<std::string_view, 1> kNoDriversOptions{"password"};

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

bool known(const auto& options, std::string_view name) {
  return std::ranges::any_of(options, [&](std::string_view option) { return lower(option) == lower(name); });
}

}  // namespace

bool is_harmless_option(std::string_view name) { return known(kHarmlessOptions, name); }

bool is_secret_option(std::string_view name) { return known(kSecretOptions, name); }

bool is_known_option(std::string_view name) {
  return is_harmless_option(name) || (is_secret_option(name) && !known(kNoDriversOptions, name));
}

std::string nearest_option(std::string_view name) {
  if (name.size() < 2) return {};  // as near to any other letter
  std::vector<std::string> names(kHarmlessOptions.begin(), kHarmlessOptions.end());
  names.insert(names.end(), kSecretOptions.begin(), kSecretOptions.end());
  std::erase(names, "ssl");  // the former name of tls, and as near to "tsl"
  std::erase_if(names, [](const std::string& option) { return known(kNoDriversOptions, option); });
  std::vector<std::string> small;
  for (const std::string& option : names) small.push_back(lower(option));
  const auto found = std::ranges::find(small, nearest(lower(name), small));
  return found == small.end() ? std::string() : names[static_cast<std::size_t>(found - small.begin())];
}

}  // namespace treering
