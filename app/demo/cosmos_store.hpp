#pragma once

#include "app/demo/store.hpp"
#include "feeds/cosmos/account.hpp"
#include "feeds/cosmos/resources.hpp"

namespace feedcast::app {

/// Two containers of a Cosmos DB account.
class cosmos_store final : public demo_store {
 public:
  cosmos_store(std::shared_ptr<cosmos::account> account, cosmos::collection_ref whisks,
               cosmos::collection_ref subjects);

  void put(std::shared_ptr<const demo_document> d, callback<bool> done) override;

 private:
  const std::shared_ptr<cosmos::account> account_;
  const cosmos::collection_ref whisks_;
  const cosmos::collection_ref subjects_;
};

} // namespace feedcast::app
