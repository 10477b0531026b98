#include "emulator/epk.hpp"

#include <gtest/gtest.h>

namespace feedcast::emulator {
namespace {

struct vector {
  key_value value;
  const char* epk;
};

TEST(epk, matches_the_vectors_of_the_service) {
  const vector vectors[] = {
      {"", "32E9366E637A71B4E710384B2F4970A0"},
      {"a", "3A5381E1114EB8D3FCC90795045B49B7"},
      {"x", "11E3F358618BE9AA5BAFF4C7C74F0716"},
      {"partitionKey", "013AEFCF77FA271571CF665A58C933F1"},
      {"redmond", "22E342F38A486A088463DFF7838A5963"},
      {"\xc3\xa9", "007199F104E04116EE25AF912CA4889B"},
      {5.0, "19C08621B135968252FB34B4CF66F811"},
      {5.5, "0E2EE47829D1AF775EEFB6540FD1D0ED"},
      {0.0, "155B95BEDAC4B1E9EC1CDC9BB0DDDE58"},
      {-1.0, "19938E7A936C1C5B9E3AE842BBC16839"},
      {true, "0E711127C5B5A8E4726AC6DD306A3E59"},
      {false, "2FE1BE91E90A3439635E0E9E37361EF2"},
      {null_value{}, "378867E4430E67857ACE5C908374FE16"},
      {undefined_value{}, "11622DAA78F835834610ABE56EFF5CB5"},
  };

  for (const vector& v : vectors)
    EXPECT_EQ(effective_partition_key(v.value), v.epk);
}

TEST(epk, hashes_texts_longer_than_a_block) {
  const std::string text(1000, 'y');

  const std::string epk = effective_partition_key(text);

  EXPECT_EQ(epk.size(), 32U);
  EXPECT_LE(epk.front(), '3');
  EXPECT_NE(epk, effective_partition_key(text + 'y'));
}

TEST(epk, two_even_ranges_meet_in_the_middle_of_the_hash_space) {
  EXPECT_EQ(even_bounds(1), (std::vector<std::string>{"", "FF"}));
  EXPECT_EQ(even_bounds(2),
            (std::vector<std::string>{"", "1FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", "FF"}));
}

TEST(epk, even_bounds_rise_for_every_count) {
  for (const std::uint32_t count : {3U, 7U, 100U, 1000U}) {
    const auto bounds = even_bounds(count);
    ASSERT_EQ(bounds.size(), count + 1);
    for (std::size_t i = 1; i < bounds.size(); ++i)
      EXPECT_LT(bounds[i - 1], bounds[i]) << count;
  }
}

TEST(epk, midpoint_halves_a_range) {
  EXPECT_EQ(midpoint("", "FF"), "1FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF");
  EXPECT_EQ(midpoint("", "1FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"), "0FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF");
}

TEST(epk, a_range_of_one_value_has_no_midpoint) {
  EXPECT_EQ(midpoint("00000000000000000000000000000001", "00000000000000000000000000000002"),
            std::nullopt);
}

} // namespace
} // namespace feedcast::emulator
