#pragma once

#include "core/result.hpp"
#include "sinks/kafka/handles.hpp"
#include "sinks/kafka/options.hpp"

#include <memory>

namespace feedcast::kafka {

/// Hands tokens to one client that logs in by OAUTHBEARER. librdkafka asks on a thread of its own,
/// at first and after four fifths of a token's life; the answer may come on any thread. Made before
/// the client and destroyed after it; end() comes in between.
class token_login {
 public:
  /// Null if `tokens` has nobody to ask.
  static std::unique_ptr<token_login> prepare(rd_kafka_conf_t& conf, const token_port& tokens);
  ~token_login();
  token_login(const token_login&) = delete;
  token_login& operator=(const token_login&) = delete;

  /// Once, when the client is there: lets its own thread ask. `rejected` with librdkafka's words.
  static result<bool> start(rd_kafka_t& client);

  /// Before the client is destroyed: answers that come later go nowhere.
  void end() noexcept;

 private:
  struct state;
  explicit token_login(std::shared_ptr<state> s);
  std::shared_ptr<state> state_;
};

} // namespace feedcast::kafka
