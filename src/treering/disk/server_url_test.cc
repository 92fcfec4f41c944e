// SPDX-License-Identifier: Apache-2.0
#include "treering/disk/server_url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "treering/base/utf8.h"
#include "treering/disk/config.h"
#include "treering/disk/url_options.h"

namespace treering {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST(EmbeddedUrl, StartsWithItsName) {
  EXPECT_TRUE(is_embedded_url("embedded:"));
  EXPECT_FALSE(is_embedded_url("mongodb://embedded:1/"));
}

TEST(RedactUrl, HidesThePasswordAndShowsTheRest) {
  EXPECT_EQ(redact_url("mongodb://user:secret@host/db?replicaSet=rs0&tls=true"),
            "mongodb://user:***@host/db?replicaSet=rs0&tls=true");
  EXPECT_EQ(redact_url("mongodb+srv://user:se%40cret@host"), "mongodb+srv://user:***@host");
  EXPECT_EQ(redact_url("mongodb://user:@host"), "mongodb://user:***@host");
  EXPECT_EQ(redact_url("mongodb://user@h1:1,h2:2/db"), "mongodb://user@h1:1,h2:2/db");
  EXPECT_EQ(redact_url("mongodb://[::1]:27017/db"), "mongodb://[::1]:27017/db");
  EXPECT_EQ(redact_url("mongodb://%2Ftmp%2Fmongodb.sock/db"), "mongodb://%2Ftmp%2Fmongodb.sock/db");
  EXPECT_EQ(redact_url("embedded:app"), "embedded:app");
}

TEST(RedactUrl, HidesCredentialsInOptions) {
  EXPECT_EQ(redact_url("mongodb://h/d?authMechanismProperties=AWS_SESSION_TOKEN:secret&w=1"),
            "mongodb://h/d?authMechanismProperties=***&w=1");
  EXPECT_EQ(redact_url("mongodb://h/d?TLSCertificateKeyFilePassword=sec@ret"),
            "mongodb://h/d?TLSCertificateKeyFilePassword=***");
  EXPECT_EQ(redact_url("mongodb://h/d?sslClientCertificateKeyPassword=secret"),
            "mongodb://h/d?sslClientCertificateKeyPassword=***");
  EXPECT_EQ(redact_url("mongodb://h/d?something=secret&flag"), "mongodb://h/d?something=***&flag");
}

TEST(RedactUrl, NeverShowsAPasswordOfAUrlWithMistakes) {
  for (const char* url : {"mongodb://user:sec@ret@host/db", "mongodb://user:sec/ret@host/db",
                          "mongodb://user:sec?ret@host/db", "mongodb://user:sec?w=ret@host",
                          "mongodb://user:sec:ret@host", "mongodb://user:secret", "mongodb://user:secret/db",
                          "mongodb:/user:secret@host", "user:secret@host", "secret", "mongodb//user:secret@host",
                          "postgres://user:secret@host", "mongodb://user:12?w=secret@host", "mongodb://user:se,cret"}) {
    EXPECT_THAT(redact_url(url), testing::AllOf(Not(HasSubstr("sec")), Not(HasSubstr("ret")))) << url;
  }
  EXPECT_EQ(redact_url("mongodb://user:sec@ret@host/db"), "mongodb://user:***@host/db");
}

TEST(ServerUrl, KnowsWhetherItNamesAUser) {
  EXPECT_TRUE(has_credentials("mongodb://u:p@h/db"));
  EXPECT_FALSE(has_credentials("mongodb://h/db?appName=a@b"));
  EXPECT_FALSE(has_credentials("embedded:"));
}

TEST(ServerUrl, FindsTheOptionsThatNoDriverHas) {
  EXPECT_THAT(unknown_options("mongodb://u:p@h1,h2:1/db?TLS=true&authsource=admin&w=1&tlsCRLFile=x&tz_aware=true"),
              IsEmpty());
  EXPECT_THAT(unknown_options("mongodb://h/db?tlsCertificateKeyFilePassword=a@b"), IsEmpty());
  EXPECT_THAT(unknown_options("mongodb://h"), IsEmpty());
  EXPECT_THAT(unknown_options("mongodb://h/db?"), IsEmpty());
  EXPECT_THAT(unknown_options("mongodb+srv://h.example.net/db?tsl=true&w=1&news"), ElementsAre("tsl", "news"));
  EXPECT_THAT(unknown_options("mongodb://h/db?password=foo&Password=b@r&proxyPassword=x"),
              ElementsAre("password", "Password"));
}

TEST(ServerUrl, TakesNoPartOfAPasswordForAnOption) {
  for (const char* url : {"mongodb://user:sec?ret@host/db", "mongodb://user:se?cr&et@host/db",
                          "mongodb://user:12?w=sec&ret@host", "mongodb://user:sec?ret"})
    EXPECT_THAT(unknown_options(url), IsEmpty()) << url;
}

TEST(UrlOptions, KnowWhatASlipWasMeantToBe) {
  for (const auto& [typed, meant] :
       std::vector<std::pair<std::string, std::string>>{{"tsl", "tls"},
                                                        {"TSL", "tls"},
                                                        {"tlss", "tls"},
                                                        {"authSorce", "authSource"},
                                                        {"replicaset_", "replicaSet"},
                                                        {"tlsCaFiles", "tlsCAFile"},
                                                        {"tlsAllowInvalidCertificate", "tlsAllowInvalidCertificates"},
                                                        {"authMechanismPropertys", "authMechanismProperties"},
                                                        {"x", ""},
                                                        {"keepAlive", ""},
                                                        {"password", ""},
                                                        {"family", ""}})
    EXPECT_EQ(nearest_option(typed), meant) << typed;
}

TEST(ServerUrl, TakesTheDatabaseFromThePath) {
  EXPECT_EQ(database_in_url("mongodb://h"), "");
  EXPECT_EQ(database_in_url("mongodb://h/?w=1"), "");
  EXPECT_EQ(database_in_url("mongodb://u:p/w@h1,h2/db?w=1"), "db");
  EXPECT_EQ(database_in_url("mongodb://h/a%2Fb"), "a/b");
  EXPECT_EQ(database_in_url("mongodb://h/100%"), "100%");
  EXPECT_EQ(database_in_url("embedded:"), "");
  EXPECT_EQ(database_in_url("embedded:app"), "app");
}

TEST(DatabaseName, MadeFitIsAlwaysFine) {
  const std::string umlauts = [] {
    std::string text;
    for (int i = 0; i < 40; ++i) text += "\xc3\xa4";
    return text;
  }();
  for (const std::string& text : {std::string("wallet"), std::string("my app.v2"), std::string(200, 'x'), umlauts,
                                  std::string(), std::string("..."), std::string("admin"), std::string("a\xff\xfe"),
                                  std::string("a\0b\n", 4), std::string("a\\b\"$c")}) {
    const std::string name = fit_database_name(text);
    EXPECT_EQ(database_name_fault(name), "") << text;
    EXPECT_TRUE(is_utf8(name)) << text;
  }
  EXPECT_EQ(fit_database_name("wallet"), "wallet");
  EXPECT_EQ(fit_database_name("my app.v2"), "my_app_v2");
  EXPECT_EQ(fit_database_name("a\xe2\x80\xae"
                              "b\xc2\x9b"
                              "c"),
            "a_b_c");  // what no reader of the configuration would see
  EXPECT_EQ(fit_database_name(""), "treering");
}

}  // namespace
}  // namespace treering
