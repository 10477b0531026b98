#include "emulator/emulator.hpp"

#include "emulator/expiry_sweeper.hpp"
#include "emulator/service.hpp"
#include "http/crypto/digest.hpp"
#include "http/server.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace feedcast::emulator {
namespace {

/// Room for the largest document and its headers.
constexpr std::size_t max_request_body = std::size_t{4} << 20;

error to_error(const refusal& r) {
  return make_error(r.status == 409 ? errc::conflict : errc::rejected, r.message);
}

/// What a container of so many ranges was promised if nobody said so: what they serve, or what one
/// of the service has at most before it is split.
std::int64_t throughput_for(std::uint32_t ranges, double units_of_a_range) {
  constexpr double most_of_a_range = 10'000;
  constexpr double most = 1'000'000;
  const auto all = (units_of_a_range > 0 ? units_of_a_range : most_of_a_range) * ranges;
  return std::max<std::int64_t>(least_throughput, std::llround(std::min(all, most) / 100) * 100);
}

std::uint32_t seed_from(wall_time now) {
  return static_cast<std::uint32_t>(
      std::chrono::duration_cast<milliseconds>(now.time_since_epoch()).count());
}

std::uint32_t seed_of(const emulator_options& options, const clock_source& clock) {
  return options.seed != 0 ? options.seed : seed_from(clock.wall());
}

std::vector<std::string> names_of(const emulator_options& options) {
  std::vector<std::string> names;
  for (const region_wish& r : options.regions)
    names.push_back(r.name);
  if (names.empty())
    names.emplace_back("South Central US");
  return names;
}

result<void> check_regions(const emulator_options& options) {
  constexpr std::size_t most = 20;
  const auto names = names_of(options);
  if (names.size() > most)
    return make_error(errc::rejected,
                      "an account has at most " + std::to_string(most) + " regions");
  if (names.size() > 1 && options.access.serverless)
    return make_error(errc::rejected, "a serverless account has one region");
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i].empty()
        || names[i].find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                      "0123456789 -")
               != std::string::npos)
      return make_error(errc::rejected, "the name of a region is of letters, digits, spaces and "
                                        "hyphens, not '"
                                            + names[i] + "'");
    if (std::count(names.begin(), names.end(), names[i]) > 1)
      return make_error(errc::rejected, "region '" + names[i] + "' is named twice");
  }
  return {};
}

} // namespace

struct emulator::impl {
  impl(const emulator_options& options, const clock_source& clock, std::string raw_key,
       std::unique_ptr<ledger> writes)
      : account_key(options.key)
      , book(std::move(writes))
      , account(clock, names_of(options), seed_of(options, clock))
      , data({options.max_memory, seed_of(options, clock), options.change_retention, book.get(),
              &account},
             clock)
      , faults(clock)
      , units(clock)
      , state{data,
              faults,
              stats,
              units,
              account,
              clock,
              std::move(raw_key),
              options.default_ranges,
              options.tls,
              options.start_time_step,
              options.access}
      , requests(state)
      , sweeper(data) {
    units.limit({}, {options.units, 0});
    units_of_a_range = options.units;
  }

  result<std::unique_ptr<http::server>> listen(http::runtime& io, const emulator_options& options,
                                               const std::string& at, const service& answers);
  result<void> listen_in_regions(http::runtime& io, const emulator_options& options);

  double units_of_a_range = 0; ///< 0 = no limit
  std::string account_key;
  std::string certificates; ///< of all endpoints, one after the other
  std::unique_ptr<ledger> book;
  regions account;
  store data;
  fault_rules faults;
  statistics stats;
  throughput units;
  shared_state state;
  service requests;
  std::vector<std::unique_ptr<service>> of_regions;
  expiry_sweeper sweeper;
  std::unique_ptr<script_runner> script;
  // Last: no request comes once the rest goes.
  std::unique_ptr<http::server> server;
  std::vector<std::unique_ptr<http::server>> region_servers;
};

result<std::unique_ptr<http::server>> emulator::impl::listen(http::runtime& io,
                                                             const emulator_options& options,
                                                             const std::string& at,
                                                             const service& answers) {
  http::server_options listening;
  listening.listen = at;
  listening.tls = options.tls;
  listening.certificate_file = options.certificate_file;
  listening.key_file = options.key_file;
  listening.max_body = max_request_body;
  listening.server_name = "feedcast-emulator";
  return http::server::start(io, listening,
                             [&answers](http::server_request r, http::responder done) {
                               answers(std::move(r), std::move(done));
                             });
}

result<void> emulator::impl::listen_in_regions(http::runtime& io, const emulator_options& options) {
  if (options.regions.size() < 2)
    return {};
  const std::string host = options.listen.substr(0, options.listen.rfind(':'));
  for (std::size_t i = 0; i < options.regions.size(); ++i) {
    const std::string& wished = options.regions[i].listen;
    of_regions.push_back(std::make_unique<service>(state, i));
    auto made = listen(io, options, wished.empty() ? host + ":0" : wished, *of_regions.back());
    if (!made)
      return made.error();
    const std::string own_host = wished.substr(0, wished.rfind(':'));
    account.set_address(i, wished.empty() || own_host == host ? std::string() : own_host,
                        (*made)->port());
    certificates += options.certificate_file.empty() ? (*made)->certificate_pem() : std::string();
    region_servers.push_back(std::move(*made));
  }
  return {};
}

result<std::unique_ptr<emulator>> emulator::start(http::runtime& io, emulator_options options) {
  auto raw_key = http::crypto::base64_decode(options.key);
  if (!raw_key || raw_key->empty())
    return make_error(errc::rejected, "the account key is not base64");
  if (!options.access.read_only_key.empty()) {
    auto raw = http::crypto::base64_decode(options.access.read_only_key);
    if (!raw)
      return make_error(errc::rejected, "the read-only key is not base64");
    options.access.read_only_key = std::move(*raw);
  }
  if (options.default_ranges == 0 || options.default_ranges > max_ranges)
    return make_error(errc::rejected,
                      "a container has 1 to " + std::to_string(max_ranges) + " ranges");

  if (const auto good = check_regions(options); !good)
    return good.error();

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
  auto server = made->listen(io, options, options.listen, made->requests);
  if (!server)
    return server.error();
  made->server = std::move(*server);
  made->certificates = made->server->certificate_pem();
  if (const auto all = made->listen_in_regions(io, options); !all)
    return all.error();
  if (!options.script.empty())
    made->script = std::make_unique<script_runner>(
        options.script, [requests = &made->requests](http::server_request r, http::responder done) {
          (*requests)(std::move(r), std::move(done));
        });
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
  return impl_->certificates;
}

std::string emulator::region_url(std::size_t region) const {
  return impl_->region_servers.empty() ? url() : impl_->region_servers.at(region)->url();
}

const regions& emulator::account() const noexcept {
  return impl_->account;
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
  spec->throughput.throughput = throughput_for(spec->ranges, impl_->units_of_a_range);
  if (const auto made = impl_->data.create_database(database); !made && made.error().status != 409)
    return to_error(made.error());
  auto made = impl_->data.create_container(database, std::move(*spec));
  if (!made)
    return to_error(made.error());
  return *made;
}

} // namespace feedcast::emulator
