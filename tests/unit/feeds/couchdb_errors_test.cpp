#include "feeds/couchdb/errors.hpp"

#include <gtest/gtest.h>

#include <string>

namespace feedcast::couchdb {

using namespace std::chrono_literals;

namespace {

error meant(unsigned status, std::string_view body, const http::header_list& headers = {}) {
  return error_of("GET /db/_changes", status, headers, body);
}

struct known {
  unsigned status;
  const char* body; ///< as the recordings have it
  errc code;
};

} // namespace

TEST(couchdb_errors, each_recorded_answer_has_its_meaning) {
  const known all[] = {
      {400,
       R"({"error":"bad_request","reason":"Malformed sequence supplied in 'since' parameter."})",
       errc::rejected},
      {400, R"({"error":"illegal_database_name","reason":"Name: 'Whisks'. Only lowercase"})",
       errc::rejected},
      {400, R"({"error":"doc_validation","reason":"Bad special document member: _clusterId"})",
       errc::rejected},
      {400, R"({"error":"bad_request","reason":"Bad HMAC"})", errc::unauthorized},
      {400, R"({"error":"bad_request","reason":"Malformed token"})", errc::unauthorized},
      {400, R"({"error":"bad_request","reason":"Missing exp claim"})", errc::unauthorized},
      {400, R"({"error":"bad_request","reason":"Invalid rev format"})", errc::rejected},
      {401, R"({"error":"unauthorized","reason":"You are not authorized to access this db."})",
       errc::unauthorized},
      {401, R"({"error":"unauthorized","reason":"Name or password is incorrect."})",
       errc::unauthorized},
      {401, R"({"error":"unauthorized","reason":"exp not in future"})", errc::unauthorized},
      {401, R"({"error":"unauthorized","reason":"You are not a server admin."})", errc::forbidden},
      {403, R"({"error":"forbidden","reason":"You are not allowed to access this db."})",
       errc::forbidden},
      {404, R"({"error":"not_found","reason":"missing"})", errc::not_found},
      {404, R"({"error":"not_found","reason":"Database does not exist."})", errc::not_found},
      {409, R"({"error":"conflict","reason":"Document update conflict."})", errc::conflict},
      {412,
       R"({"error":"file_exists","reason":"The database could not be created, the file )"
       R"(already exists."})",
       errc::conflict},
      {412, R"({"error":"nodedown","reason":"progress not possible"})", errc::unavailable},
      {413, R"({"error":"too_large","reason":"the request entity is too large"})", errc::too_large},
      {302, R"({"error":"unauthorized","reason":"You are not authorized to access this db."})",
       errc::unavailable},
      {500, R"({"error":"internal_server_error","reason":"No DB shards could be opened."})",
       errc::unavailable},
      {500, R"({"error":"error","reason":"timeout"})", errc::unavailable},
      {503, "<html>no answer from behind the proxy</html>", errc::unavailable},
  };
  for (const auto& one : all) {
    const auto e = meant(one.status, one.body);
    EXPECT_EQ(e.code, one.code) << one.status << ' ' << one.body;
    EXPECT_TRUE(e.detail.starts_with("GET /db/_changes answered " + std::to_string(one.status)));
    EXPECT_EQ(e.retry_after, 0ms) << one.body;
  }
}

TEST(couchdb_errors, the_reason_is_quoted_and_a_foreign_body_is_not) {
  EXPECT_NE(meant(404, R"({"error":"not_found","reason":"missing"})").detail.find("says: missing"),
            std::string::npos);
  for (const auto* body : {"<html>secret</html>", R"({"reason":7})", R"(["secret"])", ""})
    EXPECT_EQ(meant(500, body).detail, "GET /db/_changes answered 500") << body;
}

TEST(couchdb_errors, what_is_quoted_is_one_line_of_bounded_length) {
  const auto text =
      meant(500, R"({"error":"e","reason":"one\ntwo)" + std::string(5'000, 'x') + "\"}");
  EXPECT_EQ(text.detail, "GET /db/_changes answered 500 e (the server says: one)");
  const auto wide =
      meant(500, R"({"error":"e","reason":"\u0007)" + std::string(5'000, 'x') + "\"}");
  EXPECT_LT(wide.detail.size(), 300U);
  EXPECT_EQ(wide.detail.find('\a'), std::string::npos);
}

TEST(couchdb_errors, a_lockout_is_no_missing_right_and_says_how_long_it_lasts) {
  const auto e = meant(403, R"({"error":"forbidden","reason":"Account is temporarily locked due to)"
                            R"( multiple authentication failures"})");
  EXPECT_EQ(e.code, errc::unauthorized);
  EXPECT_EQ(e.retry_after, lockout);
}

TEST(couchdb_errors, who_is_told_to_wait_waits_as_long_as_asked) {
  http::header_list headers;
  headers.set("retry-after", "7");
  EXPECT_EQ(meant(429, "", headers).code, errc::throttled);
  EXPECT_EQ(meant(429, "", headers).retry_after, 7s);
  EXPECT_EQ(meant(429, "").retry_after, 5s);
  headers.set("retry-after", "86400");
  EXPECT_EQ(meant(429, "", headers).retry_after, 60s);
  EXPECT_EQ(meant(503, "", headers).retry_after, 0s);
}

TEST(couchdb_errors, a_position_that_cant_be_read_is_told_from_other_bad_requests) {
  EXPECT_TRUE(is_malformed_position(meant(
      400,
      R"({"error":"bad_request","reason":"Malformed sequence supplied in 'since' parameter."})")));
  EXPECT_FALSE(is_malformed_position(
      meant(400, R"({"error":"bad_request","reason":"invalid_seq_interval"})")));
}

TEST(couchdb_errors, a_missing_database_is_told_from_a_missing_document) {
  EXPECT_TRUE(is_missing_database(
      meant(404, R"({"error":"not_found","reason":"Database does not exist."})")));
  EXPECT_TRUE(is_missing_database(meant(404, R"({"error":"not_found","reason":"no_db_file"})")));
  for (const auto* reason : {"missing", "deleted"})
    EXPECT_FALSE(is_missing_database(
        meant(404, std::string{R"({"error":"not_found","reason":")"} + reason + "\"}")));
}

} // namespace feedcast::couchdb
