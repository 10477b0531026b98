#pragma once

#include "core/clock.hpp"
#include "feeds/answer_gate.hpp"
#include "feeds/couchdb/changes_feed.hpp"
#include "feeds/couchdb/database.hpp"
#include "feeds/couchdb/open_answer.hpp"
#include "feeds/couchdb/page_builder.hpp"
#include "feeds/couchdb/position.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace feedcast::couchdb {

/// Reads pages for changes_feed. A small machine: what it does next follows from what it holds. One
/// step is under way at a time, and its answer sets off the next one. Thread-safe.
class changes_reading : public std::enable_shared_from_this<changes_reading> {
 public:
  using fetch_request = change_source::fetch_request;

  changes_reading(std::shared_ptr<server> from, changes_feed_options options,
                  const clock_source& clock);

  void fetch(fetch_request request, callback<feed_page_ptr> done);
  /// No answer comes once it has returned.
  void close();

  const std::shared_ptr<server>& from() const noexcept { return server_; }

  const changes_feed_options& options() const noexcept { return options_; }

  answer_gate gate; ///< around answers

 private:
  /// What is to be done outside of the lock.
  using deed = std::function<void()>;

  /// The fetch that waits for its page.
  struct question {
    fetch_request request;
    callback<feed_page_ptr> done;
    steady_time asked{};
    int vain_ends = 0;       ///< answers without end that ended without a row
    bool began_anew = false; ///< at the beginning of the feed
  };

  // changes_reading.cpp: what to do next
  void aim(const fetch_request& r);
  void step();
  deed next_deed();
  deed wait_for_rows(steady_time now);
  deed at_end();
  deed at_break();
  deed fail(error e);
  deed hand_out();
  bool full(const page_builder& p) const;
  milliseconds silence_left(steady_time now) const;
  void begin_anew(const database_identity& of, std::string_view why);
  void drop_answer();

  // changes_steps.cpp: the steps, and their answers
  deed open_next();
  deed verify();
  deed read_on(milliseconds wait);
  deed resolve_now();
  void on_open(std::uint64_t life, const changes_query& asked, result<http::body_stream_ptr> r);
  void on_state(std::uint64_t life, const result<database_state>& r);
  void on_now(std::uint64_t life, const result<database_state>& r);
  void on_bytes(std::uint64_t life, const result<std::string_view>& r);

  const std::shared_ptr<server> server_;
  const changes_feed_options options_;
  const clock_source& clock_;

  std::mutex mutex_; ///< guards all below; never held while calling out
  std::optional<question> now_;
  steady_time rested_{};   ///< since when nobody asks for a page, while nobody does
  bool busy_ = false;      ///< a step is under way
  std::uint64_t life_ = 0; ///< of the steps; answers of earlier ones are late
  position at_;            ///< behind the last page
  bool known_ = false;     ///< which database `at_` is of
  std::string expected_;   ///< the continuation of the last page
  std::optional<open_answer> open_;
  http::body_stream_ptr dropped_; ///< to be destroyed outside of the lock
  bool follow_next_ = false;      ///< the next answer is the one without end
  std::uint32_t bare_ = 0; ///< so many rows are read without their documents: one is too large
  std::optional<std::uint64_t> behind_; ///< rows behind `at_`, as the server counts them
  bool replaced_ = false;               ///< the next page says so
  std::optional<lost_deletes> lost_;    ///< and this
  page_builder page_;
};

} // namespace feedcast::couchdb
