#pragma once

#include "core/key_span.hpp"
#include "core/result.hpp"
#include "leases/tiling.hpp"
#include "tests/simulation/time.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace feedcast::simulation {

/// Keys from `min` on and below `max`, as numbers: 0 is "", 0xFF00 is "FF".
struct bounds {
  static constexpr std::uint32_t end = 0xFF00;
  std::uint32_t min = 0;
  std::uint32_t max = end;

  bool has(std::uint32_t key) const noexcept { return min <= key && key < max; }

  bool covers(const bounds& b) const noexcept { return min <= b.min && b.max <= max; }

  bool overlaps(const bounds& b) const noexcept { return min < b.max && b.min < max; }

  bool operator==(const bounds&) const = default;
};

key_span to_span(const bounds& b);
bounds to_bounds(const key_span& s);

struct change {
  std::uint32_t key = 0;
  std::int64_t lsn = 0;
  moment at = 0;
};

/// A container's change feed: a log per physical range. Children of a split and of a merge go on
/// with the numbers of their parents.
class model_feed {
 public:
  explicit model_feed(std::size_t ranges);

  /// One transaction: all keys must be of one range; those that are not are left out.
  void write(const std::vector<std::uint32_t>& keys, moment at);
  bool split(std::size_t pick, dice& d);
  bool merge(std::size_t pick);

  std::size_t size() const noexcept { return current_.size(); }

  std::vector<known_range> ranges() const;
  /// Keys of a range that is or once was.
  std::optional<bounds> keys_of(const std::string& range_id) const;
  /// The range that has all these keys now.
  std::optional<std::string> range_of(const bounds& keys) const;
  std::int64_t last_lsn(const bounds& keys) const;

  struct page {
    std::vector<std::uint32_t> changes; ///< indices into changes()
    std::int64_t position = 0;
  };

  /// Changes of these keys after `position` that happened at `since` or later; `gone` if the range
  /// is no more.
  result<page> read(const std::string& range_id, const bounds& keys, std::int64_t position,
                    moment since, std::size_t most) const;

  const std::vector<change>& changes() const noexcept { return changes_; }

 private:
  struct physical {
    std::string id;
    std::vector<std::string> parents;
    bounds keys;
    std::int64_t lsn = 0;
    std::vector<std::uint32_t> log;
  };

  std::string new_id() { return std::to_string(next_id_++); }

  std::vector<physical> current_; ///< by keys
  std::map<std::string, bounds> ever_;
  std::vector<change> changes_;
  std::uint64_t next_id_ = 0;
};

} // namespace feedcast::simulation
