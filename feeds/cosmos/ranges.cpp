#include "feeds/cosmos/ranges.hpp"

#include "leases/json.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <set>

namespace feedcast::cosmos {

namespace {

constexpr std::size_t longest_id = 64;

bool is_header_safe(std::string_view id) {
  return !id.empty() && id.size() <= longest_id && std::all_of(id.begin(), id.end(), [](char c) {
    return c > 0x20 && c < 0x7f && c != ',';
  });
}

result<feed_range> read_range(const boost::json::value& entry) {
  const auto wrong = [](std::string_view what) {
    return make_error(errc::malformed, "the list of partition key ranges holds an entry without a "
                                       "usable "
                                           + std::string{what});
  };
  if (!entry.is_object())
    return wrong("form");
  const auto& o = entry.get_object();
  auto id = json::text_at(o, "id");
  if (!id || !is_header_safe(*id))
    return wrong("id");
  auto low = json::text_at(o, "minInclusive");
  auto high = json::text_at(o, "maxExclusive");
  if (!low || !high)
    return wrong("minInclusive or maxExclusive");
  feed_range range{std::move(*id), {}, std::move(*low), std::move(*high)};
  if (const auto* parents = o.if_contains("parents"); parents != nullptr && parents->is_array())
    for (const auto& parent : parents->get_array())
      if (parent.is_string())
        range.parents.emplace_back(parent.get_string());
  return range;
}

} // namespace

result<bool> append_ranges(std::string_view body, std::vector<feed_range>& out) {
  const auto page = json::parse_object(body, "the list of partition key ranges");
  if (!page)
    return page.error();
  const auto* entries = page->if_contains("PartitionKeyRanges");
  if (entries == nullptr || !entries->is_array())
    return make_error(errc::malformed,
                      "the list of partition key ranges has no member PartitionKeyRanges");
  for (const auto& entry : entries->get_array()) {
    auto range = read_range(entry);
    if (!range)
      return range.error();
    out.push_back(std::move(*range));
  }
  return true;
}

result<std::vector<feed_range>> current_ranges(std::vector<feed_range> all) {
  std::set<std::string> parents;
  for (const auto& range : all)
    parents.insert(range.parents.begin(), range.parents.end());
  std::erase_if(all, [&](const feed_range& r) { return parents.contains(r.id); });
  std::sort(all.begin(), all.end(),
            [](const auto& a, const auto& b) { return a.min_key < b.min_key; });

  const auto wrong = [](const std::string& what) {
    return make_error(errc::malformed,
                      "the partition key ranges do not cover every key exactly once: " + what
                          + " (normal for a moment while a split completes)");
  };
  if (all.empty())
    return wrong("there is none");
  std::string reached;
  for (const auto& range : all) {
    if (range.min_key != reached)
      return wrong((range.min_key < reached ? "overlap" : "gap") + std::string{" before range "}
                   + range.id);
    if (range.max_key <= range.min_key)
      return wrong("range " + range.id + " is empty");
    reached = range.max_key;
  }
  if (reached != "FF")
    return wrong("gap at the end");
  return all;
}

} // namespace feedcast::cosmos
