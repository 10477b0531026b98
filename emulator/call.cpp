#include "emulator/call.hpp"

#include "emulator/headers.hpp"

#include <charconv>

namespace feedcast::emulator {

answer<addressed_container> find_container(const call& c) {
  const std::string& database = c.arguments.at(0);
  const std::string& name = c.arguments.at(1);
  auto by_name = c.state.data.find_container(database, name);
  if (by_name)
    return addressed_container{*by_name, false};
  const auto address = parse_rid(name);
  const auto owner = parse_rid(database);
  if (!address || !owner || address->database != owner->database)
    return by_name.error();
  auto by_id = c.state.data.find_container(*address);
  if (!by_id)
    return by_id.error();
  return addressed_container{*by_id, true};
}

answer<database_info> find_database(const call& c) {
  auto by_name = c.state.data.find_database(c.arguments.at(0));
  if (by_name)
    return by_name;
  const auto address = parse_rid(c.arguments.at(0));
  return address ? c.state.data.find_database(*address) : by_name;
}

answer<document_ref> find_document(const call& c, const addressed_container& owner) {
  const std::string& id = c.arguments.at(2);
  if (owner.by_resource_id) {
    const auto address = parse_rid(id);
    const rid at = owner.data->address();
    if (!address || address->is_range || address->database != at.database
        || address->collection != at.collection)
      return refuse(404, "there is no document of that resource id");
    return document_ref(address->item);
  }
  auto key = partition_key(c);
  if (!key)
    return key.error();
  if (!*key)
    return refuse(400, "the header x-ms-documentdb-partitionkey is missing: it must hold the "
                       "partition key, such as "
                       "[\"x\"]");
  return document_ref(document_name{id, **key});
}

answer<std::optional<std::string>> partition_key(const call& c) {
  const std::string_view text = c.header(header::partition_key);
  if (text.empty())
    return std::optional<std::string>{};
  auto value = read_key_header(text);
  if (!value)
    return value.error();
  return std::optional(effective_partition_key(*value));
}

std::string_view range_id(const call& c) noexcept {
  const std::string_view text = c.header(header::range_id);
  const std::size_t comma = text.find(',');
  return comma == std::string_view::npos ? text : text.substr(comma + 1);
}

answer<selection> read_selection(const call& c) {
  selection where;
  if (const auto id = range_id(c); !id.empty())
    where.range_id = id;
  auto key = partition_key(c);
  if (!key)
    return key.error();
  where.epk = std::move(*key);
  if (c.has_header(header::start_epk) && c.has_header(header::end_epk)) {
    where.min_epk = c.header(header::start_epk);
    where.max_epk = c.header(header::end_epk);
  }
  where.up_to = c.view.up_to;
  where.may_step_back = c.view.may_step_back;
  return where;
}

answer<std::size_t> max_item_count(const call& c) {
  const std::string_view text = c.header(header::max_item_count);
  if (text.empty() || text == "-1")
    return std::size_t{0};
  std::size_t count = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (failure != std::errc{} || end != text.data() + text.size() || count == 0)
    return refuse(400, "x-ms-max-item-count must be -1 or a positive whole number");
  return count;
}

} // namespace feedcast::emulator
