// Requests on the wire, to the admin server's answers: the same however the bytes arrive; nothing
// happens without the token, and nothing ever by a GET.
#include "app/admin.hpp"
#include "core/log.hpp"
#include "http/detail/request_reader.hpp"
#include "http/detail/response_text.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "tests/fuzz/sockets.hpp"

#include <optional>
#include <string>

using namespace feedcast;
using fuzz::expect;

namespace {

// Short, so that a fuzzer can find it.
constexpr const char* token = "sesame";

/// The admin server of one process, with a target that counts its restarts.
struct admin {
  admin() {
    log::configure(log::level::off, log::format::logfmt);
    settings::admin_config config;
    config.listen = "127.0.0.1:8080";
    config.token = settings::secret{token};
    handle = app::admin_handler(shared, config, {.restart_target = [this](const std::string& name) {
                                  ++restarts;
                                  return name == "eu";
                                }});
  }

  app::platform shared{1, {"1", "r", "h"}, "fuzz"};
  http::handler handle;
  int restarts = 0;
};

bool has_token(const http::request& r) {
  for (const auto& [name, value] : r.headers)
    if (http::iequals(name, "Authorization") && value.find(token) != std::string::npos)
      return true;
  return false;
}

void check_head(const http::server_response& answer) {
  const auto head = http::detail::write_head(answer, "feedcast", true);
  expect(head.find("\r\n\r\n") == head.size() - 4, "a head ends where it ends", head);
  expect(head.starts_with("HTTP/1.1 " + std::to_string(answer.status)),
         "a head begins with its status", head);
}

/// Has one request answered, and says what both were.
std::string ask(admin& server, const http::server_request& request) {
  const auto before = server.restarts;
  std::optional<http::server_response> answer;
  server.handle(request, [&](http::server_response a) { answer = std::move(a); });
  expect(answer.has_value(), "every request is answered");
  check_head(*answer);
  if (server.restarts != before) {
    expect(request.message.method == "POST", "only POST acts", request.message.method);
    expect(has_token(request.message), "nothing happens without the token");
  }
  expect(answer->body.find(token) == std::string::npos, "the token is not told", answer->body);
  std::string text = request.message.method + ' ' + request.message.target + ' ' + request.path
                     + '?' + request.query + '\n';
  for (const auto& [name, value] : request.message.headers)
    text.append(name).append(": ").append(value).append("\n");
  return text + request.message.body + "\n=> " + std::to_string(answer->status) + '\n';
}

std::string serve(admin& server, const fuzz::pieces& bytes) {
  std::string out;
  http::server_options options;
  options.max_header = 1024;
  options.max_body = 2048;
  fuzz::arrive(bytes, [&](http::detail::stream& from, const auto& ex) -> http::detail::task<void> {
    boost::beast::flat_buffer input;
    http::detail::watchdog limit{ex, [] {}};
    for (int requests = 0; requests < 8; ++requests) {
      const auto got =
          co_await http::detail::read_request(from, input, options, limit, requests == 0);
      if (!got.complete) {
        // Whether a request that ends amid its head is refused or gone depends on how it arrives.
        out += "refused";
        co_return;
      }
      expect(got.message.message.body.size() <= options.max_body, "the body is within its limit");
      out += ask(server, got.message);
      if (!got.keep_alive)
        co_return;
    }
  });
  return out;
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static admin server;
  std::optional<std::string> first;
  for (const auto& way : fuzz::ways_to_arrive(fuzz::text_of(data, size))) {
    auto got = serve(server, way);
    if (!first)
      first = std::move(got);
    else
      expect(got == *first, "the same requests however they arrive, which were: " + *first, got);
  }
  return 0;
}
