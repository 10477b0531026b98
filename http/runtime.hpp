#pragma once

#include <memory>

namespace feedcast::http {

/// The I/O threads that all clients and servers of a process share. Outlives them.
class runtime {
 public:
  explicit runtime(unsigned threads = 1);
  /// Stops and joins the threads; handlers that have not run are destroyed unrun. A name look-up
  /// that hangs holds it up, for as long as the system's resolver is patient.
  ~runtime();
  runtime(const runtime&) = delete;
  runtime& operator=(const runtime&) = delete;

  struct impl; ///< defined in http/detail: only http/ sees Asio

  impl& get() noexcept { return *impl_; }

 private:
  std::unique_ptr<impl> impl_;
};

} // namespace feedcast::http
