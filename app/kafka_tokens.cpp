#include "app/kafka_tokens.hpp"

#include "feeds/cosmos/http_transport.hpp"
#include "feeds/tokens/client_credentials.hpp"
#include "feeds/tokens/token_source.hpp"

#include <chrono>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace feedcast::app {

namespace {

using namespace std::chrono_literals;

constexpr milliseconds token_deadline = 10s;

/// "name=value" texts, apart.
std::vector<std::string> split_extensions(const std::vector<std::string>& texts) {
  std::vector<std::string> out;
  for (const auto& text : texts) {
    const auto equals = text.find('=');
    out.push_back(text.substr(0, equals));
    out.push_back(text.substr(equals + 1));
  }
  return out;
}

/// The token that was given out last, for when it is refused.
class issuer {
 public:
  issuer(std::shared_ptr<tokens::token_source> source, kafka::bearer_token form)
      : source_(std::move(source)), form_(std::move(form)) {}

  static void get(const std::shared_ptr<issuer>& self, callback<kafka::bearer_token> done) {
    self->source_->renewed([self, done = std::move(done)](const result<tokens::token_ptr>& token) {
      if (!token)
        return done(token.error());
      {
        const std::lock_guard lock{self->mutex_};
        self->last_ = *token;
      }
      auto out = self->form_;
      out.value = (*token)->value;
      out.expires = (*token)->expires_at;
      done(std::move(out));
    });
  }

  void refused() {
    tokens::token_ptr token;
    {
      const std::lock_guard lock{mutex_};
      token = last_;
    }
    if (token)
      source_->refused(token);
  }

 private:
  const std::shared_ptr<tokens::token_source> source_;
  const kafka::bearer_token form_; ///< all but the token itself
  std::mutex mutex_;               ///< guards last_
  tokens::token_ptr last_;
};

} // namespace

result<kafka::token_port> kafka_tokens(const settings::kafka_config& config,
                                       const std::string& target, http::runtime& io) {
  if (!config.oauth)
    return kafka::token_port{};
  const auto& oauth = *config.oauth;
  const auto where = "targets." + target + ".kafka.oauth";
  auto endpoint = tokens::parse_token_endpoint(oauth.token_url);
  if (!endpoint)
    return make_error(errc::rejected, where + ".token_url: " + endpoint.error().detail);
  http::client_options options;
  options.max_connections = 2;
  options.max_body = std::size_t{1} << 20U;
  auto server = cosmos::http_transports(io, std::move(options))(endpoint->server);
  auto fetch = tokens::client_credentials(
      {std::move(*endpoint), oauth.client_id, oauth.client_secret, oauth.scope},
      [server = std::move(server)](http::request r, callback<http::response> done) {
        server->send(std::move(r), token_deadline, std::move(done));
      });
  kafka::bearer_token form;
  form.principal = oauth.client_id;
  form.extensions = split_extensions(oauth.extensions);
  auto from = std::make_shared<issuer>(tokens::token_source::make(where, std::move(fetch)),
                                       std::move(form));
  return kafka::token_port{
      [from](callback<kafka::bearer_token> done) { issuer::get(from, std::move(done)); },
      [from] { from->refused(); }};
}

} // namespace feedcast::app
