#pragma once

#include "core/clock.hpp"
#include "emulator/operation.hpp"
#include "emulator/refusal.hpp"

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace feedcast::emulator {

enum class fault_kind : std::uint8_t {
  status,       ///< answer with a status
  truncate,     ///< the body ends at `at_byte`, the head says so too
  corrupt,      ///< the byte at `at_byte` of the body becomes 0xFF
  wrong_length, ///< Content-Length is off by `length_by`
  drip,         ///< the answer comes in pieces of `piece` bytes with `delay` between them
  reset,        ///< the connection is reset after `at_byte` bytes of the answer, head included
  delay,        ///< the answer comes `delay` later
};

/// Which answers to spoil, how, and how often. Empty conditions match everything.
struct fault_rule {
  std::uint64_t id = 0; ///< given by fault_rules
  std::optional<operation> on;
  std::string container; ///< name
  std::string range;     ///< partition key range id
  std::string region;    ///< name
  fault_kind kind = fault_kind::status;
  unsigned status = 503;
  std::uint32_t sub_status = 0;
  std::optional<std::uint64_t> retry_after_ms; ///< sent as x-ms-retry-after-ms
  std::optional<std::size_t> at_byte;          ///< default: middle of the body; 0 for reset
  /// Is the request carried out? Default: not for a status, but for a reset.
  std::optional<bool> apply;
  std::optional<milliseconds> delay; ///< default: none; 100 ms for a drip
  std::size_t piece = 16;            ///< bytes
  std::int64_t length_by = 10;
  double rate = 1;                       ///< share of the matching requests that are hit
  std::uint64_t hit_limit = 0;           ///< most hits; 0 = no limit
  std::uint64_t times_per_operation = 0; ///< most hits of one operation; 0 = no limit
  milliseconds start_delay{0};           ///< from when it was added
  std::optional<milliseconds> duration;  ///< from when it starts
  std::uint64_t hits = 0;                ///< so far

  bool carries_out() const noexcept { return apply.value_or(kind != fault_kind::status); }
};

/// The request that a rule is held against.
struct fault_subject {
  operation what = operation::control;
  std::string_view container;
  std::string_view range;
  std::string_view region = {};
  /// Clients repeat a request under the same id; empty = an operation of its own.
  std::string_view activity = {};
};

/// The rules in force; the oldest that matches wins. Thread-safe.
class fault_rules {
 public:
  /// `clock` outlives it.
  explicit fault_rules(const clock_source& clock = system_clock_source()) : clock_(clock) {}

  std::uint64_t add(fault_rule rule); ///< returns its id
  bool remove(std::uint64_t id);      ///< false if there is none
  void clear();
  std::vector<fault_rule> list() const;
  bool empty() const;

  /// The rule to answer with instead of serving: one that does not carry out the request. Counts
  /// the hit.
  std::optional<fault_rule> before_serving(const fault_subject& subject);
  /// A rule that carries it out, for the finished answer; those for bodies pass over answers that
  /// have none.
  std::optional<fault_rule> before_sending(const fault_subject& subject, bool has_body);

 private:
  struct entry {
    fault_rule rule;
    std::uint64_t random = 0;
    steady_time added;
    std::unordered_map<std::string, std::uint64_t> hits_by_activity; ///< forgets all when large
  };

  template <class Suits>
  std::optional<fault_rule> hit(const fault_subject& subject, Suits suits);
  bool in_force(const entry& e) const;

  const clock_source& clock_;
  mutable std::mutex mutex_;
  std::vector<entry> entries_;
  std::uint64_t next_id_ = 1;
};

/// From the body of POST /_emulator/faults. 400 for an unknown member or a value out of its bounds,
/// by name.
answer<fault_rule> parse_fault_rule(std::string_view json);
std::string to_json(const fault_rule& rule);

} // namespace feedcast::emulator
