#include "pipeline/stages.hpp"
#include "tests/support/large_page.hpp"
#include "tests/support/pages.hpp"

#include <gtest/gtest.h>

using namespace feedcast;
using feedcast::testing::large_page;
using feedcast::testing::large_page_bytes;
using feedcast::testing::make_page;

namespace {

/// Offsets at which a cut page was taken for a page, whole or in part.
std::vector<std::size_t> accepted_cuts(page_stages& stages, std::string_view text) {
  std::vector<std::size_t> accepted;
  for (std::size_t n = 0; n < text.size(); ++n) {
    const auto batch = stages.process(make_page(text.substr(0, n)), {});
    if (batch || batch.error().code != errc::malformed)
      accepted.push_back(n);
  }
  return accepted;
}

} // namespace

TEST(truncation, a_page_of_64_kib_cut_at_any_byte_is_rejected_whole) {
  const auto text = large_page();
  ASSERT_EQ(text.size(), large_page_bytes);
  page_stages stages{{}};
  ASSERT_EQ((*stages.process(make_page(text), {}))->counts.unusable, 0U);

  EXPECT_EQ(accepted_cuts(stages, text), std::vector<std::size_t>{});

  const auto whole = stages.process(make_page(text), {});
  ASSERT_TRUE(whole.has_value()) << "a rejected page must not spoil the next one";
  EXPECT_EQ((*whole)->messages.size(), feedcast::testing::large_page_documents);
  RecordProperty("bad_inputs", static_cast<int>(text.size()));
}

TEST(truncation, a_damaged_page_cut_at_any_byte_is_rejected_whole) {
  auto text = large_page().substr(0, 4096);
  text = text.substr(0, text.rfind("},{\"name\"") + 1) + ",{\"x\":\"\xff\",\"id\":\"b|1\"}]}";
  page_stages stages{{}};
  ASSERT_EQ((*stages.process(make_page(text), {}))->counts.repaired, 1U);

  EXPECT_EQ(accepted_cuts(stages, text), std::vector<std::size_t>{});
  RecordProperty("bad_inputs", static_cast<int>(text.size()));
}
