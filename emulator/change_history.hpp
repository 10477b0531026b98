#pragma once

#include "emulator/document.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>

namespace feedcast::emulator {

enum class change_kind : std::uint8_t { create, replace, remove, expire };

/// One write, as the feed of all versions and deletes tells it.
struct change {
  change_kind kind = change_kind::create;
  std::uint64_t lsn = 0;
  std::int64_t ts = 0; ///< seconds since the epoch
  /// The version that was written; of a removal, the one that is gone.
  document_ptr version;
  document_ptr previous;          ///< the image before, only where the container keeps such
  std::uint64_t previous_lsn = 0; ///< 0 = there was none

  bool is_removal() const noexcept {
    return kind == change_kind::remove || kind == change_kind::expire;
  }

  /// What it costs of the limit, in bytes.
  std::size_t footprint() const noexcept;
  /// Of the JSON that it becomes, roughly.
  std::size_t text_size() const noexcept;
};

/// The writes of one container by LSN, of all its ranges, since a split or merge then changes
/// nothing here. Bounded: the oldest goes first, and the container notes up to where each range has
/// lost some. Not thread-safe: its container locks.
class change_history {
 public:
  using iterator = std::deque<change>::const_iterator;

  /// LSNs must not fall.
  void append(change c);
  /// First change with an LSN above `lsn`.
  iterator after(std::uint64_t lsn) const;

  iterator end() const noexcept { return changes_.end(); }

  bool empty() const noexcept { return changes_.empty(); }

  const change& oldest() const noexcept { return changes_.front(); }

  void drop_oldest();

  const change& newest() const noexcept { return changes_.back(); }

  void drop_newest();

  std::size_t bytes() const noexcept { return bytes_; }

 private:
  std::deque<change> changes_;
  std::size_t bytes_ = 0;
};

} // namespace feedcast::emulator
