#include "pipeline/identity_memory.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace feedcast {

namespace {

/// Nodes, hashes and pointers of one subject and of one entry of the index, about.
constexpr std::size_t entry_overhead = 160;
constexpr std::size_t index_overhead = 48;

enum class state : char { current, gone };

/// Elements lie one behind the other: state, length of the name, length of the uuid, name, uuid.
struct packed_element {
  state is = state::current;
  subject_element what;
};

constexpr std::size_t head_size = 1 + 2 * sizeof(std::uint32_t);

void pack(std::string& to, state is, const subject_element& e) {
  char head[head_size];
  const auto name = static_cast<std::uint32_t>(e.name.size());
  const auto uuid = static_cast<std::uint32_t>(e.uuid.size());
  head[0] = static_cast<char>(is);
  std::memcpy(head + 1, &name, sizeof name);
  std::memcpy(head + 1 + sizeof name, &uuid, sizeof uuid);
  to.append(head, head_size).append(e.name).append(e.uuid);
}

/// Takes the first element off.
packed_element unpack(std::string_view& from) {
  packed_element out;
  std::uint32_t name = 0;
  std::uint32_t uuid = 0;
  out.is = static_cast<state>(from.front());
  std::memcpy(&name, from.data() + 1, sizeof name);
  std::memcpy(&uuid, from.data() + 1 + sizeof name, sizeof uuid);
  out.what = {from.substr(head_size, name), from.substr(head_size + name, uuid)};
  from.remove_prefix(head_size + name + uuid);
  return out;
}

template <class Use>
void each_element(std::string_view packed, const Use& use) {
  while (!packed.empty())
    use(unpack(packed));
}

std::size_t packed_size(std::span<const subject_element> elements) {
  std::size_t size = 0;
  for (const auto& e : elements)
    size += head_size + e.name.size() + e.uuid.size();
  return size;
}

/// True if `packed` holds exactly these elements, and all are current.
bool same(std::string_view packed, std::span<const subject_element> elements) {
  if (packed.size() != packed_size(elements))
    return false;
  return std::all_of(elements.begin(), elements.end(), [&](const subject_element& e) {
    if (packed.empty())
      return false;
    const auto known = unpack(packed);
    return known.is == state::current && known.what == e;
  });
}

void wipe(std::string& text) noexcept {
  if (!text.empty())
    explicit_bzero(text.data(), text.size());
}

} // namespace

identity_memory::entry::~entry() {
  wipe(elements);
}

identity_memory::identity_memory(std::size_t limit, bool by_name)
    : limit_(limit), by_name_(by_name) {}

identity_memory::~identity_memory() = default;

void identity_memory::note(std::string_view subject, std::span<const subject_element> now,
                           bool doubtful, const told& gone) {
  replace(subject, now, doubtful, &gone);
}

void identity_memory::learn(std::string_view subject, std::span<const subject_element> now,
                            bool doubtful) {
  replace(subject, now, doubtful, nullptr);
}

void identity_memory::replace(std::string_view subject, std::span<const subject_element> now,
                              bool doubtful, const told* gone) {
  const auto found = by_subject_.find(subject);
  if (found == by_subject_.end()) {
    if (now.empty())
      return;
    entries_.emplace_back();
    const auto at = std::prev(entries_.end());
    at->subject = subject;
    by_subject_.emplace(at->subject, at);
    bytes_ += cost_of(*at);
    std::string packed;
    packed.reserve(packed_size(now));
    for (const auto& e : now)
      pack(packed, state::current, e);
    put(at, std::move(packed));
    return make_room();
  }
  const auto at = found->second;
  entries_.splice(entries_.end(), entries_, at);
  if (same(at->elements, now))
    return;
  present_.clear();
  for (const auto& e : now)
    present_.insert(present_.end(), {e.name, e.uuid});
  std::sort(present_.begin(), present_.end());
  const auto present = [&](std::string_view key) {
    return key.empty() || std::binary_search(present_.begin(), present_.end(), key);
  };
  std::string packed;
  packed.reserve(packed_size(now) + at->elements.size());
  for (const auto& e : now)
    pack(packed, state::current, e);
  bool unsettled = false;
  each_element(at->elements, [&](const packed_element& old) {
    const auto& e = old.what;
    const bool whole = present(e.name) && present(e.uuid);
    if (whole && std::find(now.begin(), now.end(), e) != now.end())
      return;
    if (gone != nullptr)
      for (const auto key : {e.name, e.uuid})
        if (!present(key))
          (*gone)(key);
    if (whole)
      return;
    const bool stays = doubtful && old.is == state::current;
    unsettled |= !stays;
    pack(packed, stays ? state::current : state::gone, e);
  });
  put(at, std::move(packed));
  if (unsettled && gone != nullptr && !std::exchange(at->unsettled, true))
    unsettled_.push_back(at);
  if (at->elements.empty())
    drop(at);
  make_room();
}

void identity_memory::put(entries::iterator at, std::string packed) {
  bytes_ -= cost_of(*at);
  unindex(at);
  wipe(at->elements);
  at->elements = std::move(packed);
  if (by_name_)
    each_element(at->elements, [&](const packed_element& e) {
      if (e.what.name.empty() || e.what.uuid.empty())
        return;
      names_.emplace(std::hash<std::string_view>{}(e.what.name), &*at);
      ++at->indexed;
    });
  bytes_ += cost_of(*at);
}

void identity_memory::unindex(entries::iterator at) {
  if (at->indexed == 0)
    return;
  each_element(at->elements, [&](const packed_element& e) {
    const auto [first, last] = names_.equal_range(std::hash<std::string_view>{}(e.what.name));
    const auto found = std::find_if(first, last, [&](const auto& i) { return i.second == &*at; });
    if (found != last)
      names_.erase(found);
  });
  at->indexed = 0;
}

void identity_memory::drop(entries::iterator at) {
  bytes_ -= cost_of(*at);
  unindex(at);
  if (at->unsettled)
    std::erase(unsettled_, at);
  by_subject_.erase(at->subject);
  entries_.erase(at);
}

std::size_t identity_memory::cost_of(const entry& e) const noexcept {
  return entry_overhead + e.subject.capacity() + e.elements.capacity() + e.indexed * index_overhead;
}

void identity_memory::make_room() {
  while (bytes_ > limit_) {
    drop(entries_.begin());
    ++forgotten_;
  }
}

void identity_memory::uuids_of(std::string_view name, const told& found) const {
  const auto [first, last] = names_.equal_range(std::hash<std::string_view>{}(name));
  const entry* before = nullptr;
  for (auto at = first; at != last; ++at) {
    if (std::exchange(before, at->second) == at->second)
      continue; // it has several of that name, which were told at once
    each_element(at->second->elements, [&](const packed_element& e) {
      if (e.what.name == name && !e.what.uuid.empty())
        found(e.what.uuid);
    });
  }
}

void identity_memory::resume() {
  for (const auto at : unsettled_)
    at->unsettled = false;
  unsettled_.clear();
}

void identity_memory::settled() {
  const auto done = std::exchange(unsettled_, {});
  for (const auto at : done) {
    at->unsettled = false;
    std::string packed;
    each_element(at->elements, [&](const packed_element& e) {
      if (e.is == state::current)
        pack(packed, state::current, e.what);
    });
    put(at, std::move(packed));
    if (at->elements.empty())
      drop(at);
  }
}

} // namespace feedcast
