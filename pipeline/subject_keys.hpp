#pragma once

#include "pipeline/change.hpp"
#include "pipeline/identity_memory.hpp"

#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace feedcast {

/// Which keys of the identity cache are named. docs/identities.md has the table.
enum class identity_keys : std::uint8_t {
  namespaces, ///< the names of namespaces
  uuids,      ///< and the uuids; never together with the secret that belongs to them
};

/// Says which cache keys a change in a feed of identities means: those that the document names, and
/// those that its last version named. Used by one thread at a time.
class subject_keys {
 public:
  subject_keys(identity_keys which, std::shared_ptr<identity_memory> memory);

  /// The keys, as the database stores them: at least one, some perhaps more than once. The list
  /// lives until the next call, the texts until `forget_texts` or as long as the change's.
  const std::vector<std::string_view>& of(const change& c,
                                          std::span<const subject_element> elements);

  /// Remembers a change without asking for its keys, before delivery begins.
  void learn(const change& c, std::span<const subject_element> elements);

  void forget_texts() { texts_.clear(); }

  identity_memory& memory() noexcept { return *memory_; }

 private:
  identity_keys which_;
  std::shared_ptr<identity_memory> memory_;
  std::vector<std::string_view> keys_;
  std::deque<std::string> texts_; ///< what the memory told, for as long as a page needs it
};

} // namespace feedcast
