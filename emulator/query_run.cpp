#include "emulator/query_run.hpp"

#include "emulator/query_accumulator.hpp"
#include "emulator/query_evaluator.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace feedcast::emulator {
namespace {

constexpr std::size_t scan_step = 500;
constexpr std::size_t scan_limit = 20'000;
constexpr std::size_t max_page_bytes = std::size_t{4} << 20;
constexpr std::size_t max_page_rows = 10'000; ///< so that their places take little memory
/// Places that OFFSET may take at once.
constexpr std::uint64_t skip_step = 10'000;

/// Which of a query's rows go out, by OFFSET and by TOP or LIMIT.
class row_window {
 public:
  row_window(const query& q, std::uint64_t given)
      : offset_(q.offset.value_or(0))
      , end_(q.most_rows() ? offset_ + *q.most_rows() : std::numeric_limits<std::uint64_t>::max())
      , given_(given) {}

  bool is_over() const noexcept { return given_ >= end_; }

  std::uint64_t skipped() const noexcept { return offset_ - std::min(offset_, given_); }

  std::uint64_t left() const noexcept { return end_ - std::min(end_, given_); }

  /// Counts a row. True if it goes out.
  bool take() noexcept { return given_++ >= offset_; }

  std::uint64_t given() const noexcept { return given_; }

 private:
  std::uint64_t offset_;
  std::uint64_t end_;
  std::uint64_t given_;
};

/// Adds the evaluator's current row, unless that is undefined or passed over.
void add_row(query_evaluator& evaluator, row_window& window, query_page& page) {
  const auto row = evaluator.write_row();
  if (!row || !window.take())
    return;
  if (page.count > 0)
    page.rows += ',';
  page.rows += *row;
  ++page.count;
}

bool is_full(const query_page& page, std::size_t max_items) {
  return page.count >= max_items || page.rows.size() >= max_page_bytes;
}

answer<query_page> run_in_place(const container& data, const query& q, const selection& where,
                                query_position from, std::size_t max_items) {
  query_page page;
  row_window window(q, from.given);
  query_evaluator evaluator(q);
  std::optional<scan_cursor> cursor = scan_cursor{from.item};
  std::size_t seen = 0;
  while (cursor && !window.is_over()) {
    auto step = data.scan(where, cursor, scan_step);
    if (!step)
      return step.error();
    for (const document_ptr& d : step->documents) {
      const std::uint64_t item = d->address.item;
      const auto done = evaluator.for_each_row(
          d->plain_text(), item == from.item ? from.row : 0, [&](std::size_t row) {
            if (window.is_over())
              return false;
            if (is_full(page, max_items)) {
              page.next = query_position{window.given(), item, row, {}};
              return false;
            }
            add_row(evaluator, window, page);
            return true;
          });
      if (!done)
        return done.error();
      if (page.next || window.is_over())
        return page;
    }
    cursor = step->next;
    seen += step->looked_at;
    if (cursor && seen >= scan_limit) {
      page.next = query_position{window.given(), cursor->item, 0, {}};
      return page;
    }
  }
  return page;
}

/// Calls `row` for every row of the query.
answer<void> for_all_rows(const container& data, const selection& where, query_evaluator& evaluator,
                          const std::function<void(const document_ptr&, std::size_t)>& row) {
  std::optional<scan_cursor> cursor = scan_cursor{};
  while (cursor) {
    auto step = data.scan(where, cursor, scan_step);
    if (!step)
      return step.error();
    for (const document_ptr& d : step->documents) {
      const auto done = evaluator.for_each_row(d->plain_text(), 0, [&](std::size_t number) {
        row(d, number);
        return true;
      });
      if (!done)
        return done.error();
    }
    cursor = step->next;
  }
  return {};
}

struct ranked_row {
  std::vector<query_key> keys;
  std::uint64_t item = 0;
  std::uint64_t row = 0;
  document_ptr source;
};

/// The order of a query's rows: by its keys, then by document, in the direction of the first key,
/// as clients that resume a query count on.
class row_order {
 public:
  explicit row_order(const query& q) : query_(&q) {}

  bool operator()(const ranked_row& a, const ranked_row& b) const {
    for (std::size_t i = 0; i < query_->order.size(); ++i)
      if (const int order = compare_keys(a.keys[i], b.keys[i]); order != 0)
        return query_->order[i].descending ? order > 0 : order < 0;
    if (a.item != b.item)
      return query_->order.front().descending ? a.item > b.item : a.item < b.item;
    return a.row < b.row;
  }

