// SPDX-License-Identifier: Apache-2.0
#include "treering/mongo/mongo_connection.h"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>

#include "treering/base/reply.h"
#include "treering/engine/with_transaction.h"
#include "treering/mongo/command_route.h"
#include "treering/mongo/link.h"
#include "treering/mongo/transaction_options.h"

namespace treering {

namespace {

std::string_view command_name(const Document& command) {
  const auto first = command.first();
  return first ? first->key() : std::string_view();
}

// Owns a reply that libmongoc fills in.
class Reply {
 public:
  Reply() = default;
  Reply(const Reply&) = delete;
  Reply& operator=(const Reply&) = delete;
  ~Reply() { bson_destroy(&bson_); }
  bson_t* out() { return &bson_; }  // libmongoc initialises it, whatever happens
  Document take() const { return Document::from_bson(bson_); }

 private:
  bson_t bson_ = BSON_INITIALIZER;
};

// Higher than any runner counts. Not the highest there is, so that nothing overflows at the server.
constexpr std::int64_t kHighestNumber = std::int64_t{1} << 62;

Connection::Limits limits_in(const Document& hello) {
  Connection::Limits limits;
  const auto said = [&](const char* name, std::size_t fallback) {
    const auto value = hello.integer(name);
    return value && *value > 0 ? static_cast<std::size_t>(*value) : fallback;
  };
  limits.document_bytes = said("maxBsonObjectSize", limits.document_bytes);
  // A command goes out as one BSON document, so the message can't use the room that separate sections would have.
  limits.message_bytes = std::min(said("maxMessageSizeBytes", limits.message_bytes), limits.document_bytes);
  limits.write_batch = said("maxWriteBatchSize", limits.write_batch);
  return limits;
}

class MongoConnection final : public Connection {
 public:
  MongoConnection(MongocHandle<mongoc_uri_t> uri, Peer peer, std::shared_ptr<Outage> outage)
      : uri_(std::move(uri)), peer_(std::move(peer)), outage_(std::move(outage)) {}
  ~MongoConnection() override { forget_link_of_parent(); }
  MongoConnection(const MongoConnection&) = delete;
  MongoConnection& operator=(const MongoConnection&) = delete;

  Document command(const std::string& database, const Document& command) override {
    const std::string_view name = command_name(command);
    if (name.empty()) throw Error(Kind::usage, "an empty document is not a command");
    connect(name);
    const CommandRoute route = in_transaction() ? CommandRoute{} : route_of(command);
    Document options = options_for(command, route);
    const auto send_it = [&] { return command_once(database, command, options, route.route, name); };
    const bool is_numbered = route.retryable_write && numbers_writes();
    // With the same number: where the server carried it out already, it says what it said then.
    if (is_numbered) options.add("txnNumber", ++link_->last_number);
    return is_numbered || route.route == Route::read ? patiently(send_it) : send_it();
  }

  std::vector<Document> fenceable_sessions() override {
    connect("hello");
    link_->contacted = true;  // who asks counts on these sessions
    if (!numbers_writes()) return {};
    return {lsid_of(link_->session), lsid_of(link_->transactions)};
  }

  Document fence(const Document& session, const std::string& database, const Document& command) override {
    connect("hello");
    if (!numbers_writes())
      throw Error(Kind::usage, "the server at " + peer_.hosts + " has no sessions that could be fenced");
    bson_error_t error{};
    const MongocHandle<mongoc_session_opt_t> none(mongoc_session_opts_new());
    mongoc_session_opts_set_causal_consistency(none.get(), false);
    const SessionHandle borrowed(mongoc_client_start_session(link_->client.get(), none.get(), &error));
    if (!borrowed) throw_driver_error(error, peer_, "the start of a session");
    const BorrowedId id(borrowed.get(), session);
    bson_t options = BSON_INITIALIZER;
    mongoc_client_session_append(borrowed.get(), &options, nullptr);
    const Document with_session = Document::from_bson(options).add("txnNumber", kHighestNumber);
    bson_destroy(&options);
    return command_once(database, command, with_session, Route::raw, "update");
  }

