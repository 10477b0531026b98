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
#include <vector>

namespace feedcast::emulator {

enum class fault_kind : std::uint8_t {
  status,   ///< answer with a status; the request is not carried out
  truncate, ///< the body ends at `at_byte`, the head says so too
  corrupt,  ///< the byte at `at_byte` of the body becomes 0xFF
  reset,    ///< the connection is reset after `at_byte` bytes of the answer, head included
  delay,    ///< the answer comes `delay` later
};

/// Which answers to spoil, how, and how often. Empty conditions match everything.
struct fault_rule {
  std::uint64_t id = 0; ///< given by fault_rules
  std::optional<operation> on;
  std::string container; ///< name
  std::string range;     ///< partition key range id
  fault_kind kind = fault_kind::status;
  unsigned status = 503;
  std::uint32_t sub_status = 0;
  std::optional<std::uint64_t> retry_after_ms; ///< sent as x-ms-retry-after-ms
  std::optional<std::size_t> at_byte;          ///< default: middle of the body; 0 for reset
  bool apply = true;                           ///< false, for reset: the request is not carried out
  milliseconds delay{0};
  double rate = 1;         ///< share of the matching requests that are hit
  std::uint64_t times = 0; ///< most hits; 0 = no limit
  std::uint64_t hits = 0;  ///< so far
};

/// The request that a rule is held against.
struct fault_subject {
  operation what = operation::control;
  std::string_view container;
  std::string_view range;
};

/// The rules in force; the oldest that matches wins. Thread-safe.
class fault_rules {
 public:
  std::uint64_t add(fault_rule rule); ///< returns its id
  bool remove(std::uint64_t id);      ///< false if there is none
  void clear();
  std::vector<fault_rule> list() const;
  bool empty() const;

  /// The rule to answer with instead of serving: of kind `status`, or a reset that does not apply.
  /// Counts the hit.
  std::optional<fault_rule> before_serving(const fault_subject& subject);
  /// A rule of another kind for a finished answer; those for bodies pass over answers that have
  /// none.
  std::optional<fault_rule> before_sending(const fault_subject& subject, bool has_body);

 private:
  struct entry {
    fault_rule rule;
    std::uint64_t random = 0;
  };

  template <class Suits>
  std::optional<fault_rule> hit(const fault_subject& subject, Suits suits);

  mutable std::mutex mutex_;
  std::vector<entry> entries_;
  std::uint64_t next_id_ = 1;
};

/// From the body of POST /_emulator/faults. 400 for an unknown member or a value out of its bounds,
/// by name.
answer<fault_rule> parse_fault_rule(std::string_view json);
std::string to_json(const fault_rule& rule);

} // namespace feedcast::emulator
