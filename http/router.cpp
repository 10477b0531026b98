#include "http/router.hpp"

#include "core/log_text.hpp"

#include <optional>
#include <utility>

namespace feedcast::http {

namespace {

/// "/a/b/" -> {"a", "b"}.
std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> out;
  if (path.starts_with('/'))
    path.remove_prefix(1);
  if (path.ends_with('/'))
    path.remove_suffix(1);
  if (path.empty())
    return out;
  for (auto slash = path.find('/'); slash != std::string_view::npos; slash = path.find('/')) {
    out.push_back(path.substr(0, slash));
    path.remove_prefix(slash + 1);
  }
  out.push_back(path);
  return out;
}

std::optional<path_arguments> match(const std::vector<std::string>& pattern,
                                    const std::vector<std::string_view>& path) {
  if (pattern.size() != path.size())
    return std::nullopt;
  for (std::size_t i = 0; i < path.size(); ++i)
    if (pattern[i] == "{}" ? path[i].empty() : pattern[i] != path[i])
      return std::nullopt;
  path_arguments out;
  for (std::size_t i = 0; i < path.size(); ++i)
    if (pattern[i] == "{}")
      out.push_back(decode_segment(path[i]));
  return out;
}

} // namespace

void router::add(std::string_view method, std::string_view pattern, route_handler h) {
  const auto segments = split(pattern);
  routes_.push_back({std::string{method}, {segments.begin(), segments.end()}, std::move(h)});
}

void router::operator()(server_request r, responder done) const {
  const auto path = split(r.path);
  std::string allowed;
  for (const auto& candidate : routes_) {
    auto arguments = match(candidate.segments, path);
    if (!arguments)
      continue;
    if (candidate.method == r.message.method) {
      candidate.handler(std::move(r), std::move(*arguments), std::move(done));
      return;
    }
    allowed += (allowed.empty() ? "" : ", ") + candidate.method;
  }
  if (allowed.empty()) {
    done(json_error(404, "NotFound", "there is nothing at this path"));
    return;
  }
  auto answer = json_error(405, "MethodNotAllowed", "this path answers " + allowed);
  answer.headers.set("Allow", allowed);
  done(std::move(answer));
}

server_response json_error(unsigned status, std::string_view code, std::string_view message) {
  server_response out;
  out.status = status;
  out.headers.set("Content-Type", "application/json");
  // A message may quote what a client sent, which is not UTF-8 always.
  out.body = R"({"code":")";
  log::append_escaped(out.body, code);
  out.body += R"(","message":")";
  log::append_escaped(out.body, message);
  out.body += R"("})";
  return out;
}

} // namespace feedcast::http
