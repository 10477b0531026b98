#include "leases/boot_nonce.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <random>

namespace feedcast {

std::string make_boot_nonce(wall_time now) {
  const auto since_1970 = std::chrono::duration_cast<milliseconds>(now.time_since_epoch()).count();
  std::random_device source;
  const auto random = static_cast<std::uint32_t>(source());
  // Thirteen digits until the year 2286, so that the order of texts is the order of times.
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%013lld-%08x",
                static_cast<long long>(std::max<std::int64_t>(since_1970, 0)), random);
  return text.data();
}

} // namespace feedcast
