#include "emulator/expiry_sweeper.hpp"

#include <chrono>

namespace feedcast::emulator {

expiry_sweeper::expiry_sweeper(store& data) : data_(data), thread_([this] { run(); }) {}

expiry_sweeper::~expiry_sweeper() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_.notify_one();
  thread_.join();
}

void expiry_sweeper::run() {
  constexpr std::chrono::milliseconds pause{250};
  std::unique_lock lock(mutex_);
  while (!stop_.wait_for(lock, pause, [this] { return stopping_; })) {
    lock.unlock();
    data_.remove_expired();
    lock.lock();
  }
}

} // namespace feedcast::emulator
