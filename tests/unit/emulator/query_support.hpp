#pragma once

#include "emulator/query_run.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace feedcast::emulator::testing {

inline answer<query> parse(std::string_view sql, boost::json::array parameters = {}) {
  return parse_query(boost::json::serialize(
      boost::json::object{{"query", sql}, {"parameters", std::move(parameters)}}));
}

inline boost::json::object parameter(std::string_view name, boost::json::value value) {
  return {{"name", name}, {"value", std::move(value)}};
}

/// What a query makes of these documents, which no container holds.
inline std::vector<std::string> rows_of(std::string_view sql,
                                        const std::vector<std::string>& documents,
                                        boost::json::array parameters = {}) {
  const auto q = parse(sql, std::move(parameters));
  EXPECT_TRUE(q.has_value()) << sql << ": " << (q ? "" : q.error().message);
  if (!q)
    return {};
  const auto rows = run_query(*q, documents);
  EXPECT_TRUE(rows.has_value()) << sql << ": " << (rows ? "" : rows.error().message);
  return rows ? *rows : std::vector<std::string>{};
}

} // namespace feedcast::emulator::testing