  Document hello() override { return Document::from_bson(*mongoc_server_description_hello_response(primary().get())); }

  std::string address() override {
    return mongoc_server_description_host(const_cast<mongoc_server_description_t*>(primary().get()))->host_and_port;
  }

  Limits limits() override {
    connect("hello");
    if (!link_->limits) link_->limits = limits_in(hello());  // every write wants to know them
    return *link_->limits;
  }

  Document session_id() override {
    connect("hello");
    link_->contacted = true;  // who asks counts on this session
    return link_->transactions ? lsid_of(link_->transactions) : Document();
  }

  void begin_transaction(const TransactionOptions& options) override {
    connect("begin of a transaction");
    if (!link_->session)
      throw Error(Kind::usage, "the server at " + peer_.hosts + " has no sessions, so no transactions",
                  "transactions want a replica set or a sharded cluster");
    const auto opts = transaction_options(options, uri_.get());
    bson_error_t error{};
    const auto begin = [&] {
      return mongoc_client_session_start_transaction(link_->transactions.get(), opts.get(), &error);
    };
    if (begin()) return;
    // Only what libmongoc says of the transaction itself is the caller's mistake: it looks for a server here, too.
    if (error.domain == MONGOC_ERROR_TRANSACTION)
      throw Error(Kind::usage, std::string("no transaction can be begun: ") + error.message);
    if (link_->contacted) {
      this->command("admin", Document().add("ping", 1));  // waits for it
      if (begin()) return;
    }
    throw_driver_error(error, peer_, "the begin of a transaction");
  }

  void commit_transaction() override {
    Reply reply;
    bson_error_t error{};
    if (mongoc_client_session_commit_transaction(require_transaction(), reply.out(), &error)) return;
    const Document answer = reply.take();
    if (answer.has("ok") && !is_authentication(error)) throw ServerError(answer);
    if (error.domain == MONGOC_ERROR_TRANSACTION)
      throw Error(Kind::usage, std::string("there is nothing to commit: ") + error.message);
    throw_driver_error(error, peer_, "the commit", answer);
  }

  void abort_transaction() override {
    bson_error_t error{};
    if (!mongoc_client_session_abort_transaction(require_transaction(), &error))
      throw Error(Kind::usage, std::string("there is no transaction to abort: ") + error.message);
  }

  bool in_transaction() const override {
    // The process last: asking for it is a system call, and every command asks this several times.
    return link_ && link_->session && mongoc_client_session_in_transaction(link_->transactions.get()) &&
           link_->owner == getpid();
  }

 private:
  // What is as good when it is sent twice: again, where the server is away or has just become another's secondary.
  template <typename Send>
  Document patiently(const Send& send_it) {
    const auto since = Outage::Moment::clock::now();
    std::exception_ptr first;
    while (true) {
      try {
        Document reply = send_it();
        outage_->over();
        return reply;
      } catch (const ServerError& error) {
        outage_->over();
        if (first || !has_label(error, kRetryable)) throw;
        first = std::current_exception();
      } catch (const Error& error) {
        if (error.kind() != Kind::unreachable || !link_->contacted) throw;
        const bool once_more = !first;
        if (!first) first = std::current_exception();
        if (!outage_->wait(since) && !once_more) std::rethrow_exception(first);
      }
    }
  }

  // As the handshake described it: no round trip.
  MongocHandle<mongoc_server_description_t> primary() {
    connect("hello");
    return known_primary();
  }

  // REQUIRES: connect was called. (A second call before the first reply would begin with other sessions.)
  MongocHandle<mongoc_server_description_t> known_primary() const {
    bson_error_t error{};
    MongocHandle<mongoc_server_description_t> server(
        mongoc_client_select_server(link_->client.get(), true, nullptr, &error));
    if (!server) throw_driver_error(error, peer_, "hello");
    return server;
  }

  // The session that may be in a transaction.
  mongoc_client_session_t* require_transaction() {
    forget_link_of_parent();
    if (!link_ || !link_->transactions) throw Error(Kind::usage, "no transaction is open on this connection");
    return link_->transactions.get();
  }

