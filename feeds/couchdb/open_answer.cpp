#include "feeds/couchdb/open_answer.hpp"

#include "feeds/couchdb/database.hpp"
#include "feeds/couchdb/position.hpp"

namespace feedcast::couchdb {

std::string target_of(const changes_query& q) {
  auto target = path_of(q.database) + "/_changes?feed=" + (q.follow ? "continuous" : "normal");
  if (q.follow)
    target += "&heartbeat=" + std::to_string(q.heartbeat.count());
  else
    target += "&limit=" + std::to_string(q.limit);
  if (!q.follow && q.interval > 1)
    target += "&seq_interval=" + std::to_string(q.interval);
  if (q.documents)
    target += "&include_docs=true";
  return target + "&since=" + seq_in_query(q.since);
}

open_answer::open_answer(http::body_stream_ptr s, const changes_query& asked, std::size_t max_row,
                         bool secret, steady_time now)
    : stream(std::move(s))
    , follow(asked.follow)
    , interval(asked.follow ? 1 : asked.interval)
    , last_byte(now)
    , splitter_(asked.follow ? row_form::lines : row_form::array, max_row, secret)
    , limit_(asked.limit) {}

void open_answer::append(std::string_view bytes, steady_time now) {
  splitter_.append(bytes);
  last_byte = now;
}

bool open_answer::take_row(page_builder& page, steady_time now) {
  auto item = splitter_.next();
  if (!item) {
    broken = item.error();
    return false;
  }
  if (item->what == row_splitter::found::nothing)
    return false;
  const bool beside = item->what == row_splitter::found::end;
  const auto before = page.count();
  const auto facts = page.add(item->text, now);
  switch (facts.what) {
  case row_facts::kind::change:
    if (beside) { // neither a row nor an end
      broken = make_error(errc::malformed, "the answer does not say where it ends");
      return false;
    }
    rows_ += page.count() - before;
    return true;
  case row_facts::kind::error:
    broken = facts.why;
    return false;
  case row_facts::kind::end:
    take_end(facts);
    return false;
  }
  return false;
}

void open_answer::take_end(const row_facts& facts) {
  ended.emplace();
  ended->seq = facts.seq;
  ended->pending = facts.pending;
  // Servers that don't count what is behind the end are asked until they send less than they may.
  ended->more = !follow && rows_ > 0 && (facts.pending ? *facts.pending > 0 : rows_ >= limit_);
}

} // namespace feedcast::couchdb
