#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace feedcast::http::detail {

/// Lets calls of user code through until it is closed, and makes closing wait for those that run,
/// so that an owner may destroy what its callbacks refer to. Thread-safe.
class call_gate {
 public:
  /// Holds the gate open for the length of one call; false if the gate was closed already.
  class pass {
   public:
    explicit pass(call_gate& gate);
    ~pass();
    pass(const pass&) = delete;
    pass& operator=(const pass&) = delete;

    explicit operator bool() const noexcept { return gate_ != nullptr; }

   private:
    friend call_gate;
    call_gate* gate_;
    pass* outer_ = nullptr; ///< the pass that the same thread holds around this one
  };

  /// No pass is given after it returns and none is held, but those of the calling thread: a
  /// callback may destroy the owner of its own gate.
  void close();

 private:
  std::mutex mutex_;
  std::condition_variable left_;
  std::size_t inside_ = 0;
  bool closed_ = false;
};

} // namespace feedcast::http::detail
