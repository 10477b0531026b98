#include "tests/consumers/controller.hpp"

#include <algorithm>
#include <utility>

namespace feedcast::consumers {

namespace {

constexpr moment expiry = 5 * 60'000;
constexpr milliseconds patience{1'500};
constexpr std::size_t most_tries = 3;
constexpr std::size_t poll_size = 128;
constexpr moment longest_poll = 150;
constexpr moment longest_handling = 20;
/// A client of the account reads its regions again; 5 minutes in the SDKs, and after failures.
constexpr moment regions_at_least = 1'000;
constexpr moment regions_at_most = 3'000;

std::uint16_t port_of(std::size_t region) {
  return static_cast<std::uint16_t>(first_port + region);
}

} // namespace

std::string document_id(std::string key) {
  std::replace(key.begin(), key.end(), '/', '|');
  return key;
}

controller::controller(stage& time, dice& luck, tally& seen, journal& notes, cloud& far,
                       topic& cluster_topic, common& shared, std::size_t cluster,
                       std::size_t number)
    : time_(time)
    , luck_(luck)
    , seen_(seen)
    , notes_(notes)
    , far_(far)
    , topic_(cluster_topic)
    , shared_(shared)
    , cluster_(cluster)
    , instance_("controller" + std::to_string(number))
    , name_(std::string{cluster_ids[cluster]} + '/' + instance_)
    , region_(cluster) {
  topic_.readers.emplace_back([this] { poll(); });
}

// -- reading

void controller::choose_region() {
  for (const auto r : preferred(cluster_))
    if (!far_.removed(r)) {
      region_ = r;
      break;
    }
  choose_again_ = time_.now() + luck_.between(regions_at_least, regions_at_most);
}

/// Reads the document from the region of the moment, or from the next one if that fails.
void controller::fetch(const std::string& key, std::size_t tries, then done) {
  if (time_.now() >= choose_again_)
    choose_region();
  const auto from = region_;
  far_.call(port_of(from), document_request("GET", document_id(key)), patience,
            [this, key, tries, from, life = life_,
             done = std::move(done)](std::optional<http::server_response> r) mutable {
              if (life != life_)
                return;
              if (r && (r->status == 200 || r->status == 404)) {
                answer a{r->status, std::string{r->headers.get("etag")}, {}};
                if (r->status == 200)
                  a.document = read_document(body_of(*r));
                if (from != cluster_)
                  seen_(met::refill_elsewhere);
                return done(std::move(a));
              }
              if (tries >= most_tries)
                return done({});
              if (region_ == from) { // go round: the next one that the account still has
                const auto order = preferred(cluster_);
                const auto at = static_cast<std::size_t>(std::find(order.begin(), order.end(), from)
                                                         - order.begin());
                for (std::size_t i = 1; i < order.size() && region_ == from; ++i)
                  if (const auto next = order[(at + i) % order.size()]; !far_.removed(next))
                    region_ = next;
                choose_again_ = time_.now() + luck_.between(regions_at_least, regions_at_most);
              }
              fetch(key, tries + 1, std::move(done));
            });
}

void controller::read(const std::string& key) {
  if (const auto at = cache_.find(key); at != cache_.end()) {
    auto& e = *at->second;
    if (e.is != entry::state::cached)
      return; // joins the read that is on its way, or reads around the write and caches nothing
    if (time_.now() < e.last_access + expiry) {
      e.last_access = time_.now();
      return seen_(met::hit);
    }
  }
  auto e = std::make_shared<entry>();
  cache_[key] = e;
  fetch(key, 1, [this, key, e](const answer& a) { on_fetched(key, e, a); });
}

void controller::on_fetched(const std::string& key, const entry_ptr& e, const answer& a) {
  if (a.document && a.document->tombstone)
    seen_(met::tombstone_read);
  if (!a.document || a.document->tombstone)
    return forget(key, e);
  seen_(met::refill);
  if (a.document->version < shared_.newest[key])
    seen_(met::refill_with_old_version);
  const auto at = cache_.find(key);
  const bool attached = at != cache_.end() && at->second == e;
  notes_.note(key, name_ + (attached ? " caches version " : " read, detached, version ")
                       + std::to_string(a.document->version) + " of " + region_names[region_]);
  e->is = entry::state::cached;
  e->value = {a.etag, a.document->version};
  e->last_access = time_.now();
}

/// Removes the entry, if it is still the one.
void controller::forget(const std::string& key, const entry_ptr& e) {
  if (const auto at = cache_.find(key); at != cache_.end() && at->second == e)
    cache_.erase(at);
}

// -- writing

void controller::send_write(const std::string& method, const std::string& key,
                            std::uint64_t version, bool tombstone, const std::string& if_match,
                            then done) {
  auto r = document_request(method, document_id(key));
  if (!if_match.empty())
    r.headers.add("if-match", if_match);
  if (method != "DELETE")
    r.body = R"({"id":")" + document_id(key) + R"(","entityType":"action","_clusterId":")"
             + cluster_ids[cluster_] + R"(","version":)" + std::to_string(version)
             + (tombstone ? R"(,"_deleted":true,"ttl":36000})" : "}");
  const bool lost = luck_.chance(loses_write_answers);
  far_.call(port_of(far_.write_region()), std::move(r), patience,
            [this, lost, life = life_,
             done = std::move(done)](std::optional<http::server_response> given) {
              if (life != life_)
                return;
              if (lost)
                seen_(met::write_answer_lost);
              if (!given || lost)
                return done({});
              done({given->status, std::string{given->headers.get("etag")}, {}});
            });
}

