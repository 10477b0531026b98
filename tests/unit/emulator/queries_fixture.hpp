#pragma once

#include "test_client.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace feedcast::emulator::testing {

inline constexpr std::string_view range_header = "x-ms-documentdb-partitionkeyrangeid";

/// Three ranges with twelve documents {"id","n"}: lease...0 to lease...9, other..10 and other..11.
struct queries_fixture : ::testing::Test {
  queries_fixture() : container(account.make_container(3)) {
    for (int i = 0; i < 12; ++i)
      account.put((i < 10 ? "lease..." : "other..") + std::to_string(i), i);
  }

  result_of_call query(std::string_view sql, field_list headers = {}) {
    headers.emplace_back("x-ms-documentdb-isquery", "True");
    headers.emplace_back("x-ms-documentdb-query-enablecrosspartition", "True");
    headers.emplace_back("content-type", "application/query+json");
    return account.send_all("POST", std::string(docs), std::move(headers),
                            boost::json::serialize(boost::json::object{{"query", sql}}));
  }

  struct page {
    std::vector<std::string> rows;
    std::string continuation;
  };

  page read_page(std::string_view sql, std::size_t size, const std::string& continuation,
                 field_list headers) {
    headers.emplace_back("x-ms-max-item-count", std::to_string(size));
    if (!continuation.empty())
      headers.emplace_back("x-ms-continuation", continuation);
    const auto r = query(sql, std::move(headers));
    EXPECT_EQ(r.status(), 200U) << r.body;
    page p;
    if (r.status() != 200)
      return p;
    const auto json = r.json(); // lives as long as its array is walked
    for (const auto& row : json.at("Documents").as_array())
      p.rows.push_back(boost::json::serialize(row));
    EXPECT_LE(p.rows.size(), size);
    EXPECT_EQ(r.header("x-ms-item-count"), std::to_string(p.rows.size()));
    p.continuation = r.header("x-ms-continuation");
    return p;
  }

  /// All pages of it, each no larger than `size`.
  std::vector<std::string> rows(std::string_view sql, std::size_t size, field_list headers = {}) {
    std::vector<std::string> all;
    page p;
    do {
      p = read_page(sql, size, p.continuation, headers);
      all.insert(all.end(), p.rows.begin(), p.rows.end());
    } while (!p.continuation.empty());
    return all;
  }

  std::vector<std::string> of_range_0(std::string_view sql, std::size_t size) {
    return rows(sql, size, {{range_header, "0"}});
  }

  test_client account;
  container_ptr container;
};

} // namespace feedcast::emulator::testing
