#include "http/crypto/certificate.hpp"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <chrono>
#include <memory>

namespace feedcast::http::crypto {

namespace {

template <auto Free>
struct deleter {
  template <class T>
  void operator()(T* p) const noexcept {
    Free(p);
  }
};

using key_ptr = std::unique_ptr<EVP_PKEY, deleter<EVP_PKEY_free>>;
using certificate_ptr = std::unique_ptr<X509, deleter<X509_free>>;
using extension_ptr = std::unique_ptr<X509_EXTENSION, deleter<X509_EXTENSION_free>>;
using bio_ptr = std::unique_ptr<BIO, deleter<BIO_free>>;

error failed(const std::string& step) {
  return make_error(errc::rejected, "can't make a self-signed certificate: " + step);
}

/// "DNS:localhost,IP:127.0.0.1", as OpenSSL reads it. Empty if a name would break out of its place
/// in the list.
std::string alternative_names(const certificate_options& options) {
  std::string out;
  const auto add = [&out](const char* kind, const std::string& name) {
    if (!out.empty())
      out += ',';
    out += kind + name;
    return !name.empty() && name.find_first_of(", \t\r\n\"\\") == std::string::npos;
  };
  auto good = true;
  for (const auto& name : options.dns_names)
    good = add("DNS:", name) && good;
  for (const auto& address : options.addresses)
    good = add("IP:", address) && good;
  return good ? out : std::string{};
}

bool add_extension(X509* certificate, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  const extension_ptr made{X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str())};
  return made && X509_add_ext(certificate, made.get(), -1) == 1;
}

bool set_serial(X509* certificate) {
  // Random, so that a client that remembers the last run's certificate does not take this one for a
  // forgery.
  std::uint64_t serial = 0;
  return RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1
         && ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1 | 1) == 1;
}

bool set_validity(X509* certificate, const certificate_options& options) {
  using clock = std::chrono::system_clock;
  return ASN1_TIME_set(X509_getm_notBefore(certificate), clock::to_time_t(options.not_before))
         && ASN1_TIME_set(X509_getm_notAfter(certificate), clock::to_time_t(options.not_after));
}

bool set_name(X509* certificate, const std::string& common_name) {
  auto* name = X509_get_subject_name(certificate);
  return X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(common_name.data()),
                                    static_cast<int>(common_name.size()), -1, 0)
             == 1
         && X509_set_issuer_name(certificate, name) == 1;
}

std::string text_of(BIO* memory) {
  char* data = nullptr;
  const auto size = BIO_get_mem_data(memory, &data);
  return {data, static_cast<std::size_t>(size)};
}

result<identity> to_pem(X509* certificate, EVP_PKEY* key) {
  const bio_ptr certificate_out{BIO_new(BIO_s_mem())};
  const bio_ptr key_out{BIO_new(BIO_s_mem())};
  if (!certificate_out || !key_out || PEM_write_bio_X509(certificate_out.get(), certificate) != 1
      || PEM_write_bio_PrivateKey(key_out.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1)
    return failed("writing PEM failed");
  return identity{text_of(certificate_out.get()), text_of(key_out.get())};
}

} // namespace

result<identity> make_self_signed(const certificate_options& options) {
  const key_ptr key{EVP_EC_gen("P-256")};
  const certificate_ptr certificate{X509_new()};
  if (!key || !certificate)
    return failed("no key could be made");
  if (X509_set_version(certificate.get(), X509_VERSION_3) != 1 || !set_serial(certificate.get())
      || X509_set_pubkey(certificate.get(), key.get()) != 1)
    return failed("the key does not fit");
  if (!set_validity(certificate.get(), options))
    return failed("the validity is out of range");
  if (!set_name(certificate.get(), options.common_name))
    return failed("the common name \"" + options.common_name + "\" is not valid");
  const auto names = alternative_names(options);
  if (names.empty() || !add_extension(certificate.get(), NID_subject_alt_name, names))
    return failed("a DNS name or address is not valid");
  if (!add_extension(certificate.get(), NID_basic_constraints, "critical,CA:FALSE")
      || !add_extension(certificate.get(), NID_key_usage, "critical,digitalSignature")
      || !add_extension(certificate.get(), NID_ext_key_usage, "serverAuth")
      || !add_extension(certificate.get(), NID_subject_key_identifier, "hash"))
    return failed("an extension was refused");
  if (X509_sign(certificate.get(), key.get(), EVP_sha256()) == 0)
    return failed("signing failed");
  return to_pem(certificate.get(), key.get());
}

} // namespace feedcast::http::crypto
