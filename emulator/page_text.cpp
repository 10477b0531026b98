#include "emulator/page_text.hpp"

namespace feedcast::emulator {

std::shared_ptr<const std::string>
page_text(const rid& owner, const std::vector<document_ptr>& documents, page_form form) {
  constexpr std::size_t around_each = 96; // comma, envelope
  constexpr std::size_t around_all = 128;
  std::size_t size = around_all;
  for (const document_ptr& d : documents)
    size += d->feed_text.size() + around_each;

  auto page = std::make_shared<std::string>();
  page->reserve(size);
  *page += R"({"_rid":")";
  *page += owner.to_text();
  *page += R"(","Documents":[)";
  bool first = true;
  for (const document_ptr& d : documents) {
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
  *page += R"(],"_count":)";
  *page += std::to_string(documents.size());
  *page += '}';
  return page;
}

} // namespace feedcast::emulator
