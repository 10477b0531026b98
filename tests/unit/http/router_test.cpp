#include "http/router.hpp"

#include <gtest/gtest.h>

#include <string>

namespace feedcast::http {

namespace {

server_request to_path(std::string method, std::string path) {
  server_request r;
  r.message.method = std::move(method);
  r.path = std::move(path);
  return r;
}

server_response route(const router& r, std::string method, std::string path) {
  server_response out;
  r(to_path(std::move(method), std::move(path)),
    [&out](server_response answer) { out = std::move(answer); });
  return out;
}

router::route_handler echo(std::string name) {
  return [name](server_request, path_arguments arguments, responder done) {
    server_response out;
    out.body = name;
    for (const auto& argument : arguments)
      out.body += "|" + argument;
    done(std::move(out));
  };
}

router sample() {
  router r;
  r.add("GET", "/", echo("root"));
  r.add("GET", "/dbs/{}/colls/{}", echo("get"));
  r.add("PUT", "/dbs/{}/colls/{}", echo("put"));
  r.add("GET", "/dbs/all", echo("all"));
  return r;
}

TEST(router, binds_arguments_in_order) {
  EXPECT_EQ(route(sample(), "GET", "/dbs/a/colls/b").body, "get|a|b");
  EXPECT_EQ(route(sample(), "PUT", "/dbs/a/colls/b").body, "put|a|b");
  EXPECT_EQ(route(sample(), "GET", "/dbs/all").body, "all");
  EXPECT_EQ(route(sample(), "GET", "/").body, "root");
}

TEST(router, decodes_arguments_once_and_after_splitting) {
  EXPECT_EQ(route(sample(), "GET", "/dbs/a%2Fb/colls/%2541").body, "get|a/b|%41");
}

TEST(router, does_not_collapse_dots) {
  EXPECT_EQ(route(sample(), "GET", "/dbs/../colls/.").body, "get|..|.");
}

TEST(router, ignores_one_trailing_slash) {
  EXPECT_EQ(route(sample(), "GET", "/dbs/a/colls/b/").body, "get|a|b");
  EXPECT_EQ(route(sample(), "GET", "/dbs/a/colls/b//").status, 404U);
}

TEST(router, an_argument_is_never_empty) {
  EXPECT_EQ(route(sample(), "GET", "/dbs//colls/b").status, 404U);
}

TEST(router, answers_404_as_json) {
  const auto answer = route(sample(), "GET", "/nowhere");

  EXPECT_EQ(answer.status, 404U);
  EXPECT_EQ(answer.headers.get("content-type"), "application/json");
  EXPECT_NE(answer.body.find(R"("code":"NotFound")"), std::string::npos);
}

TEST(router, answers_405_with_the_methods_that_exist) {
  const auto answer = route(sample(), "DELETE", "/dbs/a/colls/b");

  EXPECT_EQ(answer.status, 405U);
  EXPECT_EQ(answer.headers.get("Allow"), "GET, PUT");
}

TEST(json_error, escapes_its_texts) {
  const auto answer = json_error(400, "Bad", "a \"quote\", a \\ and a\nbreak, é, \xe3 2");

  EXPECT_EQ(answer.status, 400U);
  EXPECT_EQ(answer.body,
            R"({"code":"Bad","message":"a \"quote\", a \\ and a\nbreak, é, \ufffd 2"})");
}

} // namespace

} // namespace feedcast::http