 private:
  const query* query_;
};

/// The first `wanted` rows behind the position, sorted.
answer<std::vector<ranked_row>> first_rows(const container& data, const query& q,
                                           const selection& where, query_evaluator& evaluator,
                                           const query_position& from, std::size_t wanted) {
  const row_order before(q);
  const ranked_row last{from.keys, from.item, from.row, nullptr};
  std::vector<ranked_row> heap; // its worst row in front
  const auto done =
      for_all_rows(data, where, evaluator, [&](const document_ptr& source, std::size_t row) {
        ranked_row candidate{{}, source->address.item, row, nullptr};
        for (const query_order& key : q.order)
          candidate.keys.push_back(query_key::of(evaluator.evaluate(*key.key)));
        if (!from.keys.empty() && !before(last, candidate))
          return;
        if (heap.size() == wanted) {
          if (!before(candidate, heap.front()))
            return;
          std::pop_heap(heap.begin(), heap.end(), before);
          heap.pop_back();
        }
        candidate.source = source;
        heap.push_back(std::move(candidate));
        std::push_heap(heap.begin(), heap.end(), before);
      });
  if (!done)
    return done.error();
  std::sort_heap(heap.begin(), heap.end(), before);
  return heap;
}

answer<query_page> run_ordered(const container& data, const query& q, const selection& where,
                               const query_position& from, std::size_t max_items) {
  query_page page;
  row_window window(q, from.given);
  if (window.is_over())
    return page;
  query_evaluator evaluator(q);
  const std::uint64_t skipped = std::min(window.skipped(), skip_step);
  const std::uint64_t left = std::min<std::uint64_t>(window.left(), skipped + max_items);
  auto rows = first_rows(data, q, where, evaluator, from, static_cast<std::size_t>(left) + 1);
  if (!rows)
    return rows.error();

  std::size_t used = 0;
  for (; used < rows->size() && used < left && !is_full(page, max_items); ++used) {
    const ranked_row& r = (*rows)[used];
    const auto done = evaluator.for_each_row(r.source->plain_text(),
                                             static_cast<std::size_t>(r.row), [&](std::size_t) {
                                               add_row(evaluator, window, page);
                                               return false;
                                             });
    if (!done)
      return done.error();
  }
  if (used > 0 && used < rows->size() && !window.is_over()) {
    const ranked_row& last = (*rows)[used - 1];
    page.next = query_position{window.given(), last.item, last.row, last.keys};
  }
  return page;
}

/// A range's share in a MIN or MAX, as a plan asks for it. Without any value in it, the JavaScript
/// SDK would take what is missing for the smallest of all.
bool is_share_of_extreme(const query& q) {
  if (q.select != query::projection::value)
    return false;
  const query_expression& value = *q.columns.front().value;
  if (value.what != query_expression::kind::array || value.operands.size() != 1)
    return false;
  const query_expression& share = *value.operands.front();
  return share.what == query_expression::kind::object
         && std::find(share.names.begin(), share.names.end(), "item2") != share.names.end();
}

answer<query_page> run_aggregate(const container& data, const query& q, const selection& where) {
  query_evaluator evaluator(q);
  std::vector<query_accumulator> sums;
  for (const query_expression* a : q.aggregates)
    sums.emplace_back(a->aggregate);
  const auto done = for_all_rows(data, where, evaluator, [&](const document_ptr&, std::size_t) {
    for (std::size_t i = 0; i < sums.size(); ++i)
      sums[i].add(evaluator.evaluate(*q.aggregates[i]->operands.front()));
  });
  if (!done)
    return done.error();

  query_page page;
  row_window window(q, 0);
  const bool nothing = std::all_of(sums.begin(), sums.end(),
                                   [](const query_accumulator& a) { return a.seen() == 0; });
  if (window.is_over() || (nothing && is_share_of_extreme(q)))
    return page;
  std::vector<query_value> results;
  for (const query_accumulator& a : sums)
    results.push_back(a.result());
  evaluator.set_aggregates(std::move(results));
  add_row(evaluator, window, page);
  if (auto good = evaluator.within_limits(); !good)
    return good.error();
  return page;
}

} // namespace

answer<query_page> run_query(const container& data, const query& q, const selection& where,
                             query_position from, std::size_t max_items) {
  max_items = std::min(max_items, max_page_rows);
  if (!q.aggregates.empty())
    return run_aggregate(data, q, where);
  if (!q.order.empty())
    return run_ordered(data, q, where, from, max_items);
  return run_in_place(data, q, where, std::move(from), max_items);
}

answer<std::vector<std::string>> run_query(const query& q, const std::vector<std::string>& texts) {
  if (!q.order.empty() || !q.aggregates.empty())
    return refuse(400, "this emulator supports neither ORDER BY nor aggregate functions for "
                       "databases and containers");
  std::vector<std::string> found;
  row_window window(q, 0);
  query_evaluator evaluator(q);
  for (const std::string& text : texts) {
    const auto done = evaluator.for_each_row(text, 0, [&](std::size_t) {
      query_page row;
      if (!window.is_over())
        add_row(evaluator, window, row);
      if (row.count > 0)
        found.push_back(std::move(row.rows));
      return true;
    });
    if (!done)
      return done.error();
  }
  return found;
}

} // namespace feedcast::emulator
