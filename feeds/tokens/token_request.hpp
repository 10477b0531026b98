#pragma once

#include "core/result.hpp"
#include "feeds/tokens/token_source.hpp"
#include "http/message.hpp"
#include "http/url.hpp"

#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace feedcast::tokens {

/// Sends one request to one server. Answers as a transport does (feeds/cosmos/transport.hpp).
using request_sender = std::function<void(http::request, callback<http::response>)>;

/// Where tokens are asked for.
struct token_endpoint {
  http::origin server;
  std::string target; ///< path, and query if any, percent-encoded
};

enum class plain_http : std::uint8_t {
  loopback,  ///< only to this machine itself
  link_local ///< also to 169.254.0.0/16, which no router forwards: managed identity endpoints
};

/// Reads "https://HOST/PATH". `rejected` if it is no URL, or plain http to where it is not allowed.
result<token_endpoint> parse_token_endpoint(const std::string& text,
                                            plain_http allowed = plain_http::loopback);

using form_fields = std::initializer_list<std::pair<std::string_view, std::string_view>>;

/// name=value pairs of a form or a query, percent-encoded. A field without a value is left out.
std::string encode_form(form_fields fields);

/// The POST of a form that asks for a token.
http::request token_request(const token_endpoint& to, form_fields fields);

/// The token of a success, in the words of OAuth 2 (RFC 6749) and of Azure's managed identities.
/// `malformed` without a usable token, or if it has expired by `now`. Nothing of the answer is in
/// the error.
result<fetched_token> read_token(const http::response& answer, wall_time now);

/// The `error` member of a refusal ("invalid_client"), or else "". Nothing that is not a plain word
/// comes through.
std::string refusal_word(const http::response& answer);

/// What a refusal means: `unauthorized` for one that waiting does not mend, `throttled` (with the
/// wait asked for), `unavailable`. `where` names the endpoint, `advice` what to do about it.
error token_refused(const http::response& answer, const std::string& where,
                    const std::string& advice);

} // namespace feedcast::tokens
