#include "tests/support/certificates.hpp"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <atomic>
#include <stdexcept>

namespace feedcast::testing {

namespace {

template <auto Free>
struct deleter {
  template <class T>
  void operator()(T* p) const noexcept {
    Free(p);
  }
};

using bio_ptr = std::unique_ptr<BIO, deleter<BIO_free>>;
using extension_ptr = std::unique_ptr<X509_EXTENSION, deleter<X509_EXTENSION_free>>;

void must(bool good, const char* step) {
  if (!good)
    throw std::runtime_error(std::string{"can't make a certificate: "} + step);
}

std::string text_of(const bio_ptr& memory) {
  char* data = nullptr;
  const auto size = BIO_get_mem_data(memory.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

void extend(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const extension_ptr made{X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str())};
  must(made && X509_add_ext(certificate, made.get(), -1) == 1, value.c_str());
}

std::string names_of(const certificate_request& wanted) {
  std::string out;
  for (const auto& name : wanted.dns_names)
    out += (out.empty() ? "DNS:" : ",DNS:") + name;
  for (const auto& address : wanted.addresses)
    out += (out.empty() ? "IP:" : ",IP:") + address;
  return out;
}

} // namespace

struct certified::keys {
  std::unique_ptr<EVP_PKEY, deleter<EVP_PKEY_free>> own;
  std::unique_ptr<X509, deleter<X509_free>> certificate;
};

certified certified::root(const certificate_request& wanted) {
  return make(wanted, nullptr);
}

certified certified::issue(const certificate_request& wanted) const {
  return make(wanted, this);
}

certified certified::make(const certificate_request& wanted, const certified* issuer) {
  auto k = std::make_shared<keys>();
  k->own.reset(wanted.rsa_bits > 0 ? EVP_RSA_gen(static_cast<unsigned>(wanted.rsa_bits))
                                   : EVP_EC_gen("P-256"));
  k->certificate.reset(X509_new());
  auto* certificate = k->certificate.get();
  must(k->own && certificate, "key");
  static std::atomic<std::uint64_t> serials{1};
  must(X509_set_version(certificate, X509_VERSION_3) == 1
           && ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serials++) == 1
           && X509_set_pubkey(certificate, k->own.get()) == 1,
       "public key");
  using hours = std::chrono::hours;
  const auto seconds = [](hours h) { return std::chrono::duration_cast<std::chrono::seconds>(h); };
  must(X509_gmtime_adj(X509_getm_notBefore(certificate), seconds(wanted.begins).count())
           && X509_gmtime_adj(X509_getm_notAfter(certificate), seconds(wanted.ends).count()),
       "validity");
  auto* subject = X509_get_subject_name(certificate);
  must(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                                  reinterpret_cast<const unsigned char*>(wanted.name.c_str()), -1,
                                  -1, 0)
           == 1,
       "subject");
  auto* parent = issuer != nullptr ? issuer->keys_->certificate.get() : certificate;
  must(X509_set_issuer_name(certificate, X509_get_subject_name(parent)) == 1, "issuer");
  extend(certificate, parent, NID_basic_constraints,
         wanted.authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
  extend(certificate, parent, NID_subject_key_identifier, "hash");
  if (!wanted.authority)
    extend(certificate, parent, NID_ext_key_usage, wanted.usage);
  if (const auto names = names_of(wanted); !names.empty())
    extend(certificate, parent, NID_subject_alt_name, names);
  const auto* digest = EVP_get_digestbyname(wanted.digest);
  auto* signer = issuer != nullptr ? issuer->keys_->own.get() : k->own.get();
  must(digest != nullptr && X509_sign(certificate, signer, digest) != 0, "signature");

  const bio_ptr pem{BIO_new(BIO_s_mem())};
  const bio_ptr key{BIO_new(BIO_s_mem())};
  must(PEM_write_bio_X509(pem.get(), certificate) == 1
           && PEM_write_bio_PrivateKey(key.get(), k->own.get(), nullptr, nullptr, 0, nullptr,
                                       nullptr)
                  == 1,
       "PEM");
  certified out;
  out.pem_ = text_of(pem);
  out.key_pem_ = text_of(key);
  out.keys_ = std::move(k);
  return out;
}

} // namespace feedcast::testing
