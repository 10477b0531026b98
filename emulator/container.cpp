#include "emulator/container.hpp"

#include <algorithm>

namespace feedcast::emulator {
namespace {

answer<void> check_if_match(std::string_view if_match, const document& current) {
  if (if_match.empty() || if_match == "*" || if_match == current.etag)
    return {};
  return refuse(412, "the document has changed since the etag in If-Match was read");
}

constexpr std::string_view name_of(write_mode mode) noexcept {
  switch (mode) {
  case write_mode::create:
    return "create";
  case write_mode::upsert:
    return "upsert";
  case write_mode::replace:
    return "replace";
  }
  return {};
}

refusal no_document() {
  return refuse(404, "there is no document of that id and partition key");
}

} // namespace

std::string container::name_key(std::string_view epk, std::string_view id) {
  std::string key(epk); // 32 bytes always, so that no separator is needed
  key += id;
  return key;
}

container::container(std::string_view database, container_spec spec, rid address,
                     memory_budget& memory, const clock_source& clock, ledger* book)
    : address_(address)
    , name_(spec.name)
    , path_("dbs/" + std::string(database) + "/colls/" + spec.name)
    , key_names_(spec.key_names)
    , memory_(memory)
    , clock_(clock)
    , book_(book)
    , spec_(std::move(spec)) {
  const auto bounds = even_bounds(spec_.ranges);
  for (std::size_t i = 0; i + 1 < bounds.size(); ++i) {
    ranges_.push_back({{std::to_string(i), i, bounds[i], bounds[i + 1], {}, 0}});
    live_.push_back(i);
  }
  definition_ts_ = offer_ts_ = now();
  if (book_ != nullptr) {
    std::vector<ledger_range> all;
    for (const range& r : ranges_)
      all.push_back({r.info.id, r.info.min, r.info.max});
    book_->ranges(name_, {}, all);
  }
}

container::~container() {
  for (const std::size_t number : live_) {
    const feed_index& index = ranges_[number].index;
    for (auto at = index.after(0); at != index.end(); ++at)
      if (at->version)
        memory_.give_back(at->version->footprint());
  }
  memory_.give_back_history(history_.bytes());
}

container_spec container::spec() const {
  const std::lock_guard lock(mutex_);
  return spec_;
}

answer<void> container::redefine(container_spec spec) {
  const std::lock_guard lock(mutex_);
  if (spec.name != spec_.name || spec.key_path != spec_.key_path)
    return refuse(400, "name and partition key of a container can't be changed");
  spec.ranges = spec_.ranges;
  spec.account_retention = spec_.account_retention;
  spec.throughput = spec_.throughput;
  spec.offer_number = spec_.offer_number;
  spec_ = std::move(spec);
  expiring_.clear(); // a new default holds for what is there, too
  for (const auto& [item, version] : by_item_)
    if (const auto when = expiry(*version))
      expiring_.emplace(*when, item);
  ++definition_version_;
  definition_ts_ = now();
  return {};
}

std::pair<std::string, std::string> container::description() const {
  const std::lock_guard lock(mutex_);
  const std::string etag = make_etag(definition_version_, definition_ts_);
  std::string text = spec_.members;
  text += R"(,"_rid":")" + address_.to_text() + R"(","_self":"dbs/)"
          + rid{address_.database}.to_text() + "/colls/" + address_.to_text() + R"(/","_etag":"\")"
          + etag.substr(1, etag.size() - 2)
          + R"(\"","_docs":"docs/","_sprocs":"sprocs/","_triggers":"triggers/","_udfs":"udfs/",)"
          + R"("_conflicts":"conflicts/","_ts":)" + std::to_string(definition_ts_) + '}';
  return {std::move(text), etag};
}

provisioned container::describe_offer() const {
  const std::string self = offer_rid(spec_.offer_number);
  const std::string owner = address_.to_text();
  provisioned p{self, make_etag(offer_version_, offer_ts_), {}};
  p.text = R"({"resource":"dbs/)" + rid{address_.database}.to_text() + "/colls/" + owner
           + R"(/","offerType":"Invalid","offerResourceId":")" + owner
           + R"(","offerVersion":"V2","content":)" + content_of(spec_.throughput) + R"(,"id":")"
           + self + R"(","_rid":")" + self + R"(","_self":"offers/)" + self + R"(/","_etag":"\")"
           + p.etag.substr(1, p.etag.size() - 2) + R"(\"","_ts":)" + std::to_string(offer_ts_)
           + '}';
  return p;
}

provisioned container::provision() const {
  const std::lock_guard lock(mutex_);
  return describe_offer();
}

answer<provisioned> container::provision(const offer& wanted, std::string_view if_match) {
  const std::lock_guard lock(mutex_);
  if (!if_match.empty() && if_match != "*" && if_match != make_etag(offer_version_, offer_ts_))
    return refuse(412, "the offer has changed since the etag in If-Match was read");
  spec_.throughput = wanted;
  ++offer_version_;
  offer_ts_ = now();
  return describe_offer();
}

std::size_t container::document_count() const {
  const std::lock_guard lock(mutex_);
  return by_name_.size();
}

