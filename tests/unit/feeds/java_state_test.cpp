#include "feeds/cosmos/java_state.hpp"
#include "http/crypto/digest.hpp"

#include <gtest/gtest.h>

namespace feedcast::cosmos {

namespace {

/// Of etag "123", the whole container O7RwAKylJbY=, from the beginning, as Java 4 writes it.
constexpr std::string_view of_java = "eyJWIjoxLCJSaWQiOiJPN1J3QUt5bEpiWT0iLCJNb2RlIjoiSU5DUkVNRU5UQ"
                                     "UwiLCJTdGFydEZyb20iOnsiVHlwZSI6IkJF"
                                     "R0lOTklORyJ9LCJDb250aW51YXRpb24iOnsiViI6MSwiUmlkIjoiTzdSd0FLe"
                                     "WxKYlk9IiwiQ29udGludWF0aW9uIjpbeyJ0"
                                     "b2tlbiI6IlwiMTIzXCIiLCJyYW5nZSI6eyJtaW4iOiIiLCJtYXgiOiJGRiJ9f"
                                     "V0sIlJhbmdlIjp7Im1pbiI6IiIsIm1heCI6"
                                     "IkZGIn19fQ==";

std::string base64(std::string_view json) {
  return http::crypto::base64_encode(json);
}

std::string inside(const std::string& state) {
  return *http::crypto::base64_decode(state);
}

} // namespace

TEST(java_state, holds_the_continuation) {
  const auto read = read_java_state(of_java);
  ASSERT_TRUE(read.has_value()) << read.error().detail;
  EXPECT_EQ(*read, "\"123\"");
}

TEST(java_state, a_new_one_is_what_java_writes) {
  const auto made = write_java_state("", "\"123\"", whole_key_space(), "O7RwAKylJbY=");
  ASSERT_TRUE(made.has_value());
  EXPECT_EQ(*made, of_java);
}

TEST(java_state, only_the_continuation_is_replaced) {
  const auto before = base64(
      R"({"V":1,"Rid":"/dbs/d/colls/c","Mode":"INCREMENTAL","StartFrom":{"Type":"LEASE","Etag":"\"9\""},"later":[1,{}],)"
      R"("Continuation":{"V":1,"Rid":"x","Continuation":[{"token":"\"9\"","range":{"min":"1F","max":"FF"},"more":true}],"Range":{"min":"1F","max":"FF"}}})");
  const auto after = write_java_state(before, "\"10\"", {"1F", "FF"}, "ours");
  ASSERT_TRUE(after.has_value()) << after.error().detail;
  EXPECT_EQ(
      inside(*after),
      R"({"V":1,"Rid":"/dbs/d/colls/c","Mode":"INCREMENTAL","StartFrom":{"Type":"LEASE","Etag":"\"9\""},"later":[1,{}],)"
      R"("Continuation":{"V":1,"Rid":"x","Continuation":[{"token":"\"10\"","range":{"min":"1F","max":"FF"},"more":true}],"Range":{"min":"1F","max":"FF"}}})");
}

TEST(java_state, one_without_a_continuation_gets_it) {
  const auto before = base64(
      R"({"V":1,"Rid":"r","Mode":"INCREMENTAL","Range":{"min":"","max":"1F"},"StartFrom":{"Type":"NOW"}})");
  EXPECT_EQ(*read_java_state(before), "");
  const auto after = write_java_state(before, "\"10\"", {"", "1F"}, "ours");
  ASSERT_TRUE(after.has_value());
  EXPECT_EQ(*read_java_state(*after), "\"10\"");
  EXPECT_EQ(
      inside(*after),
      R"({"V":1,"Rid":"r","Mode":"INCREMENTAL","StartFrom":{"Type":"NOW"},)"
      R"("Continuation":{"V":1,"Rid":"r","Continuation":[{"token":"\"10\"","range":{"min":"","max":"1F"}}],"Range":{"min":"","max":"1F"}}})");
}

TEST(java_state, is_read_in_either_alphabet_and_without_padding) {
  const auto text =
      base64(R"({"V":1,"x":"~~?>~~~","Continuation":{"Continuation":[{"token":"\"7\""}]}})");
  std::string url = text;
  for (auto& c : url)
    c = c == '+' ? '-' : c == '/' ? '_' : c;
  ASSERT_NE(url, text) << "the sample has to hold what is written differently";
  while (url.ends_with('='))
    url.pop_back();
  EXPECT_EQ(*read_java_state(text), "\"7\"");
  EXPECT_EQ(*read_java_state(url), "\"7\"");
}

TEST(java_state, is_written_so_that_every_reader_decodes_it) {
  for (const auto* odd : {">>>", "???", "~~~", "a>b?c~d", "\x7f\x7f\x7f"}) {
    const auto made = write_java_state("", odd, whole_key_space(), "r");
    ASSERT_TRUE(made.has_value());
    EXPECT_EQ(made->find_first_of("+/-_"), std::string::npos) << *made;
    EXPECT_EQ(*read_java_state(*made), odd);
  }
}

TEST(java_state, of_all_versions_is_not_ours) {
  const auto read = read_java_state(base64(
      R"({"V":1,"Mode":"FULL_FIDELITY","Continuation":{"Continuation":[{"token":"\"7\""}]}})"));
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().code, errc::rejected);
}

TEST(java_state, what_is_none_is_malformed) {
  for (const auto& text :
       {std::string{"\"24\""}, std::string{"24"}, std::string{"!!"}, base64("[]"), base64("{"),
        base64(R"({"V":2})"), base64(R"({"V":1,"Continuation":7})"),
        base64(R"({"V":1,"Continuation":{"Continuation":[]}})"),
        base64(R"({"V":1,"Continuation":{"Continuation":[{"token":"1"},{"token":"2"}]}})"),
        base64(R"({"V":1,"Continuation":{"Continuation":[{"token":1}]}})")}) {
    const auto read = read_java_state(text);
    ASSERT_FALSE(read.has_value()) << text;
    EXPECT_EQ(read.error().code, errc::malformed);
  }
}

} // namespace feedcast::cosmos
