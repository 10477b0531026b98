#include "feeds/cosmos/lease_lock.hpp"

#include "core/log.hpp"
#include "feeds/cosmos/container_setup.hpp"
#include "leases/boot_nonce.hpp"
#include "leases/json.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>

namespace feedcast::cosmos {

using namespace std::chrono_literals;

namespace {

constexpr std::string_view mark_member = "feedcastLock";
constexpr milliseconds one_wait = 5s;

} // namespace

lease_lock::lease_lock(collection_ref container, call_sender send, std::function<wall_time()> now)
    : container_{std::move(container)}
    , send_{std::move(send)}
    , now_{std::move(now)}
    , mark_{make_boot_nonce(now_())} {}

std::string lease_lock::body(const lease_ids& ids) const {
  constexpr int seconds = 30;
  boost::json::object o;
  o["id"] = ids.lock();
  o["ttl"] = seconds;
  o[mark_member] = mark_;
  return boost::json::serialize(o);
}

void lease_lock::remember(const http::response& r) {
  const auto stored = json::parse_object(r.body.view(), "the lease lock");
  auto version = stored ? json::text_at(*stored, "_etag") : std::nullopt;
  const std::lock_guard hold{mutex_};
  version_ = version.value_or(std::string{r.headers.get("etag")});
}

void lease_lock::take(const lease_ids& ids, callback<milliseconds> done) {
  create(ids, false, done);
}

void lease_lock::create(const lease_ids& ids, bool again, const callback<milliseconds>& done) {
  auto c = container_.create_document(ids.lock(), body(ids));
  send_(std::move(c), [this, ids, again, done](const result<http::response>& r) {
    if (r) {
      remember(*r);
      return done(milliseconds{0});
    }
    if (r.error().code != errc::conflict)
      return done(r.error());
    examine(ids, again, done);
  });
}

void lease_lock::examine(const lease_ids& ids, bool again, const callback<milliseconds>& done) {
  send_(container_.document("GET", ids.lock()),
        [this, ids, again, done](const result<http::response>& r) {
          if (!r && r.error().code != errc::not_found)
            return done(r.error());
          if (!r) // gone meanwhile
            return again ? done(one_wait) : create(ids, true, done);
          const auto lock = json::parse_object(r->body.view(), "the lease lock");
          if (!lock)
            return done(lock.error());
          const bool ours = json::text_at(*lock, mark_member) == mark_;
          const auto wait = ours ? milliseconds{0} : wait_for_lock(*r, now_());
          const auto version = json::text_at(*lock, "_etag").value_or("");
          if (wait > 0ms || version.empty())
            return done(std::max(wait, one_wait));
          if (!ours)
            log::warn("an old lease initialisation lock is taken over",
                      {{"document", ids.lock()}, {"container", container_.link()}});
          take_over(ids, version, done);
        });
}

void lease_lock::take_over(const lease_ids& ids, const std::string& version,
                           const callback<milliseconds>& done) {
  auto c = container_.document("PUT", ids.lock());
  c.headers.set("content-type", "application/json");
  c.headers.set("if-match", version);
  c.body = body(ids);
  send_(std::move(c), [this, done](const result<http::response>& r) {
    if (r) {
      remember(*r);
      return done(milliseconds{0});
    }
    // Somebody else was faster.
    if (r.error().code == errc::conflict || r.error().code == errc::not_found)
      return done(one_wait);
    done(r.error());
  });
}

void lease_lock::give_back(const lease_ids& ids, callback<bool> done) {
  std::string version;
  {
    const std::lock_guard hold{mutex_};
    version.swap(version_);
  }
  if (version.empty())
    return done(false);
  auto c = container_.document("DELETE", ids.lock());
  c.headers.set("if-match", version);
  send_(std::move(c), [done = std::move(done)](const result<http::response>& r) {
    if (!r && r.error().code != errc::not_found && r.error().code != errc::conflict)
      return done(r.error());
    done(r.has_value());
  });
}

} // namespace feedcast::cosmos
