#include "emulator/reply.hpp"
#include "emulator/routes.hpp"

namespace feedcast::emulator::routes {
namespace {

/// What query engines of clients are told about limits; a JSON text inside a JSON string.
constexpr std::string_view query_engine_configuration =
    R"({\"maxSqlQueryInputLength\":524288,\"maxJoinsPerSqlQuery\":10,\"maxLogicalAndPerSqlQuery\":2000,)"
    R"(\"maxLogicalOrPerSqlQuery\":2000,\"maxUdfRefPerSqlQuery\":10,\"maxInExpressionItemsCount\":16000,)"
    R"(\"queryMaxInMemorySortDocumentCount\":500,\"maxQueryRequestTimeoutFraction\":0.9,)"
    R"(\"sqlAllowNonFiniteNumbers\":false,\"sqlAllowAggregateFunctions\":true,\"sqlAllowSubQuery\":true,)"
    R"(\"sqlAllowScalarSubQuery\":true,\"allowNewKeywords\":true,\"sqlAllowLike\":true,)"
    R"(\"sqlAllowGroupByClause\":true,\"maxSpatialQueryCells\":12,\"spatialMaxGeometryPointCount\":256,)"
    R"(\"sqlAllowTop\":true,\"enableSpatialIndexing\":true})";

/// A host:port that can't break out of a JSON string or a URL.
bool is_plain_host(std::string_view host) {
  constexpr std::string_view allowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]";
  return !host.empty() && host.find_first_not_of(allowed) == std::string_view::npos;
}

/// "[::1]:8081" -> "[::1]"
std::string_view without_port(std::string_view host) {
  const std::size_t colon = host.rfind(':');
  const std::size_t bracket = host.rfind(']');
  if (colon == std::string_view::npos || (bracket != std::string_view::npos && colon < bracket))
    return host;
  return host.substr(0, colon);
}

} // namespace

/// Clients follow the endpoints that are named here. In an account of one region that is the one
/// that they have just used; regions of an account of several have ports of their own.
http::server_response read_account(const call& c) {
  const std::string_view host = c.header("host");
  if (!is_plain_host(host))
    return send_refusal(refuse(400, "the Host header is missing or malformed"));
  const auto states = c.state.account.states();
  const auto endpoint = [&](const region_state& r) {
    std::string at(host);
    if (states.size() > 1)
      at = (r.host.empty() ? std::string(without_port(host)) : r.host) + ':'
           + std::to_string(r.port);
    return R"({"name":")" + r.name + R"(","databaseAccountEndpoint":")"
           + (c.state.tls ? "https://" : "http://") + at + R"(/"})";
  };
  std::string writable;
  std::string readable; // the write region first, as the service does
  for (const region_state& r : states) {
    if (r.writes) {
      writable = endpoint(r);
      readable = writable + readable;
    } else if (!r.removed) {
      readable += ',' + endpoint(r);
    }
  }
  // Not "localhost": the JavaScript client ignores the locations of an account of that id.
  std::string text =
      R"({"_self":"","id":"feedcast-emulator","_rid":"feedcast-emulator.local","media":"//media/",)"
      R"("addresses":"//addresses/","_dbs":"//dbs/","writableLocations":)";
  text += '[' + writable + R"(],"readableLocations":[)" + readable;
  text +=
      R"(],"enableMultipleWriteLocations":false,"continuousBackupEnabled":false,)"
      R"("enableNRegionSynchronousCommit":false,"userReplicationPolicy":{"asyncReplication":false,)"
      R"("minReplicaSetSize":1,"maxReplicasetSize":4},"userConsistencyPolicy":)"
      R"({"defaultConsistencyLevel":")";
  text += to_string(c.state.account.rules().consistency);
  text +=
      R"("},"systemReplicationPolicy":{"minReplicaSetSize":1,)"
      R"("maxReplicasetSize":4},"readPolicy":{"primaryReadCoefficient":1,"secondaryReadCoefficient":1},)"
      R"("queryEngineConfiguration":")";
  text += query_engine_configuration;
  text += R"("})";
  return reply(200).json(std::move(text)).send();
}

} // namespace feedcast::emulator::routes
