#include "app/dlq/sender.hpp"

#include "pipeline/openwhisk/message.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>

namespace feedcast::app {

namespace {

/// The sink wants its housekeeping that often.
constexpr milliseconds beat{50};

/// The invalidations as the sink wants them; their bytes stay where they are.
std::vector<outgoing_message> messages_of(const std::vector<resend>& keys, std::string& bytes) {
  std::vector<openwhisk::appended_message> places;
  places.reserve(keys.size());
  for (const auto& k : keys)
    places.push_back(openwhisk::append_invalidation(bytes, k.key));
  std::vector<outgoing_message> out;
  out.reserve(keys.size());
  const std::string_view all = bytes;
  for (const auto& m : places)
    out.push_back({.value = all.substr(m.offset, m.size),
                   .key = all.substr(m.key_offset, m.key_size),
                   .ticket = out.size(),
                   .lsn = keys[out.size()].lsn});
  return out;
}

/// Rung by the sink, from any thread.
class bell {
 public:
  void ring() {
    const std::lock_guard lock{mutex_};
    rung_ = true;
    changed_.notify_all();
  }

  void wait(milliseconds limit) {
    std::unique_lock lock{mutex_};
    changed_.wait_for(lock, limit, [this] { return rung_; });
    rung_ = false;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool rung_ = false;
};

} // namespace

sent_invalidations send_invalidations(std::unique_ptr<message_sink> sink,
                                      const std::vector<resend>& keys, milliseconds deadline) {
  std::string bytes;
  const auto messages = messages_of(keys, bytes);
  bell bell;
  sink->on_ready([&bell] { bell.ring(); });
  std::deque<outgoing_message> queue(messages.begin(), messages.end());
  std::vector<bool> done(keys.size());
  sent_invalidations out;
  std::vector<delivery_report> reports;
  const auto end = std::chrono::steady_clock::now() + deadline;
  while (out.acknowledged.size() + out.refused.size() < keys.size()
         && std::chrono::steady_clock::now() < end) {
    while (!queue.empty() && sink->produce({&queue.front(), 1}) == 1)
      queue.pop_front();
    bell.wait(beat);
    reports.clear();
    sink->poll(reports);
    for (const auto& r : reports) {
      if (r.outcome == delivery_outcome::retry) {
        queue.push_back(messages[r.ticket]);
        continue;
      }
      done[r.ticket] = true;
      (r.outcome == delivery_outcome::acknowledged ? out.acknowledged : out.refused)
          .push_back(r.ticket);
    }
  }
  sink.reset(); // it may still hold the bytes of some
  for (std::size_t i = 0; i < done.size(); ++i)
    if (!done[i])
      out.open.push_back(i);
  return out;
}

} // namespace feedcast::app
