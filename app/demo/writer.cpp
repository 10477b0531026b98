#include "app/demo/writer.hpp"

#include "core/log.hpp"

#include <algorithm>
#include <utility>

namespace feedcast::app {

namespace {

double since(steady_time t) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - t).count();
}

} // namespace

document_writer::document_writer(std::shared_ptr<demo_store> to, document_maker maker, ledger& book,
                                 options o)
    : store_(std::move(to))
    , maker_(std::move(maker))
    , ledger_(book)
    , options_(o)
    , begin_(std::chrono::steady_clock::now())
    , thread_([this] { work(); }) {}

document_writer::~document_writer() {
  {
    const std::lock_guard lock{mutex_};
    stop_ = true;
  }
  slot_free_.notify_all();
  thread_.join();
}

double document_writer::seconds() const {
  return finished_ ? took_.load() : since(begin_);
}

void document_writer::work() {
  // Paced by the clock, not by the answers: a slow moment is made up for afterwards. Half a percent
  // faster than asked, so that the rate is reached although the time until the last acknowledgement
  // counts.
  const auto interval = std::chrono::duration<double>{0.995 / options_.rate};
  for (std::uint64_t n = 0; !stop_; ++n) {
    const auto due =
        begin_
        + std::chrono::duration_cast<steady_time::duration>(interval * static_cast<double>(n));
    if (due - begin_ >= options_.duration)
      break;
    std::this_thread::sleep_until(due);
    if (!take_slot())
      break;
    auto d = std::make_shared<const demo_document>(maker_.next());
    ledger_.write_begins(d->key, d->cluster, std::chrono::system_clock::now());
    send(std::move(d));
  }
  std::unique_lock lock{mutex_};
  slot_free_.wait(lock, [this] { return open_ == 0; });
  took_ = since(begin_);
  finished_ = true;
}

bool document_writer::take_slot() {
  std::unique_lock lock{mutex_};
  slot_free_.wait(lock, [this] { return open_ < options_.in_flight || stop_; });
  if (stop_)
    return false;
  ++open_;
  return true;
}

void document_writer::send(std::shared_ptr<const demo_document> d) {
  store_->put(d, [this, d](const result<bool>& answer) {
    if (!answer && !stop_) {
      static log::limiter once{milliseconds{1'000}};
      if (once.admit())
        log::warn("demo write failed, trying again", {{"error", to_string(answer.error())}});
      ++failures_;
      send(d);
      return;
    }
    ++acknowledged_;
    bytes_ += d->body.size();
    const std::lock_guard lock{mutex_};
    --open_;
    slot_free_.notify_all();
  });
}

} // namespace feedcast::app
