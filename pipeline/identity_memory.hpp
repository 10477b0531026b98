#pragma once

#include "pipeline/change.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace feedcast {

/// Bytes that may be remembered of one range's subjects; a subject takes about 250, or 400 with
/// uuids.
inline constexpr std::size_t identity_memory_limit = std::size_t{64} << 20U;

/// What is known of the subjects of one range: the names of their namespaces, and their uuids if
/// these are wanted, as last seen. It tells what a new version of a subject no longer names, so
/// that this can be invalidated too. Of the keys it knows nothing.
///
/// What a change took away is remembered until the change is settled, so that a reader which has to
/// read the change again (its batch was lost with an actor) is told of it again.
///
/// Bounded: beyond `limit` bytes the subject that was seen least recently is forgotten, and
/// counted. What is freed is overwritten first. Used by one thread at a time; outlives the readers
/// of its range.
class identity_memory {
 public:
  /// `by_name`: uuids_of() will be asked, which costs an index.
  identity_memory(std::size_t limit, bool by_name);
  ~identity_memory();
  identity_memory(const identity_memory&) = delete;
  identity_memory& operator=(const identity_memory&) = delete;

  using told = std::function<void(std::string_view)>;

  /// A new version of a subject: `now` are its elements, none if it was deleted. Calls `gone` with
  /// each name and uuid that was remembered and is not among them; the views live until the call
  /// returns. `doubtful`: there may be more elements than could be read, so all are kept.
  void note(std::string_view subject, std::span<const subject_element> now, bool doubtful,
            const told& gone);

  /// The same without asking, before delivery begins.
  void learn(std::string_view subject, std::span<const subject_element> now, bool doubtful);

  /// The uuids of all elements of this name that are remembered, of whichever subject.
  void uuids_of(std::string_view name, const told& found) const;

  /// What is not settled will be read again: by a new reader, which goes on from a settled
  /// position, or because a batch was given up.
  void resume();

  /// Everything that the present reader noted is settled.
  void settled();

  /// Set once it was filled from the beginning of the range, or as far as that went.
  bool filled = false;

  std::size_t subjects() const noexcept { return entries_.size(); }

  /// About what it holds in memory.
  std::size_t bytes() const noexcept { return bytes_; }

  /// Subjects that had to be forgotten so far.
  std::uint64_t forgotten() const noexcept { return forgotten_; }

 private:
  struct entry {
    std::string subject;
    std::string elements; ///< packed, see element_reader in the source
    std::uint32_t indexed = 0;
    bool unsettled = false; ///< listed in unsettled_

    entry() = default;
    entry(const entry&) = delete;
    entry& operator=(const entry&) = delete;
    ~entry();
  };

  using entries = std::list<entry>;

  void replace(std::string_view subject, std::span<const subject_element> now, bool doubtful,
               const told* gone);
  void put(entries::iterator at, std::string packed);
  void drop(entries::iterator at);
  void unindex(entries::iterator at);
  std::size_t cost_of(const entry& e) const noexcept;
  void make_room();

  std::size_t limit_;
  bool by_name_;
  entries entries_; ///< the one seen least recently first
  std::unordered_map<std::string_view, entries::iterator> by_subject_; ///< keys lie in the entries
  std::unordered_multimap<std::size_t, entry*> names_; ///< by hash; of elements with a uuid
  std::vector<entries::iterator> unsettled_;           ///< noted with something taken away
  std::vector<std::string_view> present_;              ///< scratch: what the new version names
  std::size_t bytes_ = 0;
  std::uint64_t forgotten_ = 0;
};

} // namespace feedcast
