#include "emulator/page_text.hpp"

#include <boost/json.hpp>

namespace feedcast::emulator {
namespace {

std::shared_ptr<std::string> begin_page(const rid& owner, std::size_t size_of_documents) {
  constexpr std::size_t around_all = 128;
  auto page = std::make_shared<std::string>();
  page->reserve(around_all + size_of_documents);
  *page += R"({"_rid":")";
  *page += owner.to_text();
  *page += R"(","Documents":[)";
  return page;
}

std::shared_ptr<const std::string> end_page(std::shared_ptr<std::string> page, std::size_t count) {
  *page += R"(],"_count":)";
  *page += std::to_string(count);
  *page += '}';
  return page;
}

/// Has those bytes on their way from memory while others are copied.
void prefetch(std::string_view text) noexcept {
  constexpr std::size_t line = 64;
  constexpr std::size_t enough = 4096; // from there on the processor has seen what is going on
  for (std::size_t i = 0; i < std::min(text.size(), enough); i += line)
    __builtin_prefetch(text.data() + i);
}

constexpr std::string_view name_of(change_kind kind) noexcept {
  switch (kind) {
  case change_kind::create:
    return "create";
  case change_kind::replace:
    return "replace";
  case change_kind::remove:
  case change_kind::expire:
    return "delete";
  }
  return {};
}

void append_change(std::string& page, const change& c, const std::vector<std::string>& key_path) {
  page += R"({"current":)";
  page += c.is_removal() ? std::string_view("{}") : std::string_view(c.version->feed_text);
  page += R"(,"metadata":{"operationType":")";
  page += name_of(c.kind);
  page += R"(","lsn":)";
  page += std::to_string(c.lsn);
  page += R"(,"crts":)";
  page += std::to_string(c.ts);
  if (c.previous_lsn != 0) {
    page += R"(,"previousImageLSN":)";
    page += std::to_string(c.previous_lsn);
  }
  if (c.is_removal()) {
    page += R"(,"timeToLiveExpired":)";
    page += c.kind == change_kind::expire ? "true" : "false";
    page += R"(,"id":)";
    page += boost::json::serialize(boost::json::string(c.version->id));
    page += R"(,"partitionKey":)";
    page += key_text(*c.version, key_path);
  }
  page += '}';
  if (c.previous) {
    page += R"(,"previous":)";
    page += c.previous->feed_text;
  }
  page += '}';
}

} // namespace

std::shared_ptr<const std::string>
page_text(const rid& owner, const std::vector<document_ptr>& documents, page_form form) {
  constexpr std::size_t around_each = 96; // comma, envelope
  std::size_t size = 0;
  for (const document_ptr& d : documents)
    size += d->feed_text.size() + around_each;

  constexpr std::ptrdiff_t ahead = 3;
  auto page = begin_page(owner, size);
  bool first = true;
  for (const document_ptr& d : documents) {
    if (&documents.back() - &d >= ahead)
      prefetch((&d)[ahead]->feed_text);
    if (!first)
      *page += ',';
    first = false;
    switch (form) {
    case page_form::feed:
      *page += d->feed_text;
      break;
    case page_form::plain:
      *page += d->plain_part();
      *page += '}';
      break;
    case page_form::envelope:
      *page += R"({"current":)";
      *page += d->feed_text;
      *page += R"(,"metadata":{"lsn":)";
      *page += std::to_string(d->lsn);
      *page += R"(,"crts":)";
      *page += std::to_string(d->ts);
      *page += "}}";
      break;
    }
  }
  return end_page(std::move(page), documents.size());
}

std::shared_ptr<const std::string> change_page_text(const rid& owner,
                                                    const std::vector<change>& changes,
                                                    const std::vector<std::string>& key_path) {
  std::size_t size = 0;
  for (const change& c : changes)
    size += c.text_size();
  auto page = begin_page(owner, size);
  for (const change& c : changes) {
    if (&c != &changes.front())
      *page += ',';
    append_change(*page, c, key_path);
  }
  return end_page(std::move(page), changes.size());
}

} // namespace feedcast::emulator
