#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace feedcast::emulator {

/// The document has no value at the partition key path.
struct undefined_value {
  bool operator==(const undefined_value&) const = default;
};

struct null_value {
  bool operator==(const null_value&) const = default;
};

/// What a partition key may be.
using key_value = std::variant<undefined_value, null_value, bool, double, std::string>;

/// Effective partition key of version 2 (MurmurHash3 x64-128): 32 upper-case hex digits, at most
/// "3FFF...F". EPKs compare as text; ranges of them are half-open and the whole space is ["",
/// "FF").
std::string effective_partition_key(const key_value& value);

/// The bounds of `count` ranges of equal width: count + 1 texts from "" to "FF". `count` must not
/// be zero.
std::vector<std::string> even_bounds(std::uint32_t count);

/// The EPK in the middle of [min, max); nothing if the range is too narrow to be split.
std::optional<std::string> midpoint(std::string_view min, std::string_view max);

} // namespace feedcast::emulator
