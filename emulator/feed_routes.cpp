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

answer<feed_mode> read_mode(const call& c) {
  const std::string_view mode = c.header("a-im");
  if (http::iequals(mode, "incremental feed"))
    return feed_mode::latest;
  if (http::iequals(mode, "full-fidelity feed"))
    return feed_mode::all_versions;
  return refuse(400, "A-IM must be Incremental Feed (latest versions) or Full-Fidelity Feed (all "
                     "versions and deletes)");
}

/// The service honours start times to about five seconds; too early is what does no harm.
std::int64_t start_time(const call& c, wall_time wanted) {
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(wanted.time_since_epoch()).count();
  const std::int64_t step = c.state.start_time_step;
  return seconds - (seconds % step + step) % step;
}

/// All versions are told from now or from an earlier answer on, never from a time.
answer<void> check_start(const call& c, feed_mode mode) {
  if (mode == feed_mode::latest)
    return {};
  if (c.has_header("if-modified-since"))
    return refuse(400,
                  "the change feed of all versions and deletes can't start at a time: leave out "
                  "If-Modified-Since");
  if (c.header("if-none-match").empty())
    return refuse(400, "the change feed of all versions and deletes starts from now or from a "
                       "continuation: If-None-Match must be * or the etag of an earlier answer");
  return {};
}

answer<feed_request> read_request(const call& c) {
  const auto mode = read_mode(c);
  if (!mode)
    return mode.error();
  if (const auto good = check_start(c, *mode); !good)
    return good.error();
  feed_request request;
  request.mode = *mode;
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
    request.modified_since = start_time(c, *when);
  }
  return request;
}

/// All versions always come in envelopes, latest ones if the client asks for that.
std::shared_ptr<const std::string> text_of(const call& c, const container& owner,
                                           const feed_page& page) {
  if (!page.changes.empty())
    return change_page_text(owner.address(), page.changes, owner.key_names());
  const auto form = c.has_header(header::wire_format) ? page_form::envelope : page_form::feed;
  return page_text(owner.address(), page.documents, form);
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

  const std::size_t count = page->documents.size() + page->changes.size();
  reply r(count == 0 ? 304 : 200);
  r.owner(*owner->data)
      .session(page->range_id, page->range_lsn)
      .etag('"' + std::to_string(page->continuation) + '"')
      .items(count)
      .set(header::range_id, page->range_id);
  if (count != 0) {
    auto text = text_of(c, *owner->data, *page);
    r.charge(page_charge(text->size())).json(std::move(text));
  }
  return r.send();
}

} // namespace feedcast::emulator::routes
