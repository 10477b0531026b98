#pragma once

#include "core/clock.hpp"
#include "core/result.hpp"
#include "http/server.hpp"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace feedcast::emulator {

/// A control request at a moment.
struct script_step {
  milliseconds at{0}; ///< after the start
  std::string method;
  std::string target; ///< path, perhaps with a query
  std::string body;   ///< JSON or empty
  unsigned line = 0;  ///< of the file
};

/// Reads lines of the form "TIME METHOD PATH [BODY]", such as `1500ms POST /_emulator/failover
/// {"to":"West"}`. Times are of the start, in ms, s or m, and don't fall. Empty lines and those
/// that begin with '#' are passed over. Each request is held against the routes and what their
/// bodies may be. `rejected` with "FILE:LINE: error: what is wrong" for every line that is wrong.
result<std::vector<script_step>> read_script(std::string_view text, std::string_view file);

/// Sends the steps of a script to the emulator's own routes, in time. What a step is answered is
/// logged, a refusal as an error; the next ones come all the same. One thread, which the destructor
/// ends at once.
class script_runner {
 public:
  /// Called on the runner's thread. Outlives the runner.
  using service = std::function<void(http::server_request, http::responder)>;

  script_runner(std::vector<script_step> steps, service target);
  ~script_runner();
  script_runner(const script_runner&) = delete;
  script_runner& operator=(const script_runner&) = delete;

  /// Waits until all steps were sent; returns how many were refused.
  unsigned wait();

 private:
  void run();
  void send(const script_step& step);

  const std::vector<script_step> steps_;
  const service target_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  bool done_ = false;
  unsigned refused_ = 0;
  std::thread thread_; ///< last: it uses the others
};

} // namespace feedcast::emulator
