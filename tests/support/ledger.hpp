#pragma once

#include "core/key_span.hpp"
#include "pipeline/feed.hpp"
#include "tests/support/pages.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace feedcast::testing {

enum class start_at { beginning, now };

/// The truth about a scripted feed, against which the actors are judged. One global log of changes;
/// a range shows those of its buckets, and a position is an index into the log, so that children of
/// a split go on from their parent's position as they do with a real service.
///
/// A change is *covered* once a message of its key, produced after the change was first served, was
/// acknowledged. What is checked at every write of a lease: each change before the stored position
/// is covered, or nobody is owed anything for it.
class ledger {
 public:
  struct entry {
    std::string id;
    std::string document;
    unsigned bucket = 0;
    bool owed = true;
    bool poison = false;         ///< no message can be made of it: a dead letter is owed
    std::uint64_t served_at = 0; ///< event number; 0 = not yet
  };

  struct range {
    std::vector<std::string> parents;
    std::set<unsigned> buckets;
    bool alive = true; ///< answers fetches; otherwise it is gone
    bool listed = true;
  };

  static constexpr unsigned bucket_count = 8;

  explicit ledger(start_at from = start_at::beginning) : from_(from) {}

  // -- the feed

  /// A range over all buckets. Call before anything starts.
  void one_range(const std::string& id) { add_range(id, all_buckets()); }

  void add_range(const std::string& id, std::set<unsigned> buckets) {
    ranges_[id] = {{}, std::move(buckets), true, true};
  }

  /// Replaces a range by two halves. They are listed (and their parent is not) from `show_children`
  /// on.
  void split(const std::string& parent, const std::string& left, const std::string& right) {
    auto& p = ranges_.at(parent);
    p.alive = false;
    std::set<unsigned> halves[2];
    std::size_t n = 0;
    for (const auto b : p.buckets)
      halves[2 * n++ / p.buckets.size()].insert(b);
    ranges_[left] = {{parent}, halves[0], true, false};
    ranges_[right] = {{parent}, halves[1], true, false};
  }

  /// Replaces two ranges by one, at once.
  void merge(const std::string& left, const std::string& right, const std::string& child) {
    range merged{{left, right}, ranges_.at(left).buckets, true, true};
    merged.buckets.insert(ranges_.at(right).buckets.begin(), ranges_.at(right).buckets.end());
    for (const auto& parent : {left, right})
      ranges_.at(parent).alive = ranges_.at(parent).listed = false;
    ranges_[child] = std::move(merged);
  }

  /// The keys of neighbouring buckets; bucket 3 is ["30", "40").
  static key_span keys_of(const std::set<unsigned>& buckets) {
    const auto bound = [](unsigned b) {
      return b == 0 ? std::string{} : b == bucket_count ? "FF" : std::to_string(b) + '0';
    };
    return {bound(*buckets.begin()), bound(*buckets.rbegin() + 1)};
  }

  /// The range that is read now under this id, or whose keys hold these; nullptr if there is none.
  const range* reading(const std::string& range_id, const std::optional<key_span>& keys) const {
    if (!keys) {
      const auto at = ranges_.find(range_id);
      return at == ranges_.end() || !at->second.alive ? nullptr : &at->second;
    }
    for (const auto& [id, r] : ranges_)
      if (r.alive && covers(keys_of(r.buckets), *keys))
        return &r;
    return nullptr;
  }

  /// Those of a range, by its id or by the token of a key span.
  std::set<unsigned> buckets_of(const std::string& range_id) const {
    if (const auto at = ranges_.find(range_id); at != ranges_.end())
      return at->second.buckets;
    const auto dash = range_id.find('-');
    const key_span keys{range_id.substr(0, dash), range_id.substr(dash + 1)};
    std::set<unsigned> out;
    for (unsigned b = 0; b < bucket_count; ++b)
      if (covers(keys, keys_of({b})))
        out.insert(b);
    return out;
  }

  void show_children() {
    for (auto& [id, r] : ranges_)
      r.listed = r.alive;
  }

  std::map<std::string, range>& ranges() { return ranges_; }

  /// A change that the target is owed a message for.
  void append(const std::string& id) { append_document(id, action(id, "", log_.size() + 1), true); }

  /// A change that the target's own cluster made: nobody is owed anything.
  void append_own(const std::string& id, std::string_view cluster) {
    append_document(id, action(id, cluster, log_.size() + 1), false);
  }

  /// A document without a usable id, whose members are `fields`.
  void append_poison(const std::string& name, const std::string& fields) {
    append_document(
        name, '{' + fields + R"(,"_ts":1767225600,"_lsn":)" + std::to_string(log_.size() + 1) + '}',
        true);
    log_.back().poison = true;
  }

  /// Any document; nobody is owed anything for it.
  void append_unowed(const std::string& name, std::string document) {
    append_document(name, std::move(document), false);
  }

