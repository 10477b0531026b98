#include "tests/support/tls_server.hpp"

#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <array>
#include <netinet/in.h>
#include <stdexcept>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>

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
using certificate_ptr = std::unique_ptr<X509, deleter<X509_free>>;
using key_ptr = std::unique_ptr<EVP_PKEY, deleter<EVP_PKEY_free>>;
using connection_ptr = std::unique_ptr<SSL, deleter<SSL_free>>;

void must(bool good, const char* step) {
  if (!good)
    throw std::runtime_error(std::string{"no TLS server: "} + step);
}

bio_ptr reader_of(const std::string& text) {
  return bio_ptr{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
}

constexpr std::string_view tunnel = "HTTP/1.1 200 OK\r\n\r\n";
} // namespace

struct tls_server::context {
  std::unique_ptr<SSL_CTX, deleter<SSL_CTX_free>> ssl{SSL_CTX_new(TLS_server_method())};
};

tls_server::tls_server(const tls_server_options& options)
    : answer_(options.answer), context_(std::make_unique<context>()) {
  auto* ssl = context_->ssl.get();
  SSL_CTX_set_security_level(ssl, 0);
  must(SSL_CTX_set_cipher_list(ssl, options.ciphers) == 1, "ciphers");
  must(SSL_CTX_set_min_proto_version(ssl, options.oldest) == 1
           && SSL_CTX_set_max_proto_version(ssl, options.newest) == 1,
       "versions");
  const auto chain = reader_of(options.chain);
  const certificate_ptr own{PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr)};
  must(own && SSL_CTX_use_certificate(ssl, own.get()) == 1, "certificate");
  while (certificate_ptr above{PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr)})
    must(SSL_CTX_add1_chain_cert(ssl, above.get()) == 1, "chain");
  const auto key_text = reader_of(options.key);
  const key_ptr key{PEM_read_bio_PrivateKey(key_text.get(), nullptr, nullptr, nullptr)};
  must(key && SSL_CTX_use_PrivateKey(ssl, key.get()) == 1, "key");

  fd_ = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  must(::bind(fd_, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0 && ::listen(fd_, 16) == 0
           && ::getsockname(fd_, reinterpret_cast<sockaddr*>(&at), &size) == 0,
       "socket");
  port_ = ntohs(at.sin_port);
  thread_ = std::thread{[this] { serve(); }};
}

tls_server::~tls_server() {
  ::shutdown(fd_, SHUT_RDWR); // wakes accept()
  thread_.join();
  ::close(fd_);
}

void tls_server::serve() {
  for (;;) {
    const auto fd = ::accept(fd_, nullptr, nullptr);
    if (fd < 0)
      return;
    ++connections_;
    const timeval patience{10, 0};
    ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    talk(fd);
    ::close(fd);
  }
}

/// Reads a CONNECT and agrees to it, if that is what comes first.
void tls_server::be_the_proxy(int fd) {
  char byte = 0;
  if (::recv(fd, &byte, 1, MSG_PEEK) != 1 || byte != 'C')
    return;
  std::string head;
  while (!head.ends_with("\r\n\r\n") && ::recv(fd, &byte, 1, 0) == 1)
    head += byte;
  const auto name = head.find(' ') + 1;
  {
    const std::lock_guard lock{mutex_};
    tunnels_.insert(head.substr(name, head.find(' ', name) - name));
  }
  static_cast<void>(::send(fd, tunnel.data(), tunnel.size(), MSG_NOSIGNAL));
}

void tls_server::talk(int fd) {
  be_the_proxy(fd);
  const connection_ptr connection{SSL_new(context_->ssl.get())};
  if (SSL_set_fd(connection.get(), fd) != 1 || SSL_accept(connection.get()) != 1)
    return;
  std::array<char, 4096> piece{};
  std::string request;
  while (!request.ends_with("\r\n\r\n")) {
    const auto size = SSL_read(connection.get(), piece.data(), piece.size());
    if (size <= 0)
      return;
    requests_ += request.empty() ? 1 : 0;
    request.append(piece.data(), static_cast<std::size_t>(size));
  }
  SSL_write(connection.get(), answer_.data(), static_cast<int>(answer_.size()));
  SSL_shutdown(connection.get());
}

} // namespace feedcast::testing
