#pragma once

#include "core/padded_buffer.hpp"
#include "core/result.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace feedcast::couchdb {

struct row_options {
  bool documents = false; ///< rows come with their documents, of which what matters is taken over
  bool subjects = false;  ///< of these the namespaces and uuids, too
  std::string stamp;      ///< the member that names the writer's cluster; empty = there is none
};

/// What one item of a feed says.
struct row_facts {
  enum class kind : std::uint8_t {
    change, ///< its document was added to the page
    end,    ///< {"last_seq":...,"pending":...}: where this answer ends
    error,  ///< {"error":...,"reason":...} in the place of a row
  };
  kind what = kind::change;
  std::string_view seq;                   ///< as JSON; empty = it names none
  std::optional<std::uint64_t> pending{}; ///< rows behind the end
  error why{};                            ///< of an error
};

/// Turns rows into the documents that the pipeline reads:
///     {"id":"guest/hello","_deleted":true,"entityType":"action","_clusterId":"eu1"}
/// A row that can't be parsed is taken over as it came: the pipeline repairs it, or finds its id.
/// Keeps its buffers. Used by one thread at a time.
class row_reader {
 public:
  explicit row_reader(row_options options);
  ~row_reader();
  row_reader(const row_reader&) = delete;
  row_reader& operator=(const row_reader&) = delete;

  /// `row`: an item of row_splitter, in its padded buffer. A change is appended to `page`, with a
  /// comma before it unless it is the first, which an empty page or a `[` at its end tells.
  row_facts read(std::string_view row, padded_buffer& page);

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace feedcast::couchdb
