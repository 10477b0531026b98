#pragma once

#include "leases/lease_store.hpp"

#include <memory>
#include <string>

namespace feedcast {

/// The leases of one processor in a file of a local folder: FOLDER/PROCESSOR.json, replaced whole
/// and durably on every write, guarded by FOLDER/PROCESSOR.lock. For one instance: a second one
/// gets `unavailable` from open(). A file that can't be read whole makes open() `rejected`; it is
/// never taken for an empty one. Works on a thread of its own, on which answers come.
class file_store final : public lease_store {
 public:
  /// `folder` is created if missing. In file names, characters of `processor` other than letters,
  /// digits, `_`, `-` and inner dots are written as %XX.
  file_store(std::string folder, std::string processor);
  ~file_store() override; ///< finishes the call under way; those behind it get no answer
  file_store(const file_store&) = delete;
  file_store& operator=(const file_store&) = delete;

  void open(callback<lease_store_state> done) override;
  void list(callback<lease_listing> done) override;
  void lock(callback<milliseconds> done) override;
  void unlock(callback<bool> done) override;
  void create(lease l, callback<lease> done) override;
  void replace(lease l, callback<lease> done) override;
  void read(std::string range_id, callback<lease> done) override;
  /// True if this call removed it.
  void remove(lease l, callback<bool> done) override;
  /// True if this call wrote the marker.
  void mark_initialised(wall_time started_at, callback<bool> done) override;
  /// Nothing: files are free.
  lease_costs costs() const override;

 private:
  struct worker;
  std::shared_ptr<worker> worker_;
};

} // namespace feedcast