void controller::write(const std::string& key) {
  // A new entry takes the place of what was there; who reads meanwhile reads around it.
  auto e = std::make_shared<entry>();
  e->is = entry::state::writing;
  cache_[key] = e;
  fetch(key, 1, [this, key, e](const answer& a) {
    if (a.status == 0)
      return forget(key, e);
    if (!a.document || a.document->tombstone)
      return create(key, e);
    const auto version = ++shared_.versions;
    send_write("PUT", key, version, false, a.etag,
               [this, key, e, version](const answer& w) { on_written(key, e, version, w); });
  });
}

/// A creation that meets a tombstone reads it again and takes its place.
void controller::create(const std::string& key, const entry_ptr& e) {
  const auto version = ++shared_.versions;
  send_write("POST", key, version, false, "", [this, key, e, version](const answer& w) {
    if (w.status != 409)
      return on_written(key, e, version, w);
    fetch(key, 1, [this, key, e](const answer& again) {
      if (!again.document || !again.document->tombstone)
        return on_written(key, e, 0, {409, "", {}});
      seen_(met::creation_over_tombstone);
      const auto next = ++shared_.versions;
      send_write("PUT", key, next, false, again.etag,
                 [this, key, e, next](const answer& last) { on_written(key, e, next, last); });
    });
  });
}

void controller::on_written(const std::string& key, const entry_ptr& e, std::uint64_t version,
                            const answer& a) {
  if (a.status == 409 || a.status == 412)
    seen_(met::conflict);
  if (a.status != 200 && a.status != 201)
    return forget(key, e);
  seen_(met::write);
  shared_.newest[key] = std::max(shared_.newest[key], version);
  notes_.note(key, name_ + " wrote version " + std::to_string(version));
  e->is = entry::state::cached;
  e->value = {a.etag, version};
  e->last_access = time_.now();
  announce(key);
}

void controller::remove(const std::string& key) {
  cache_.erase(key);
  fetch(key, 1, [this, key](const answer& a) {
    if (!a.document || a.document->tombstone)
      return;
    const auto version = ++shared_.versions;
    send_write(shared_.tombstones ? "PUT" : "DELETE", key, version, shared_.tombstones, a.etag,
               [this, key](const answer& w) { on_removed(key, w); });
  });
}

void controller::on_removed(const std::string& key, const answer& a) {
  cache_.erase(key);
  if (a.status == 412)
    seen_(met::conflict);
  if (a.status != 200 && a.status != 204)
    return;
  seen_(shared_.tombstones ? met::soft_delete : met::hard_delete);
  notes_.note(key, name_ + " deleted it");
  announce(key);
}

// -- the topic

void controller::announce(const std::string& key) {
  time_.plans().at(time_.now() + luck_.between(1, 10), [this, key] {
    topic_.append({instance_, key}); // acks=1; the broker is near
  });
}

void controller::poll() {
  if (polling_)
    return;
  polling_ = true;
  time_.plans().at(time_.now() + luck_.between(1, longest_poll), [this] {
    polling_ = false;
    const auto from = offset_;
    offset_ = std::min(topic_.records().size(), from + poll_size); // committed before handling
    ++handling_;
    time_.plans().at(time_.now() + luck_.between(0, longest_handling),
                     [this, from, to = offset_, life = life_] {
                       --handling_;
                       for (auto i = from; i < to && life == life_; ++i)
                         handle(topic_.records()[i]);
                     });
    if (offset_ < topic_.records().size())
      poll();
  });
}

void controller::handle(const record& r) {
  if (r.instance == instance_)
    return seen_(met::own_message_skipped);
  const bool feedcast = r.instance == "cache-invalidator";
  const auto at = cache_.find(r.key);
  notes_.note(r.key, name_ + " was told by " + r.instance);
  if (at == cache_.end())
    return;
  seen_(feedcast ? met::removal_by_feedcast : met::removal_by_controller);
  if (at->second->is != entry::state::cached)
    seen_(met::removal_during_read);
  else if (feedcast && at->second->value.version < shared_.newest[r.key])
    seen_(met::removal_of_old_version);
  cache_.erase(at);
}

// -- judges and crashes

void controller::restart() {
  ++life_;
  cache_.clear();
  choose_again_ = 0;
}

std::map<std::string, controller::cached> controller::cache() const {
  std::map<std::string, cached> all;
  for (const auto& [key, e] : cache_)
    if (e->is == entry::state::cached && time_.now() < e->last_access + expiry)
      all.emplace(key, e->value);
  return all;
}

} // namespace feedcast::consumers
