#include "feeds/tokens/client_credentials.hpp"

#include "http/crypto/digest.hpp"
#include "settings/secret_source.hpp"

#include <utility>

namespace feedcast::tokens {

namespace {

std::string advice_for(const http::response& answer) {
  const auto word = refusal_word(answer);
  if (word == "invalid_client" || answer.status == 401)
    return "check client_id and client_secret";
  if (word == "invalid_scope")
    return "check scope";
  if (word == "unauthorized_client" || word == "unsupported_grant_type")
    return "the client may not use client credentials: allow it at the issuer";
  if (answer.status == 404)
    return "check token_url";
  return {};
}

} // namespace

token_fetch client_credentials(oauth_client client, request_sender send,
                               const clock_source& clock) {
  return [client = std::move(client), send = std::move(send),
          &clock](callback<fetched_token> done) {
    auto request = token_request(client.endpoint,
                                 {{"grant_type", "client_credentials"}, {"scope", client.scope}});
    const auto secret = settings::read_again(client.client_secret);
    request.headers.set("authorization", "Basic "
                                             + http::crypto::base64_encode(
                                                 http::encode_segment(client.client_id) + ':'
                                                 + http::encode_segment(secret.reveal())));
    send(std::move(request), [where = "the token endpoint " + client.endpoint.server.to_string(),
                              done = std::move(done), &clock](result<http::response> answer) {
      if (!answer) {
        auto e = answer.error();
        e.detail = where + ": " + e.detail;
        return done(std::move(e));
      }
      if (answer->status == 200)
        return done(read_token(*answer, clock.wall()));
      done(token_refused(*answer, where, advice_for(*answer)));
    });
  };
}

} // namespace feedcast::tokens
