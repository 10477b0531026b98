#pragma once

#include "emulator/container.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

namespace feedcast::emulator {

class regions;

using container_ptr = std::shared_ptr<container>;

struct store_options {
  std::uint64_t max_memory = std::uint64_t{2} << 30; ///< bytes of documents
  /// Resource ids follow from it. Different seeds make a restarted, hence empty, emulator look like
  /// new containers.
  std::uint32_t seed = 1;
  std::int64_t change_retention =
      default_change_retention;     ///< of containers without a changeFeedPolicy; seconds, 0 = none
  ledger* book = nullptr;           ///< told of every write; outlives the store; null = none
  const regions* account = nullptr; ///< whose replicas may be behind; outlives the store
};

/// A database without its containers.
struct database_info {
  std::string name;
  rid address;
  std::int64_t ts = 0;

  std::string etag() const { return make_etag(address.database, ts); }

  std::string description() const; ///< as clients read it
};

/// All data of the emulator, in memory. Thread-safe.
class store {
 public:
  /// `clock` outlives the store.
  explicit store(store_options options, const clock_source& clock = system_clock_source());

  answer<database_info> create_database(std::string_view name); ///< 409 if it exists
  answer<database_info> find_database(std::string_view name) const;
  answer<database_info> find_database(const rid& address) const;
  answer<void> drop_database(std::string_view name);
  std::vector<database_info> databases() const;

  answer<container_ptr> create_container(std::string_view database,
                                         container_spec spec); ///< 409 if it exists
  answer<container_ptr> find_container(std::string_view database, std::string_view name) const;
  answer<container_ptr> find_container(const rid& address) const;
  answer<void> drop_container(std::string_view database, std::string_view name);
  std::vector<container_ptr> containers(std::string_view database) const;

  /// Undoes all writes after that moment; returns how many they were.
  std::size_t cut(steady_time when);
  /// Removes what has expired from all containers.
  void remove_expired();

  std::uint64_t bytes() const noexcept { return memory_.used(); }

  std::size_t document_count() const;

 private:
  struct entry {
    database_info info;
    std::map<std::string, container_ptr, std::less<>> containers;
  };

  std::uint32_t next_number();

  const clock_source& clock_;
  memory_budget memory_;
  const std::int64_t change_retention_;
  ledger* const book_;
  const regions* const account_;
  mutable std::shared_mutex mutex_;
  std::uint32_t state_;
  std::uint32_t offers_ = 0; ///< given so far
  std::map<std::string, entry, std::less<>> databases_;
};

} // namespace feedcast::emulator
