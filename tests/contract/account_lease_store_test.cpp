#include "feeds/cosmos/lease_container.hpp"
#include "tests/contract/database_under_test.hpp"
#include "tests/contract/lease_store_contract.hpp"

#include <gtest/gtest.h>

namespace feedcast::test {

namespace {

/// Leases in an account over the wire; the first client makes their container.
struct account_harness {
  std::unique_ptr<lease_store> connect() {
    return std::make_unique<cosmos::lease_container>(
        database.connect(), *cosmos::collection_ref::make(database.name(), "leases"), ids);
  }

  database_under_test database;
  cosmos::lease_ids ids =
      *cosmos::lease_ids::make("eu1-whisks", "acme.documents.azure.com", "ow", "whisks");
};

} // namespace

INSTANTIATE_TYPED_TEST_SUITE_P(account, lease_store_contract, account_harness);

} // namespace feedcast::test
