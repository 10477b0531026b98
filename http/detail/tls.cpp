#include "http/detail/tls.hpp"

#include "http/crypto/certificate.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/error.hpp>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <memory>
#include <sstream>
#include <string_view>

namespace feedcast::http::detail {

namespace {

using boost::system::error_code;

constexpr auto options = tls_context::default_workarounds | tls_context::no_compression
                         | tls_context::no_sslv2 | tls_context::no_sslv3 | tls_context::no_tlsv1
                         | tls_context::no_tlsv1_1;

result<std::string> read_pem(const std::string& what, const std::string& file) {
  std::ifstream in{file, std::ios::binary};
  std::ostringstream text;
  if (!in || !(text << in.rdbuf()))
    return make_error(errc::rejected, what + " \"" + file + "\" can't be read: "
                                          + std::generic_category().message(errno));
  return std::move(text).str();
}

/// What a certificate calls its owner, control characters escaped.
std::string subject_of(X509* certificate) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> out{BIO_new(BIO_s_mem()), &BIO_free};
  if (!out)
    return {};
  X509_NAME_print_ex(out.get(), X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253);
  char* data = nullptr;
  const auto size = BIO_get_mem_data(out.get(), &data);
  return size > 0 ? std::string{data, static_cast<std::size_t>(size)} : std::string{"no name"};
}

std::string date_of(const ASN1_TIME* time) {
  std::tm fields{};
  if (ASN1_TIME_to_tm(time, &fields) != 1)
    return "an unreadable date";
  return format_iso8601(std::chrono::system_clock::from_time_t(timegm(&fields)));
}

std::string expected_name(X509_STORE_CTX* store) {
  auto* wanted = X509_STORE_CTX_get0_param(store);
  if (const auto* host = X509_VERIFY_PARAM_get0_host(wanted, 0))
    return host;
  // The caller frees this one, unlike the host.
  const std::unique_ptr<char, decltype([](char* p) { OPENSSL_free(p); })> address{
      X509_VERIFY_PARAM_get1_ip_asc(wanted)};
  return address ? address.get() : "";
}

std::string describe_verification(X509_STORE_CTX* store) {
  auto* certificate = X509_STORE_CTX_get_current_cert(store);
  const auto code = X509_STORE_CTX_get_error(store);
  const auto named = certificate == nullptr
                         ? std::string{"the certificate"}
                         : "the certificate of \"" + subject_of(certificate) + "\"";
  switch (code) {
  case X509_V_ERR_CERT_HAS_EXPIRED:
    return named + " expired on " + date_of(X509_get0_notAfter(certificate));
  case X509_V_ERR_CERT_NOT_YET_VALID:
    return named + " is not valid before " + date_of(X509_get0_notBefore(certificate));
  case X509_V_ERR_HOSTNAME_MISMATCH:
  case X509_V_ERR_IP_ADDRESS_MISMATCH:
    return named + " is not made for host \"" + expected_name(store) + "\"";
  case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
  case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    return named
           + " is self-signed and not trusted; if it is the right one, name it with ca_file "
             "or SSL_CERT_FILE";
  case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
  case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
  case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    return named
           + " was issued by an unknown CA (name the CA's file with ca_file or SSL_CERT_FILE), or "
             "the "
             "server leaves out the certificates in between";
  case X509_V_ERR_CERT_SIGNATURE_FAILURE:
    return named
           + " bears a signature that is not of the CA it names; ca_file may hold another CA of "
             "the "
             "same name";
  case X509_V_ERR_INVALID_CA:
    return named + " may not issue others, but did";
  case X509_V_ERR_INVALID_PURPOSE:
    return named + " is not made for servers";
  case X509_V_ERR_CA_MD_TOO_WEAK:
    return named + " is signed with a digest that is too weak, such as SHA-1";
  case X509_V_ERR_EE_KEY_TOO_SMALL:
  case X509_V_ERR_CA_KEY_TOO_SMALL:
    return named + " has a key that is too short; RSA needs 2048 bits";
  default:
    return named + " was refused: " + X509_verify_cert_error_string(code);
  }
}

int reason_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

int on_verify(int preverified, X509_STORE_CTX* store) {
  if (preverified == 1)
    return 1;
  auto* connection =
      static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto* reason = static_cast<std::string*>(SSL_get_ex_data(connection, reason_index()));
  if (reason != nullptr)
    *reason = describe_verification(store);
  return 0;
}

std::string describe(const error_code& failure) {
  return failure.message();
}

} // namespace

