#include "app/admin.hpp"

#include "app/admin_guard.hpp"
#include "app/readiness.hpp"
#include "app/version.hpp"
#include "core/log.hpp"
#include "http/router.hpp"

#include <boost/json.hpp>

#include <optional>
#include <utility>

namespace feedcast::app {

namespace {

namespace json = boost::json;
using http::server_response;

server_response text(unsigned status, std::string body) {
  server_response r;
  r.status = status;
  r.headers.set("Content-Type", "text/plain; charset=utf-8");
  r.body = std::move(body);
  return r;
}

server_response json_body(unsigned status, std::string body) {
  server_response r;
  r.status = status;
  r.headers.set("Content-Type", "application/json");
  r.body = std::move(body);
  return r;
}

/// Value of `name` in a query string; nullopt if it is not there.
std::optional<std::string> parameter(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const auto end = query.find('&');
    const auto part = query.substr(0, end);
    const auto equals = part.find('=');
    if (part.substr(0, equals) == name)
      return equals == std::string_view::npos ? std::string{}
                                              : http::decode_segment(part.substr(equals + 1));
    if (end == std::string_view::npos)
      break;
    query.remove_prefix(end + 1);
  }
  return std::nullopt;
}

json::value age(std::optional<steady_time> t, steady_time at) {
  if (!t)
    return nullptr;
  return std::chrono::duration<double>(at - *t).count();
}

json::value render_dead_letters(const std::optional<metrics::dead_letter_health>& d) {
  if (!d)
    return nullptr;
  return json::object{{"up", d->up}, {"waiting", d->waiting}, {"reason", d->reason}};
}

json::array render_deletes(const std::vector<metrics::delete_warning>& warnings) {
  json::array out;
  for (const auto& w : warnings)
    out.push_back(json::object{{"finding", w.finding}, {"detail", w.detail}});
  return out;
}

json::object render_range(const metrics::range_health& r, steady_time at) {
  return {{"state", r.state},
          {"polled_once", r.polled_once},
          {"seconds_since_last_poll", age(r.last_poll, at)},
          {"lag_seconds", r.lag_seconds ? json::value(*r.lag_seconds) : json::value(nullptr)},
          {"lag_items", r.lag_items ? json::value(*r.lag_items) : json::value(nullptr)},
          {"region", r.region},
          {"away", r.away},
          {"position", r.position}};
}

json::object render_units(const metrics::processor_health& p) {
  return {{"limit", p.units_limit ? json::value(*p.units_limit) : json::value(nullptr)},
          {"why", p.units_why}};
}

server_response ready(platform& shared, const http::server_request& request) {
  const auto target = parameter(request.query, "target").value_or("");
  const auto r = judge(shared.health.snapshot(), target);
  const auto* verdict = !r.ready ? "not ready" : r.degraded ? "degraded" : "ready";
  const auto status = r.ready ? 200U : 503U;
  if (!parameter(request.query, "verbose"))
    return text(status, std::string{verdict} + "\n");
  json::array problems;
  for (const auto& p : r.problems)
    problems.emplace_back(p);
  return json_body(
      status, json::serialize(json::object{{"status", verdict}, {"problems", problems}}) + "\n");
}

server_response restart_target(const admin_commands& commands, const std::string& name,
                               const std::string& peer) {
  if (!commands.restart_target(name))
    return http::json_error(404, "NotFound", "there is no such target; /api/v1/status names them");
  log::info("a target's restart was asked for", {{"target", name}, {"peer", peer}});
  return json_body(202,
                   json::serialize(json::object{{"target", name}, {"restarting", true}}) + "\n");
}

/// Wraps the routes: who may not pass the guard never reaches them.
http::handler guarded(admin_guard guard, std::shared_ptr<const http::router> routes) {
  return [guard = std::move(guard), routes = std::move(routes)](http::server_request r,
                                                                http::responder done) {
    const auto answer = [done = std::move(done)](server_response a) {
      // What is true now is not later, and is not for a page of another origin to guess at.
      a.headers.set("Cache-Control", "no-store");
      a.headers.set("X-Content-Type-Options", "nosniff");
      done(std::move(a));
    };
    if (auto refusal = guard.refuse(r))
      return answer(std::move(*refusal));
    (*routes)(std::move(r), answer);
  };
}

} // namespace

