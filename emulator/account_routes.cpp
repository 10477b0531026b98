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

} // namespace

/// Clients follow the endpoint that is named here, so it is the one they have just used.
http::server_response read_account(const call& c) {
  const std::string_view host = c.header("host");
  if (!is_plain_host(host))
    return send_refusal(refuse(400, "the Host header is missing or malformed"));
  const std::string endpoint =
      std::string(c.state.tls ? "https://" : "http://") + std::string(host) + '/';
  const std::string locations =
      R"([{"name":"South Central US","databaseAccountEndpoint":")" + endpoint + R"("}])";
  // Not "localhost": the JavaScript client ignores the locations of an account of that id.
  std::string text =
      R"({"_self":"","id":"feedcast-emulator","_rid":"feedcast-emulator.local","media":"//media/",)"
      R"("addresses":"//addresses/","_dbs":"//dbs/","writableLocations":)";
  text += locations;
  text += R"(,"readableLocations":)";
  text += locations;
  text +=
      R"(,"enableMultipleWriteLocations":false,"continuousBackupEnabled":false,)"
      R"("enableNRegionSynchronousCommit":false,"userReplicationPolicy":{"asyncReplication":false,)"
      R"("minReplicaSetSize":1,"maxReplicasetSize":4},"userConsistencyPolicy":)"
      R"({"defaultConsistencyLevel":"Session"},"systemReplicationPolicy":{"minReplicaSetSize":1,)"
      R"("maxReplicasetSize":4},"readPolicy":{"primaryReadCoefficient":1,"secondaryReadCoefficient":1},)"
      R"("queryEngineConfiguration":")";
  text += query_engine_configuration;
  text += R"("})";
  return reply(200).json(std::move(text)).send();
}

} // namespace feedcast::emulator::routes