  // A standalone server has sessions and no transaction numbers; and who says retryWrites=false has a server without.
  bool numbers_writes() {
    if (!link_->session) return false;
    if (!link_->numbers_writes) {
      const Document said = Document::from_bson(*mongoc_server_description_hello_response(known_primary().get()));
      link_->numbers_writes =
          has_transaction_numbers(said) && mongoc_uri_get_option_as_bool(uri_.get(), MONGOC_URI_RETRYWRITES, true);
    }
    return *link_->numbers_writes;
  }

  Document command_once(const std::string& database, const Document& command, const Document& options, Route route,
                        std::string_view name) {
    Reply reply;
    bson_error_t error{};
    const bool sent = send(database, command, options, route, reply.out(), &error);
    const Document answer = reply.take();
    if (answer.has("ok")) link_->contacted = true;
    // libmongoc also calls a write concern error a failure; the reply's own "ok" decides. One from libmongoc itself has
    // none.
    if (answer.has("ok") && answer.boolean("ok").value_or(false)) return answer;
    if (answer.has("ok") && !is_authentication(error)) throw ServerError(answer);
    if (sent) return answer;
    throw_driver_error(error, peer_, name, answer);
  }

  void forget_link_of_parent() {
    if (link_ && link_->owner != getpid()) leave_to_parent(std::move(link_));
  }

  void connect(std::string_view doing) {
    forget_link_of_parent();
    // libmongoc makes a client wait five seconds after a failed first contact; a new one may try at once. After that
    // the session stays, as the server knows us by it.
    if (link_ && !link_->contacted && !in_transaction()) link_.reset();
    if (!link_) link_ = open_link(*uri_, peer_, doing);
  }

  Document options_for(const Document& command, const CommandRoute& route) const {
    bson_t options = BSON_INITIALIZER;
    const SessionHandle& session = in_transaction() ? link_->transactions : link_->session;
    if (session) mongoc_client_session_append(session.get(), &options, nullptr);
    const mongoc_write_concern_t* write_concern = mongoc_uri_get_write_concern(uri_.get());
    // w=0 asks for no answer, which a tool that has to know what it did can't use.
    if (route.takes_write_concern && !command.has("writeConcern") && !mongoc_write_concern_is_default(write_concern) &&
        mongoc_write_concern_is_acknowledged(write_concern))
      mongoc_write_concern_append(const_cast<mongoc_write_concern_t*>(write_concern), &options);
    const mongoc_read_concern_t* read_concern = mongoc_uri_get_read_concern(uri_.get());
    if (route.takes_read_concern && !command.has("readConcern") && !mongoc_read_concern_is_default(read_concern))
      mongoc_read_concern_append(const_cast<mongoc_read_concern_t*>(read_concern), &options);
    const Document result = Document::from_bson(options);
    bson_destroy(&options);
    return result;
  }

  bool send(const std::string& database, const Document& command, const Document& options, Route route, bson_t* reply,
            bson_error_t* error) const {
    mongoc_client_t* client = link_->client.get();
    const char* name = database.c_str();
    const auto* body = command.bson();
    const auto* opts = options.bson();
    switch (route) {
      case Route::read:
        return mongoc_client_read_command_with_opts(client, name, body, primary_.get(), opts, reply, error);
      case Route::raw:
        break;
    }
    return mongoc_client_command_with_opts(client, name, body, primary_.get(), opts, reply, error);
  }

  MongocHandle<mongoc_uri_t> uri_;
  Peer peer_;
  std::shared_ptr<Outage> outage_;
  MongocHandle<mongoc_read_prefs_t> primary_{mongoc_read_prefs_new(MONGOC_READ_PRIMARY)};
  std::unique_ptr<Link> link_;
};

}  // namespace

std::unique_ptr<Connection> mongo_connection(MongocHandle<mongoc_uri_t> uri, Peer peer,
                                             std::shared_ptr<Outage> outage) {
  return std::make_unique<MongoConnection>(std::move(uri), std::move(peer), std::move(outage));
}

}  // namespace treering
