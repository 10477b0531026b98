#include "app/demo/cosmos_store.hpp"

#include <utility>

namespace feedcast::app {

namespace {

constexpr milliseconds deadline{10'000};

} // namespace

cosmos_store::cosmos_store(std::shared_ptr<cosmos::account> account, cosmos::collection_ref whisks,
                           cosmos::collection_ref subjects)
    : account_(std::move(account)), whisks_(std::move(whisks)), subjects_(std::move(subjects)) {}

void cosmos_store::put(std::shared_ptr<const demo_document> d, callback<bool> done) {
  auto call = (d->subject ? subjects_ : whisks_).documents("POST");
  call.headers.set("x-ms-documentdb-is-upsert", "True");
  call.headers.set("x-ms-documentdb-partitionkey", cosmos::partition_key_header(d->id));
  call.headers.set("Content-Type", "application/json");
  call.body = d->body;
  account_->send(std::move(call), cosmos::access::write, deadline,
                 [done = std::move(done)](const result<http::response>& answer) {
                   if (!answer)
                     return done(answer.error());
                   done(true);
                 });
}

} // namespace feedcast::app
