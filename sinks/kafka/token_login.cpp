#include "sinks/kafka/token_login.hpp"

#include <array>
#include <chrono>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace feedcast::kafka {

struct token_login::state : std::enable_shared_from_this<state> {
  explicit state(token_port p) : port(std::move(p)) {}

  /// On librdkafka's background thread.
  static void on_refresh(rd_kafka_t* client, const char* /*config*/, void* opaque) {
    static_cast<state*>(opaque)->ask(client);
  }

  void ask(rd_kafka_t* who) {
    {
      const std::lock_guard lock{mutex};
      if (ended)
        return;
      client = who;
    }
    port.get([weak = weak_from_this()](const result<bearer_token>& token) {
      if (auto self = weak.lock())
        self->answer(token);
    });
  }

  void answer(const result<bearer_token>& token) {
    // Held while librdkafka is called, so that the client can't go meanwhile. It calls nobody back
    // from here.
    const std::lock_guard lock{mutex};
    if (ended)
      return;
    if (!token) {
      rd_kafka_oauthbearer_set_token_failure(client, ("no token: " + token.error().detail).c_str());
      return;
    }
    std::vector<const char*> extensions;
    extensions.reserve(token->extensions.size());
    for (const auto& text : token->extensions)
      extensions.push_back(text.c_str());
    const auto expires =
        std::chrono::duration_cast<milliseconds>(token->expires.time_since_epoch()).count();
    std::array<char, 512> text{};
    if (rd_kafka_oauthbearer_set_token(client, token->value.c_str(), expires,
                                       token->principal.c_str(), extensions.data(),
                                       extensions.size(), text.data(), text.size())
        != RD_KAFKA_RESP_ERR_NO_ERROR)
      // Its text may quote what it does not like.
      rd_kafka_oauthbearer_set_token_failure(
          client, "librdkafka does not take the token: it has expired, or it or kafka.oauth."
                  "extensions hold what SASL can't carry");
  }

  const token_port port;
  std::mutex mutex; ///< guards what follows
  rd_kafka_t* client = nullptr;
  bool ended = false;
};

std::unique_ptr<token_login> token_login::prepare(rd_kafka_conf_t& conf, const token_port& tokens) {
  if (!tokens.get)
    return nullptr;
  auto s = std::make_shared<state>(tokens);
  rd_kafka_conf_set_opaque(&conf, s.get());
  rd_kafka_conf_set_oauthbearer_token_refresh_cb(&conf, &state::on_refresh);
  rd_kafka_conf_enable_sasl_queue(&conf, 1);
  return std::unique_ptr<token_login>{new token_login{std::move(s)}};
}

token_login::token_login(std::shared_ptr<state> s) : state_(std::move(s)) {}

token_login::~token_login() = default;

result<bool> token_login::start(rd_kafka_t& client) {
  const std::unique_ptr<rd_kafka_error_t, destroy_with<rd_kafka_error_destroy>> refused{
      rd_kafka_sasl_background_callbacks_enable(&client)};
  if (refused)
    return make_error(errc::rejected,
                      std::string{"kafka.oauth: "} + rd_kafka_error_string(refused.get()));
  return true;
}

void token_login::end() noexcept {
  const std::lock_guard lock{state_->mutex};
  state_->ended = true;
  state_->client = nullptr;
}

} // namespace feedcast::kafka
