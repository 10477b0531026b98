#include "support.hpp"

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <utility>

namespace feedcast::http::testing {

callback<response> pending::receiver() {
  return [promise = promise_](result<response> r) { promise->set_value(std::move(r)); };
}

result<response> pending::get() {
  if (future_.wait_for(std::chrono::seconds{30}) != std::future_status::ready)
    throw std::runtime_error("no answer came at all");
  return future_.get();
}

bool pending::ready() const {
  return future_.wait_for(std::chrono::seconds{0}) == std::future_status::ready;
}

result<response> send(client& c, request r, milliseconds deadline) {
  pending answer;
  c.send(std::move(r), deadline, answer.receiver());
  return answer.get();
}

request get_request(std::string target) {
  request r;
  r.target = std::move(target);
  return r;
}

request post_request(std::string target, std::string body) {
  request r;
  r.method = "POST";
  r.target = std::move(target);
  r.body = std::move(body);
  return r;
}

origin to(const std::string& url) {
  return parse_origin(url).value();
}

std::unique_ptr<server> serve(runtime& io, handler on_request, server_options options) {
  return server::start(io, std::move(options), std::move(on_request)).value();
}

server_response text(std::string body) {
  server_response r;
  r.body = std::move(body);
  return r;
}

temporary_file::temporary_file(std::string_view content) {
  auto pattern = (std::filesystem::temp_directory_path() / "feedcast-http-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr)
    throw std::runtime_error("can't make a temporary folder");
  folder_ = pattern;
  std::ofstream{path(), std::ios::binary} << content;
}

temporary_file::~temporary_file() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

scoped_variable::scoped_variable(const char* name, const std::string& value) : name_(name) {
  if (const auto* old = std::getenv(name))
    before_ = old;
  ::setenv(name, value.c_str(), 1);
}

scoped_variable::~scoped_variable() {
  if (before_)
    ::setenv(name_, before_->c_str(), 1);
  else
    ::unsetenv(name_);
}

} // namespace feedcast::http::testing
