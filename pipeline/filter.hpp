#pragma once

#include "pipeline/change.hpp"

#include <string>
#include <vector>

namespace feedcast {

struct filter_options {
  std::string own_cluster;        ///< changes stamped with it are dropped; empty = drop none
  bool confirm_own = false;       ///< they are not dropped, but sent later
  std::vector<entity_kind> kinds; ///< deliver only these; empty = all
  std::vector<std::string>
      namespaces; ///< patterns with `*` for the first segment of the id; empty = all
};

enum class verdict : std::uint8_t {
  deliver,
  confirm, ///< the target's own: it knows now, and is told once its replicas do
  own,
  filtered,
};

/// Decides which changes a target must hear of. Pure and immutable: thread-safe.
/// When in doubt it delivers: an unknown kind and a missing stamp pass, for a lost invalidation is
/// wrong code and a superfluous one is a cache miss.
class change_filter {
 public:
  explicit change_filter(filter_options options);
  verdict operator()(const change& c) const noexcept;

 private:
  filter_options options_;
  std::uint8_t kind_mask_ = 0; ///< bit per entity_kind; 0 = all
  bool all_namespaces_ = true;
};

/// True if `text` matches `pattern`, in which `*` stands for any run of characters.
bool matches_pattern(std::string_view pattern, std::string_view text) noexcept;

} // namespace feedcast
