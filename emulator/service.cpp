#include "emulator/service.hpp"

#include "core/log.hpp"
#include "emulator/access.hpp"
#include "emulator/admission.hpp"
#include "emulator/control_table.hpp"
#include "emulator/fault_effects.hpp"
#include "emulator/headers.hpp"
#include "emulator/read_view.hpp"
#include "emulator/region_gate.hpp"
#include "emulator/reply.hpp"
#include "emulator/routes.hpp"
#include "emulator/unsupported.hpp"

#include <algorithm>
#include <exception>

namespace feedcast::emulator {

service::service(shared_state& state, std::optional<std::size_t> region)
    : state_(state), region_(region) {
  add_service_routes();
  add_control_routes();
  add_unsupported(router_);
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
  for (const control_route& route : control_routes())
    add(route.method, route.pattern, {operation::control, route.serve});
}

void service::add(std::string_view method, std::string_view pattern, action fixed) {
  router_.add(method, pattern,
              [this, fixed](const http::server_request& r, const http::path_arguments& a,
                            const http::responder& done) {
                done(answer({state_, r, a, region_}, fixed));
              });
}

void service::add_chosen(std::string_view method, std::string_view pattern, chooser choose) {
  router_.add(method, pattern,
              [this, choose](const http::server_request& r, const http::path_arguments& a,
                             const http::responder& done) {
                const call c{state_, r, a, region_};
                done(answer(c, choose(c)));
              });
}

http::server_response service::answer(call c, const action& chosen) const try {
  if (chosen.what == operation::control)
    return chosen.serve(c);
  auto response = serve(c, chosen);
  state_.stats.count(chosen.what, response.status);
  return response;

} catch (const std::exception& e) {

  log::error("request failed unexpectedly",
             {{"method", c.request.message.method}, {"reason", e.what()}});
  return send_refusal(refuse(500, "the emulator failed; its log says how"));
}

http::server_response service::serve(call& c, const action& chosen) const {
  if (auto elsewhere = region_refusal(c, chosen.what))
    return std::move(*elsewhere);
  if (const auto good = check_access(c, chosen.what); !good)
    return send_refusal(good.error());
  if (state_.faults.empty() && !state_.units.any() && !must_look(state_.account))
    return chosen.serve(c);

  container_ptr owner;
  if (c.arguments.size() > 1)
    if (const auto found = find_container(c))
      owner = found->data;
  const std::string region = state_.account.name(serving_region(c));
  const fault_subject subject{chosen.what, owner ? std::string_view(owner->name()) : "",
                              range_id(c), region, c.header(header::activity_id)};
  if (const auto rule = state_.faults.before_serving(subject))
    return injected(*rule);
  const unit_meter meter(c, chosen.what, owner.get(), region);
  if (auto refusal = meter.refusal())
    return std::move(*refusal);
  if (owner && must_look(state_.account) && reads_documents(chosen.what)) {
    const auto view = choose_view(c, *owner);
    if (!view)
      return send_refusal(view.error());
    c.view = *view;
  }
  auto response = chosen.serve(c);
  meter.pay(response);
  tell_session_version(response, state_.account.session_version());
  response.delay = std::max(response.delay, c.view.wait);
  if (const auto rule = state_.faults.before_sending(subject, !body_of(response).empty()))
    spoil(response, *rule);
  return response;
}

} // namespace feedcast::emulator
