#pragma once

#include "tests/support/pages.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace feedcast::testing {

inline constexpr std::size_t large_page_bytes = std::size_t{64} << 10U;
inline constexpr std::size_t large_page_documents = 150;

/// A page of exactly 64 KiB in which a cut can fall into anything: escapes, letters of two to four
/// bytes, numbers, nesting, literals, what looks like the end of the page inside a string. Padded
/// by the length of its last document.
inline std::string large_page() {
  std::vector<std::string> documents;
  for (std::size_t i = 0; i < large_page_documents; ++i) {
    auto document = action("guest|änderung/" + std::to_string(i), i % 3 == 0 ? "eu" : "us", i + 1);
    document.pop_back();
    document +=
        R"(,"version":"0.0.1","publish":false,"updated":1767225600123,"limits":{"timeout":60000,"logs":[10,null,-1.5e3]},)";
    document +=
        R"("annotations":[{"key":"\"},{\\","value":"]}"},{"key":"ключ 𝄞","value":{"nested":[[],{},[{"deep":true}]]}}]})";
    documents.push_back(std::move(document));
  }
  const auto missing = large_page_bytes - page_text(documents).size();
  documents.back().insert(1, R"("pad":")" + std::string(missing - 9, 'p') + R"(",)");
  return page_text(documents);
}

} // namespace feedcast::testing
