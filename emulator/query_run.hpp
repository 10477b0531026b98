#pragma once

#include "emulator/container.hpp"
#include "emulator/query.hpp"
#include "emulator/query_position.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace feedcast::emulator {

struct query_page {
  std::string rows; ///< JSON, with commas between
  std::size_t count = 0;
  std::optional<query_position> next; ///< nothing = that was all
};

/// One page of a query over a part of a container: at most `max_items` rows or 10,000, and not more
/// once it has 4 MiB. Without ORDER BY or aggregates it also ends after some 20,000 documents, so
/// that a query that finds little does not hold an I/O thread for long. Memory: the page, and with
/// ORDER BY a place for each of its rows.
answer<query_page> run_query(const container& data, const query& q, const selection& where,
                             query_position from, std::size_t max_items);

/// All of a query over a few texts, which is how databases and containers are asked for. 400 for
/// ORDER BY and aggregates.
answer<std::vector<std::string>> run_query(const query& q, const std::vector<std::string>& texts);

} // namespace feedcast::emulator