answer<located> container::write(write_mode mode, const incoming_document& in,
                                 std::string_view if_match,
                                 const std::optional<document_ref>& target) {
  std::string epk = effective_partition_key(in.key);
  const std::lock_guard lock(mutex_);
  const document_ptr old = current(
      mode == write_mode::replace && target ? *target : document_ref(document_name{in.id, epk}));
  const std::string_view kind = name_of(mode);
  if (mode == write_mode::create && old)
    return note_refusal(kind, in.id, refuse(409, "a document of that id and partition key exists"));
  if (mode == write_mode::replace && !old)
    return note_refusal(kind, in.id, no_document());
  if (old) {
    if (old->id != in.id)
      return refuse(400, "the document's id is not the one that is addressed");
    if (old->epk != epk)
      return refuse(400, "the document's partition key is not the one that is addressed",
                    substatus::partition_key_mismatch);
    if (auto fresh = check_if_match(if_match, *old); !fresh)
      return note_refusal(kind, in.id, fresh.error());
  }

  const std::int64_t ts = stamp_time();
  version_stamp stamp{address_, lsn_ + 1, ts};
  stamp.address.item = old ? old->address.item : next_item_;
  document_ptr version = make_document(in, std::move(epk), stamp);
  if (!memory_.take(version->footprint()))
    return memory_full(memory_);
  if (old)
    forget(old);
  else
    ++next_item_;
  publish(version);
  note(kind, old, version);
  return locate(std::move(version), !old);
}

answer<located> container::remove(const document_ref& target, std::string_view if_match) {
  const std::lock_guard lock(mutex_);
  document_ptr old = current(target);
  if (!old)
    return no_document();
  if (auto fresh = check_if_match(if_match, *old); !fresh)
    return note_refusal("delete", old->id, fresh.error());
  remove_now("delete", old);
  return locate(std::move(old), false);
}

answer<located> container::find(const document_ref& target, std::optional<std::uint64_t> up_to) {
  const std::lock_guard lock(mutex_);
  document_ptr version = current(target);
  if (up_to)
    version = past_version(target, *up_to, std::move(version));
  if (version && expired(*version, now())) // only one of the past can be
    version = nullptr;
  if (!version)
    return no_document();
  located found = locate(std::move(version), false);
  found.range_lsn = std::min(found.range_lsn, up_to.value_or(found.range_lsn));
  return found;
}

std::int64_t container::now() const {
  return std::chrono::duration_cast<std::chrono::seconds>(clock_.wall().time_since_epoch()).count();
}

/// Never falls, so that the feed is ordered by `_ts` too even if the clock is set back.
std::int64_t container::stamp_time() {
  last_ts_ = std::max(last_ts_, now());
  return last_ts_;
}

std::optional<std::int64_t> container::expiry(const document& d) const {
  if (!spec_.default_ttl || d.raw)
    return std::nullopt;
  const std::int64_t ttl = d.ttl.value_or(*spec_.default_ttl);
  return ttl < 0 ? std::nullopt : std::optional(d.ts + ttl);
}

bool container::expired(const document& d, std::int64_t today) const {
  const auto when = expiry(d);
  return when && *when <= today;
}

bool container::remove_expired() {
  constexpr int most = 500; // so that the lock is not held for long
  const std::lock_guard lock(mutex_);
  trim_history();
  const std::int64_t today = now();
  for (int i = 0; i < most; ++i) {
    if (expiring_.empty() || expiring_.begin()->first > today)
      return false;
    remove_now("expire", document_ptr(by_item_.at(expiring_.begin()->second)));
  }
  return true;
}

/// The live version; one that has expired is removed on the way.
document_ptr container::current(const document_ref& target) {
  document_ptr found;
  if (const auto* name = std::get_if<document_name>(&target)) {
    if (const auto at = by_name_.find(name_key(name->epk, name->id)); at != by_name_.end())
      found = at->second;
  } else if (const auto at = by_item_.find(std::get<std::uint64_t>(target)); at != by_item_.end()) {
    found = at->second;
  }
  if (found && expired(*found, now())) {
    remove_now("expire", found);
    return nullptr;
  }
  return found;
}

void container::remove_now(std::string_view kind, const document_ptr& version) {
  forget(version);
  range_of(version->epk).info.lsn = ++lsn_;
  stamp_time();
  note(kind, version, nullptr);
}

void container::forget(const document_ptr& version) {
  range_of(version->epk).index.erase(*version);
  by_name_.erase(name_key(version->epk, version->id));
  by_item_.erase(version->address.item);
  if (const auto when = expiry(*version))
    expiring_.erase({*when, version->address.item});
  memory_.give_back(version->footprint());
}

void container::publish(const document_ptr& version) {
  range& home = range_of(version->epk);
  home.index.append(version);
  home.info.lsn = lsn_ = version->lsn;
  by_name_.insert_or_assign(name_key(version->epk, version->id), version);
  by_item_.insert_or_assign(version->address.item, version);
  if (const auto when = expiry(*version))
    expiring_.emplace(*when, version->address.item);
}

located container::locate(document_ptr version, bool created) {
  const range& home = range_of(version->epk);
  return {std::move(version), home.info.id, home.info.lsn, created};
}

refusal container::note_refusal(std::string_view kind, std::string_view id, refusal why) {
  if (book_ != nullptr)
    book_->refused({name_, kind, id, why.status});
  return why;
}

} // namespace feedcast::emulator
