#pragma once

#include "core/clock.hpp"
#include "emulator/change_history.hpp"
#include "emulator/commit_log.hpp"
#include "emulator/container_spec.hpp"
#include "emulator/document.hpp"
#include "emulator/feed_index.hpp"
#include "emulator/ledger.hpp"
#include "emulator/memory_budget.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace feedcast::emulator {

/// A document by the two halves of its name.
struct document_name {
  std::string id;
  std::string epk;
};

/// ... or by the item part of its resource id.
using document_ref = std::variant<document_name, std::uint64_t>;

enum class write_mode : std::uint8_t { create, upsert, replace };

/// A document, and where it lies.
struct located {
  document_ptr version;
  std::string range_id;
  std::uint64_t range_lsn = 0; ///< highest LSN of that range
  bool created = false;        ///< by a write: there was none before
};

/// Which part of a container to read.
struct selection {
  std::optional<std::string> range_id;
  std::optional<std::string> epk; ///< of one partition key value
  std::string min_epk;            ///< half-open [min, max) inside the range; empty max = no bound
  std::string max_epk;
  std::optional<std::uint64_t> up_to; ///< LSN: what a replica shows that has got so far
  bool may_step_back = false;         ///< may an empty feed page say less than `after`?

  bool admits(std::string_view candidate) const noexcept {
    return (!epk || candidate == *epk) && candidate >= min_epk
           && (max_epk.empty() || candidate < max_epk);
  }
};

/// Of a feed page: documents if the client names no number, and bytes, as the service's own limit
/// on answers.
inline constexpr std::size_t default_feed_items = 1000;
inline constexpr std::size_t max_feed_bytes = std::size_t{4} << 20;

enum class feed_mode : std::uint8_t {
  latest,       ///< each document once, at its latest version
  all_versions, ///< every write, deletes too, as far as the history goes
};

struct feed_request {
  feed_mode mode = feed_mode::latest;
  selection where;
  std::uint64_t after = 0;                    ///< LSN
  bool from_now = false;                      ///< nothing but the current position
  std::optional<std::int64_t> modified_since; ///< seconds since the epoch, exclusive; latest only
  std::size_t max_items = 0;                  ///< 0 = the emulator's own page size
};

struct feed_page {
  std::vector<document_ptr> documents; ///< by LSN, in mode `latest`
  std::vector<change> changes;         ///< by LSN, in mode `all_versions`
  std::uint64_t continuation = 0;
  std::string range_id;
  std::uint64_t range_lsn = 0;
};

/// Where a scan goes on: with the document of this number, or the next one. Documents keep their
/// numbers when they are replaced, and when ranges are split.
struct scan_cursor {
  std::uint64_t item = 0;
};

struct scan_page {
  std::vector<document_ptr> documents;
  std::size_t looked_at = 0;       ///< these, and others on the way
  std::optional<scan_cursor> next; ///< nothing = that was all
};

struct range_info {
  std::string id; ///< decimal
  std::uint64_t number = 0;
  std::string min;
  std::string max;
  std::vector<std::string> parents; ///< oldest first
  std::uint64_t lsn = 0;
};

/// The live ranges by `min`, and the version of that map.
struct range_map {
  std::uint64_t version = 0;
  std::vector<range_info> ranges;
};

/// The offer of a container as a resource.
struct provisioned {
  std::string id; ///< its resource id, too
  std::string etag;
  std::string text;
};

/// Documents and change feed of one container. One LSN counter for all its ranges, so that LSNs go
/// on after a split. Thread-safe: one mutex, held for a handful of map operations or one page of
/// pointers.
class container {
 public:
  /// `memory`, `clock` and `book` outlive the container. `book` is told of every write; may be
  /// null.
  container(std::string_view database, container_spec spec, rid address, memory_budget& memory,
            const clock_source& clock, ledger* book = nullptr);
  ~container();
  container(const container&) = delete;
  container& operator=(const container&) = delete;

  rid address() const noexcept { return address_; }

  const std::string& name() const noexcept { return name_; }

  /// "dbs/DATABASE/colls/NAME"
  const std::string& path() const noexcept { return path_; }

  /// Names along the partition key path.
  const std::vector<std::string>& key_names() const noexcept { return key_names_; }

  container_spec spec() const;
  /// New definition; 400 if it changes name or partition key.
  answer<void> redefine(container_spec spec);
  /// The container as clients read it, and its etag.
  std::pair<std::string, std::string> description() const;

  /// What was promised to it, as clients read it.
  provisioned provision() const;
  /// New terms; 412 if `if_match` is neither empty nor the etag of those in force.
  answer<provisioned> provision(const offer& wanted, std::string_view if_match = {});

  /// `target` is needed for replace only: the document that is addressed. 409 if a create finds
  /// one, 404 if a replace finds none, 412 if `if_match` is neither empty, nor `*`, nor the current
  /// etag, 507 if memory is used up.
  answer<located> write(write_mode mode, const incoming_document& in,
                        std::string_view if_match = {},
                        const std::optional<document_ref>& target = {});
  answer<located> remove(const document_ref& target, std::string_view if_match = {});
  answer<located> find(const document_ref& target, std::optional<std::uint64_t> up_to = {});
  /// Puts `text` verbatim on the feed of a range. Such a document is seen by feed reads only. With
  /// `together` it gets the LSN of the newest write, as if both were of one transaction; 400 if
  /// that write was in another range.
  answer<located> append_raw(std::string_view range_id, std::string_view id, std::string text,
                             bool together = false);

