#pragma once

#include "core/clock.hpp"
#include "core/key_span.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace feedcast {

/// How a lease is written down, by the libraries that write it so.
enum class lease_form : std::uint8_t {
  pk,         ///< of a partition key range, version 0: Java 3.x and 4.x, .NET V2 and V3, KEDA
  java_epk,   ///< of a key span, version 1: Java 4.x; the continuation is wrapped in a base64 state
  dotnet_epk, ///< of a key span, version 1: .NET V3 after a merge; the continuation is plain
};

/// "pk", "java-epk", "dotnet-epk", as in the configuration.
std::string_view to_string(lease_form form) noexcept;
std::optional<lease_form> parse_lease_form(std::string_view text) noexcept;

/// Who reads a range for a processor, and how far. A value; the store decides how it is written
/// down.
struct lease {
  std::string range_id; ///< lease token: the partition key range id (pk), or "{min}-{max}"
  lease_form form = lease_form::pk;
  /// The keys it covers. Always there for key spans; for pk the span that its range has or had,
  /// nullopt if the document does not say (Java).
  std::optional<key_span> keys;
  std::string owner; ///< instance name; empty = nobody
  std::string
      boot; ///< which life of the owner wrote it (see boot_nonce.hpp); empty = another library
  bool away = false; ///< its owner would leave it to an instance that is nearer to the target
  std::string continuation; ///< opaque; empty = no position stored yet
  /// Where to read from while there is no position, if somebody said so; the epoch = the beginning.
  std::optional<wall_time> start{};
  wall_time timestamp{}; ///< last renewal or checkpoint, by the writer's clock
  wall_time stored_at{}; ///< last write by the store's clock, whole seconds in Cosmos DB; set by
                         ///< the store

  std::string
      version; ///< the store's etag of this document, for compare-and-swap; empty = never stored
  std::string raw; ///< the document as read, so that members we don't know survive a rewrite
};

} // namespace feedcast
