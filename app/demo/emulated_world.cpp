#include "app/demo/cosmos_store.hpp"
#include "app/demo/world.hpp"
#include "emulator/emulator.hpp"
#include "feeds/cosmos/http_transport.hpp"

#include <string_view>
#include <utility>

namespace feedcast::app {

namespace {

constexpr const char* database = "openwhisk";
constexpr const char* account_name = "emulator";

class world final : public demo_world {
 public:
  world(std::unique_ptr<emulator::emulator> cosmos, std::shared_ptr<demo_store> store)
      : cosmos_(std::move(cosmos)), store_(std::move(store)) {}

  void configure(settings::service_config& c) const override {
    auto& account = c.accounts[account_name];
    account.endpoint = cosmos_->url();
    account.key = settings::secret{cosmos_->key()};
    account.database = database;
    for (const auto* name : {"whisks", "subjects"}) {
      auto& feed = c.feeds[name];
      feed.account = account_name;
      feed.collection = name;
      feed.identities_feed = std::string_view{name} == "subjects";
      feed.tombstone_ttl = std::chrono::hours{10};
    }
  }

  std::shared_ptr<demo_store> store() override { return store_; }

 private:
  std::unique_ptr<emulator::emulator> cosmos_;
  std::shared_ptr<demo_store> store_;
};

} // namespace

result<std::unique_ptr<demo_world>> emulated_world(http::runtime& io, const demo_options& options) {
  emulator::emulator_options e;
  e.listen = "127.0.0.1:0";
  auto cosmos = emulator::emulator::start(io, std::move(e));
  if (!cosmos)
    return cosmos.error();
  for (const auto* name : {"whisks", "subjects"})
    if (const auto made =
            (*cosmos)->create_container(database, name, static_cast<std::uint32_t>(options.ranges));
        !made)
      return made.error();
  cosmos::account_options a;
  a.name = "demo writer";
  a.endpoint = (*cosmos)->url();
  a.key = settings::secret{(*cosmos)->key()};
  auto account = cosmos::account::open(std::move(a), cosmos::http_transports(io, {}));
  if (!account)
    return account.error();
  auto whisks = cosmos::collection_ref::make(database, "whisks");
  auto subjects = cosmos::collection_ref::make(database, "subjects");
  if (!whisks || !subjects)
    return whisks ? subjects.error() : whisks.error();
  auto store =
      std::make_shared<cosmos_store>(std::move(*account), std::move(*whisks), std::move(*subjects));
  return std::unique_ptr<demo_world>{std::make_unique<world>(std::move(*cosmos), std::move(store))};
}

} // namespace feedcast::app
