#pragma once

#include "core/clock.hpp"

#include <optional>
#include <string>

namespace feedcast {

/// Who reads a range for a processor, and how far. A value; the store decides how it is written
/// down.
struct lease {
  std::string range_id;     ///< lease token: the partition key range id
  std::string owner;        ///< instance name; empty = nobody
  std::string continuation; ///< opaque; empty = no position stored yet
  wall_time timestamp{};    ///< last renewal or checkpoint, by the writer's clock

  std::string
      version; ///< the store's etag of this document, for compare-and-swap; empty = never stored
  std::string raw; ///< the document as read, so that members we don't know survive a rewrite
};

} // namespace feedcast
