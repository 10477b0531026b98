#pragma once

#include "core/clock.hpp"
#include "emulator/document.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <vector>

namespace feedcast::emulator {

class regions;

/// The newest commits of a container with what each replaced, so that its state of a moment ago can
/// be told: the present one with the commits since then undone. Kept only as long as a replica may
/// be behind. Not thread-safe: its container locks.
class commit_log {
 public:
  struct commit {
    std::uint64_t lsn = 0;
    steady_time when;
    document_ptr before; ///< null = there was none
    document_ptr after;  ///< null = it was taken away
  };

  /// What is kept is asked of `account`; null = nothing is. Both outlive the log.
  void follow(const regions* account, const clock_source* clock) {
    account_ = account;
    clock_ = clock;
  }

  /// LSNs must not fall. Forgets what no replica needs any more.
  void record(std::uint64_t lsn, document_ptr before, document_ptr after);

  /// The highest LSN that was committed by then, given that of now.
  std::uint64_t position(steady_time when, std::uint64_t now) const;
  /// When that LSN was committed; nothing if that is no longer known.
  std::optional<steady_time> committed(std::uint64_t lsn) const;

  /// What has changed since `lsn`: the versions in force then, by the item part of their resource
  /// id; null for what was not there yet.
  std::map<std::uint64_t, document_ptr> changed_since(std::uint64_t lsn) const;
  /// Versions that were in force at `lsn` and are no longer, with LSNs above `after`, by LSN.
  std::vector<document_ptr> replaced_since(std::uint64_t lsn, std::uint64_t after) const;
  /// The version in force at `lsn` of the document that `is_it` knows, given the one of now; null
  /// if there was none.
  document_ptr version_at(std::uint64_t lsn, const std::function<bool(const document&)>& is_it,
                          document_ptr now) const;

  /// Takes back the commits above `lsn`, and returns them, newest first.
  std::vector<commit> cut(std::uint64_t lsn);

 private:
  std::deque<commit>::const_iterator above(std::uint64_t lsn) const;
  void forget_oldest();

  const regions* account_ = nullptr;
  const clock_source* clock_ = nullptr;
  std::deque<commit> commits_;
  std::size_t bytes_ = 0; ///< of replaced versions
};

} // namespace feedcast::emulator
