#include "feeds/couchdb/lease_database.hpp"

#include "core/log.hpp"
#include "feeds/couchdb/documents.hpp"
#include "feeds/couchdb/errors.hpp"
#include "feeds/couchdb/lease_record.hpp"
#include "feeds/couchdb/lease_turn.hpp"
#include "leases/boot_nonce.hpp"
#include "leases/json.hpp"

#include <atomic>
#include <utility>

namespace feedcast::couchdb {

namespace {

using document = boost::json::object;

/// A lease whose database is gone is not a lease that is gone.
error not_of_the_lease(error e) {
  if (is_missing_database(e))
    e.code = errc::unavailable;
  return e;
}

error creation_refused(error e, const std::string& where) {
  if (e.code == errc::forbidden)
    e.detail = where
               + " is missing and may not be created by this user: create it, with the user "
                 "as a member, or make the user an admin of the server ("
               + e.detail + ')';
  return e;
}

} // namespace

struct lease_database::impl {
  impl(std::shared_ptr<server> s, const lease_database_options& options, const clock_source& c)
      : at{std::move(s)}
      , clock{c}
      , ids{record_ids::make(options.prefix, options.feed_host, options.feed_database)}
      , kept{at, options.database, options.deadline}
      , turn{kept, [this] { return now(); }}
      , life{make_boot_nonce(clock.wall())} {}

  wall_time now() const {
    return std::chrono::floor<milliseconds>(clock.wall() + at->clock_offset());
  }

  /// Differs for each write of each instance.
  std::string next_mark() { return life + '.' + std::to_string(++writes); }

  std::string where(const std::string& range) const {
    return "lease of range " + range + " in " + kept.name();
  }

  error not_open() const {
    return make_error(errc::rejected,
                      "the leases in " + kept.name() + " are not open: open() must succeed first");
  }

  void read_marker_of(bool just_created, const callback<lease_store_state>& done);
  void create_database(const callback<lease_store_state>& done);
  void write(lease l, callback<lease> done);
  void refused(const lease& l, const std::string& mark, const callback<lease>& done);
  void withdraw(const lease& l, const std::string& revision, const callback<lease>& done);
  void remove_losers(const std::string& id, const std::vector<std::string>& losers);
  void remove(const std::string& range, int tries, const callback<bool>& done);
  void remove_all(const std::string& range, std::vector<std::string> revisions, int tries,
                  const callback<bool>& done);

