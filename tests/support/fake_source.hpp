#pragma once

#include "pipeline/ports.hpp"
#include "tests/support/ledger.hpp"

#include <algorithm>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

namespace feedcast::testing {

/// What every life of the source answers. By default each call is answered at once from the ledger.
struct feed_script {
  explicit feed_script(ledger& l) : truth(&l) {}

  using fetch_request = change_source::fetch_request;

  ledger* truth;
  std::size_t page_limit = 1000; ///< changes a page holds at most, whatever was asked for
  /// An error instead of a page. May throw, which then comes out of fetch().
  std::function<std::optional<error>(const fetch_request&)> refuse;
  /// An error instead of the ranges.
  std::function<std::optional<error>()> refuse_ranges;
  /// Changes the text of a page that shows these log entries.
  std::function<void(std::string&, const std::vector<std::size_t>&)> damage;
  /// What a page of so many documents costs, in request units.
  std::function<double(std::size_t)> charge;
  /// What the database provides; none = such a source has no throughput.
  std::function<result<feed_throughput>()> provides;
  /// Changes what a page says besides its documents.
  std::function<void(feed_page&)> adorn;
  /// What is said of how long deletes can be seen.
  std::function<result<feed_traits>()> traits;
  std::optional<lost_deletes> lost; ///< told with the next page
  bool hold = false;                ///< keep fetches until `answer`
  bool twice = false;               ///< answer every fetch a second time, against the contract
  std::size_t opened = 0;
  std::vector<fetch_request> fetches; ///< all that were asked, in order

  /// Number of fetches that wait for an answer.
  std::size_t held() const { return held_.size(); }

  /// Answers the n-th held fetch, if its source still lives.
  void answer(std::size_t n = 0) {
    const auto c = take(n);
    if (c.life.lock())
      reply(c);
  }

  void answer_all() {
    while (!held_.empty())
      answer();
  }

  void fail(error e, std::size_t n = 0) {
    const auto c = take(n);
    if (c.life.lock())
      c.done(std::move(e));
  }

  void take_fetch(fetch_request request, callback<feed_page_ptr> done, std::weak_ptr<int> life) {
    fetches.push_back(request);
    if (refuse)
      if (auto e = refuse(request))
        return done(std::move(*e));
    held_.push_back({std::move(request), std::move(done), std::move(life)});
    if (!hold)
      answer(held_.size() - 1);
  }

 private:
  struct call {
    fetch_request request;
    callback<feed_page_ptr> done;
    std::weak_ptr<int> life;
  };

  call take(std::size_t n) {
    auto c = std::move(held_.at(n));
    held_.erase(held_.begin() + static_cast<std::ptrdiff_t>(n));
    return c;
  }

  void reply(const call& c) {
    if (truth->reading(c.request.range_id, c.request.keys) == nullptr)
      return c.done(make_error(errc::gone, "range was split"));
    const auto page = make(c.request);
    if (twice)
      c.done(page);
    c.done(page);
  }

  std::size_t start_of(const read_position& from) const {
    if (const auto* at = std::get_if<continuation>(&from))
      return ledger::index(at->token);
    return std::get<start_point>(from).from == start_point::kind::now ? truth->size() : 0;
  }

  feed_page_ptr make(const fetch_request& request) {
    const auto from = start_of(request.from);
    const auto limit = std::min<std::size_t>(request.max_items, page_limit);
    const auto found = truth->changes(request.range_id, from, limit);
    auto page = std::make_shared<feed_page>();
    page->session_lsn = truth->size();
    if (charge)
      page->request_charge = charge(found.size());
    if (adorn)
      adorn(*page);
    page->lost = std::exchange(lost, std::nullopt);
    if (found.empty()) {
      page->unchanged = true;
      page->next = ledger::token(truth->size());
      return page;
    }
    std::vector<std::string> documents;
    for (const auto i : found) {
      truth->served(i);
      documents.push_back(truth->at(i).document);
    }
    auto text = page_text(documents);
    if (damage)
      damage(text, found);
    page->body.append(text);
    page->next = ledger::token(found.back() + 1);
    page->item_count = found.size();
    return page;
  }

  std::deque<call> held_;
};

/// One life of a scripted source.
class fake_source final : public change_source {
 public:
  explicit fake_source(feed_script& script) : script_(&script) { ++script.opened; }

  void ranges(callback<std::vector<feed_range>> done) override {
    if (script_->refuse_ranges)
      if (auto e = script_->refuse_ranges())
        return done(std::move(*e));
    std::vector<feed_range> listed;
    for (const auto& [id, r] : script_->truth->ranges())
      if (r.listed) {
        const auto keys = ledger::keys_of(r.buckets);
        listed.push_back({id, r.parents, keys.min, keys.max});
      }
    std::sort(listed.begin(), listed.end(),
              [](const auto& a, const auto& b) { return a.min_key < b.min_key; });
    done(std::move(listed));
  }

  void fetch(fetch_request request, callback<feed_page_ptr> done) override {
    script_->take_fetch(std::move(request), std::move(done), life_);
  }

  void throughput(callback<feed_throughput> done) override {
    if (!script_->provides)
      return change_source::throughput(std::move(done));
    done(script_->provides());
  }

  void describe(callback<feed_traits> done) override {
    done(script_->traits ? script_->traits() : feed_traits{});
  }

 private:
  feed_script* script_;
  std::shared_ptr<int> life_ = std::make_shared<int>(0);
};

} // namespace feedcast::testing
