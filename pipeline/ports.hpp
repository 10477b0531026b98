#pragma once

#include "core/key_span.hpp"
#include "core/result.hpp"
#include "pipeline/batch.hpp"
#include "pipeline/feed.hpp"

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace feedcast {

/// Reads one feed for one target. Implemented in feeds/.
/// Thread-safe; calls never block; answers come on the source's own threads. After destruction no
/// answer comes.
class change_source {
 public:
  virtual ~change_source() = default;

  /// The ranges that exist now, split parents left out.
  virtual void ranges(callback<std::vector<feed_range>> done) = 0;

  struct fetch_request {
    std::string range_id; ///< of a range; with `keys` only a name for logs
    read_position from;
    std::uint32_t max_items = 1000;
    /// Only these keys, which lie within one range, whichever it is now: `gone` if they lie in
    /// several. nullopt: the whole range of that id.
    std::optional<key_span> keys{};
    /// Only the figures of the answer are wanted, and it will be asked again: a source need not
    /// read on for it.
    bool peek = false;
  };

  /// One page. Errors: `gone` if the range was split or merged, else as core/error.hpp says.
  /// Retries nothing but a stale pooled connection: when and whether to try again is the caller's
  /// decision.
  virtual void fetch(fetch_request request, callback<feed_page_ptr> done) = 0;

  /// What the database provides for this feed. An error that is not transient: these credentials
  /// may not ask, or there is no such thing here.
  virtual void throughput(callback<feed_throughput> done) {
    done(make_error(errc::not_found, "this kind of feed has no throughput"));
  }

  /// Whether and how long deletes can be seen. A source that can't tell says so.
  virtual void describe(callback<feed_traits> done) { done(feed_traits{}); }
};

/// How one message ended.
enum class delivery_outcome : std::uint8_t {
  acknowledged,  ///< stored by all in-sync replicas
  retry,         ///< not (known to be) stored: produce it again
  undeliverable, ///< the broker will never take this one message (too large, invalid record)
};

struct delivery_report {
  std::uint64_t ticket = 0;
  delivery_outcome outcome = delivery_outcome::retry;
};

/// A message to produce. The bytes must stay valid until the report with this ticket arrives.
struct outgoing_message {
  std::string_view value;
  std::string_view key; ///< empty: null key
  std::uint64_t ticket = 0;
  std::uint64_t lsn = 0; ///< newest change it stands for; for sinks that say so in a header
};

/// Where the messages of one target go. Implemented in sinks/.
/// Called by its one owner (the delivery actor) only; never blocks. Every accepted message gets
/// exactly one report, also when the producer inside had to be replaced (then `retry`). The
/// destructor gives no reports.
class message_sink {
 public:
  virtual ~message_sink() = default;

  /// Called on any thread when poll() has something to do. Must be cheap and must not call back
  /// into the sink.
  virtual void on_ready(std::function<void()> wake) = 0;

  /// Accepts a prefix of `messages` and returns its length; fewer than all means the queue is full
  /// or the sink is re-opening: try the rest after the next poll(). The record's timestamp is the
  /// moment of this call.
  virtual std::size_t produce(std::span<const outgoing_message> messages) = 0;

  /// Appends the reports that came in since the last call and does the sink's housekeeping
  /// (re-opening after a fatal error, noticing a stall). Call it on every wake and at least every
  /// 100 ms.
  virtual void poll(std::vector<delivery_report>& reports) = 0;

  struct condition {
    bool up = false;         ///< acknowledged something, or saw its topic, since the last failure
    std::string reason;      ///< why it is not up, for people: what, where, how to mend it
    std::string error_class; ///< timeout, auth, acl, unknown_topic, too_large, fatal, transport,
                             ///< other; "" if none
    std::uint64_t producer_restarts = 0;
    std::uint64_t errors = 0;     ///< failed deliveries and client errors so far
    bool weak_durability = false; ///< what is acknowledged is lost with one machine
  };

  virtual condition state() const = 0;
};

} // namespace feedcast
