// What is read of subjects: names, uuids if they are wanted, and nothing else.
#include "pipeline/decode.hpp"
#include "tests/support/pages.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace feedcast::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct outcome {
  std::vector<std::string> elements; ///< "name uuid"
  bool doubtful = false;
  std::size_t unusable = 0;
};

outcome decode(const std::string& document, bool uuids = true) {
  page_decoder decoder{{.subjects = true, .uuids = uuids}};
  const auto page = make_page(page_text({document, R"({"id":"next"})"}));
  const auto decoded = decoder.decode(page);
  EXPECT_TRUE(decoded.has_value()) << document;
  outcome out;
  if (!decoded)
    return out;
  const auto& c = (*decoded)->changes.front();
  for (const auto& e : (*decoded)->elements_of(c))
    out.elements.push_back(std::string{e.name} + ' ' + std::string{e.uuid});
  out.doubtful = c.elements_doubtful;
  out.unusable = (*decoded)->unusable.size();
  EXPECT_THAT((*decoded)->elements_of((*decoded)->changes.back()), IsEmpty());
  return out;
}

} // namespace

TEST(decode_subject, every_shape_of_a_list) {
  struct row {
    const char* what;
    std::string document;
    std::vector<std::string> elements;
    bool doubtful = false;
  };

  const std::vector<row> rows{
      {"a subject",
       R"({"id":"s","namespaces":[{"key":"K","name":"a","uuid":"u"}],"subject":"s"})",
       {"a u"}},
      {"two namespaces, blocked",
       R"({"blocked":true,"id":"s","namespaces":[{"name":"a","uuid":"u"},{"uuid":"v","name":"b"}]})",
       {"a u", "b v"}},
      {"the list before the id", R"({"namespaces":[{"name":"a"}],"id":"s"})", {"a "}},
      {"an empty list", R"({"id":"s","namespaces":[]})", {}},
      {"no list", R"({"id":"s"})", {}},
      {"legacy", R"({"uuid":"u","key":"K","subject":"s","id":"s"})", {"s u"}},
      {"legacy and a list",
       R"({"id":"s","uuid":"u","key":"K","namespaces":[{"name":"a","uuid":"v"}]})",
       {"a v", "s u"}},
      {"no name", R"({"id":"s","namespaces":[{"uuid":"u"}]})", {" u"}},
      {"nothing that is known", R"({"id":"s","namespaces":[{"key":"K"},{}]})", {}},
      {"named twice",
       R"({"id":"s","namespaces":[{"name":"a","uuid":"u","name":"b"}]})",
       {"a u", "b u"}},
      {"two lists",
       R"({"id":"s","namespaces":[{"name":"a"}],"namespaces":[{"name":"b"}]})",
       {"a ", "b "}},
      {"an escaped name", R"({"id":"s","namespaces":[{"name":"caf\u00e9"}]})", {"caf\u00e9 "}},
      {"a name of another type",
       R"({"id":"s","namespaces":[{"name":5,"uuid":"u"}]})",
       {" u"},
       true},
      {"an element of another type", R"({"id":"s","namespaces":[7,{"name":"a"}]})", {"a "}, true},
      {"a list of another type", R"({"id":"s","namespaces":{"name":"a"}})", {}, true},
      {"a list that is null", R"({"id":"s","namespaces":null})", {}, true},
      {"a key where a uuid should be",
       R"({"id":"s","uuid":")" + std::string(64, 'K') + R"(","namespaces":[{"name":"a","uuid":")"
           + std::string(64, 'K') + R"("}]})",
       {"a ", "s "},
       true},
      {"names deeper down", R"({"id":"s","namespaces":[{"x":{"name":"n"},"name":"a"}]})", {"a "}},
  };
  for (const auto& r : rows) {
    const auto got = decode(r.document);
    EXPECT_EQ(got.elements, r.elements) << r.what;
    EXPECT_EQ(got.doubtful, r.doubtful) << r.what;
    EXPECT_EQ(got.unusable, 0U) << r.what;
  }
}

TEST(decode_subject, uuids_are_not_read_unless_they_are_wanted) {
  EXPECT_THAT(
      decode(R"({"id":"s","uuid":"w","namespaces":[{"name":"a","uuid":"u"}]})", false).elements,
      ElementsAre("a ", "s "));
}

TEST(decode_subject, a_feed_of_entities_has_none) {
  page_decoder decoder{{}};
  const auto page = make_page(page_text({R"({"id":"s","uuid":"u","namespaces":[{"name":"a"}]})"}));
  const auto decoded = decoder.decode(page);
  ASSERT_TRUE(decoded.has_value());
  EXPECT_THAT((*decoded)->elements, IsEmpty());
}

TEST(decode_subject, a_damaged_name_or_uuid_is_not_made_up) {
  for (const std::string list : {"[{\"name\":\"one\"},{\"name\":\"tw\xff\"}]",
                                 "[{\"name\":\"one\"},{\"uuid\":\"tw\xff\"}]"}) {
    const auto got = decode("{\"id\":\"s\",\"namespaces\":" + list + "}");
    EXPECT_THAT(got.elements, ElementsAre("one ")) << list;
    EXPECT_TRUE(got.doubtful) << list;
    EXPECT_EQ(got.unusable, 1U) << "nobody is told of the other, and that is noted: " << list;
  }
}

TEST(decode_subject, the_first_of_two_ids_may_have_more) {
  page_decoder decoder{{.subjects = true}};
  const auto page = make_page(page_text({R"({"id":"a","namespaces":[{"name":"n"}],"id":"b"})"}));
  const auto decoded = decoder.decode(page);
  ASSERT_TRUE(decoded.has_value());
  const auto& changes = (*decoded)->changes;
  ASSERT_EQ(changes.size(), 2U);
  EXPECT_TRUE(changes[0].elements_doubtful);
  EXPECT_FALSE(changes[1].elements_doubtful);
  EXPECT_EQ((*decoded)->elements_of(changes[1]).size(), 1U);
}

} // namespace feedcast::testing
