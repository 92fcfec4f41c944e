// SPDX-License-Identifier: Apache-2.0
#include "treering/mongo/mongo_server.h"

#include <utility>

#include "treering/mongo/handle.h"
#include "treering/mongo/mongo_connection.h"
#include "treering/mongo/mongo_url.h"
#include "treering/mongo/read_many.h"

namespace treering {
namespace {

class MongoServer final : public Server {
 public:
  explicit MongoServer(const MongoOptions& options)
      : uri_(read_mongo_url(options)),
        access_{options.url, options.username, options.password},
        outage_(std::make_shared<Outage>(options.patience, options.while_waiting)) {
    const char* user = mongoc_uri_get_username(uri_.get());
    const char* replica_set = mongoc_uri_get_replica_set(uri_.get());
    peer_ = {hosts_of(uri_.get()), user == nullptr ? "" : user, replica_set == nullptr ? "" : replica_set};
  }

  std::unique_ptr<Connection> connect() override {
    // The URL is only read from here on, which libmongoc allows to several threads.
    return mongo_connection(MongocHandle<mongoc_uri_t>(mongoc_uri_copy(uri_.get())), peer_, outage_);
  }

  std::vector<Document> read_many(const std::string& database, const std::vector<Document>& commands) override {
    return read_in_parallel(*this, database, commands);
  }

  ServerAccess access() override { return access_; }

  std::string hosts() const override { return peer_.hosts; }

 private:
  MongocHandle<mongoc_uri_t> uri_;
  ServerAccess access_;
  Peer peer_;
  std::shared_ptr<Outage> outage_;
};

}  // namespace

std::unique_ptr<Server> mongo_server(const MongoOptions& options) { return std::make_unique<MongoServer>(options); }

}  // namespace treering
