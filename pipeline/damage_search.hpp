#pragma once

#include <cstdint>

namespace feedcast {

/// Says how many documents to ask for in order to find the one that makes a page unreadable, so
/// that its neighbours are read as usual and it stands alone in the end. The decoder's guess (how
/// many documents it could walk before it stumbled) is right or one too many as a rule, which makes
/// a handful of requests; if it is wrong, halving ends the search all the same. Pure.
class damage_search {
 public:
  bool active() const noexcept { return suspects_ > 0; }

  /// How many documents to ask for next; for an active search.
  std::uint32_t ask() const noexcept;

  /// A page of so many documents is unreadable. Those before number `walked` look sound.
  void bad_page(std::uint32_t documents, std::uint32_t walked) noexcept;
  /// A page of so many documents was read: the culprit is behind them, or nowhere.
  void good_page(std::uint32_t documents) noexcept;

  /// The culprit was dealt with.
  void end() noexcept { *this = {}; }

 private:
  std::uint32_t suspects_ = 0; ///< documents among which the culprit is; 0 = no search
  std::uint32_t sound_ = 0;    ///< of them, the first ones that are believed to be sound
  std::uint32_t singles_ = 0;  ///< how many to look at one by one, before halving
  bool guessed_ = false;       ///< the guess was used; it is not trusted twice
};

} // namespace feedcast
