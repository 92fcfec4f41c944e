// SPDX-License-Identifier: Apache-2.0
#include "treering/mongo/transaction_options.h"

namespace treering {
namespace {

MongocHandle<mongoc_read_concern_t> read_concern_from(const Document& document) {
  MongocHandle<mongoc_read_concern_t> concern(mongoc_read_concern_new());
  if (const auto level = document.string("level")) mongoc_read_concern_set_level(concern.get(), level->c_str());
  return concern;
}

MongocHandle<mongoc_write_concern_t> write_concern_from(const Document& document) {
  MongocHandle<mongoc_write_concern_t> concern(mongoc_write_concern_new());
  if (const auto w = document.find("w")) {
    if (const auto name = w->string(); name == "majority") {
      mongoc_write_concern_set_w(concern.get(), MONGOC_WRITE_CONCERN_W_MAJORITY);
    } else if (name) {
      mongoc_write_concern_set_wtag(concern.get(), name->c_str());
    } else {
      mongoc_write_concern_set_w(concern.get(), static_cast<std::int32_t>(w->integer().value_or(1)));
    }
  }
  if (const auto journal = document.boolean("j")) mongoc_write_concern_set_journal(concern.get(), *journal);
  if (const auto timeout = document.integer("wtimeout"))
    mongoc_write_concern_set_wtimeout_int64(concern.get(), *timeout);
  return concern;
}

}  // namespace

MongocHandle<mongoc_transaction_opt_t> transaction_options(const TransactionOptions& options, const mongoc_uri_t* uri) {
  MongocHandle<mongoc_transaction_opt_t> result(mongoc_transaction_opts_new());
  const MongocHandle<mongoc_read_prefs_t> primary(mongoc_read_prefs_new(MONGOC_READ_PRIMARY));
  mongoc_transaction_opts_set_read_prefs(result.get(), primary.get());
  const auto read_concern = read_concern_from(options.read_concern);
  mongoc_transaction_opts_set_read_concern(
      result.get(), options.read_concern.empty() ? mongoc_uri_get_read_concern(uri) : read_concern.get());
  const auto write_concern = write_concern_from(options.write_concern);
  const mongoc_write_concern_t* of_url = mongoc_uri_get_write_concern(uri);
  // A transaction whose commit isn't answered can't be begun; nor could anybody know how it ended.
  if (!options.write_concern.empty()) {
    mongoc_transaction_opts_set_write_concern(result.get(), write_concern.get());
  } else if (mongoc_write_concern_is_acknowledged(of_url)) {
    mongoc_transaction_opts_set_write_concern(result.get(), of_url);
  }
  if (options.max_commit_time.count() > 0)
    mongoc_transaction_opts_set_max_commit_time_ms(result.get(), options.max_commit_time.count());
  return result;
}

}  // namespace treering
