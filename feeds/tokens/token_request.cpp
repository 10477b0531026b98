#include "feeds/tokens/token_request.hpp"

#include "leases/json.hpp"
#include "settings/text_rules.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace feedcast::tokens {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t longest_answer = std::size_t{64} << 10U;
constexpr std::size_t longest_token = std::size_t{16} << 10U; // what Cosmos DB takes
constexpr std::uint64_t longest_life = 7 * 24 * 3600;         // seconds; beyond, it is asked again

bool is_visible(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return c > 0x20 && c < 0x7f; });
}

/// A number, or the text of one: managed identities answer with texts.
std::optional<std::uint64_t> count_at(const boost::json::object& o, std::string_view name) {
  if (const auto number = json::number_at(o, name))
    return number;
  const auto text = json::text_at(o, name);
  if (!text)
    return std::nullopt;
  std::uint64_t value = 0;
  const auto [end, failure] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (failure != std::errc{} || end != text->data() + text->size())
    return std::nullopt;
  return value;
}

std::optional<std::uint64_t> seconds_left(const boost::json::object& o, wall_time now) {
  if (const auto in = count_at(o, "expires_in"))
    return in;
  const auto at = count_at(o, "expires_on");
  if (!at)
    return std::nullopt;
  const auto today = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count());
  return *at > today ? *at - today : 0;
}

error malformed(std::string_view why) {
  return make_error(errc::malformed, "the token endpoint's answer " + std::string{why});
}

milliseconds wait_asked_for(const http::response& r) {
  std::uint64_t seconds = 0;
  const auto text = r.headers.get("retry-after");
  std::from_chars(text.data(), text.data() + text.size(), seconds);
  return std::chrono::seconds{std::min<std::uint64_t>(seconds, 60)};
}

} // namespace

result<token_endpoint> parse_token_endpoint(const std::string& text, plain_http allowed) {
  const auto parts = settings::split_url(text);
  if (!parts)
    return make_error(errc::rejected, "the token endpoint is not a URL: write https://HOST/PATH");
  auto server = http::parse_origin(parts->server);
  if (!server)
    return server.error();
  const bool near = server->loopback()
                    || (allowed == plain_http::link_local && settings::is_link_local(server->host));
  if (!server->secure() && !near)
    return make_error(errc::rejected, server->to_string()
                                          + ": a token endpoint is asked by https, except on "
                                            "this machine itself");
  return token_endpoint{std::move(*server), parts->target};
}

std::string encode_form(form_fields fields) {
  std::string out;
  for (const auto& [name, value] : fields) {
    if (value.empty())
      continue;
    if (!out.empty())
      out += '&';
    out += http::encode_segment(name) + '=' + http::encode_segment(value);
  }
  return out;
}

http::request token_request(const token_endpoint& to, form_fields fields) {
  http::request r;
  r.method = "POST";
  r.target = to.target;
  r.headers.set("content-type", "application/x-www-form-urlencoded");
  r.headers.set("accept", "application/json");
  r.body = encode_form(fields);
  return r;
}

result<fetched_token> read_token(const http::response& answer, wall_time now) {
  if (answer.body.size() > longest_answer)
    return malformed("is too large");
  const auto o = json::parse_object(answer.body.view(), "the token endpoint's answer");
  if (!o)
    return malformed("is not JSON");
  const auto type = json::text_at(*o, "token_type");
  if (type && !http::iequals(*type, "bearer"))
    return malformed("holds a token of another type than Bearer");
  auto token = json::text_at(*o, "access_token");
  if (!token || token->empty() || token->size() > longest_token || !is_visible(*token))
    return malformed("holds no usable access_token");
  const auto left = seconds_left(*o, now);
  if (!left)
    return malformed("does not say when the token expires");
  if (*left == 0)
    return malformed("holds a token that has expired: is this machine's clock right?");
  return fetched_token{std::move(*token),
                       std::chrono::seconds{std::min<std::uint64_t>(*left, longest_life)}};
}

std::string refusal_word(const http::response& answer) {
  constexpr std::size_t longest_word = 40;
  if (answer.body.empty() || answer.body.size() > longest_answer)
    return {};
  const auto o = json::parse_object(answer.body.view(), "the refusal");
  if (!o)
    return {};
  auto word = json::text_at(*o, "error").value_or("");
  const bool plain =
      word.size() <= longest_word && std::all_of(word.begin(), word.end(), [](unsigned char c) {
        return (c >= 'a' && c <= 'z') || c == '_';
      });
  return plain ? word : std::string{};
}

error token_refused(const http::response& answer, const std::string& where,
                    const std::string& advice) {
  auto text = where + " answered " + std::to_string(answer.status);
  if (const auto word = refusal_word(answer); !word.empty())
    text += " (" + word + ')';
  if (!advice.empty())
    text += ": " + advice;
  const auto code = answer.status == 429                           ? errc::throttled
                    : answer.status >= 500                         ? errc::unavailable
                    : answer.status >= 400 && answer.status != 408 ? errc::unauthorized
                                                                   : errc::unavailable;
  return {code, std::move(text), wait_asked_for(answer)};
}

} // namespace feedcast::tokens
