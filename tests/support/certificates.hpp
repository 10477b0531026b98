#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace feedcast::testing {

/// What a certificate for a test says. Good in every respect unless changed.
struct certificate_request {
  std::string name = "server"; ///< common name
  std::vector<std::string> dns_names{};
  std::vector<std::string> addresses{};
  std::chrono::hours begins{-1}; ///< from now
  std::chrono::hours ends{24};
  bool authority = false;
  int rsa_bits = 0; ///< 0: an elliptic curve of 256 bits
  const char* digest = "SHA256";
  const char* usage = "serverAuth";
};

/// A certificate and its key, made when a test runs and never stored. Immutable.
class certified {
 public:
  /// Signed by its own key.
  static certified root(const certificate_request& wanted);
  /// Signed by this one's key, whatever it may sign.
  certified issue(const certificate_request& wanted) const;

  const std::string& pem() const noexcept { return pem_; }

  const std::string& key_pem() const noexcept { return key_pem_; }

 private:
  struct keys;
  static certified make(const certificate_request& wanted, const certified* issuer);

  std::string pem_;
  std::string key_pem_;
  std::shared_ptr<const keys> keys_;
};

} // namespace feedcast::testing
