#pragma once

#include "emulator/document.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace feedcast::emulator {

/// The latest versions of one range in order of LSN: appended at the end; a version that was
/// replaced or deleted leaves a hole, and holes are squeezed out once they are half of it. A page
/// costs O(log n + page), a write O(log n). Not thread-safe: its container locks.
class feed_index {
 public:
  struct slot {
    std::uint64_t lsn = 0;
    std::int64_t ts = 0;
    document_ptr version; ///< null = a hole
  };

  using iterator = std::vector<slot>::const_iterator;

  /// LSNs must not fall.
  void append(document_ptr version);
  /// Puts back a version that was erased, where its LSN says.
  void restore(document_ptr version);
  /// Forgets `version`; no effect if it is not there.
  void erase(const document& version);
  /// Forgets the holes above `lsn`, so that LSNs may be used again from there on. There must be
  /// nothing else above it.
  void close_after(std::uint64_t lsn);
  /// First slot with an LSN above `lsn`; it may be a hole.
  iterator after(std::uint64_t lsn) const;
  /// First slot whose `_ts` is above `ts`. Timestamps do not fall along the index.
  iterator modified_after(std::int64_t ts) const;

  /// Has what comes some steps after `at` on its way from memory: a walk that waits for each
  /// version takes longer than sending them.
  void prefetch(iterator at) const noexcept {
    constexpr std::ptrdiff_t ahead = 8;
    constexpr std::ptrdiff_t line = 64; // bytes; the second one may hold members that a walk needs
    if (slots_.end() - at <= ahead || !at[ahead].version)
      return;
    const auto* version = reinterpret_cast<const char*>(at[ahead].version.get());
    __builtin_prefetch(version);
    __builtin_prefetch(version + line);
  }

  iterator end() const noexcept { return slots_.end(); }

  /// What two ranges hold, in order of LSN.
  friend feed_index join(const feed_index& one, const feed_index& other);

  std::size_t size() const noexcept { return slots_.size() - holes_; }

 private:
  std::vector<slot> slots_;
  std::size_t holes_ = 0;
};

} // namespace feedcast::emulator
