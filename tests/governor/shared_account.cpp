#include "tests/governor/shared_account.hpp"

#include "emulator/auth.hpp"
#include "emulator/document.hpp"
#include "feeds/cosmos/change_feed.hpp"
#include "feeds/cosmos/lease_container.hpp"

#include <stdexcept>
#include <utility>

namespace feedcast::testing {

namespace {

http::response received(http::server_response sent, milliseconds elapsed) {
  http::response r;
  r.status = sent.status;
  r.headers = std::move(sent.headers);
  r.body = padded_buffer{sent.shared_body ? *sent.shared_body : sent.body};
  r.elapsed = elapsed;
  return r;
}

} // namespace

/// The network between feedcast and the account: nothing but time.
class shared_account::wire final : public cosmos::transport {
 public:
  explicit wire(shared_account& network) : network_(network) {}

  void send(http::request r, milliseconds /*deadline*/, callback<http::response> done) override {
    const auto half = network_.options_.round_trip / 2;
    network_.at(half, [&n = network_, half, r = std::move(r), done = std::move(done)]() mutable {
      http::server_request asked;
      const auto query = std::min(r.target.find('?'), r.target.size());
      asked.path = r.target.substr(0, query);
      asked.query = r.target.substr(std::min(query + 1, r.target.size()));
      asked.message = std::move(r);
      asked.message.headers.set("host", "127.0.0.1:8081");
      n.service_(std::move(asked), [&n, half, done](http::server_response answer) {
        auto held = std::make_shared<http::server_response>(std::move(answer));
        n.at(half, [held, half, done] { done(received(std::move(*held), 2 * half)); });
      });
    });
  }

 private:
  shared_account& network_;
};

shared_account::shared_account(options o) : options_(o) {
  emulated.clock.advance(std::chrono::hours{1}); // where the actors' clock starts
  if (!emulated.data.create_database("openwhisk"))
    throw std::runtime_error("the emulator made no database");
  auto spec = *emulator::make_container_spec("whisks", "/id", o.ranges);
  spec.throughput.throughput = static_cast<std::int64_t>(o.units) * o.ranges;
  if (!emulated.data.create_container("openwhisk", std::move(spec)))
    throw std::runtime_error("the emulator made no container");
  emulated.units.limit("whisks", {o.units, 0});

  world_.options.units.share = o.share;
  world_.options.partition.max_items = o.max_items;
  const auto whisks = *cosmos::collection_ref::make("openwhisk", "whisks");
  const auto leases = *cosmos::collection_ref::make("openwhisk", "leases");
  account_ = open_account();
  world_.open_source = [this, whisks] {
    return std::make_shared<cosmos::change_feed>(account_, whisks);
  };
  world_.open_leases = [this, whisks, leases] {
    return std::make_shared<cosmos::lease_container>(
        account_, leases, cosmos::monitored_feed{account_, whisks, "whisks", "127.0.0.1"});
  };
}

shared_account::~shared_account() {
  world_.kill();
}

std::shared_ptr<cosmos::account> shared_account::open_account() {
  cosmos::account_options a;
  a.name = "main";
  a.endpoint = "http://127.0.0.1:8081/";
  a.key = settings::secret{std::string{emulator::well_known_key}};
  return *cosmos::account::open(
      std::move(a), [this](const http::origin&) { return std::make_shared<wire>(*this); },
      world_.clock);
}

void shared_account::at(milliseconds from_now, std::function<void()> what) {
  events_.emplace(now_ + from_now, std::move(what));
}

void shared_account::pass(milliseconds time, const std::function<void()>& each) {
  for (const auto end = now_ + time; now_ < end;) {
    now_ += milliseconds{1};
    emulated.clock.advance(milliseconds{1});
    world_.pass(milliseconds{1}, milliseconds{1});
    while (!events_.empty() && events_.begin()->first <= now_) {
      const auto what = std::move(events_.begin()->second);
      events_.erase(events_.begin());
      what();
      world_.run();
    }
    if (each)
      each();
  }
}

void shared_account::fill(std::size_t documents, std::size_t bytes) {
  const auto container = *emulated.data.find_container("openwhisk", "whisks");
  const std::string code(bytes, 'x');
  for (std::size_t n = 0; n < documents; ++n) {
    const auto read = emulator::read_document(R"({"id":"guest|a)" + std::to_string(n)
                                                  + R"(","entityType":"action","exec":{"code":")"
                                                  + code + R"("}})",
                                              container->key_names());
    if (!read || !container->write(emulator::write_mode::create, *read))
      throw std::runtime_error("the emulator refused a document");
  }
}

double shared_account::units_spent() const {
  return world_.probe.request_units[metrics::request_op::poll].value();
}

} // namespace feedcast::testing
