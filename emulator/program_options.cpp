#include "emulator/program_options.hpp"

#include <algorithm>
#include <charconv>

namespace feedcast::emulator {
namespace {

/// Cuts `text` at the first `c` and returns what stood before it.
std::string_view cut(std::string_view& text, char c) {
  const std::size_t end = std::min(text.find(c), text.size());
  const std::string_view head = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return head;
}

} // namespace

result<container_wish> parse_container_wish(std::string_view text) {
  const auto bad = [whole = std::string(text)](std::string_view why) {
    return make_error(errc::rejected,
                      "'" + whole + "' is not DB/COLL[:RANGES[:PKPATH]]: " + std::string(why));
  };
  container_wish wish;
  std::string_view rest = text;
  std::string_view names = cut(rest, ':');
  wish.database = cut(names, '/');
  wish.container = names;
  if (wish.database.empty() || wish.container.empty())
    return bad("database and container are needed");
  if (rest.empty())
    return wish;

  const std::string_view count = cut(rest, ':');
  const auto [end, failure] =
      std::from_chars(count.data(), count.data() + count.size(), wish.ranges);
  if (failure != std::errc{} || end != count.data() + count.size() || wish.ranges == 0)
    return bad("the number of ranges must be a positive whole number");
  if (!rest.empty())
    wish.key_path = rest;
  return wish;
}

result<region_wish> parse_region_wish(std::string_view text) {
  region_wish wish;
  std::string_view rest = text;
  wish.name = cut(rest, '=');
  wish.listen = rest;
  if (wish.name.empty() || (wish.listen.empty() && text.find('=') != std::string_view::npos))
    return make_error(errc::rejected, "'" + std::string(text) + "' is not NAME[=HOST:PORT]");
  return wish;
}

} // namespace feedcast::emulator
