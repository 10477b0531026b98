#include "feeds/cosmos/lease_container.hpp"
#include "tests/contract/database_under_test.hpp"
#include "tests/contract/lease_store_contract.hpp"

#include <gtest/gtest.h>

namespace feedcast::test {

namespace {

/// Leases in an account over the wire; the first client makes their container.
struct account_harness {
  std::unique_ptr<lease_store> connect() {
    auto account = database.connect();
    return std::make_unique<cosmos::lease_container>(
        account, *cosmos::collection_ref::make(database.name(), "leases"),
        cosmos::monitored_feed{account, feed, "eu1-whisks", "acme.documents.azure.com"}, options);
  }

  database_under_test database;
  cosmos::collection_ref feed = database.create_container("whisks", 1);
  cosmos::lease_container_options options{};
};

struct java_harness : account_harness {
  java_harness() { options.format = cosmos::lease_format::java_epk; }
};

struct dotnet_harness : account_harness {
  dotnet_harness() { options.format = cosmos::lease_format::dotnet_epk; }
};

} // namespace

INSTANTIATE_TYPED_TEST_SUITE_P(account, lease_store_contract, account_harness);
INSTANTIATE_TYPED_TEST_SUITE_P(account_java_epk, lease_store_contract, java_harness);
INSTANTIATE_TYPED_TEST_SUITE_P(account_dotnet_epk, lease_store_contract, dotnet_harness);

} // namespace feedcast::test
