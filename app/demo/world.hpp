#pragma once

#include "app/demo/demo.hpp"
#include "app/demo/store.hpp"
#include "core/result.hpp"
#include "http/runtime.hpp"
#include "settings/service_config.hpp"

#include <memory>

namespace feedcast::app {

/// The database that the demo runs over: two collections, whisks and subjects, which are made with
/// it and go away with it.
class demo_world {
 public:
  demo_world() = default;
  virtual ~demo_world() = default;
  demo_world(const demo_world&) = delete;
  demo_world& operator=(const demo_world&) = delete;

  /// Adds account and feeds.
  virtual void configure(settings::service_config& c) const = 0;
  /// For writing, apart from the service.
  virtual std::shared_ptr<demo_store> store() = 0;
};

/// An emulator of Cosmos DB. `io` outlives it.
result<std::unique_ptr<demo_world>> emulated_world(http::runtime& io, const demo_options& options);

/// Databases of its own on the CouchDB server that `options` name. `rejected` if that is no usable
/// URL. `io` outlives it.
result<std::unique_ptr<demo_world>> couch_world(http::runtime& io, const demo_options& options);

} // namespace feedcast::app
