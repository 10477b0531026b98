#pragma once

#include "leases/lease.hpp"
#include "leases/lease_store.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace feedcast {

/// What file_store keeps in its file: all leases of one processor. A plain value.
struct store_document {
  lease_store_state state;
  std::uint64_t writes =
      0; ///< source of lease versions; never goes back, so no version is used twice
  std::map<std::string, lease> leases; ///< by range id
};

std::string write_store(const store_document& document);

/// Reads this version and those before it. `rejected` if the text is anything but a whole document
/// of a version that we know: an unreadable file is never taken for an empty one, because that
/// would start every range anew.
result<store_document> read_store(std::string_view text);

} // namespace feedcast
