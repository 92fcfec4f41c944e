// SPDX-License-Identifier: Apache-2.0
#include "treering/engine/lease.h"

#include <fmt/format.h>

#include <algorithm>

#include "treering/base/error.h"
#include "treering/base/planted_flaw.h"
#include "treering/base/reply.h"
#include "treering/engine/lease_state.h"

namespace treering {
namespace {

std::string who(const LeaseView& view) {
  if (view.holder.run.empty()) return "runners that come and go";  // free whenever we looked, taken whenever we asked
  return describe_holder(view);
}

Error locked(const LeaseView& view, std::chrono::milliseconds waited) {
  const std::chrono::duration<double> seconds = waited;
  return Error(Kind::locked, "locked by " + who(view),
               waited.count() == 0 ? "wait for it with --lock-timeout 60"
                                   : fmt::format("still held after waiting {:g} s; treering log shows what ran before",
                                                 seconds.count()))
      .with("host", view.holder.host)
      .with("pid", std::to_string(view.holder.pid))
      .with("user", view.holder.user)
      .with("run", view.holder.run)
      .with("doing", view.doing);
}

}  // namespace

Lease::Lease(Project& project, Store& store, Connection& connection) : project_(project), store_(store) {
  const std::vector<Document> sessions = connection.fenceable_sessions();
  take(store, sessions);
  held_ = true;
  fence_former(sessions);
  // A third of the lease: two renewals may fail before it runs out.
  renewing_ = project_.clock->every(project_.settings.lease / 3, [this] {
    try {
      if (!renewing_connection_) renewing_connection_ = project_.server->connect();
      Store renewing_store(*renewing_connection_, project_.settings.database);
      renew(renewing_store);
    } catch (const std::exception&) {
      renewing_connection_.reset();  // tried again next time; `require` notices when it has been too long
    }
  });
}

Lease::~Lease() {
  renewing_.reset();
  if (!held_ || lost_) return;
  try {
    store_.free_lease(state_.epoch);
  } catch (const std::exception&) {
    return;  // the lease ends by the server's clock
  }
}

// Before the first renewal is due: whoever has just died in our place may have left more than one session.
void Lease::fence_former(const std::vector<Document>& ours) {
  if (state_.fence.empty()) return;
  if (planted(Flaw::former_not_fenced)) return require_ours([&] { return store_.forget_fence(state_.epoch); });
  // What the server says to a fence may be what it said the first time, to a runner before us that came too late: only
  // the write after them tells whether the lease is ours.
  for (const Document& session : state_.fence) {
    // Ours are there where we were given the lease unheard, and that had run out before we asked again.
    if (std::ranges::count(ours, session) > 0) continue;
    require_ours([&] {
      store_.fence(state_.epoch, session);
      return true;
    });
  }
  require_ours([&] { return store_.forget_fence(state_.epoch); });
}

void Lease::take(Store& store, const std::vector<Document>& sessions) {
  const std::int64_t start_us = project_.clock->monotonic_us();
  auto pause = std::chrono::milliseconds(20);
  bool told = false;
  while (true) {
    confirmed_us_ = project_.clock->monotonic_us();
    auto answer = store.take_lease(project_.settings.me, project_.settings.lease, sessions);
    if (auto* state = std::get_if<State>(&answer)) {
      state_ = std::move(*state);
      return;
    }
    const auto& view = std::get<LeaseView>(answer);
    const auto waited = std::chrono::milliseconds((project_.clock->monotonic_us() - start_us) / 1000);
    const auto left = project_.settings.lock_timeout - waited;
    if (left.count() <= 0) throw locked(view, std::min(waited, project_.settings.lock_timeout));
    if (!told) note(project_, "waiting for " + who(view));
    told = true;
    if (planted(Flaw::expiry_by_own_clock) &&
        project_.clock->now_ms() > view.renewed_ms + project_.settings.lease.count()) {
      store.break_lease(store.read_state()->epoch);
      continue;
    }
    project_.clock->pause(std::min(pause, left));
    pause = std::min(pause * 2, std::chrono::milliseconds(250));
  }
}

void Lease::renew(Store& store) {
  const std::int64_t asked_us = project_.clock->monotonic_us();
  if (planted(Flaw::renewal_by_own_clock)) {
    const Date expires{project_.clock->now_ms() + project_.settings.lease.count()};
    return keep(store.write_down(state_.epoch, Document().add("lease.expires", expires)), asked_us);
  }
  keep(store.renew_lease(state_.epoch, project_.settings.lease), asked_us);
}

void Lease::keep(bool still_ours, std::int64_t asked_us) {
  if (still_ours || planted(Flaw::loss_not_noticed)) {
    confirmed_us_ = asked_us;
  } else {
    note_lost();
  }
}

// The server let it run from after we asked: nobody can have taken it before that time is over, but by force.
void Lease::note_lost() {
  if (lost_) return;
  const std::int64_t held_us = project_.clock->monotonic_us() - confirmed_us_;
  taken_ = held_us < std::chrono::microseconds(project_.settings.lease).count();
  lost_ = true;
}

void Lease::require() {
  project_.clock->check_interrupted();
  require_held();
}

void Lease::require_held() {
  const auto lease_us = std::chrono::microseconds(project_.settings.lease).count();
  // The steady clock goes on while a process is stopped: after a SIGSTOP we ask the server before we touch anything.
  // And again, where the answer came so late that it says nothing any more.
  while (lost_ || project_.clock->monotonic_us() - confirmed_us_ > lease_us * 2 / 3)
    require_ours([&] {
      renew(store_);
      return !lost_;
    });
}

void Lease::require_ours(const std::function<bool()>& change) {
  if (lost_) lost();
  try {
    if (change()) return;
  } catch (const ServerError& error) {
    if (error.code() != kTransactionTooOld) throw;  // who took the lease has fenced us
  }
  lost();
}

void Lease::advance(const AppliedState& applied, const std::optional<Attempt>& next,
                    const std::vector<Document>& sessions) {
  const std::optional<Attempt> told = planted(Flaw::attempt_not_opened) ? std::nullopt : next;
  require_ours([&] { return store_.advance(state_.epoch, applied, told, project_.settings.me, sessions); });
}

void Lease::add_sessions(const std::vector<Document>& sessions) {
  if (sessions.empty()) return;
  require_ours([&] { return store_.add_sessions(state_.epoch, sessions); });
}

void Lease::write_down(const Document& fields, const std::optional<JournalChunk>& moved) {
  require_ours([&] { return store_.write_down(state_.epoch, fields, moved); });
}

void Lease::strike_out(std::int64_t number, const std::vector<std::string>& left) {
  Document fields = Document().add("attempt.undone", number);
  if (!left.empty()) fields.add_array("attempt.left", left);
  write_down(fields);
}

void Lease::release(const AppliedState& applied) {
  renewing_.reset();
  require_ours([&] { return store_.release(state_.epoch, applied); });
  held_ = false;
}

void Lease::lost() {
  note_lost();
  if (taken_)
    throw Error(Kind::lease_lost,
                "the lease on " + project_.settings.database + " was taken from us while we worked (treering unlock)",
                "see treering log and treering current, and ask who took it; then run the command again");
  throw Error(Kind::lease_lost,
              "the lease on " + project_.settings.database + " ran out while we worked, and another runner may hold it",
              "see treering log and treering current, then run the command again");
}

}  // namespace treering
