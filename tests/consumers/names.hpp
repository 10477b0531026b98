#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace feedcast::consumers {

/// A cluster for each region, its home.
inline constexpr std::size_t cluster_count = 3;
inline constexpr std::array<const char*, cluster_count> region_names = {"West Europe", "East US",
                                                                        "Southeast Asia"};
inline constexpr std::array<const char*, cluster_count> cluster_ids = {"eu1", "us2", "ap3"};

/// The regions as a cluster prefers them: its own first.
constexpr std::array<std::size_t, cluster_count> preferred(std::size_t cluster) {
  return {cluster, (cluster + 1) % cluster_count, (cluster + 2) % cluster_count};
}

} // namespace feedcast::consumers
