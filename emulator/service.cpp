#include "emulator/service.hpp"

#include "core/log.hpp"
#include "emulator/auth.hpp"
#include "emulator/headers.hpp"
#include "emulator/reply.hpp"
#include "emulator/routes.hpp"

#include <algorithm>
#include <exception>

namespace feedcast::emulator {
namespace {

http::server_response injected(const fault_rule& rule) {
  if (rule.kind == fault_kind::reset) {
    http::server_response nothing;
    nothing.cut_after = 0;
    nothing.reset = true;
    return nothing;
  }
  auto response = send_refusal(
      refuse(rule.status, "injected by fault rule " + std::to_string(rule.id), rule.sub_status));
  if (rule.retry_after_ms)
    response.headers.set(header::retry_after, std::to_string(*rule.retry_after_ms));
  return response;
}

std::string_view body_of(const http::server_response& r) noexcept {
  return r.shared_body ? std::string_view(*r.shared_body) : std::string_view(r.body);
}

void spoil(http::server_response& response, const fault_rule& rule) {
  std::string body(body_of(response));
  const std::size_t at = rule.at_byte.value_or(body.size() / 2);
  switch (rule.kind) {
  case fault_kind::truncate:
    body.resize(std::min(at, body.size()));
    break;
  case fault_kind::corrupt:
    body[std::min(at, body.size() - 1)] = '\xff';
    break;
  case fault_kind::reset:
    response.cut_after = rule.at_byte.value_or(0);
    response.reset = true;
    return;
  case fault_kind::delay:
    response.delay = rule.delay;
    return;
  case fault_kind::status:
    return; // answered before
  }
  response.shared_body = nullptr;
  response.body = std::move(body);
}

} // namespace

service::service(shared_state& state) : state_(state) {
  add_service_routes();
  add_control_routes();
}

void service::operator()(http::server_request request, http::responder done) const {
  router_(std::move(request), std::move(done));
}

/// What POST of documents means is told by headers. The query plan first: its request also looks
/// like a query, or, from Java, like a document.
service::action service::choose_post(const call& c) {
  if (c.flag(header::is_query_plan))
    return {operation::query_plan, routes::plan_query};
  if (c.flag(header::is_query))
    return {operation::query, routes::query_documents};
  if (c.flag(header::is_upsert))
    return {operation::upsert, routes::upsert_document};
  return {operation::create, routes::create_document};
}

service::action service::choose_get(const call& c) {
  if (c.has_header("a-im"))
    return {operation::feed, routes::read_feed};
  return {operation::list, routes::list_documents};
}

void service::add_service_routes() {
  add("GET", "/", {operation::account, routes::read_account});
  add("GET", "/offers", {operation::offers, routes::list_offers});
  add("POST", "/offers", {operation::offers, routes::query_offers});
  add("GET", "/offers/{}", {operation::offers, routes::read_offer});
  add("PUT", "/offers/{}", {operation::offers, routes::replace_offer});

  add("GET", "/dbs", {operation::database, routes::list_databases});
  add("POST", "/dbs", {operation::database, routes::create_or_query_databases});
  add("GET", "/dbs/{}", {operation::database, routes::read_database});
  add("DELETE", "/dbs/{}", {operation::database, routes::drop_database});

  add("GET", "/dbs/{}/colls", {operation::container, routes::list_containers});
  add("POST", "/dbs/{}/colls", {operation::container, routes::create_or_query_containers});
  add("GET", "/dbs/{}/colls/{}", {operation::container, routes::read_container});
  add("PUT", "/dbs/{}/colls/{}", {operation::container, routes::replace_container});
  add("DELETE", "/dbs/{}/colls/{}", {operation::container, routes::drop_container});
  add("GET", "/dbs/{}/colls/{}/pkranges", {operation::pkranges, routes::list_ranges});

  add_chosen("GET", "/dbs/{}/colls/{}/docs", choose_get);
  add_chosen("POST", "/dbs/{}/colls/{}/docs", choose_post);
  add("GET", "/dbs/{}/colls/{}/docs/{}", {operation::read, routes::read_document});
  add("PUT", "/dbs/{}/colls/{}/docs/{}", {operation::replace, routes::replace_document});
  add("DELETE", "/dbs/{}/colls/{}/docs/{}", {operation::remove, routes::remove_document});
}

void service::add_control_routes() {
  constexpr auto control = operation::control;
  add("POST", "/_emulator/faults", {control, routes::add_fault});
  add("GET", "/_emulator/faults", {control, routes::list_faults});
  add("DELETE", "/_emulator/faults/{}", {control, routes::remove_fault});
  add("POST", "/_emulator/dbs/{}/colls/{}/raw", {control, routes::append_raw});
  add("POST", "/_emulator/dbs/{}/colls/{}/split/{}", {control, routes::split_range});
  add("POST", "/_emulator/dbs/{}/colls/{}/merge", {control, routes::merge_ranges});
  add("GET", "/_emulator/stats", {control, routes::read_statistics});
}

void service::add(std::string_view method, std::string_view pattern, action fixed) {
  router_.add(method, pattern,
              [this, fixed](const http::server_request& r, const http::path_arguments& a,
                            const http::responder& done) {
                done(answer({state_, r, a}, fixed));
              });
}

void service::add_chosen(std::string_view method, std::string_view pattern, chooser choose) {
  router_.add(method, pattern,
              [this, choose](const http::server_request& r, const http::path_arguments& a,
                             const http::responder& done) {
                const call c{state_, r, a};
                done(answer(c, choose(c)));
              });
}

http::server_response service::answer(const call& c, const action& chosen) const try {
  if (chosen.what == operation::control)
    return chosen.serve(c);

  const auto serve = [&]() -> http::server_response {
    const auto good = check_signature(c.request.message, resource_of_path(c.request.path),
                                      state_.key, state_.clock.wall());
    if (!good)
      return send_refusal(good.error());
    if (state_.faults.empty())
      return chosen.serve(c);

    std::string name;
    if (c.arguments.size() > 1)
      if (const auto owner = find_container(c))
        name = owner->data->name();
    const fault_subject subject{chosen.what, name, range_id(c)};
    if (const auto rule = state_.faults.before_serving(subject))
      return injected(*rule);
    auto response = chosen.serve(c);
    if (const auto rule = state_.faults.before_sending(subject, !body_of(response).empty()))
      spoil(response, *rule);
    return response;
  };
  auto response = serve();
  state_.stats.count(chosen.what, response.status);
  return response;

} catch (const std::exception& e) {

  log::error("request failed unexpectedly",
             {{"method", c.request.message.method}, {"reason", e.what()}});
  return send_refusal(refuse(500, "the emulator failed; its log says how"));
}

} // namespace feedcast::emulator
