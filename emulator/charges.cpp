#include "emulator/charges.hpp"

#include <array>

namespace feedcast::emulator {
namespace {

/// Charges for documents of 1, 4 and 64 KiB.
using price_list = std::array<double, 3>;

double price(const price_list& list, std::size_t bytes) noexcept {
  constexpr price_list sizes{1, 4, 64};
  const double size = static_cast<double>(bytes) / 1024;
  if (size <= sizes[0])
    return list[0];
  const std::size_t low = size <= sizes[1] ? 0 : 1;
  return list[low]
         + (size - sizes[low]) * (list[low + 1] - list[low]) / (sizes[low + 1] - sizes[low]);
}

} // namespace

double read_charge(std::size_t bytes) noexcept {
  return price({1, 1.3, 10}, bytes);
}

double write_charge(std::size_t bytes, bool replaced) noexcept {
  return price({5, 7, 48}, bytes) * (replaced ? 2 : 1);
}

double page_charge(std::size_t bytes) noexcept {
  return bytes == 0 ? 1 : 1 + read_charge(bytes);
}

} // namespace feedcast::emulator
