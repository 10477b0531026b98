#include "feeds/couchdb/page_builder.hpp"

#include <utility>

namespace feedcast::couchdb {

namespace {

constexpr std::string_view opening = R"({"Documents":[)";

} // namespace

page_builder::page_builder(row_options rows, bool secret)
    : rows_(std::move(rows)), secret_(secret) {
  clear();
}

void page_builder::clear() {
  body_ = padded_buffer{};
  if (secret_)
    body_.wipe_when_freed();
  body_.append(opening);
  count_ = 0;
  unplaced_ = 0;
  seq_.clear();
}

row_facts page_builder::add(std::string_view item, steady_time now) {
  auto facts = rows_.read(item, body_);
  if (facts.what != row_facts::kind::change)
    return facts;
  if (count_++ == 0)
    begun_ = now;
  if (facts.seq.empty()) {
    ++unplaced_;
  } else {
    seq_.assign(facts.seq);
    unplaced_ = 0;
  }
  return facts;
}

std::shared_ptr<feed_page> page_builder::finish() {
  auto page = std::make_shared<feed_page>();
  page->item_count = count_;
  page->unchanged = count_ == 0;
  if (count_ > 0) {
    body_.append(R"(],"_count":)");
    body_.append(std::to_string(count_));
    body_.append("}");
    page->body = std::move(body_);
  }
  clear();
  return page;
}

} // namespace feedcast::couchdb
