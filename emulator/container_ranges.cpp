#include "emulator/container.hpp"

#include <algorithm>
#include <charconv>

namespace feedcast::emulator {

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

const container::range* container::live_range(std::string_view id) const {
  std::size_t number = 0;
  const auto [end, failure] = std::from_chars(id.data(), id.data() + id.size(), number);
  if (failure != std::errc{} || end != id.data() + id.size() || number >= ranges_.size()
      || !ranges_[number].live)
    return nullptr;
  return &ranges_[number];
}

answer<std::pair<std::string, std::string>> container::split(std::string_view range_id) {
  const std::lock_guard lock(mutex_);
  const range* found = live_range(range_id);
  if (found == nullptr)
    return refuse(404, "there is no live partition key range " + std::string(range_id));
  const std::size_t parent = found->info.number;
  const auto middle = midpoint(found->info.min, found->info.max);
  if (!middle)
    return refuse(400, "the range is too narrow to be split");
  if (ranges_.size() + 2 > 2 * std::size_t{max_ranges})
    return refuse(400, "the container was split too often");

  std::vector<std::string> parents = found->info.parents;
  parents.push_back(found->info.id);
  const auto add_child = [&](std::string min, std::string max) {
    const std::size_t number = ranges_.size();
    ranges_.push_back({{std::to_string(number), number, std::move(min), std::move(max), parents,
                        ranges_[parent].info.lsn},
                       {},
                       true,
                       ranges_[parent].forgotten});
    return number;
  };
  const std::size_t left = add_child(ranges_[parent].info.min, *middle);
  const std::size_t right = add_child(*middle, ranges_[parent].info.max);

  feed_index documents;
  std::swap(documents, ranges_[parent].index);
  for (auto at = documents.after(0); at != documents.end(); ++at)
    if (at->version)
      ranges_[at->version->epk < *middle ? left : right].index.append(at->version);
  ranges_[parent].live = false;
  const auto place = std::find(live_.begin(), live_.end(), parent);
  *place = left;
  live_.insert(std::next(place), right);
  ++map_version_;
  if (book_ != nullptr) {
    std::vector<ledger_range> children;
    for (const std::size_t child : {left, right}) {
      const range_info& info = ranges_[child].info;
      children.push_back({info.id, info.min, info.max});
    }
    book_->ranges(name_, ranges_[parent].info.id, children);
  }
  return std::pair(ranges_[left].info.id, ranges_[right].info.id);
}

answer<located> container::append_raw(std::string_view range_id, std::string_view id,
                                      std::string text) {
  const std::lock_guard lock(mutex_);
  const range* home = live_range(range_id);
  if (home == nullptr)
    return refuse(404, "there is no live partition key range " + std::string(range_id));
  auto version = std::make_shared<document>();
  version->id = id;
  version->epk = home->info.min; // anything inside the range: it is never hashed
  version->address = address_;
  version->address.item = next_item_++;
  version->ts = stamp_time();
  version->plain_size = text.size();
  version->feed_text = std::move(text);
  version->raw = true;
  version->lsn = lsn_ + 1;
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