  const std::shared_ptr<server> at;
  const clock_source& clock;
  const result<record_ids> ids;
  documents kept;
  lease_turn turn;
  const std::string life;
  std::atomic<std::uint64_t> writes{0};
  std::atomic<bool> is_open{false};
};

// -- opening -------------------------------------------------------------------------------------

void lease_database::impl::read_marker_of(bool just_created,
                                          const callback<lease_store_state>& done) {
  kept.read(ids->marker(), [this, just_created, done](const result<document>& r) {
    if (!r && is_missing_database(r.error()) && !just_created)
      return create_database(done);
    if (!r && (r.error().code != errc::not_found || is_missing_database(r.error())))
      return done(not_of_the_lease(r.error()));
    auto state = r ? read_marker(*r) : result<lease_store_state>{lease_store_state{}};
    if (state)
      is_open = true;
    done(std::move(state));
  });
}

void lease_database::impl::create_database(const callback<lease_store_state>& done) {
  kept.create_database([this, done](const result<bool>& r) {
    if (!r)
      return done(creation_refused(r.error(), kept.name()));
    if (*r)
      log::info("lease database created", {{"database", kept.name()}});
    read_marker_of(true, done);
  });
}

// -- writing -------------------------------------------------------------------------------------

void lease_database::impl::write(lease l, callback<lease> done) {
  l.stored_at = now();
  const auto mark = next_mark();
  const auto record = write_record(l, *ids, mark);
  if (!record)
    return done(record.error());
  const auto before = l.raw.empty() ? result<document>{document{}}
                                    : json::parse_object(l.raw, "the lease document");
  auto losers = before ? conflicts_of(*before) : std::vector<std::string>{};
  kept.write(ids->lease(l.range_id), *record,
             [this, l, mark, stored = *record, losers = std::move(losers),
              done = std::move(done)](const result<std::string>& r) mutable {
               if (!r && r.error().code == errc::conflict)
                 return refused(l, mark, done);
               if (!r)
                 return done(not_of_the_lease(r.error()));
               stored["_rev"] = *r;
               remove_losers(ids->lease(l.range_id), losers);
               done(read_record(stored, *ids));
             });
}

/// What a conflict means. It may be our own write: one that was sent again because its answer was
/// lost, or one that a minority of a cluster's nodes took before the others refused it.
void lease_database::impl::refused(const lease& l, const std::string& mark,
                                   const callback<lease>& done) {
  kept.read(ids->lease(l.range_id), [this, l, mark, done](const result<document>& r) {
    const bool create = l.version.empty();
    if (!r && (r.error().code != errc::not_found || is_missing_database(r.error())))
      return done(not_of_the_lease(r.error()));
    if (!r && !create)
      return done(make_error(errc::not_found, where(l.range_id) + " does not exist"));
    if (r && mark_of(*r) == mark)
      return conflicts_of(*r).empty() ? done(read_record(*r, *ids))
                                      : withdraw(l, revision_of(*r), done);
    done(make_error(
        errc::conflict,
        where(l.range_id)
            + (create ? " exists already" : " was written by somebody else since it was read")));
  });
}

/// Our write was refused, and stands beside the one that was not. Who was told so must not win.
void lease_database::impl::withdraw(const lease& l, const std::string& revision,
                                    const callback<lease>& done) {
  log::warn("a lease was written by two at once, and this one is taken back",
            {{"lease", ids->lease(l.range_id)}});
  kept.remove(ids->lease(l.range_id), revision, [this, l, done](const result<bool>& r) {
    if (!r && r.error().code != errc::conflict && r.error().code != errc::not_found)
      return done(not_of_the_lease(r.error()));
    done(make_error(errc::conflict, where(l.range_id) + " was written by somebody else, too"));
  });
}

void lease_database::impl::remove_losers(const std::string& id,
                                         const std::vector<std::string>& losers) {
  for (const auto& revision : losers)
    kept.remove(id, revision, [id, revision](const result<bool>& r) {
      if (r)
        log::info("a lease's other copy was removed", {{"lease", id}, {"revision", revision}});
    });
}

// -- removing ------------------------------------------------------------------------------------

/// With all its copies: the next one would take the place of the one that counts.
void lease_database::impl::remove(const std::string& range, int tries, const callback<bool>& done) {
  kept.read(ids->lease(range), [this, range, tries, done](const result<document>& r) {
    if (!r && r.error().code == errc::not_found && !is_missing_database(r.error()))
      return done(false);
    if (!r)
      return done(not_of_the_lease(r.error()));
    auto revisions = conflicts_of(*r);
    revisions.insert(revisions.begin(), revision_of(*r));
    remove_all(range, std::move(revisions), tries, done);
  });
}

/// The last one first.
void lease_database::impl::remove_all(const std::string& range, std::vector<std::string> revisions,
                                      int tries, const callback<bool>& done) {
  const auto next = std::move(revisions.back());
  revisions.pop_back();
  kept.remove(
      ids->lease(range), next,
      [this, range, revisions = std::move(revisions), tries, done](const result<bool>& r) mutable {
        const bool lost = !r && r.error().code == errc::conflict;
        if (lost && tries > 1)
          return remove(range, tries - 1, done);
        if (!r && r.error().code != errc::not_found)
          return done(r.error());
        if (!revisions.empty())
          return remove_all(range, std::move(revisions), tries, done);
        done(r ? result<bool>{true} : result<bool>{false});
      });
}

// -- the port ------------------------------------------------------------------------------------

lease_database::lease_database(std::shared_ptr<server> at, lease_database_options options,
                               const clock_source& clock)
    : impl_{std::make_shared<impl>(std::move(at), options, clock)} {}

lease_database::~lease_database() {
  impl_->kept.close();
}

void lease_database::open(callback<lease_store_state> done) {
  if (!impl_->ids)
    return done(impl_->ids.error());
  impl_->read_marker_of(false, done);
}

void lease_database::list(callback<lease_listing> done) {
  if (!impl_->is_open)
    return done(impl_->not_open());
  impl_->kept.list(impl_->ids->leases(), [self = impl_.get(), done = std::move(done)](
                                             const result<std::vector<document>>& r) {
    if (!r)
      return done(not_of_the_lease(r.error()));
    lease_listing out;
    for (const auto& one : *r) {
      auto l = read_record(one, *self->ids);
      if (!l)
        return done(l.error());
      out.leases.push_back(std::move(*l));
    }
    out.now = self->now();
    done(std::move(out));
  });
}

void lease_database::lock(callback<milliseconds> done) {
  if (!impl_->is_open)
    return done(impl_->not_open());
  impl_->turn.take(impl_->ids->lock(), std::move(done));
}

void lease_database::unlock(callback<bool> done) {
  if (!impl_->is_open)
    return done(impl_->not_open());
  impl_->turn.give_back(impl_->ids->lock(), std::move(done));
}

void lease_database::create(lease l, callback<lease> done) {
  if (!impl_->is_open)
    return done(impl_->not_open());
  l.version.clear();
  impl_->write(std::move(l), std::move(done));
}

void lease_database::replace(lease l, callback<lease> done) {
  if (!impl_->is_open)
    return done(impl_->not_open());
  if (l.version.empty()) // would create it
    return done(make_error(errc::rejected, impl_->where(l.range_id) + " was never read"));
  impl_->write(std::move(l), std::move(done));
}

void lease_database::read(std::string range_id, callback<lease> done) {
  if (!impl_->is_open)
    return done(impl_->not_open());
  impl_->kept.read(impl_->ids->lease(range_id), [self = impl_.get(), done = std::move(done)](
                                                    const result<document>& r) {
    done(r ? read_record(*r, *self->ids) : result<lease>{not_of_the_lease(r.error())});
  });
}

void lease_database::remove(lease l, callback<bool> done) {
  constexpr int tries = 4;
  if (!impl_->is_open)
    return done(impl_->not_open());
  impl_->remove(l.range_id, tries, done);
}

void lease_database::mark_initialised(wall_time started_at, callback<bool> done) {
  if (!impl_->is_open)
    return done(impl_->not_open());
  impl_->kept.write(impl_->ids->marker(), write_marker(started_at),
                    [done = std::move(done)](const result<std::string>& r) {
                      if (!r && r.error().code != errc::conflict)
                        return done(not_of_the_lease(r.error()));
                      done(r.has_value());
                    });
}

lease_costs lease_database::costs() const {
  return impl_->kept.costs();
}

} // namespace feedcast::couchdb
