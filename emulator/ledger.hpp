#pragma once

#include "core/clock.hpp"
#include "core/result.hpp"
#include "emulator/document.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace feedcast::emulator {

/// Bounds of a partition key range, as a ledger names it.
struct ledger_range {
  std::string id;
  std::string min;
  std::string max; ///< exclusive
};

/// What happened to a document.
struct ledger_write {
  std::string_view container;       ///< name
  std::string_view kind;            ///< create, upsert, replace, delete, expire or raw
  std::string_view range;           ///< id of its range at that moment
  std::uint64_t lsn = 0;            ///< of this write
  const document* before = nullptr; ///< the version that was there; null = none
  const document* after = nullptr;  ///< null = it is gone
};

/// A write that was refused because of what is stored.
struct ledger_refusal {
  std::string_view container;
  std::string_view kind;
  std::string_view id;
  unsigned status = 0; ///< 404, 409 or 412
};

/// The emulator's own record of what was written and when, one JSON object a line, so that a test
/// need not take the word of what it tests. A line is in the file (of the operating system; not
/// synchronized to the disk) when the call returns, and containers call under their lock, before a
/// reader can see the write. A document with a lease's members becomes a line `lease` with owner
/// and continuation before and after, all others a line `write`; document bodies are left out.
/// Owned by whoever starts the emulator, outlives its store. Thread-safe.
class ledger {
 public:
  /// Makes the file, or empties it. `rejected` if it can't be written. `clock` outlives the ledger.
  static result<std::unique_ptr<ledger>> open(const std::string& path, const clock_source& clock);
  ~ledger();
  ledger(const ledger&) = delete;
  ledger& operator=(const ledger&) = delete;

  /// The ranges of a new container, or those that take the place of `parents`: two of one in a
  /// split, one of two in a merge.
  void ranges(std::string_view container, const std::vector<std::string>& parents,
              const std::vector<ledger_range>& live);
  void written(const ledger_write& w);
  void refused(const ledger_refusal& r);
  /// The newest `lost` writes are undone, and the next one gets the LSN after `lsn`.
  void cut(std::string_view container, std::uint64_t lsn, std::size_t lost);

 private:
  ledger(int file, const clock_source& clock) : file_(file), clock_(clock) {}

  template <class Members>
  void append(std::string_view event, const Members& members);

  const int file_;
  const clock_source& clock_;
  std::mutex mutex_;
  std::uint64_t next_ = 1;
  bool failed_ = false;
};

} // namespace feedcast::emulator
