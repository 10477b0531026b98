#include "http/crypto/digest.hpp"

#include <gtest/gtest.h>

#include <string>

namespace feedcast::http::crypto {

namespace {

// RFC 4231, FIPS 180-4 and RFC 4648.
TEST(digest, hmac_matches_rfc_4231) {
  EXPECT_EQ(to_hex(hmac_sha256(std::string(20, '\x0b'), "Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(to_hex(hmac_sha256(std::string(131, '\xaa'),
                               "Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(digest, hmac_takes_an_empty_key_and_message) {
  EXPECT_EQ(to_hex(hmac_sha256({}, {})),
            "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(digest, sha256_matches_the_standard) {
  EXPECT_EQ(to_hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(to_hex(sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(digest, base64_matches_rfc_4648) {
  const std::pair<std::string, std::string> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [raw, coded] : vectors) {
    EXPECT_EQ(base64_encode(raw), coded);
    EXPECT_EQ(base64_decode(coded).value(), raw);
  }
}

TEST(digest, base64_keeps_every_byte) {
  std::string all;
  for (int i = 0; i < 256; ++i)
    all += static_cast<char>(i);

  EXPECT_EQ(base64_decode(base64_encode(all)).value(), all);
}

TEST(digest, base64_trims_what_an_editor_leaves_around_a_key) {
  EXPECT_EQ(base64_decode(" Zm9v\r\n").value(), "foo");
}

TEST(digest, base64_refuses_what_is_not_canonical) {
  for (const auto* bad :
       {"Zg", "Zg=", "Z===", "====", "Zm9v!", "Zm 9v", "Zh==", "Zg==Zg==", "Zm9v\nZm9v", "Zm-_"}) {
    const auto decoded = base64_decode(bad);
    ASSERT_FALSE(decoded) << bad;
    EXPECT_EQ(decoded.error().code, errc::rejected);
    EXPECT_EQ(decoded.error().detail.find("Zm9v"), std::string::npos) << "shows a secret";
  }
}

TEST(digest, constant_time_comparison_compares) {
  EXPECT_TRUE(equal_constant_time("", ""));
  EXPECT_TRUE(equal_constant_time("secret", "secret"));
  EXPECT_FALSE(equal_constant_time("secret", "secreT"));
  EXPECT_FALSE(equal_constant_time("secret", "secrets"));
}

} // namespace

} // namespace feedcast::http::crypto
