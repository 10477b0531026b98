#include "emulator/store.hpp"

#include <algorithm>
#include <mutex>

namespace feedcast::emulator {
namespace {

constexpr std::uint32_t collection_bit = 0x80000000U;

refusal no_database() {
  return refuse(404, "there is no such database");
}

refusal no_owner() {
  return refuse(404, "the database or container does not exist", substatus::owner_not_found);
}

} // namespace

std::string database_info::description() const {
  const std::string self = address.to_text();
  const std::string tag = etag();
  std::string text = R"({"id":")";
  for (const char c : name) { // names hold no backslash, see check_name
    if (c == '"')
      text += '\\';
    text += c;
  }
  return text + R"(","_rid":")" + self + R"(","_self":"dbs/)" + self + R"(/","_etag":"\")"
         + tag.substr(1, tag.size() - 2) + R"(\"","_colls":"colls/","_users":"users/","_ts":)"
         + std::to_string(ts) + '}';
}

store::store(store_options options, const clock_source& clock)
    : clock_(clock)
    , memory_(options.max_memory)
    , change_retention_(options.change_retention)
    , book_(options.book)
    , account_(options.account)
    , state_(options.seed) {}

/// Numbers that do not repeat within one run and look nothing like each other: a Weyl sequence
/// through a bijection.
std::uint32_t store::next_number() {
  state_ += 0x9e3779b9U;
  std::uint32_t n = state_;
  n = (n ^ (n >> 16)) * 0x85ebca6bU;
  n = (n ^ (n >> 13)) * 0xc2b2ae35U;
  return n ^ (n >> 16);
}

answer<database_info> store::create_database(std::string_view name) {
  auto checked = check_name(name);
  if (!checked)
    return checked.error();
  const std::unique_lock lock(mutex_);
  if (databases_.contains(name))
    return refuse(409, "a database of that name exists");
  database_info info{*checked, {next_number()}, 0};
  info.ts =
      std::chrono::duration_cast<std::chrono::seconds>(clock_.wall().time_since_epoch()).count();
  databases_[*checked].info = info;
  return info;
}

answer<database_info> store::find_database(std::string_view name) const {
  const std::shared_lock lock(mutex_);
  const auto at = databases_.find(name);
  if (at == databases_.end())
    return no_database();
  return at->second.info;
}

answer<database_info> store::find_database(const rid& address) const {
  const std::shared_lock lock(mutex_);
  for (const auto& [name, d] : databases_)
    if (d.info.address == address)
      return d.info;
  return no_database();
}

answer<void> store::drop_database(std::string_view name) {
  const std::unique_lock lock(mutex_);
  const auto at = databases_.find(name);
  if (at == databases_.end())
    return no_database();
  databases_.erase(at);
  return {};
}

std::vector<database_info> store::databases() const {
  const std::shared_lock lock(mutex_);
  std::vector<database_info> all;
  for (const auto& [name, d] : databases_)
    all.push_back(d.info);
  return all;
}

answer<container_ptr> store::create_container(std::string_view database, container_spec spec) {
  const std::unique_lock lock(mutex_);
  const auto at = databases_.find(database);
  if (at == databases_.end())
    return no_owner();
  auto& all = at->second.containers;
  if (all.contains(spec.name))
    return refuse(409, "a container of that name exists");
  const rid address{at->second.info.address.database, next_number() | collection_bit};
  const std::string name = spec.name;
  spec.account_retention = change_retention_;
  constexpr std::uint32_t stride = 0x9e3779U; // odd, so that no number comes twice
  spec.offer_number = ++offers_ * stride & 0xffffffU;
  auto made =
      std::make_shared<container>(database, std::move(spec), address, memory_, clock_, book_);
  if (account_ != nullptr)
    made->follow(*account_);
  all.emplace(name, made);
  return made;
}

answer<container_ptr> store::find_container(std::string_view database,
                                            std::string_view name) const {
  const std::shared_lock lock(mutex_);
  const auto owner = databases_.find(database);
  if (owner == databases_.end())
    return no_owner();
  const auto at = owner->second.containers.find(name);
  if (at == owner->second.containers.end())
    return no_owner();
  return at->second;
}

answer<container_ptr> store::find_container(const rid& address) const {
  const std::shared_lock lock(mutex_);
  for (const auto& [name, d] : databases_)
    for (const auto& [container_name, c] : d.containers)
      if (c->address() == address)
        return c;
  return no_owner();
}

answer<void> store::drop_container(std::string_view database, std::string_view name) {
  const std::unique_lock lock(mutex_);
  const auto owner = databases_.find(database);
  if (owner == databases_.end())
    return no_owner();
  const auto at = owner->second.containers.find(name);
  if (at == owner->second.containers.end())
    return refuse(404, "there is no such container");
  owner->second.containers.erase(at);
  return {};
}

std::vector<container_ptr> store::containers(std::string_view database) const {
  const std::shared_lock lock(mutex_);
  std::vector<container_ptr> all;
  if (const auto owner = databases_.find(database); owner != databases_.end())
    for (const auto& [name, c] : owner->second.containers)
      all.push_back(c);
  return all;
}

std::size_t store::cut(steady_time when) {
  const std::shared_lock lock(mutex_);
  std::size_t lost = 0;
  for (const auto& [name, d] : databases_)
    for (const auto& [container_name, c] : d.containers)
      lost += c->cut(when);
  return lost;
}

void store::remove_expired() {
  std::vector<container_ptr> all;
  {
    const std::shared_lock lock(mutex_);
    for (const auto& [name, d] : databases_)
      for (const auto& [container_name, c] : d.containers)
        all.push_back(c);
  }
  for (const container_ptr& c : all)
    while (c->remove_expired()) {
    }
}

std::size_t store::document_count() const {
  const std::shared_lock lock(mutex_);
  std::size_t count = 0;
  for (const auto& [name, d] : databases_)
    for (const auto& [container_name, c] : d.containers)
      count += c->document_count();
  return count;
}

} // namespace feedcast::emulator