  void append_many(const std::string& prefix, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
      append(prefix + std::to_string(i));
  }

  std::size_t size() const { return log_.size(); }

  entry& at(std::size_t index) { return log_.at(index); }

  /// The changes of a range from a position on, at most `limit`.
  std::vector<std::size_t> changes(const std::string& range_id, std::size_t from,
                                   std::size_t limit) const {
    const auto buckets = buckets_of(range_id);
    std::vector<std::size_t> found;
    for (auto i = from; i < log_.size() && found.size() < limit; ++i)
      if (buckets.contains(log_[i].bucket))
        found.push_back(i);
    return found;
  }

  static continuation token(std::size_t index) { return {"at-" + std::to_string(index)}; }

  /// 0 for an empty token.
  static std::size_t index(const std::string& token) {
    return token.empty() ? 0 : static_cast<std::size_t>(std::stoull(token.substr(3)));
  }

  // -- what happens to changes

  std::uint64_t tick() { return ++events_; }

  void served(std::size_t i) {
    if (log_[i].served_at == 0)
      log_[i].served_at = tick();
  }

  void acknowledged(const std::string& key, std::uint64_t produced_at) {
    auto& newest = acknowledged_[key];
    newest = std::max(newest, produced_at);
  }

  /// The broker will never take a message of this key.
  void undeliverable(const std::string& key) {
    if (!keeps_dead_letters)
      undeliverable_.insert(key);
  }

  /// A dead letter was stored for good. Its record has an LSN, an id or both.
  void dead_lettered(const std::string& record) {
    constexpr std::string_view lsn = "\"lsn\":";
    constexpr std::string_view id = "\"id\":\"";
    if (const auto at = record.find(lsn); at != std::string::npos)
      dead_lsns_.insert(std::stoull(record.substr(at + lsn.size())));
    if (const auto at = record.find(id); at != std::string::npos) {
      const auto from = at + id.size();
      undeliverable_.insert(record.substr(from, record.find('"', from) - from));
    }
  }

  /// A refused message is settled by its dead letter, not by the refusal.
  bool keeps_dead_letters = false;

  // -- judgement

  bool covered(const entry& e) const {
    if (e.poison && keeps_dead_letters)
      return dead_lsns_.contains(static_cast<std::uint64_t>(&e - log_.data()) + 1);
    if (e.poison)
      return true;
    if (!e.owed || undeliverable_.contains(e.id))
      return true;
    const auto acked = acknowledged_.find(e.id);
    return e.served_at != 0 && acked != acknowledged_.end() && acked->second > e.served_at;
  }

  /// A lease of this range is about to hold this position.
  void stored(const std::string& range_id, const std::string& token) {
    const auto position = index(token);
    const auto buckets = buckets_of(range_id);
    for (const auto b : buckets)
      if (!starts_.contains(b))
        starts_[b] = from_ == start_at::now ? position : 0;
    for (std::size_t i = 0; i < std::min(position, log_.size()); ++i) {
      const auto& e = log_[i];
      if (buckets.contains(e.bucket) && i >= starts_[e.bucket] && !covered(e)) {
        ++premature_;
        ADD_FAILURE() << "premature position " << token << " of range " << range_id << ": change "
                      << i << " (" << e.id << ") is not settled";
        return;
      }
    }
  }

  /// Changes that were promised a message and have none so far.
  std::vector<std::string> missing() const {
    std::vector<std::string> ids;
    for (std::size_t i = 0; i < log_.size(); ++i) {
      const auto start = starts_.find(log_[i].bucket);
      const auto from = start == starts_.end() ? 0 : start->second;
      if (i >= from && !covered(log_[i]))
        ids.push_back(std::to_string(i) + ":" + log_[i].id);
    }
    return ids;
  }

  std::size_t premature() const { return premature_; }

  static std::set<unsigned> all_buckets() {
    std::set<unsigned> all;
    for (unsigned b = 0; b < bucket_count; ++b)
      all.insert(b);
    return all;
  }

 private:
  void append_document(const std::string& id, std::string document, bool owed) {
    const auto bucket = static_cast<unsigned>(std::hash<std::string>{}(id) % bucket_count);
    log_.push_back({.id = id,
                    .document = std::move(document),
                    .bucket = bucket,
                    .owed = owed,
                    .poison = false,
                    .served_at = 0});
  }

  start_at from_;
  std::vector<entry> log_;
  std::map<std::string, range> ranges_;
  std::map<unsigned, std::size_t> starts_; ///< per bucket: the first position that was promised
  std::map<std::string, std::uint64_t> acknowledged_;
  std::set<std::string> undeliverable_;
  std::set<std::uint64_t> dead_lsns_;
  std::uint64_t events_ = 0;
  std::size_t premature_ = 0;
};

} // namespace feedcast::testing
