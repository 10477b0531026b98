#include "emulator/epk.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace feedcast::emulator {
namespace {

static_assert(std::endian::native == std::endian::little, "byte order of the hash input");

__extension__ using wide = unsigned __int128;

/// One past the largest EPK: two bits of the 128 are always zero.
constexpr wide space_end = wide{1} << 126;
constexpr std::string_view full_max = "FF";

std::uint64_t load(const char* p) noexcept {
  std::uint64_t v = 0;
  std::memcpy(&v, p, sizeof v);
  return v;
}

std::uint64_t finish(std::uint64_t h) noexcept {
  h = (h ^ (h >> 33)) * 0xff51afd7ed558ccdULL;
  h = (h ^ (h >> 33)) * 0xc4ceb9fe1a85ec53ULL;
  return h ^ (h >> 33);
}

/// MurmurHash3 x64-128 with seed 0; {low, high} halves.
std::array<std::uint64_t, 2> murmur3_128(std::string_view bytes) noexcept {
  constexpr std::uint64_t c1 = 0x87c37b91114253d5ULL;
  constexpr std::uint64_t c2 = 0x4cf5ad432745937fULL;
  const auto mix1 = [](std::uint64_t k) { return std::rotl(k * c1, 31) * c2; };
  const auto mix2 = [](std::uint64_t k) { return std::rotl(k * c2, 33) * c1; };
  std::uint64_t h1 = 0;
  std::uint64_t h2 = 0;

  std::size_t at = 0;
  for (; at + 16 <= bytes.size(); at += 16) {
    h1 ^= mix1(load(bytes.data() + at));
    h1 = (std::rotl(h1, 27) + h2) * 5 + 0x52dce729;
    h2 ^= mix2(load(bytes.data() + at + 8));
    h2 = (std::rotl(h2, 31) + h1) * 5 + 0x38495ab5;
  }

  std::array<char, 16> tail{}; // zero bytes of the padding mix to zero
  std::copy(bytes.begin() + static_cast<std::ptrdiff_t>(at), bytes.end(), tail.begin());
  h2 ^= mix2(load(tail.data() + 8));
  h1 ^= mix1(load(tail.data()));

  h1 ^= bytes.size();
  h2 ^= bytes.size();
  h1 += h2;
  h2 += h1;
  h1 = finish(h1);
  h2 = finish(h2);
  h1 += h2;
  h2 += h1;
  return {h1, h2};
}

/// The bytes that are hashed: a type mark, then the value.
struct encoder {
  std::string operator()(undefined_value) const { return std::string(1, '\x00'); }

  std::string operator()(null_value) const { return "\x01"; }

  std::string operator()(bool b) const { return b ? "\x03" : "\x02"; }

  std::string operator()(double d) const {
    std::array<char, sizeof d> raw{};
    std::memcpy(raw.data(), &d, sizeof d);
    return "\x05" + std::string(raw.data(), raw.size());
  }

  std::string operator()(const std::string& s) const { return "\x08" + s + "\xff"; }
};

std::string to_text(wide value) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string text(32, '0');
  for (auto at = text.rbegin(); at != text.rend(); ++at, value >>= 4)
    *at = digits[static_cast<std::size_t>(value & 0xf)];
  return text;
}

wide from_text(std::string_view text) {
  if (text == full_max)
    return space_end;
  wide value = 0;
  for (const char c : text)
    value = value << 4 | static_cast<wide>(c <= '9' ? c - '0' : c - 'A' + 10);
  return value;
}

} // namespace

std::string effective_partition_key(const key_value& value) {
  const auto [low, high] = murmur3_128(std::visit(encoder{}, value));
  // The 16 result bytes in reverse order, the top two bits cleared: read as one big number, that is
  // high:low.
  return to_text((wide{high} << 64 | low) & (space_end - 1));
}

std::vector<std::string> even_bounds(std::uint32_t count) {
  const wide width = space_end / count;
  const wide rest = space_end % count;
  std::vector<std::string> bounds{""};
  for (std::uint32_t i = 1; i < count; ++i)
    bounds.push_back(to_text(width * i + rest * i / count - 1)); // two halves meet at 1FFF...F
  bounds.emplace_back(full_max);
  return bounds;
}

std::optional<std::string> midpoint(std::string_view min, std::string_view max) {
  const wide low = from_text(min);
  const wide high = from_text(max);
  if (high - low < 3)
    return std::nullopt;
  return to_text((low + high - 1) / 2);
}

} // namespace feedcast::emulator
