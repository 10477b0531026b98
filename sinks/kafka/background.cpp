#include "sinks/kafka/background.hpp"

#include "core/log.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

namespace feedcast::kafka {

struct background::shared {
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::function<void()>> jobs;
  bool closing = false;
  bool ended = false;

  void run() {
    std::unique_lock lock{mutex};
    for (;;) {
      changed.wait(lock, [this] { return closing || !jobs.empty(); });
      if (jobs.empty())
        break;
      auto job = std::move(jobs.front());
      jobs.pop_front();
      lock.unlock();
      job();
      job = nullptr; // what it owns is destroyed here, not under the lock
      lock.lock();
    }
    ended = true;
    changed.notify_all();
  }
};

background::background() : shared_(std::make_shared<shared>()) {
  std::thread{[state = shared_] { state->run(); }}.detach();
}

background::~background() {
  std::unique_lock lock{shared_->mutex};
  shared_->closing = true;
  shared_->changed.notify_all();
  if (!shared_->changed.wait_for(lock, patience, [this] { return shared_->ended; }))
    log::warn("a Kafka client takes long to close and is left behind",
              {{"waited_ms", patience.count()}});
}

void background::post(std::function<void()> job) {
  const std::lock_guard lock{shared_->mutex};
  shared_->jobs.push_back(std::move(job));
  shared_->changed.notify_all();
}

} // namespace feedcast::kafka
