#include "feeds/couchdb/lease_turn.hpp"

#include "core/log.hpp"
#include "leases/boot_nonce.hpp"

#include <utility>

namespace feedcast::couchdb {

using namespace std::chrono_literals;

namespace {

constexpr milliseconds too_old = 60s;
constexpr milliseconds one_wait = 5s;

} // namespace

lease_turn::lease_turn(documents& in, std::function<wall_time()> now)
    : in_{in}, now_{std::move(now)}, mark_{make_boot_nonce(now_())} {}

void lease_turn::remember(const std::string& revision) {
  const std::lock_guard hold{mutex_};
  revision_ = revision;
}

void lease_turn::take(const std::string& id, callback<milliseconds> done) {
  create(id, false, done);
}

void lease_turn::create(const std::string& id, bool again, const callback<milliseconds>& done) {
  in_.write(id, write_lock(mark_, now_()), [this, id, again, done](const result<std::string>& r) {
    if (r) {
      remember(*r);
      return done(0ms);
    }
    if (r.error().code != errc::conflict)
      return done(r.error());
    examine(id, again, done);
  });
}

void lease_turn::examine(const std::string& id, bool again, const callback<milliseconds>& done) {
  in_.read(id, [this, id, again, done](const result<boost::json::object>& r) {
    if (!r && r.error().code != errc::not_found)
      return done(r.error());
    if (!r) // gone meanwhile
      return again ? done(one_wait) : create(id, true, done);
    const bool ours = mark_of(*r) == mark_;
    if (!ours && now_() - locked_at(*r) < too_old)
      return done(one_wait);
    if (!ours)
      log::warn("an old lease initialisation lock is taken over",
                {{"document", id}, {"in", in_.name()}});
    take_over(id, revision_of(*r), done);
  });
}

void lease_turn::take_over(const std::string& id, const std::string& revision,
                           const callback<milliseconds>& done) {
  auto lock = write_lock(mark_, now_());
  lock["_rev"] = revision;
  in_.write(id, lock, [this, done](const result<std::string>& r) {
    if (r) {
      remember(*r);
      return done(0ms);
    }
    // Somebody else was faster.
    if (r.error().code == errc::conflict)
      return done(one_wait);
    done(r.error());
  });
}

void lease_turn::give_back(const std::string& id, callback<bool> done) {
  std::string revision;
  {
    const std::lock_guard hold{mutex_};
    revision.swap(revision_);
  }
  if (revision.empty())
    return done(false);
  in_.remove(id, revision, [done = std::move(done)](const result<bool>& r) {
    if (!r && r.error().code != errc::not_found && r.error().code != errc::conflict)
      return done(r.error());
    done(r.has_value());
  });
}

} // namespace feedcast::couchdb
