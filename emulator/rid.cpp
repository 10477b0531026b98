#include "emulator/rid.hpp"

#include "http/crypto/digest.hpp"

#include <algorithm>

namespace feedcast::emulator {
namespace {

constexpr unsigned range_mark = 0x5; // upper nibble of the last byte; a document has 0 there
constexpr std::uint32_t collection_bit = 0x80000000U;

void append_big_endian(std::string& out, std::uint32_t v) {
  for (int shift = 24; shift >= 0; shift -= 8)
    out.push_back(static_cast<char>(v >> shift & 0xff));
}

std::uint32_t read_big_endian(std::string_view bytes) {
  std::uint32_t v = 0;
  for (const char c : bytes)
    v = v << 8 | static_cast<unsigned char>(c);
  return v;
}

} // namespace

std::string rid::to_text() const {
  std::string raw;
  append_big_endian(raw, database);
  if (collection != 0)
    append_big_endian(raw, collection);
  if (item != 0 || is_range) {
    const std::uint64_t bits = item | (is_range ? std::uint64_t{range_mark} << 60 : 0);
    for (int shift = 0; shift < 64; shift += 8) // little-endian, unlike the parts before it
      raw.push_back(static_cast<char>(bits >> shift & 0xff));
  }
  std::string text = http::crypto::base64_encode(raw);
  std::replace(text.begin(), text.end(), '/', '-');
  return text;
}

std::optional<rid> parse_rid(std::string_view text) {
  std::string standard(text);
  std::replace(standard.begin(), standard.end(), '-', '/');
  const auto raw = http::crypto::base64_decode(standard);
  if (!raw || (raw->size() != 4 && raw->size() != 8 && raw->size() != 16))
    return std::nullopt;
  const std::string_view bytes = *raw;

  rid r;
  r.database = read_big_endian(bytes.substr(0, 4));
  if (bytes.size() == 4)
    return r;
  r.collection = read_big_endian(bytes.substr(4, 4));
  if ((r.collection & collection_bit) == 0)
    return std::nullopt;
  if (bytes.size() == 8)
    return r;
  for (std::size_t i = 0; i < 8; ++i)
    r.item |= std::uint64_t{static_cast<unsigned char>(bytes[8 + i])} << (8 * i);
  const auto mark = r.item >> 60;
  r.is_range = mark == range_mark;
  r.item &= (std::uint64_t{1} << 60) - 1;
  if (mark != 0 && !r.is_range)
    return std::nullopt;
  return r;
}

} // namespace feedcast::emulator
