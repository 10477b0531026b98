#include "http/crypto/digest.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <stdexcept>

namespace feedcast::http::crypto {

namespace {

const unsigned char* bytes(std::string_view text) noexcept {
  return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* bytes(std::string& text) noexcept {
  return reinterpret_cast<unsigned char*>(text.data());
}

constexpr std::size_t sha256_size = 32;

} // namespace

std::string hmac_sha256(std::string_view key, std::string_view message) {
  std::string out(sha256_size, '\0');
  std::size_t size = 0;
  // OpenSSL takes a null key for a missing one, not for an empty one.
  const auto* key_bytes = key.empty() ? "" : key.data();
  // Fails only where OpenSSL itself is broken (no memory, no SHA-256): nothing a caller could do
  // about.
  if (EVP_Q_mac(nullptr, "HMAC", nullptr, "SHA256", nullptr, key_bytes, key.size(), bytes(message),
                message.size(), bytes(out), out.size(), &size)
          == nullptr
      || size != sha256_size)
    throw std::runtime_error("OpenSSL can't compute HMAC-SHA256");
  return out;
}

std::string sha256(std::string_view message) {
  std::string out(sha256_size, '\0');
  std::size_t size = 0;
  if (EVP_Q_digest(nullptr, "SHA256", nullptr, message.data(), message.size(), bytes(out), &size)
      != 1)
    throw std::runtime_error("OpenSSL can't compute SHA-256");
  return out;
}

std::string to_hex(std::string_view raw) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  out.reserve(raw.size() * 2);
  for (const auto c : raw) {
    const auto byte = static_cast<unsigned char>(c);
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

std::string base64_encode(std::string_view raw) {
  // One more than needed: EVP_EncodeBlock ends its text with a zero.
  std::string out((raw.size() + 2) / 3 * 4 + 1, '\0');
  const auto size = EVP_EncodeBlock(bytes(out), bytes(raw), static_cast<int>(raw.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

result<std::string> base64_decode(std::string_view text) {
  constexpr std::string_view space = " \t\r\n";
  const auto first = text.find_first_not_of(space);
  if (first == std::string_view::npos)
    return std::string{};
  text = text.substr(first, text.find_last_not_of(space) - first + 1);

  const auto refuse = [](const char* why) {
    return make_error(errc::rejected, std::string{"not valid base64: "} + why);
  };
  if (text.size() % 4 != 0)
    return refuse("the length is not a multiple of four; was it cut?");
  const auto padding = text.size() - text.find_last_not_of('=') - 1;
  std::string out(text.size() / 4 * 3, '\0');
  const auto size = EVP_DecodeBlock(bytes(out), bytes(text), static_cast<int>(text.size()));
  if (size < 0 || padding > 2)
    return refuse("it holds a character that does not belong");
  out.resize(static_cast<std::size_t>(size) - padding);
  // EVP_DecodeBlock takes '=' in odd places and stray bits in the last character; encoding again
  // tells.
  if (base64_encode(out) != text)
    return refuse("it is not in canonical form");
  return out;
}

bool equal_constant_time(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

} // namespace feedcast::http::crypto
