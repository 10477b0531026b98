#pragma once

#include <string>

namespace feedcast::app {

struct demo_options {
  int seconds = 30;
  int rate = 1000; ///< documents per second
  int ranges = 4;  ///< partition key ranges of each collection
  bool json = false;
  std::string couchdb; ///< URL of a CouchDB server to use instead of the emulator
};

/// `feedcast demo`: writes documents to an embedded emulator (or a CouchDB server) over HTTP, lets
/// the service carry them to two embedded Kafka clusters and reads those back. Returns exit_ok only
/// if every write is accounted for on every target that had to hear of it.
int demo(const demo_options& options);

} // namespace feedcast::app
