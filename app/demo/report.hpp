#pragma once

#include "app/demo/demo.hpp"
#include "app/demo/ledger.hpp"
#include "app/demo/writer.hpp"

namespace feedcast::app {

/// The demo's output: a table while it runs, then a summary; with `json` only the summary, as one
/// JSON object.
class demo_report {
 public:
  demo_report(const demo_options& options, const ledger& book);

  void begin() const;
  void line(const document_writer& writer);
  /// True if every write arrived, no message was foreign or corrupt, and the service drained.
  bool finish(const document_writer& writer, bool drained, std::uint64_t corrupt) const;

 private:
  void finish_text(const document_writer& writer, bool drained, std::uint64_t corrupt) const;
  void finish_json(const document_writer& writer, bool drained, std::uint64_t corrupt) const;

  const demo_options& options_;
  const ledger& book_;
  std::uint64_t last_written_ = 0;
  steady_time last_line_{};
};

} // namespace feedcast::app
