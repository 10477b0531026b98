#include "emulator/emulator.hpp"

#include "emulator/expiry_sweeper.hpp"
#include "emulator/service.hpp"
#include "http/crypto/digest.hpp"
#include "http/server.hpp"

#include <chrono>

namespace feedcast::emulator {
namespace {

/// Room for the largest document and its headers.
constexpr std::size_t max_request_body = std::size_t{4} << 20;

error to_error(const refusal& r) {
  return make_error(r.status == 409 ? errc::conflict : errc::rejected, r.message);
}

std::uint32_t seed_from(wall_time now) {
  return static_cast<std::uint32_t>(
      std::chrono::duration_cast<milliseconds>(now.time_since_epoch()).count());
}

} // namespace

struct emulator::impl {
  impl(const emulator_options& options, const clock_source& clock, std::string raw_key,
       std::unique_ptr<ledger> writes)
      : account_key(options.key)
      , book(std::move(writes))
      , data({options.max_memory, options.seed != 0 ? options.seed : seed_from(clock.wall()),
              options.change_retention, book.get()},
             clock)
      , state{data,
              faults,
              stats,
              clock,
              std::move(raw_key),
              options.default_ranges,
              options.tls,
              options.start_time_step}
      , requests(state)
      , sweeper(data) {}

  std::string account_key;
  std::unique_ptr<ledger> book;
  store data;
  fault_rules faults;
  statistics stats;
  shared_state state;
  service requests;
  expiry_sweeper sweeper;
  std::unique_ptr<http::server> server; ///< last: no request comes once the rest goes
};

result<std::unique_ptr<emulator>> emulator::start(http::runtime& io, emulator_options options) {
  auto raw_key = http::crypto::base64_decode(options.key);
  if (!raw_key || raw_key->empty())
    return make_error(errc::rejected, "the account key is not base64");
  if (options.default_ranges == 0 || options.default_ranges > max_ranges)
    return make_error(errc::rejected,
                      "a container has 1 to " + std::to_string(max_ranges) + " ranges");

  if (options.start_time_step < 1)
    return make_error(errc::rejected, "start times can't be rounded to less than a second");
  const clock_source& clock = options.clock != nullptr ? *options.clock : system_clock_source();
  std::unique_ptr<ledger> book;
  if (!options.ledger_file.empty()) {
    auto opened = ledger::open(options.ledger_file, clock);
    if (!opened)
      return opened.error();
    book = std::move(*opened);
  }
  auto made = std::make_unique<impl>(options, clock, std::move(*raw_key), std::move(book));
  http::server_options listening;
  listening.listen = options.listen;
  listening.tls = options.tls;
  listening.certificate_file = options.certificate_file;
  listening.key_file = options.key_file;
  listening.max_body = max_request_body;
  listening.server_name = "feedcast-emulator";
  auto server = http::server::start(
      io, listening, [requests = &made->requests](http::server_request r, http::responder done) {
        (*requests)(std::move(r), std::move(done));
      });
  if (!server)
    return server.error();
  made->server = std::move(*server);
  return std::unique_ptr<emulator>(new emulator(std::move(made)));
}

emulator::emulator(std::unique_ptr<impl> p) : impl_(std::move(p)) {}

emulator::~emulator() = default;

std::string emulator::url() const {
  return impl_->server->url();
}

const std::string& emulator::key() const noexcept {
  return impl_->account_key;
}

const std::string& emulator::certificate_pem() const noexcept {
  return impl_->server->certificate_pem();
}

store& emulator::data() noexcept {
  return impl_->data;
}

fault_rules& emulator::faults() noexcept {
  return impl_->faults;
}

const statistics& emulator::stats() const noexcept {
  return impl_->stats;
}

result<container_ptr> emulator::create_container(std::string_view database, std::string_view name,
                                                 std::uint32_t ranges, std::string_view key_path) {
  auto spec =
      make_container_spec(name, key_path, ranges != 0 ? ranges : impl_->state.default_ranges);
  if (!spec)
    return to_error(spec.error());
  if (const auto made = impl_->data.create_database(database); !made && made.error().status != 409)
    return to_error(made.error());
  auto made = impl_->data.create_container(database, std::move(*spec));
  if (!made)
    return to_error(made.error());
  return *made;
}

} // namespace feedcast::emulator
