#include "tests/couchdb/feed_facts.hpp"

#include "tests/contract/await.hpp"

#include <boost/json.hpp>

#include <stdexcept>

namespace feedcast::test {

using namespace std::chrono_literals;

namespace {

constexpr auto until_nothing_is_new = static_cast<std::size_t>(-1);

std::string between(const std::string& text, const std::string& before, const std::string& behind,
                    std::size_t from = 0) {
  const auto begin = text.find(before, from);
  if (begin == text.npos)
    throw std::runtime_error("there is no " + before);
  const auto at = begin + before.size();
  return text.substr(at, text.find_first_of(behind, at) - at);
}

std::vector<std::string> all_between(const std::string& text, const std::string& before) {
  std::vector<std::string> all;
  for (auto at = text.find(before); at != text.npos; at = text.find(before, at + 1))
    all.push_back(between(text, before, "\"", at));
  return all;
}

std::string uuid() {
  return between(body_of(recorded("01#1").answer()), "\"uuid\":\"", "\"");
}

} // namespace

std::vector<std::string> changes_of(const feed_page& page) {
  std::vector<std::string> changes;
  if (page.body.empty())
    return changes;
  const auto body = boost::json::parse(page.body.view());
  for (const auto& d : body.at("Documents").as_array()) {
    changes.emplace_back(d.at("id").as_string());
    if (d.as_object().contains("_deleted"))
      changes.back() += " deleted";
  }
  EXPECT_EQ(page.item_count, changes.size());
  return changes;
}

std::string since_of(const std::string& exchange) {
  return between(recorded(exchange).requests().front(), "since=", " &");
}

std::string last_seq_of(const std::string& exchange) {
  return between(body_of(recorded(exchange).answer()), "\"last_seq\":\"", "\"");
}

std::vector<std::string> seqs_of(const std::string& exchange) {
  return all_between(body_of(recorded(exchange).answer()), "{\"seq\":\"");
}

std::vector<std::string> ids_of(const std::string& exchange) {
  return all_between(body_of(recorded(exchange).answer()), "\"id\":\"");
}

continuation position_at(const std::string& seq, const std::string& created) {
  return couchdb::to_continuation({'"' + seq + '"', {created, uuid()}});
}

std::string seq_of(const continuation& c) {
  const auto p = couchdb::read_position_of(c);
  if (!p)
    return "none: " + c.token;
  return p->seq.starts_with('"') ? p->seq.substr(1, p->seq.size() - 2) : p->seq;
}

replay ending_answer(const std::vector<std::string>& rows, const std::string& last_seq,
                     const std::string& pending) {
  std::vector<std::string> body{"{\"results\":[\n"};
  for (const auto& row : rows)
    body.push_back((body.size() > 1 ? ",\n" : "") + row);
  body.push_back("\n],\n\"last_seq\":" + last_seq + ",\"pending\":" + pending + "}\n");
  return replay::chunked(body).then(replay::bytes("0\r\n\r\n"));
}

replay silent_feed() {
  const auto& e = recorded("05#3");
  return replay::bytes(e.answer().front());
}

feed_facts::feed_facts() {
  options_.database = "feed";
  options_.deadline = 10s;
  options_.hold = 100ms;
  options_.gather = 5ms;
  reconnect();
}

feed_facts::~feed_facts() {
  feed_.reset();
  at_.reset();
}

void feed_facts::exists(const std::string& created) {
  server_.always(root, replay::of("01#1"));
  server_.always(info, replay::of("02#27").with(created_first, created));
}

void feed_facts::reconnect(couchdb::login_options login) {
  feed_.reset();
  at_.reset();
  http::client_options http;
  http.proxy = "none";
  auto opened = couchdb::server::open({"couch", server_.url(), std::move(login)}, io_, http);
  ASSERT_TRUE(opened.has_value()) << to_string(opened.error());
  at_ = *opened;
  feed_ = std::make_unique<couchdb::changes_feed>(at_, options_);
}

void feed_facts::reconnect_at(const replay_server& other) {
  feed_.reset();
  http::client_options http;
  http.proxy = "none";
  at_ = couchdb::server::open({"other", other.url(), {}}, io_, http).value();
  feed_ = std::make_unique<couchdb::changes_feed>(at_, options_);
}

result<feed_page_ptr> feed_facts::try_fetch(read_position from, std::uint32_t max_items,
                                            bool peek) {
  change_source::fetch_request r{"0", std::move(from), max_items};
  r.peek = peek;
  return await<feed_page_ptr>([&](auto done) { feed_->fetch(std::move(r), std::move(done)); }, 30s);
}

feed_page_ptr feed_facts::fetch(read_position from, std::uint32_t max_items) {
  auto page = try_fetch(std::move(from), max_items);
  EXPECT_TRUE(page.has_value()) << (page ? "" : to_string(page.error()));
  return page ? *page : std::make_shared<feed_page>();
}

told feed_facts::read_so_many(read_position from, std::size_t changes, std::uint32_t max_items) {
  told all;
  const bool until_unchanged = changes == until_nothing_is_new;
  const auto deadline = std::chrono::steady_clock::now() + replay_server::patience;
  for (;;) {
    const auto page = try_fetch(std::move(from), max_items);
    EXPECT_TRUE(page.has_value()) << (page ? "" : to_string(page.error()));
    if (!page)
      return all;
    all.end = (*page)->next;
    all.replaced |= (*page)->rewound == rewind_reason::feed_replaced;
    all.lost |= (*page)->lost.has_value();
    for (auto& c : changes_of(**page))
      all.changes.push_back(std::move(c));
    if (((*page)->unchanged && until_unchanged) || all.changes.size() >= changes)
      return all;
    if (std::chrono::steady_clock::now() > deadline) {
      ADD_FAILURE() << "only " << all.changes.size() << " changes came";
      return all;
    }
    from = all.end;
  }
}

told feed_facts::read(read_position from, std::uint32_t max_items) {
  return read_so_many(std::move(from), until_nothing_is_new, max_items);
}

request_shape feed_facts::since(request_shape shape, const std::string& seq) {
  shape.query["since"] = seq;
  return shape;
}

} // namespace feedcast::test
