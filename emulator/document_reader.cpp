#include "emulator/document.hpp"

#include <boost/json.hpp>
#include <simdjson.h>

#include <algorithm>
#include <array>

namespace feedcast::emulator {
namespace {

namespace dom = simdjson::dom;

constexpr std::array<std::string_view, 6> system_members = {"_rid",         "_self", "_etag",
                                                            "_attachments", "_ts",   "_lsn"};
constexpr std::size_t max_id_size = 1023;

bool is_system_member(std::string_view name) {
  return std::find(system_members.begin(), system_members.end(), name) != system_members.end();
}

bool is_space(char c) noexcept {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/// Walks the members of an object known to be valid JSON. Knows only strings and nesting.
class member_scanner {
 public:
  /// `json` starts with the object's brace.
  explicit member_scanner(std::string_view json) : json_(json) {}

  /// The next member, from its name to the end of its value; it must exist.
  std::string_view next() {
    while (is_space(json_[at_]) || json_[at_] == ',')
      ++at_;
    const std::size_t begin = at_;
    for (int depth = 0; depth > 0 || (json_[at_] != ',' && json_[at_] != '}'); ++at_) {
      const char c = json_[at_];
      if (c == '"')
        skip_string();
      else if (c == '{' || c == '[')
        ++depth;
      else if (c == '}' || c == ']')
        --depth;
    }
    std::size_t end = at_;
    while (is_space(json_[end - 1]))
      --end;
    return json_.substr(begin, end - begin);
  }

 private:
  /// From the opening quote to the closing one.
  void skip_string() {
    for (++at_; json_[at_] != '"'; ++at_)
      if (json_[at_] == '\\')
        ++at_;
  }

  std::string_view json_;
  std::size_t at_ = 1;
};

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.front()))
    text.remove_prefix(1);
  while (!text.empty() && is_space(text.back()))
    text.remove_suffix(1);
  return text;
}

/// The user's object without system members and closing brace.
std::string strip_system_members(std::string_view json, const dom::object& parsed) {
  json = trim(json);
  bool found = false;
  for (const auto member : parsed)
    found = found || is_system_member(member.key);
  if (!found)
    return std::string(trim(json.substr(0, json.size() - 1)));

  std::string kept = "{";
  member_scanner scan(json);
  for (const auto member : parsed) { // same order; the parsed name has its escapes resolved
    const std::string_view text = scan.next();
    if (is_system_member(member.key))
      continue;
    if (kept.size() > 1)
      kept += ',';
    kept += text;
  }
  return kept;
}

answer<std::string> read_id(const dom::object& parsed) {
  std::string_view id;
  if (parsed["id"].get(id) != simdjson::SUCCESS)
    return refuse(400, "the document has no string member 'id'");
  if (id.empty() || id.size() > max_id_size)
    return refuse(400, "the document's id must have 1 to 1023 bytes");
  if (id.find_first_of("/\\?#") != std::string_view::npos)
    return refuse(400, "the document's id holds one of the characters / \\ ? #");
  return std::string(id);
}

answer<key_value> to_key(dom::element value) {
  switch (value.type()) {
  case dom::element_type::STRING:
    return key_value(std::string(value.get_string().value_unsafe()));
  case dom::element_type::BOOL:
    return key_value(value.get_bool().value_unsafe());
  case dom::element_type::NULL_VALUE:
    return key_value(null_value{});
  case dom::element_type::INT64:
  case dom::element_type::UINT64:
  case dom::element_type::DOUBLE: {
    double number = 0;
    if (value.get(number) == simdjson::SUCCESS)
      return key_value(number);
    break;
  }
  default:
    break;
  }
  return refuse(400, "a partition key is a string, number, boolean or null");
}

/// What stands at the end of the path, if it leads anywhere.
std::optional<dom::element> follow(dom::object parsed, const std::vector<std::string>& path) {
  dom::element value;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const bool last = i + 1 == path.size();
    if (parsed[path[i]].get(value) != simdjson::SUCCESS
        || (!last && value.get(parsed) != simdjson::SUCCESS))
      return std::nullopt;
  }
  return value;
}