std::string render_status(const metrics::health_snapshot& now, steady_time at) {
  json::object targets;
  for (const auto& [name, t] : now.targets)
    targets[name] = json::object{{"up", t.up},
                                 {"reason", t.reason},
                                 {"error_class", t.error_class},
                                 {"seconds_since_last_ack", age(t.last_ack, at)},
                                 {"dead_letters", render_dead_letters(t.dead_letters)}};
  json::array processors;
  for (const auto& [key, p] : now.processors) {
    json::object ranges;
    for (const auto& [id, r] : p.ranges)
      ranges[id] = render_range(r, at);
    processors.push_back(json::object{{"target", key.target},
                                      {"feed", key.feed},
                                      {"leases", p.summary.leases_total},
                                      {"leases_foreign", p.summary.leases_foreign},
                                      {"reason", p.summary.reason},
                                      {"request_units", render_units(p.summary)},
                                      {"deletes", render_deletes(p.summary.deletes)},
                                      {"ranges", std::move(ranges)}});
  }
  json::object actors;
  for (const auto& [path, a] : now.actors)
    actors[path] = json::object{
        {"state", a.state},
        {"restarts", a.restarts},
        {"wedges_in_a_row", a.wedges},
        {"last_error", a.last_error},
        {"next_try_in_seconds",
         a.next_try ? json::value(std::chrono::duration<double>(*a.next_try - at).count())
                    : json::value(nullptr)}};
  const auto r = judge(now);
  return json::serialize(json::object{{"status", !r.ready     ? "not ready"
                                                 : r.degraded ? "degraded"
                                                              : "ready"},
                                      {"version", version},
                                      {"targets", std::move(targets)},
                                      {"processors", std::move(processors)},
                                      {"actors", std::move(actors)}})
         + "\n";
}

http::handler admin_handler(platform& shared, const settings::admin_config& config,
                            admin_commands commands) {
  auto routes = std::make_shared<http::router>();
  using http::path_arguments;
  using http::responder;
  using http::server_request;
  const auto get = [&](std::string_view path, auto answer) {
    routes->add("GET", path,
                [answer](const server_request& r, const path_arguments&, const responder& done) {
                  done(answer(r));
                });
  };
  get("/metrics", [&shared](const server_request&) {
    auto r = text(200, shared.registry.serialize());
    r.headers.set("Content-Type", std::string{metrics::registry::content_type});
    return r;
  });
  // Alive means that its actors move; what they depend on is /readyz's business.
  get("/livez", [&shared](const server_request&) {
    const auto why = judge_liveness(shared.health.snapshot(), std::chrono::steady_clock::now());
    return why.empty() ? text(200, "ok\n") : text(503, why + "\n");
  });
  get("/readyz", [&shared](const server_request& r) { return ready(shared, r); });
  get("/healthz", [&shared](const server_request& r) { return ready(shared, r); });
  get("/ping", [](const server_request&) { return text(200, "pong"); });
  get("/version", [](const server_request&) {
    return json_body(200, json::serialize(json::object{{"version", version}}) + "\n");
  });
  get("/api/v1/status", [&shared](const server_request&) {
    return json_body(200,
                     render_status(shared.health.snapshot(), std::chrono::steady_clock::now()));
  });
  routes->add("POST", "/api/v1/targets/{}/restart",
              [commands = std::move(commands)](
                  const server_request& r, const path_arguments& arguments, const responder& done) {
                done(restart_target(commands, arguments.front(), r.peer));
              });
  return guarded(admin_guard{config}, routes);
}

result<std::unique_ptr<http::server>>
start_admin(platform& shared, const settings::admin_config& config, admin_commands commands) {
  http::server_options options;
  options.listen = config.listen;
  options.max_header = std::size_t{16} << 10U;
  options.max_body = std::size_t{64} << 10U;
  options.max_connections = 64;
  options.idle_timeout = milliseconds{60'000};
  return http::server::start(shared.io, options,
                             admin_handler(shared, config, std::move(commands)));
}

} // namespace feedcast::app
