#include "feeds/cosmos/change_feed.hpp"
#include "feeds/cosmos/http_transport.hpp"
#include "http/server.hpp"
#include "tests/contract/await.hpp"
#include "tests/support/large_page.hpp"
#include "tests/unit/feeds/fake_network.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>

namespace feedcast::cosmos {

namespace {

constexpr std::size_t cuts_per_test = 4096;
constexpr std::size_t page_bytes = feedcast::testing::large_page_bytes;
constexpr const char* stored = "\"24\"";
constexpr const char* next = "\"25\"";

/// The service over real sockets, with one page to read, and a wire that breaks after `cut` bytes
/// of each answer that holds it.
class breaking_service {
 public:
  explicit breaking_service(http::runtime& io) {
    server_ = *http::server::start(
        io, {},
        [this](const http::server_request& r, const http::responder& done) { done(answer(r)); });
  }

  std::string url() const { return server_->url(); }

  std::atomic<std::size_t> cut{0};
  std::atomic<std::size_t> asked{0}; ///< for the page
  std::atomic<std::size_t> moved{0}; ///< of these, not from where the caller stood

 private:
  http::server_response answer(const http::server_request& r) {
    http::server_response out;
    if (r.path == "/") {
      const auto here = R"([{"name":"West US","databaseAccountEndpoint":")" + url() + R"(/"}])";
      out.body =
          R"({"id":"acct","writableLocations":)" + here + R"(,"readableLocations":)" + here + "}";
    } else if (r.path == "/dbs/ow/colls/whisks") {
      out.body = R"({"id":"whisks","_rid":"O7RwAKylJbY="})";
    } else {
      ++asked;
      // The session token of an answer that did not come whole would be a position, too.
      const auto& sent = r.message.headers;
      if (sent.get("if-none-match") != stored || !sent.get("x-ms-session-token").empty())
        ++moved;
      out.headers.set("etag", next);
      out.headers.set("x-ms-session-token", "0:-1#25");
      out.shared_body = page_;
      out.cut_after = cut;
    }
    return out;
  }

  const std::shared_ptr<const std::string> page_ =
      std::make_shared<const std::string>(feedcast::testing::large_page());
  std::unique_ptr<http::server> server_;
};

/// One reader for all cuts: what it kept of one answer would show in the next request.
class page_reader {
 public:
  page_reader(http::runtime& io, const std::string& url) {
    auto options = test::local_account();
    options.endpoint = url + "/";
    http::client_options wire;
    wire.proxy = "none";
    feed_ =
        std::make_unique<change_feed>(*account::open(std::move(options), http_transports(io, wire)),
                                      *collection_ref::make("ow", "whisks"));
  }

  result<feed_page_ptr> read() {
    return test::await<feed_page_ptr>([this](auto done) {
      feed_->fetch({"0", continuation{stored}, 1000}, std::move(done));
    });
  }

 private:
  std::unique_ptr<change_feed> feed_;
};

/// The first of the offsets that one test cuts at.
class cut_page : public ::testing::TestWithParam<std::size_t> {
 protected:
  http::runtime io_;
  breaking_service service_{io_};
  page_reader reader_{io_, service_.url()};
};

} // namespace

// Offsets count from the first byte of the head, so the last test goes on until a page is whole.
TEST_P(cut_page, is_an_error_that_hands_nothing_on_and_moves_no_position) {
  const bool last = GetParam() == page_bytes;
  std::size_t at = GetParam();
  for (; last || at < GetParam() + cuts_per_test; ++at) {
    service_.cut = at;
    const auto page = reader_.read();
    if (page && last)
      break;
    ASSERT_FALSE(page) << "a page from " << at << " bytes";
    ASSERT_EQ(page.error().code, at == 0 ? errc::unavailable : errc::malformed)
        << at << ": " << page.error().detail;
  }
  if (last) {
    EXPECT_GT(at, page_bytes + 100) << "the whole page with its head";
  }

  service_.cut = SIZE_MAX;
  const auto whole = reader_.read();

  ASSERT_TRUE(whole) << whole.error().detail;
  EXPECT_EQ((*whole)->next.token, next);
  EXPECT_TRUE((*whole)->body.view() == feedcast::testing::large_page());
  EXPECT_GE(service_.asked, at - GetParam() + 1) << "each cut was asked for, and not made up";
  EXPECT_EQ(service_.moved, last ? 1U : 0U) << "nothing moves but by a whole page";
}

INSTANTIATE_TEST_SUITE_P(feeds, cut_page,
                         ::testing::Range(std::size_t{0}, page_bytes + 1, cuts_per_test));

} // namespace feedcast::cosmos
