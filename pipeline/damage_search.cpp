#include "pipeline/damage_search.hpp"

#include <algorithm>
#include <utility>

namespace feedcast {

std::uint32_t damage_search::ask() const noexcept {
  if (sound_ > 0)
    return sound_;
  return singles_ > 0 ? 1 : std::max(1U, suspects_ / 2);
}

void damage_search::bad_page(std::uint32_t documents, std::uint32_t walked) noexcept {
  suspects_ = std::max(1U, documents);
  const bool first = !std::exchange(guessed_, true);
  // A document that ends too early is noticed behind its end, hence the one less and the two looks.
  sound_ = first && walked > 1 ? std::min(walked, suspects_) - 1 : 0;
  singles_ = first ? 2 : 0;
}

void damage_search::good_page(std::uint32_t documents) noexcept {
  if (documents >= suspects_)
    return end();
  suspects_ -= documents;
  if (sound_ > 0)
    sound_ = 0;
  else if (singles_ > 0)
    --singles_;
}

} // namespace feedcast