result<std::shared_ptr<tls_context>> make_client_tls(const std::string& ca_file) {
  auto context = std::make_shared<tls_context>(tls_context::tls_client);
  error_code failure;
  context->set_options(options, failure);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  // Debian's default, whatever a machine's openssl.cnf says: no SHA-1, no RSA below 2048 bits.
  SSL_CTX_set_security_level(context->native_handle(), 2);
  if (ca_file.empty()) {
    context->set_default_verify_paths(failure);
    if (failure)
      return make_error(errc::rejected,
                        "the system's trusted certificates can't be read: " + describe(failure));
    return context;
  }
  auto pem = read_pem("ca_file", ca_file);
  if (!pem)
    return pem.error();
  context->add_certificate_authority(boost::asio::buffer(*pem), failure);
  if (failure)
    return make_error(errc::rejected,
                      "ca_file \"" + ca_file
                          + "\" holds no usable PEM certificate: " + describe(failure));
  return context;
}

result<server_tls> make_server_tls(const std::string& certificate_file,
                                   const std::string& key_file) {
  crypto::identity own;
  if (certificate_file.empty() && key_file.empty()) {
    crypto::certificate_options wanted;
    // An hour early: clocks of clients differ.
    wanted.not_before = std::chrono::system_clock::now() - std::chrono::hours{1};
    wanted.not_after = wanted.not_before + std::chrono::hours{24 * 365};
    auto made = crypto::make_self_signed(wanted);
    if (!made)
      return made.error();
    own = std::move(*made);
  } else if (certificate_file.empty() || key_file.empty()) {
    return make_error(errc::rejected, "certificate_file and key_file must be given together");
  } else {
    auto certificate = read_pem("certificate_file", certificate_file);
    if (!certificate)
      return certificate.error();
    auto key = read_pem("key_file", key_file);
    if (!key)
      return key.error();
    own = {std::move(*certificate), std::move(*key)};
  }

  server_tls out{std::make_shared<tls_context>(tls_context::tls_server), {}};
  auto& context = *out.context;
  error_code failure;
  context.set_options(options | tls_context::single_dh_use, failure);
  SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
  context.use_certificate_chain(boost::asio::buffer(own.certificate), failure);
  if (failure)
    return make_error(errc::rejected,
                      "certificate_file \"" + certificate_file
                          + "\" holds no usable PEM certificate: " + describe(failure));
  context.use_private_key(boost::asio::buffer(own.key), tls_context::pem, failure);
  if (failure || SSL_CTX_check_private_key(context.native_handle()) != 1)
    return make_error(errc::rejected,
                      "key_file \"" + key_file + "\" holds no PEM key that fits the certificate");
  out.certificate = std::move(own.certificate);
  return out;
}

void expect_peer(SSL* connection, const std::string& host, std::string* reason) {
  // OpenSSL itself checks the name, so that its verdict tells a wrong name from a wrong chain.
  auto* wanted = SSL_get0_param(connection);
  error_code not_an_address;
  boost::asio::ip::make_address(host, not_an_address);
  if (not_an_address) {
    X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    X509_VERIFY_PARAM_set1_host(wanted, host.data(), host.size());
    // What the macro SSL_set_tlsext_host_name does, without its C cast. OpenSSL copies the name.
    SSL_ctrl(connection, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
             const_cast<char*>(host.c_str()));
  } else {
    X509_VERIFY_PARAM_set1_ip_asc(wanted, host.c_str());
  }
  SSL_set_ex_data(connection, reason_index(), reason);
  SSL_set_verify(connection, SSL_VERIFY_PEER, &on_verify);
}

std::string describe_handshake(const error_code& failure) {
  if (failure.category() != boost::asio::error::get_ssl_category())
    return describe(failure);
  const auto reason = ERR_GET_REASON(static_cast<unsigned long>(failure.value()));
  if (reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_HTTP_REQUEST)
    return "the server does not speak TLS on this port (or the scheme should be http)";
  if (reason == SSL_R_UNSUPPORTED_PROTOCOL || reason == SSL_R_TLSV1_ALERT_PROTOCOL_VERSION)
    return "the server does not offer TLS 1.2 or newer";
  if (reason == SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE)
    return "the server offers no cipher that is safe enough, or wants a certificate of ours";
  return describe(failure);
}

} // namespace feedcast::http::detail
