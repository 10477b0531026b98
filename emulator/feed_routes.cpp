#include "emulator/charges.hpp"
#include "emulator/headers.hpp"
#include "emulator/page_text.hpp"
#include "emulator/reply.hpp"
#include "emulator/routes.hpp"

#include <charconv>

namespace feedcast::emulator::routes {
namespace {

/// A quoted LSN; the quotes may be missing.
answer<std::uint64_t> parse_continuation(std::string_view text) {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"')
    text = text.substr(1, text.size() - 2);
  std::uint64_t lsn = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), lsn);
  if (text.empty() || failure != std::errc{} || end != text.data() + text.size())
    return refuse(400, "If-None-Match of a change feed must be * or the etag of an earlier answer");
  return lsn;
}

answer<feed_request> read_request(const call& c) {
  if (!http::iequals(c.header("a-im"), "incremental feed"))
    return refuse(
        400,
        "this emulator serves the latest-version change feed only: A-IM must be Incremental Feed");
  feed_request request;
  auto where = read_selection(c);
  if (!where)
    return where.error();
  request.where = std::move(*where);
  const auto max_items = max_item_count(c);
  if (!max_items)
    return max_items.error();
  request.max_items = *max_items;

  const std::string_view after = c.header("if-none-match");
  if (after == "*") {
    request.from_now = true;
  } else if (!after.empty()) {
    const auto lsn = parse_continuation(after);
    if (!lsn)
      return lsn.error();
    request.after = *lsn;
  }
  if (const std::string_view since = c.header("if-modified-since"); !since.empty()) {
    const auto when = parse_http_date(since);
    if (!when)
      return refuse(400, "If-Modified-Since is not an RFC 1123 date");
    request.modified_since =
        std::chrono::duration_cast<std::chrono::seconds>(when->time_since_epoch()).count();
  }
  return request;
}

} // namespace

http::server_response read_feed(const call& c) {
  const auto owner = find_container(c);
  if (!owner)
    return send_refusal(owner.error());
  const auto request = read_request(c);
  if (!request)
    return send_refusal(request.error());
  const auto page = owner->data->feed(*request);
  if (!page)
    return send_refusal(page.error());

  reply r(page->documents.empty() ? 304 : 200);
  r.owner(*owner->data)
      .session(page->range_id, page->range_lsn)
      .etag('"' + std::to_string(page->continuation) + '"')
      .items(page->documents.size())
      .set(header::range_id, page->range_id);
  if (!page->documents.empty()) {
    const auto form = c.has_header(header::wire_format) ? page_form::envelope : page_form::feed;
    auto text = page_text(owner->data->address(), page->documents, form);
    r.charge(page_charge(text->size())).json(std::move(text));
  }
  return r.send();
}

} // namespace feedcast::emulator::routes
