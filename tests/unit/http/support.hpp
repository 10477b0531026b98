#pragma once

#include "http/client.hpp"
#include "http/server.hpp"

#include <filesystem>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace feedcast::http::testing {

/// The answer to one send(), to be waited for.
class pending {
 public:
  callback<response> receiver();
  /// Waits; fails the program after 30 s, because a callback that never comes is a bug.
  result<response> get();
  bool ready() const;

 private:
  std::shared_ptr<std::promise<result<response>>> promise_ =
      std::make_shared<std::promise<result<response>>>();
  std::future<result<response>> future_ = promise_->get_future();
};

result<response> send(client& c, request r = {}, milliseconds deadline = milliseconds{10'000});
request get_request(std::string target);
request post_request(std::string target, std::string body);

/// An origin that must be valid.
origin to(const std::string& url);

/// A server that must start.
std::unique_ptr<server> serve(runtime& io, handler on_request, server_options options = {});
server_response text(std::string body);

/// A file with this content in a folder of its own, removed at the end.
class temporary_file {
 public:
  explicit temporary_file(std::string_view content);
  ~temporary_file();
  temporary_file(const temporary_file&) = delete;
  temporary_file& operator=(const temporary_file&) = delete;

  std::string path() const { return (folder_ / "file.pem").string(); }

 private:
  std::filesystem::path folder_;
};

/// Sets one variable of the environment, and puts the old value back at the end.
class scoped_variable {
 public:
  scoped_variable(const char* name, const std::string& value);
  ~scoped_variable();
  scoped_variable(const scoped_variable&) = delete;
  scoped_variable& operator=(const scoped_variable&) = delete;

 private:
  const char* name_;
  std::optional<std::string> before_;
};

} // namespace feedcast::http::testing
