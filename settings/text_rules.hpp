#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What single texts must look like, independent of where they stand. Pure functions.
namespace feedcast::settings {

std::string_view trimmed(std::string_view text);
bool has_control_characters(std::string_view text);

/// Letters, digits, `-`, `_`, `.`; the first a letter or digit; at most 64. For names of ours and
/// cluster ids, which end up in lease ids, metric labels and log lines.
bool is_name(std::string_view text);
/// What Cosmos DB takes as the name of a database or container.
bool is_collection_name(std::string_view text);
/// What CouchDB takes as the name of a database; system databases (`_users`) are none.
bool is_couchdb_name(std::string_view text);
bool is_topic_name(std::string_view text);
bool is_base64(std::string_view text);

/// A DNS name or an IPv4 address, nothing around it.
bool is_host_name(std::string_view text);

struct host_port {
  std::string host; ///< without the brackets of an IPv6 address
  std::uint16_t port = 0;
};

/// "kafka.eu:9092", "[::1]:8080"
std::optional<host_port> parse_host_port(std::string_view text);
bool is_loopback(std::string_view host);

struct endpoint_parts {
  std::string scheme; ///< lower case
  std::string host;   ///< lower case, without the brackets of an IPv6 address
  std::uint16_t port = 0;
};

/// "https://acme.documents.azure.com:443/": nothing behind the host but a port and a slash,
/// nobody's name before it.
std::optional<endpoint_parts> parse_endpoint(std::string_view text);

struct url_parts {
  std::string server; ///< "https://host:port", for parse_endpoint
  std::string target; ///< "/path?query", at least "/"
};

/// "https://login.example/oauth/token": visible ASCII, no fragment, nobody's name before the host.
std::optional<url_parts> split_url(std::string_view text);
/// An address of 169.254.0.0/16.
bool is_link_local(std::string_view host);

/// True for librdkafka properties whose value is a password or key.
bool is_secret_property(std::string_view name);

} // namespace feedcast::settings
