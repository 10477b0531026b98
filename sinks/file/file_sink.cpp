#include "sinks/file/file_sink.hpp"

#include "sinks/file/append_file.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

namespace feedcast::file {

namespace {

/// How often a file that can't be written is tried while there is nothing to write.
constexpr milliseconds look_interval{1000};

std::string_view class_of(errc code) {
  return code == errc::forbidden ? "acl" : "other";
}

} // namespace

class file_sink::worker {
 public:
  explicit worker(std::string path) : path_(std::move(path)) {}

  void start() {
    thread_ = std::thread{[this] { run(); }};
  }

  void stop() {
    {
      const std::lock_guard lock{mutex_};
      stopping_ = true;
      wake_ = nullptr;
    }
    changed_.notify_all();
    thread_.join();
  }

  void set_wake(std::function<void()> wake) {
    const std::lock_guard lock{mutex_};
    wake_ = std::move(wake);
  }

  std::size_t accept(std::span<const outgoing_message> messages) {
    const std::lock_guard lock{mutex_};
    const auto n = std::min(messages.size(), capacity - std::min(capacity, unreported_));
    for (const auto& m : messages.first(n)) {
      tickets_.push_back(m.ticket);
      (lines_ += m.value) += '\n';
    }
    unreported_ += n;
    if (n > 0)
      changed_.notify_all();
    return n;
  }

  void take(std::vector<delivery_report>& reports) {
    const std::lock_guard lock{mutex_};
    unreported_ -= reports_.size();
    reports.insert(reports.end(), reports_.begin(), reports_.end());
    reports_.clear();
  }

  condition now() const {
    const std::lock_guard lock{mutex_};
    return condition_;
  }

 private:
  void run() {
    std::unique_lock lock{mutex_};
    for (bool first = true; !stopping_; first = false) {
      const auto tickets = std::exchange(tickets_, {});
      const auto lines = std::exchange(lines_, {});
      // Without lines it is a look at whether the file can be written.
      if (first || !tickets.empty() || !condition_.up) {
        lock.unlock();
        const auto written = append_durably(path_, lines);
        lock.lock();
        tell(tickets, written);
      }
      const auto busy = [this] { return stopping_ || !tickets_.empty(); };
      if (condition_.up)
        changed_.wait(lock, busy);
      else
        changed_.wait_for(lock, look_interval, busy);
    }
  }

  /// Under the lock.
  void tell(const std::vector<std::uint64_t>& tickets, const result<bool>& written) {
    for (const auto ticket : tickets)
      reports_.push_back(
          {ticket, written ? delivery_outcome::acknowledged : delivery_outcome::retry});
    condition_.up = written.has_value();
    condition_.reason = written ? "" : written.error().detail;
    condition_.error_class = written ? "" : class_of(written.error().code);
    condition_.errors += written ? 0 : 1;
    if (wake_)
      wake_(); // cheap by contract, so it may run under the lock, which keeps it alive
  }

  const std::string path_;
  std::thread thread_;
  mutable std::mutex mutex_; ///< guards what follows
  std::condition_variable changed_;
  std::vector<std::uint64_t> tickets_; ///< of the lines to write next
  std::string lines_;
  std::vector<delivery_report> reports_;
  std::size_t unreported_ = 0;
  condition condition_;
  std::function<void()> wake_;
  bool stopping_ = false;
};

file_sink::file_sink(std::string path) : worker_(std::make_unique<worker>(std::move(path))) {
  worker_->start();
}

file_sink::~file_sink() {
  worker_->stop();
}

void file_sink::on_ready(std::function<void()> wake) {
  worker_->set_wake(std::move(wake));
}

std::size_t file_sink::produce(std::span<const outgoing_message> messages) {
  return worker_->accept(messages);
}

void file_sink::poll(std::vector<delivery_report>& reports) {
  worker_->take(reports);
}

message_sink::condition file_sink::state() const {
  return worker_->now();
}

result<bool> probe_file(const std::string& path) {
  return append_durably(path, {});
}

} // namespace feedcast::file
