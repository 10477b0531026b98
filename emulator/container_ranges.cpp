#include "emulator/container.hpp"

#include <algorithm>
#include <charconv>

namespace feedcast::emulator {
namespace {

refusal no_live_range(std::string_view id) {
  return refuse(404, "there is no live partition key range " + std::string(id));
}

} // namespace

range_map container::ranges() const {
  const std::lock_guard lock(mutex_);
  range_map map{map_version_, {}};
  for (const std::size_t number : live_)
    map.ranges.push_back(ranges_[number].info);
  return map;
}

container::range& container::range_of(std::string_view epk) {
  const auto behind =
      std::upper_bound(live_.begin(), live_.end(), epk, [this](std::string_view e, std::size_t r) {
        return e < ranges_[r].info.min;
      });
  return ranges_[*std::prev(behind)]; // the first range starts at "", so there is always one before
}

const container::range* container::range_by_id(std::string_view id) const {
  std::size_t number = 0;
  const auto [end, failure] = std::from_chars(id.data(), id.data() + id.size(), number);
  if (failure != std::errc{} || end != id.data() + id.size() || number >= ranges_.size())
    return nullptr;
  return &ranges_[number];
}

const container::range* container::live_range(std::string_view id) const {
  const range* found = range_by_id(id);
  return found != nullptr && found->live ? found : nullptr;
}

answer<void> container::check_room_for_ranges() const {
  if (ranges_.size() + 2 > 2 * std::size_t{max_ranges})
    return refuse(400, "the ranges of this container were split and merged too often");
  return {};
}

/// Takes over what its parents had reached. Not live yet.
std::size_t container::add_range(std::string min, std::string max,
                                 const std::vector<std::size_t>& parents) {
  const std::size_t number = ranges_.size();
  range made{{std::to_string(number), number, std::move(min), std::move(max), {}, 0}};
  std::set<std::size_t> ancestors(parents.begin(), parents.end());
  for (const std::size_t parent : parents) {
    const range& before = ranges_[parent];
    made.info.lsn = std::max(made.info.lsn, before.info.lsn);
    made.forgotten = std::max(made.forgotten, before.forgotten);
    ancestors.insert(before.ancestors.begin(), before.ancestors.end());
  }
  made.ancestors.assign(ancestors.begin(), ancestors.end());
  for (const std::size_t ancestor : made.ancestors)
    made.info.parents.push_back(std::to_string(ancestor));
  ranges_.push_back(std::move(made));
  return number;
}

void container::retire(std::size_t number, milliseconds completing) {
  ranges_[number].live = false;
  ranges_[number].index = {};
  ranges_[number].completing_until = clock_.steady() + completing;
}

void container::note_ranges(const std::vector<std::size_t>& parents,
                            const std::vector<std::size_t>& made) {
  ++map_version_;
  if (book_ == nullptr)
    return;
  std::vector<std::string> gone;
  for (const std::size_t number : parents)
    gone.push_back(ranges_[number].info.id);
  std::vector<ledger_range> all;
  for (const std::size_t number : made) {
    const range_info& info = ranges_[number].info;
    all.push_back({info.id, info.min, info.max});
  }
  book_->ranges(name_, gone, all);
}

answer<std::pair<std::string, std::string>> container::split(std::string_view range_id,
                                                             milliseconds completing) {
  const std::lock_guard lock(mutex_);
  const range* found = live_range(range_id);
  if (found == nullptr)
    return no_live_range(range_id);
  const std::size_t parent = found->info.number;
  const auto middle = midpoint(found->info.min, found->info.max);
  if (!middle)
    return refuse(400, "the range is too narrow to be split");
  if (auto room = check_room_for_ranges(); !room)
    return room.error();

  const std::size_t left = add_range(ranges_[parent].info.min, *middle, {parent});
  const std::size_t right = add_range(*middle, ranges_[parent].info.max, {parent});
  const feed_index& documents = ranges_[parent].index;
  for (auto at = documents.after(0); at != documents.end(); ++at)
    if (at->version)
      ranges_[at->version->epk < *middle ? left : right].index.append(at->version);
  retire(parent, completing);
  const auto place = std::find(live_.begin(), live_.end(), parent);
  *place = left;
  live_.insert(std::next(place), right);
  note_ranges({parent}, {left, right});
  return std::pair(ranges_[left].info.id, ranges_[right].info.id);
}

answer<std::string> container::merge(std::string_view one, std::string_view other,
                                     milliseconds completing) {
  const std::lock_guard lock(mutex_);
  const range* lower = live_range(one);
  const range* upper = live_range(other);
  if (lower == nullptr || upper == nullptr)
    return no_live_range(lower == nullptr ? one : other);
  if (upper->info.min < lower->info.min)
    std::swap(lower, upper);
  if (lower->info.max != upper->info.min)
    return refuse(400, "only two ranges that meet can be merged: the end of one must be the start "
                       "of the other");
  if (auto room = check_room_for_ranges(); !room)
    return room.error();

  const std::size_t left = lower->info.number;
  const std::size_t right = upper->info.number;
  const std::size_t made = add_range(lower->info.min, upper->info.max, {left, right});
  ranges_[made].index = join(ranges_[left].index, ranges_[right].index);
  retire(left, completing);
  retire(right, completing);
  const auto place = std::find(live_.begin(), live_.end(), left);
  *place = made;
  live_.erase(std::next(place));
  note_ranges({left, right}, {made});
  return ranges_[made].info.id;
}

answer<located> container::append_raw(std::string_view range_id, std::string_view id,
                                      std::string text, bool together) {
  const std::lock_guard lock(mutex_);
  const range* home = live_range(range_id);
  if (home == nullptr)
    return no_live_range(range_id);
  if (together && (lsn_ == 0 || home->info.lsn != lsn_))
    return refuse(400, "the newest write was not in range " + std::string(range_id)
                           + ": nothing can be written together with it");
  auto version = std::make_shared<document>();
  version->id = id;
  version->epk = home->info.min; // anything inside the range: it is never hashed
  version->address = address_;
  version->address.item = next_item_++;
  version->ts = stamp_time();
  version->plain_size = text.size();
  version->feed_text = std::move(text);
  version->raw = true;
  version->lsn = together ? lsn_ : lsn_ + 1;
  version->etag = make_etag(version->lsn, version->ts);
  if (!memory_.take(version->footprint()))
    return memory_full(memory_);
  range& target = range_of(version->epk);
  target.index.append(version);
  target.info.lsn = lsn_ = version->lsn;
  note("raw", nullptr, version);
  return locate(std::move(version), true);
}

} // namespace feedcast::emulator
