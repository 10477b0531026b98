#include "http/crypto/digest.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <array>
#include <memory>
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

struct free_mac {
  void operator()(EVP_MAC* p) const noexcept { EVP_MAC_free(p); }

  void operator()(EVP_MAC_CTX* p) const noexcept { EVP_MAC_CTX_free(p); }
};

/// Null if OpenSSL can't.
EVP_MAC_CTX* new_hmac_sha256() {
  const std::unique_ptr<EVP_MAC, free_mac> hmac{EVP_MAC_fetch(nullptr, "HMAC", nullptr)};
  std::unique_ptr<EVP_MAC_CTX, free_mac> made{EVP_MAC_CTX_new(hmac.get())};
  std::string digest = "SHA256";
  const std::array<OSSL_PARAM, 2> with{
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), digest.size()),
      OSSL_PARAM_construct_end()};
  if (!made || EVP_MAC_CTX_set_params(made.get(), with.data()) != 1)
    return nullptr;
  return made.release();
}

} // namespace

std::string hmac_sha256(std::string_view key, std::string_view message) {
  std::string out(sha256_size, '\0');
  std::size_t size = 0;
  // OpenSSL takes a null key for a missing one, not for an empty one.
  if (key.empty())
    key = "";
  // Fails only where OpenSSL itself is broken (no memory, no SHA-256): nothing a caller could do
  // about.
  // To find the algorithm takes longer than to use it.
  thread_local const std::unique_ptr<EVP_MAC_CTX, free_mac> context{new_hmac_sha256()};
  if (!context || EVP_MAC_init(context.get(), bytes(key), key.size(), nullptr) != 1
      || EVP_MAC_update(context.get(), bytes(message), message.size()) != 1
      || EVP_MAC_final(context.get(), bytes(out), &size, out.size()) != 1 || size != sha256_size)
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