  /// One page of the change feed. 410/1002 for a range that is gone or was never there; 400 if no
  /// range is named and there are several, or if the history does not go back that far.
  answer<feed_page> feed(const feed_request& request) const;
  /// Up to `max_items` documents from `from` on (default: from the start), in the order in which
  /// they were created. Fewer, and `next`, if there is a lot of others to pass over.
  answer<scan_page> scan(const selection& where, std::optional<scan_cursor> from,
                         std::size_t max_items) const;

  /// Removes what has expired, up to some hundreds of documents. True if there is more. To be
  /// called now and then, so that a document goes at about its time though nobody asks for it.
  bool remove_expired();

  range_map ranges() const;
  /// Splits a live range in two halves and returns the ids of the children. For `completing` long,
  /// the parent answers 410/1007, then 410/1002.
  answer<std::pair<std::string, std::string>> split(std::string_view range_id,
                                                    milliseconds completing = {});
  /// Joins two live ranges that meet, in whichever order they are named, and returns the id of the
  /// range that takes their place: it goes on from the higher LSN of the two.
  answer<std::string> merge(std::string_view one, std::string_view other,
                            milliseconds completing = {});

  std::size_t document_count() const;

  /// Keeps what replicas of `account` that are behind still show. It outlives the container.
  void follow(const regions& account);
  /// LSN that was reached then; nothing if that is the newest.
  std::optional<std::uint64_t> position(steady_time when) const;
  /// When that LSN was written; nothing if that is no longer known.
  std::optional<steady_time> committed(std::uint64_t lsn) const;
  /// Undoes all writes after that moment, so that their LSNs are used again. Returns their number.
  std::size_t cut(steady_time when);

 private:
  struct range {
    range_info info;
    feed_index index{};
    bool live = true;
    std::vector<std::size_t> ancestors{}; ///< numbers, rising
    std::uint64_t forgotten = 0;          ///< LSN of its newest change that the history has dropped
    steady_time completing_until{};       ///< of a range that is gone
  };

  std::int64_t now() const;
  provisioned describe_offer() const;
  std::int64_t stamp_time();
  /// When it expires, in seconds since the epoch; nothing = never.
  std::optional<std::int64_t> expiry(const document& d) const;
  bool expired(const document& d, std::int64_t today) const;
  range& range_of(std::string_view epk);
  const range* range_by_id(std::string_view id) const; ///< null = there never was such
  const range* live_range(std::string_view id) const;
  refusal range_gone(std::string_view id) const;
  answer<void> check_room_for_ranges() const;
  std::size_t add_range(std::string min, std::string max, const std::vector<std::size_t>& parents);
  void retire(std::size_t number, milliseconds completing);
  void note_ranges(const std::vector<std::size_t>& parents, const std::vector<std::size_t>& made);
  answer<const range*> feed_range(const selection& where) const;
  answer<feed_page> all_versions(const feed_request& request, const range& source) const;
  document_ptr current(const document_ref& target);
  /// As feed() and current(), up to an LSN.
  feed_page past_feed(const range& source, const feed_request& request) const;
  document_ptr past_version(const document_ref& target, std::uint64_t up_to,
                            document_ptr version) const;
  static std::string name_key(std::string_view epk, std::string_view id);
  void forget(const document_ptr& version);
  void publish(const document_ptr& version);
  located locate(document_ptr version, bool created);
  /// To ledger, history and log of commits. `before` and `after` as in ledger_write; the LSN is the
  /// newest one.
  void note(std::string_view kind, const document_ptr& before, const document_ptr& after);
  void remember(change c);
  void forget_oldest_change();
  void forget_changes_after(std::uint64_t lsn);
  void trim_history();
  refusal note_refusal(std::string_view kind, std::string_view id, refusal why);
  void remove_now(std::string_view kind, const document_ptr& version);

  rid address_;
  std::string name_;
  std::string path_;
  std::vector<std::string> key_names_;
  memory_budget& memory_;
  const clock_source& clock_;
  ledger* const book_;

  mutable std::mutex mutex_;
  container_spec spec_;
  std::uint64_t definition_version_ = 1;
  std::int64_t definition_ts_ = 0;
  std::uint64_t offer_version_ = 1;
  std::int64_t offer_ts_ = 0;
  std::uint64_t lsn_ = 0;
  std::int64_t last_ts_ = 0;
  std::uint64_t next_item_ = 1;
  std::uint64_t map_version_ = 1;
  std::vector<range> ranges_;     ///< all that ever were; the id is the position
  std::vector<std::size_t> live_; ///< the live ones, by `min`
  boost::unordered_flat_map<std::string, document_ptr> by_name_; ///< epk + id
  std::map<std::uint64_t, document_ptr> by_item_;                ///< in order, for scans
  std::set<std::pair<std::int64_t, std::uint64_t>> expiring_;    ///< when, item
  change_history history_;
  commit_log commits_;
};

} // namespace feedcast::emulator
