#pragma once

#include <cstddef>

namespace feedcast::emulator {

// Request units, as the service gives them for documents of 1, 4 and 64 KiB with every path
// indexed, and in proportion between and beyond: 1, 1.3 and 10 for a read; 5, 7 and 48 for a write.

/// Of a point read that answers with that many bytes.
double read_charge(std::size_t bytes) noexcept;

/// Of a create or delete. A document that is replaced costs twice: its old terms leave the index.
double write_charge(std::size_t bytes, bool replaced = false) noexcept;

/// Of a page of a feed, list or query: a look, and the reading of what was found.
double page_charge(std::size_t bytes) noexcept;

} // namespace feedcast::emulator
