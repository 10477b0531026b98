#pragma once

#include "core/result.hpp"

#include <boost/asio/ssl/context.hpp>

#include <memory>
#include <string>

namespace feedcast::http::detail {

using tls_context = boost::asio::ssl::context;

/// TLS 1.2 or newer at OpenSSL's security level 2, trusting `ca_file`, or what OpenSSL trusts by
/// default (SSL_CERT_FILE, SSL_CERT_DIR, the system). `rejected` if the file can't be used.
result<std::shared_ptr<tls_context>> make_client_tls(const std::string& ca_file);

struct server_tls {
  std::shared_ptr<tls_context> context;
  std::string certificate; ///< PEM
};

/// Both files empty: a fresh self-signed certificate for localhost. `rejected` if a file can't be
/// used.
result<server_tls> make_server_tls(const std::string& certificate_file,
                                   const std::string& key_file);

/// Makes one client connection check the peer's certificate against `host` (a DNS name or an
/// address) and send the name (SNI). If the check fails, `*reason` says why and how to mend it; it
/// must live as long as the connection.
void expect_peer(SSL* connection, const std::string& host, std::string* reason);

/// "TLS 1.0 is too old", "wrong version number (does the server speak TLS?)": what a failed
/// handshake means.
std::string describe_handshake(const boost::system::error_code& failure);

} // namespace feedcast::http::detail
