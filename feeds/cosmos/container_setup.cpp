#include "feeds/cosmos/container_setup.hpp"

#include "core/log.hpp"
#include "leases/json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace feedcast::cosmos {

using namespace std::chrono_literals;

call create_lease_container(const collection_ref& container, std::uint32_t throughput) {
  const boost::json::object definition{
      {"id", container.collection()},
      {"partitionKey", {{"paths", {"/id"}}, {"kind", "Hash"}, {"version", 2}}},
      {"defaultTtl", -1},
      {"indexingPolicy",
       {{"indexingMode", "consistent"},
        {"automatic", true},
        {"includedPaths", boost::json::array{}},
        {"excludedPaths", boost::json::array{boost::json::object{{"path", "/*"}}}}}},
  };
  auto c = container.create(boost::json::serialize(definition));
  c.headers.set("x-ms-offer-throughput", std::to_string(throughput));
  return c;
}

result<bool> check_lease_container(std::string_view description, const collection_ref& container) {
  const auto o = json::parse_object(description, "the description of the lease container");
  if (!o)
    return o.error();
  const auto* key = o->if_contains("partitionKey");
  const auto* paths =
      key != nullptr && key->is_object() ? key->get_object().if_contains("paths") : nullptr;
  const bool by_id = paths != nullptr && paths->is_array() && paths->get_array().size() == 1
                     && paths->get_array().front() == boost::json::value("/id");
  if (!by_id)
    return make_error(errc::rejected,
                      "the lease container " + container.link()
                          + " is not partitioned by exactly /id, so leases can't be kept in it: "
                            "name another collection, or create one with partition key /id");
  const auto* ttl = o->if_contains("defaultTtl");
  if (ttl == nullptr || ttl->is_null())
    log::warn(
        "the lease container has time to live off: locks of a crashed change feed processor stay; "
        "set its default time to live to 'on (no default)'",
        {{"container", container.link()}});
  return true;
}

error creation_refused(const error& refusal, const collection_ref& container) {
  auto out = refusal;
  if (refusal.code == errc::not_found) {
    out.detail = "the database " + container.database()
                 + " for the leases does not exist: create it by hand, or "
                   "correct the database name ("
                 + refusal.detail + ')';
  } else if (refusal.code == errc::forbidden || refusal.code == errc::unauthorized) {
    out.code = errc::forbidden;
    out.detail = "the lease container " + container.link()
                 + " is missing and may not be created with these credentials: use a read-write "
                   "key of the account "
                   "(control-plane right "
                   "Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers/write), or "
                   "create it by hand with partition key /id and time to live 'on (no default)' ("
                 + refusal.detail + ')';
  }
  return out;
}

milliseconds wait_for_lock(const http::response& answer, wall_time now) {
  // Its owner lets the service remove it after 30 s. Where time to live is off it stays, so twice
  // that is too old.
  constexpr milliseconds too_old = 60s;
  constexpr milliseconds one_wait = 5s;
  const auto lock = json::parse_object(answer.body.view(), "the lease lock");
  const auto written = lock ? json::number_at(*lock, "_ts") : std::nullopt;
  if (!written)
    return one_wait;
  // Both times are the service's, so a wrong clock here changes nothing.
  const auto today = parse_http_date(answer.headers.get("date")).value_or(now);
  const auto age = std::chrono::duration_cast<milliseconds>(today.time_since_epoch())
                   - std::chrono::seconds{static_cast<std::int64_t>(
                       std::min<std::uint64_t>(*written, 253'402'300'799))};
  return age >= too_old ? milliseconds{0} : one_wait;
}

} // namespace feedcast::cosmos
