#pragma once

#include "core/result.hpp"
#include "pipeline/ports.hpp"

#include <memory>
#include <string>

namespace feedcast::file {

/// Appends one line for each message to a file, mode 0600, and reports it `acknowledged` when it is
/// flushed to the disk. Keys are not written.
/// - The file is opened anew for each write, so that it may be renamed or removed at any time. It
/// may
///   be shared with other processes.
/// - A line that could not be written whole is closed before the next one, and its message is
///   reported `retry`: readers skip lines that are no record, or empty.
/// - Works on a thread of its own. The destructor finishes the write under way.
class file_sink final : public message_sink {
 public:
  /// Never fails: a file that can't be written is a state, and is tried again.
  explicit file_sink(std::string path);
  ~file_sink() override;
  file_sink(const file_sink&) = delete;
  file_sink& operator=(const file_sink&) = delete;

  void on_ready(std::function<void()> wake) override;
  std::size_t produce(std::span<const outgoing_message> messages) override;
  void poll(std::vector<delivery_report>& reports) override;
  condition state() const override;

  /// Unreported messages that it accepts.
  static constexpr std::size_t capacity = 1024;

 private:
  class worker;
  std::unique_ptr<worker> worker_;
};

/// True if lines can be appended to the file; it is made if it is missing. `forbidden` without the
/// right, `rejected` if it is no plain file, else `unavailable`.
result<bool> probe_file(const std::string& path);

} // namespace feedcast::file
