#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace feedcast {

/// Keeps the promise "after destruction no answer comes": answers pass through the gate, the
/// destructor closes it. A weak pointer alone would let an answer through that another thread had
/// already begun to give. Thread-safe. An answer may close the gate that it is passing.
class answer_gate {
 public:
  /// Runs `give` unless the gate is closed.
  template <class Function>
  void pass(Function&& give) {
    if (!enter())
      return;
    const leaver at_end{*this};
    std::forward<Function>(give)();
  }

  /// Lets nothing more through, and returns once no other thread is inside.
  void close();

 private:
  struct leaver {
    answer_gate& gate;

    ~leaver() { gate.leave(); }
  };

  bool enter();
  void leave();

  std::mutex mutex_;
  std::condition_variable left_;
  std::vector<std::thread::id> inside_;
  bool closed_ = false;
};

} // namespace feedcast
