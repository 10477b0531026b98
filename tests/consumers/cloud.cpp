#include "tests/consumers/cloud.hpp"

#include "emulator/access.hpp"
#include "emulator/emulator.hpp"
#include "http/crypto/digest.hpp"

#include <algorithm>
#include <charconv>

namespace feedcast::consumers {

namespace {

constexpr milliseconds shortest_way{1};
constexpr milliseconds longest_way{30};

std::vector<std::string> all_regions() {
  return {region_names.begin(), region_names.end()};
}

} // namespace

cloud::cloud(stage& time, dice& luck, tally& seen, std::uint32_t ranges)
    : time_(time)
    , luck_(luck)
    , seen_(seen)
    , account_(time, all_regions(), static_cast<std::uint32_t>(luck.next()))
    , data_({1U << 20U, 7, emulator::default_change_retention, nullptr, &account_}, time)
    , faults_(time)
    , units_(time)
    , state_{data_,
             faults_,
             stats_,
             units_,
             account_,
             time,
             *http::crypto::base64_decode(emulator::well_known_key)} {
  (void)data_.create_database("ow");
  auto spec = *emulator::make_container_spec("whisks", "/id", ranges);
  spec.default_ttl = -1; // as OpenWhisk makes it
  (void)data_.create_container("ow", std::move(spec));
  services_.push_back(std::make_unique<emulator::service>(state_));
  for (std::size_t i = 0; i < cluster_count; ++i) {
    services_.push_back(std::make_unique<emulator::service>(state_, i));
    account_.set_address(i, "", static_cast<std::uint16_t>(first_port + i));
    plans_[i].lags.resize(replica_count);
    plans_[i].delay = luck_.between(20, usual_delay);
    shuffle_replicas(i);
  }
}

http::server_response cloud::ask(std::uint16_t port, http::request r) const {
  http::server_request request;
  const auto query = std::min(r.target.find('?'), r.target.size());
  request.path = r.target.substr(0, query);
  request.query = r.target.substr(std::min(query + 1, r.target.size()));
  r.headers.set("host", "127.0.0.1:" + std::to_string(port));
  request.message = std::move(r);
  http::server_response answer;
  (*services_.at(port - global_port))(
      std::move(request), [&](http::server_response given) { answer = std::move(given); });
  return answer;
}

void cloud::call(std::uint16_t port, http::request r, milliseconds patience, heard done) {
  const auto way = [this] { return luck_.between(shortest_way.count(), longest_way.count()); };
  const auto sent = time_.now();
  const auto back = way();
  time_.plans().at(sent + way(), [this, port, r = std::move(r), patience, sent, back,
                                  done = std::move(done)]() mutable {
    auto answer = ask(port, std::move(r));
    const auto comes = time_.now() + answer.delay.count() + back;
    const bool late = comes > sent + patience.count();
    std::optional<http::server_response> given;
    if (!answer.reset && !late)
      given = std::move(answer);
    time_.plans().at(
        late ? sent + patience.count() : comes,
        [done = std::move(done), given = std::move(given)]() mutable { done(std::move(given)); });
  });
}

void cloud::apply(std::size_t region) {
  const auto& plan = plans_[region];
  (void)account_.change(region,
                        {.delay = milliseconds{plan.delay}, .replicas = plan.lags, .outage = {}});
}

void cloud::shuffle_replicas(std::size_t region) {
  auto& plan = plans_[region];
  if (plan.stands != 0)
    return;
  for (auto& lag : plan.lags)
    lag = milliseconds{luck_.chance(300) ? 0 : luck_.between(0, longest_lag)};
  apply(region);
}

/// Its replicas catch up with what it has.
void cloud::stand_still(std::size_t region) {
  auto& plan = plans_[region];
  plan.stands = ++cuts_;
  for (std::size_t i = 0; i < plan.lags.size(); ++i)
    time_.plans().at(time_.now() + plan.lags[i].count(), [this, region, i, cut = plan.stands] {
      auto& now = plans_[region];
      if (now.stands != cut)
        return;
      now.lags[i] = milliseconds{0};
      apply(region);
    });
}

void cloud::hold(std::size_t region) {
  (void)account_.change(region, {.held = true});
  stand_still(region);
}

void cloud::release(std::size_t region) {
  (void)account_.change(region, {.held = false});
  plans_[region].stands = 0;
  shuffle_replicas(region);
}

void cloud::slow_down(std::size_t region, moment delay) {
  const auto longer = delay - plans_[region].delay;
  hold(region);
  time_.plans().at(time_.now() + longer, [this, region, delay, cut = plans_[region].stands] {
    if (plans_[region].stands != cut)
      return;
    plans_[region].delay = delay;
    release(region);
  });
}

void cloud::speed_up(std::size_t region) {
  plans_[region].delay = luck_.between(20, usual_delay);
  release(region);
}

void cloud::remove(std::size_t region, bool away) {
  (void)account_.change(region, {.removed = away});
}

void cloud::set_outage(std::size_t region, emulator::outage_kind kind) {
  (void)account_.change(region, {.outage = kind});
}

bool cloud::fail_over(std::size_t to) {
  return account_.planned_failover(to).has_value();
}

void cloud::calm() {
  for (std::size_t i = 0; i < cluster_count; ++i) {
    auto& plan = plans_[i];
    plan.stands = ++cuts_; // nothing that was planned for it happens any more
    plan.delay = 0;
    plan.lags.assign(replica_count, milliseconds{0});
    (void)account_.change(i, {.delay = milliseconds{0},
                              .replicas = plan.lags,
                              .outage = emulator::outage_kind::none,
                              .held = false,
                              .removed = false});
  }
}

std::pair<std::string, std::optional<stored_document>> cloud::look_up(std::size_t region,
                                                                      const std::string& id) const {
  const auto r = ask(static_cast<std::uint16_t>(first_port + region), document_request("GET", id));
  return {std::string{r.headers.get("etag")},
          r.status == 200 ? read_document(body_of(r)) : std::nullopt};
}

http::request document_request(const std::string& method, const std::string& id) {
  http::request r;
  r.method = method;
  r.target = documents_path;
  if (method != "POST")
    r.target += '/' + http::encode_segment(id);
  r.headers.add("authorization", http::encode_segment("type=aad&ver=1.0&sig="
                                                      + std::string{emulator::well_known_token}));
  r.headers.add("x-ms-documentdb-partitionkey", "[\"" + id + "\"]");
  return r;
}

std::string_view body_of(const http::server_response& r) {
  return r.shared_body ? std::string_view{*r.shared_body} : std::string_view{r.body};
}

std::optional<stored_document> read_document(std::string_view body) {
  constexpr std::string_view version = "\"version\":";
  const auto at = body.find(version);
  if (at == std::string_view::npos)
    return std::nullopt;
  stored_document d;
  const auto* from = body.data() + at + version.size();
  std::from_chars(from, body.data() + body.size(), d.version);
  d.tombstone = body.find("\"_deleted\":true") != std::string_view::npos;
  return d;
}

} // namespace feedcast::consumers
