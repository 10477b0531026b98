// Requests on the wire, to an emulator of their own, behind a sign-in that always holds. Whatever
// they ask for: each is answered once, in a form that HTTP allows, and no answer of its own making
// blames the emulator or is anything but JSON.
#include "core/log.hpp"
#include "http/detail/request_reader.hpp"
#include "http/detail/response_text.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "tests/fuzz/sockets.hpp"
#include "tests/unit/emulator/test_client.hpp"

#include <boost/json.hpp>

#include <string>
#include <vector>

using namespace feedcast;
using fuzz::expect;

namespace {

using emulator::testing::test_client;

/// Two ranges with a few documents.
struct account : test_client {
  account() {
    make_container(2);
    for (const char* id : {"a", "b", "c", "d"})
      put(id, 1);
    put("a", 2);
  }
};

bool is_json(std::string_view text) {
  boost::system::error_code failure;
  boost::json::parse_options options;
  options.max_depth = 2000;
  (void)boost::json::parse(text, failure, {}, options);
  return !failure;
}

/// Faults, outages and documents of any bytes: from then on answers are what was asked for.
bool may_damage(const http::server_request& r) {
  return r.path.starts_with("/_emulator") && r.path.find("/split/") == std::string::npos
         && !r.path.ends_with("/merge");
}

void ask(account& server, const http::server_request& request, bool damaged) {
  emulator::testing::field_list headers;
  for (const auto& [name, value] : request.message.headers)
    if (!http::iequals(name, "authorization") && !http::iequals(name, "x-ms-date"))
      headers.emplace_back(name, value);
  const auto got = server.send_all(request.message.method, request.message.target,
                                   std::move(headers), request.message.body);
  const auto head = http::detail::write_head(got.response, "emulator", true);
  expect(head.find("\r\n\r\n") == head.size() - 4, "a head ends where it ends", head);
  if (damaged)
    return;
  expect((got.status() >= 200 && got.status() < 500) || got.status() == 507,
         "no answer blames the emulator", head + got.body);
  expect(got.body.empty() || is_json(got.body), "a body is JSON", got.body);
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const bool quiet = (log::configure(log::level::off, log::format::logfmt), true);
  expect(quiet, "nothing is logged");
  account server;
  http::server_options options;
  options.max_header = 16 << 10;
  const auto bytes = fuzz::text_of(data, size);
  fuzz::arrive(
      {bytes}, [&](http::detail::stream& from, const auto& ex) -> http::detail::task<void> {
        boost::beast::flat_buffer input;
        http::detail::watchdog limit{ex, [] {}};
        bool damaged = false;
        for (int requests = 0; requests < 16; ++requests) {
          const auto got =
              co_await http::detail::read_request(from, input, options, limit, requests == 0);
          if (!got.complete)
            co_return;
          damaged = damaged || may_damage(got.message);
          ask(server, got.message, damaged);
          if (!got.keep_alive)
            co_return;
        }
      });
  return 0;
}
