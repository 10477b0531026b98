// What an answer says about positions: the first line is its etag, the second its session token,
// the rest its body. A page is taken only with an etag that is a number; what goes out again with
// the next request is what came, and safe to send.
#include "core/log.hpp"
#include "feeds/cosmos/change_feed.hpp"
#include "feeds/cosmos/session_token.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "tests/unit/feeds/fake_network.hpp"

#include <algorithm>

using namespace feedcast;
using fuzz::expect;

namespace {

bool is_position(std::string_view etag) {
  if (etag.size() > 2 && etag.front() == '"' && etag.back() == '"')
    etag = etag.substr(1, etag.size() - 2);
  return !etag.empty() && etag.find_first_not_of("0123456789") == std::string_view::npos;
}

bool one_line(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; });
}

result<feed_page_ptr> fetch(cosmos::change_feed& feed, read_position from) {
  result<feed_page_ptr> out = make_error(errc::internal, "no answer");
  feed.fetch({"0", std::move(from), 10}, [&](result<feed_page_ptr> r) { out = std::move(r); });
  return out;
}

void check_tokens(const std::string& etag, const std::string& session) {
  if (const auto lsn = cosmos::continuation_lsn(etag))
    expect(is_position(etag), "only a number has an LSN", etag);
  if (const auto lsn = cosmos::session_lsn(session, "0"))
    expect(session.find("0:") != std::string::npos
               && session.find_first_of("0123456789") != std::string::npos,
           "a session's LSN is in it", session);
  if (session.find("no such range:") == std::string::npos)
    expect(!cosmos::session_lsn(session, "no such range"), "another range's LSN is not taken",
           session);
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  log::configure(log::level::off, log::format::logfmt);
  auto rest = fuzz::text_of(data, size);
  const std::string etag{fuzz::take_line(rest)};
  const std::string session{fuzz::take_line(rest)};
  check_tokens(etag, session);

  const auto network = std::make_shared<test::fake_network>();
  network->answer = [&](const test::sent_request& s) {
    if (s.request.target == "/")
      return test::account_answer({{"West US", 8081}});
    return test::reply(200, {{"etag", etag}, {"x-ms-session-token", session}}, rest);
  };
  cosmos::change_feed feed{
      *cosmos::account::open(test::local_account(), test::fake_network::factory(network)),
      *cosmos::collection_ref::make("d", "c")};
  const auto page = fetch(feed, start_point{});
  if (!page) {
    expect(page.error().code == errc::malformed, "an answer that can't be used is malformed",
           page.error().detail);
    return 0;
  }
  expect(is_position(etag), "a page has a position", etag);
  expect((*page)->next.token == etag, "a position is kept verbatim", (*page)->next.token);

  expect(fetch(feed, (*page)->next).has_value(), "the same answer again is as good");
  const auto& sent = network->sent.back().request.headers;
  expect(sent.get("if-none-match") == etag, "a position is sent verbatim",
         sent.get("if-none-match"));
  const auto sent_session = sent.get("x-ms-session-token");
  expect(sent_session.empty() || sent_session == session, "a session is sent verbatim",
         sent_session);
  expect(one_line(sent_session), "a session is safe to send", sent_session);
  return 0;
}
