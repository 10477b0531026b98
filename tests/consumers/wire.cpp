#include "tests/consumers/wire.hpp"

#include <utility>

namespace feedcast::consumers {

namespace {

constexpr moment connection_time = 20;

result<http::response> refusal(unsigned status, milliseconds retry_after = milliseconds{0}) {
  http::response r;
  r.status = status;
  if (retry_after.count() > 0)
    r.headers.set("x-ms-retry-after-ms", std::to_string(retry_after.count()));
  return r;
}

} // namespace

class wire::line final : public cosmos::transport {
 public:
  line(wire& way, std::uint16_t port) : way_(way), port_(port) {}

  void send(http::request r, milliseconds deadline, callback<http::response> done) override {
    way_.send(port_, std::move(r), deadline,
              [alive = std::weak_ptr(alive_), done = std::move(done)](result<http::response> a) {
                if (alive.lock())
                  done(std::move(a));
              });
  }

 private:
  wire& way_;
  const std::uint16_t port_;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

cosmos::transport_factory wire::transports() {
  return [this](const http::origin& server) { return std::make_shared<line>(*this, server.port); };
}

std::optional<moment> wire::nothing_new(std::size_t region, const std::string& range) const {
  const auto at = nothing_new_.find({region, range});
  return at == nothing_new_.end() ? std::nullopt : std::optional(at->second);
}

std::size_t wire::region_of(std::uint16_t port) const {
  return port == global_port ? far_.write_region() : port - first_port;
}

void wire::look_at(const question& q, const result<http::response>& r) {
  if (notes_.wanted())
    notes_.note("feed", std::string{cluster_ids[home_]} + " asked " + region_names[q.region]
                            + " after " + q.after + " at " + std::to_string(q.asked) + ": "
                            + (r ? std::to_string(r->status) + ", up to "
                                       + std::string{r->headers.get("etag")}
                                 : "an error"));
  if (!r)
    return;
  if (r->status == 304)
    nothing_new_[{q.region, q.range}] = q.asked;
  if (r->status == 404)
    seen_(met::feed_behind_session);
  if (r->status == 200 && q.region != home_)
    seen_(met::feed_elsewhere);
}

result<http::response> wire::translate(std::optional<http::server_response> given) {
  if (!given)
    return make_error(errc::unavailable, "the connection was reset");
  http::response r;
  r.status = given->status;
  r.headers = std::move(given->headers);
  auto body = body_of(*given);
  if (r.status == 200 && body.size() > 2 && luck_.chance(mood.cut)) {
    seen_(met::feed_page_cut);
    body = body.substr(0, luck_.below(body.size()));
  }
  r.body = padded_buffer{body};
  return r;
}

void wire::send(std::uint16_t port, http::request r, milliseconds deadline,
                callback<http::response> done) {
  auto& plans = time_.plans();
  const auto answer_later = [&](moment wait, result<http::response> what) {
    auto kept = std::make_shared<result<http::response>>(std::move(what));
    plans.at(time_.now() + wait, [done = std::move(done), kept] { done(std::move(*kept)); });
  };
  if (luck_.chance(mood.throttled)) {
    seen_(met::feed_throttled);
    return answer_later(connection_time, refusal(429, milliseconds{luck_.between(5, 200)}));
  }
  if (luck_.chance(mood.unavailable)) {
    seen_(met::feed_unavailable);
    return answer_later(connection_time, refusal(503));
  }
  if (luck_.chance(mood.reset)) {
    seen_(met::feed_reset);
    return answer_later(connection_time, make_error(errc::unavailable, "the connection was reset"));
  }
  const bool lost = luck_.chance(mood.lost);
  const bool feed = r.headers.has("a-im");
  question q{region_of(port), std::string{r.headers.get("x-ms-documentdb-partitionkeyrangeid")},
             std::string{r.headers.get("if-none-match")}, time_.now()};
  far_.call(port, std::move(r), deadline,
            [this, feed, q = std::move(q), deadline, lost,
             done = std::move(done)](std::optional<http::server_response> given) {
              const bool timed_out = time_.now() - q.asked >= deadline.count();
              if (lost || timed_out) {
                if (lost)
                  seen_(met::feed_answer_lost);
                time_.plans().at(q.asked + deadline.count(),
                                 [done] { done(make_error(errc::timeout, "no answer in time")); });
                return;
              }
              auto answer = translate(std::move(given));
              if (feed)
                look_at(q, answer);
              done(std::move(answer));
            });
}

} // namespace feedcast::consumers