answer<key_value> read_key(const dom::object& parsed, const std::vector<std::string>& path) {
  const auto value = follow(parsed, path);
  return value ? to_key(*value) : key_value(undefined_value{});
}

answer<std::optional<std::int64_t>> read_ttl(const dom::object& parsed) {
  dom::element value;
  if (parsed["ttl"].get(value) != simdjson::SUCCESS || value.is_null())
    return std::optional<std::int64_t>{};
  std::int64_t seconds = 0;
  constexpr std::int64_t longest = 2147483647;
  if (value.get(seconds) != simdjson::SUCCESS || seconds == 0 || seconds < -1 || seconds > longest)
    return refuse(400, "the document's 'ttl' must be -1 or a positive whole number of seconds");
  return std::optional<std::int64_t>{seconds};
}

/// One per thread, so that its buffers are made once. Not kept across calls.
dom::parser& thread_parser() {
  static thread_local dom::parser parser(max_document_size);
  return parser;
}

} // namespace

std::optional<std::vector<std::string>> parse_key_path(std::string_view path) {
  if (path.size() < 2 || path.front() != '/')
    return std::nullopt;
  std::vector<std::string> names;
  while (!path.empty()) {
    path.remove_prefix(1);
    const std::size_t end = std::min(path.find('/'), path.size());
    if (end == 0)
      return std::nullopt;
    names.emplace_back(path.substr(0, end));
    path.remove_prefix(end);
  }
  return names;
}

answer<incoming_document> read_document(std::string_view json,
                                        const std::vector<std::string>& key_path) {
  if (json.size() > max_document_size)
    return refuse(413, "the document has " + std::to_string(json.size())
                           + " bytes; the service takes at most 2 MiB");
  dom::object parsed;
  const auto failure = thread_parser().parse(json.data(), json.size()).get(parsed);
  if (failure == simdjson::INCORRECT_TYPE)
    return refuse(400, "the document is not a JSON object");
  if (failure != simdjson::SUCCESS)
    return refuse(400, std::string("the document is not valid JSON: ")
                           + simdjson::error_message(failure));

  auto id = read_id(parsed);
  if (!id)
    return id.error();
  auto key = read_key(parsed, key_path);
  if (!key)
    return key.error();
  auto ttl = read_ttl(parsed);
  if (!ttl)
    return ttl.error();
  return incoming_document{std::move(*id), std::move(*key), *ttl,
                           strip_system_members(json, parsed)};
}

std::string key_text(const document& stored, const std::vector<std::string>& key_path) {
  // Not thread_parser(): with its system members the largest document is more than that one takes.
  static thread_local dom::parser parser;
  dom::object parsed;
  const std::string_view json = stored.feed_text;
  if (parser.parse(json.data(), json.size()).get(parsed) != simdjson::SUCCESS)
    return "{}"; // appended verbatim by a test
  const auto value = follow(parsed, key_path);
  if (!value)
    return "{}";
  std::string name;
  for (const std::string& part : key_path)
    name += (name.empty() ? "" : "/") + part;
  return '{' + boost::json::serialize(boost::json::string(name)) + ':' + simdjson::minify(*value)
         + '}';
}

answer<key_value> read_key_header(std::string_view text) {
  dom::array parsed;
  if (thread_parser().parse(text.data(), text.size()).get(parsed) != simdjson::SUCCESS)
    return refuse(400, "the partition key header is not a JSON array");
  if (parsed.size() == 0)
    return key_value(undefined_value{});
  if (parsed.size() > 1)
    return refuse(400, "hierarchical partition keys are not supported: give one value");
  const dom::element value = parsed.at(0).value_unsafe();
  if (dom::object object; value.get(object) == simdjson::SUCCESS && object.size() == 0)
    return key_value(undefined_value{});
  return to_key(value);
}

} // namespace feedcast::emulator
