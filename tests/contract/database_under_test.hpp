#pragma once

#include "emulator/emulator.hpp"
#include "feeds/cosmos/account.hpp"
#include "http/runtime.hpp"
#include "tests/support/temporary_folder.hpp"

#include <memory>
#include <string>

namespace feedcast::test {

/// A new database in the account that a contract is held against: that of FEEDCAST_TEST_ENDPOINT
/// and FEEDCAST_TEST_KEY (its certificate, if it has one of its own, in FEEDCAST_TEST_CERTIFICATE),
/// or else an emulator in this process, over https. The database is removed with this object, which
/// outlives all connections. Throws if anything fails.
class database_under_test {
 public:
  database_under_test();
  ~database_under_test();
  database_under_test(const database_under_test&) = delete;
  database_under_test& operator=(const database_under_test&) = delete;

  /// Null for an account that is elsewhere: what needs its controls is skipped there.
  emulator::emulator* emulated() const noexcept { return emulator_.get(); }

  /// False where `check` holds for the emulator only; says so.
  bool holds(const char* check) const;

  const std::string& name() const noexcept { return name_; }

  /// A connection of its own; `key` in place of the right one.
  std::shared_ptr<cosmos::account> connect(std::string key = {});

  /// The emulator grants the number of ranges, others have as many as they like.
  cosmos::collection_ref create_container(const std::string& container, unsigned ranges);
  void upsert(const cosmos::collection_ref& where, const std::string& id, int n,
              bool deleted = false);

 private:
  void send(cosmos::call c);

  temporary_folder folder_;
  http::runtime io_;
  std::unique_ptr<emulator::emulator> emulator_;
  std::string endpoint_;
  std::string key_;
  std::string certificate_file_;
  std::string name_;
  std::shared_ptr<cosmos::account> own_;
};

} // namespace feedcast::test
