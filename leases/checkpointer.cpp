#include "leases/checkpointer.hpp"

#include <algorithm>

namespace feedcast {

checkpointer::checkpointer(checkpoint_options options, std::string stored, steady_time now)
    : options_{options}
    , retry_{options.retry, static_cast<std::uint64_t>(now.time_since_epoch().count())}
    , stored_{std::move(stored)}
    , taken_{now}
    , written_{now}
    , not_before_{now} {}

void checkpointer::offer(std::string position) {
  // What is stored or about to be needs no second write.
  const auto& newest = sent_ ? *sent_ : stored_;
  if (!pending_ && position == newest)
    return;
  pending_ = std::move(position);
}

std::optional<steady_time> checkpointer::next_due() const {
  if (sent_)
    return std::nullopt;
  if (pending_)
    return std::max(not_before_, draining_ ? written_ : written_ + options_.interval);
  if (draining_)
    return std::nullopt;
  return std::max(not_before_, written_ + options_.renew_after);
}

std::optional<std::string> checkpointer::take(steady_time now) {
  const auto due = next_due();
  if (!due || now < *due)
    return std::nullopt;
  sent_ = pending_ ? std::move(*pending_) : stored_;
  pending_.reset();
  taken_ = now;
  return sent_;
}

void checkpointer::on_written(steady_time now) {
  if (!sent_)
    return;
  stored_ = std::move(*sent_);
  sent_.reset();
  // Counted from when the write was taken: the stored timestamp is that old already when the answer
  // comes.
  written_ = taken_;
  not_before_ = now;
  retry_.reset();
}

void checkpointer::on_failed(const error& e, steady_time now) {
  if (!sent_)
    return;
  // A newer position was perhaps offered meanwhile; then the failed one is covered by it.
  if (!pending_ && *sent_ != stored_)
    pending_ = std::move(*sent_);
  sent_.reset();
  not_before_ = now + retry_.next(e.retry_after);
}

} // namespace feedcast
