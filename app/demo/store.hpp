#pragma once

#include "app/demo/documents.hpp"
#include "core/result.hpp"

#include <memory>

namespace feedcast::app {

/// Where the demo's documents are written. Thread-safe; nothing blocks.
class demo_store {
 public:
  virtual ~demo_store() = default;

  /// Creates or replaces a document, or marks it as deleted. After an error the caller tries again.
  virtual void put(std::shared_ptr<const demo_document> d, callback<bool> done) = 0;
};

} // namespace feedcast::app
