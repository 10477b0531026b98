#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace feedcast::emulator {

/// Resource id: the service's own address of a database (4 bytes), collection (8), document or
/// range (16). As text it is base64 with `-` for `/`. A zero part is absent.
struct rid {
  std::uint32_t database = 0;
  std::uint32_t collection = 0; ///< top bit set when present
  std::uint64_t item = 0;       ///< below 2^60
  bool is_range = false;        ///< `item` is a partition key range, not a document

  std::string to_text() const;
  bool operator==(const rid&) const = default;
};

/// Nothing if `text` is not a well-formed resource id.
std::optional<rid> parse_rid(std::string_view text);

} // namespace feedcast::emulator
