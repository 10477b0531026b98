#pragma once

#include "core/result.hpp"
#include "pipeline/batch.hpp"
#include "pipeline/dead_letter.hpp"
#include "pipeline/decode.hpp"
#include "pipeline/filter.hpp"
#include "pipeline/subject_keys.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace feedcast {

/// What the documents of a feed mean, which decides the cache keys of a change.
enum class feed_content : std::uint8_t {
  entities,   ///< whisks: one key, the id
  identities, ///< subjects: see subject_keys
};

struct stage_options {
  filter_options filter;
  feed_content content = feed_content::entities;
  identity_keys identities = identity_keys::namespaces; ///< for that content
  /// Set: what has no key becomes a message for the target's dead letters. Else it is only counted.
  std::optional<dead_letter_form> dead_letters{};
};

/// std::hash mixes well enough for the flat set to use it as it is; boost's own hash of a string is
/// byte by byte.
struct key_hash {
  using is_avalanching = void;

  std::size_t operator()(std::string_view key) const noexcept {
    return std::hash<std::string_view>{}(key);
  }
};

/// Messages that wait for their target, by record key: a newer change of such a key needs no
/// message of its own. The covering message learns the newer change's LSN.
using waiting_messages = boost::unordered_flat_map<std::string_view, message_ref*, key_hash>;

/// The stages of one range: decode, filter, keys, coalesce, serialize. One page in, one sealed
/// batch out. Keeps its buffers from page to page. Used by one thread at a time.
class page_stages {
 public:
  /// `memory`: of the range's subjects, for feeds of identities; null: one of its own.
  explicit page_stages(stage_options options, std::shared_ptr<identity_memory> memory = nullptr);

  /// `waiting`: keys of older batches of the same range that were not produced yet; a change of one
  /// of them is coalesced into that older message. Sound because the stored position can't pass the
  /// older batch unsettled. `malformed` as page_decoder::decode.
  result<std::shared_ptr<batch>> process(const feed_page& page, const waiting_messages& waiting,
                                         page_origin origin = {});

  /// The same by page_decoder::salvage; never fails.
  std::shared_ptr<batch> salvage(const feed_page& page, const waiting_messages& waiting,
                                 page_origin origin = {});

  /// Remembers the subjects of a page of which nothing is to be sent. Answers false if bytes of it
  /// were damaged, so that something may be missing, or `malformed`.
  result<bool> learn(const feed_page& page);

  /// Everything that was processed is settled: what changes took away need not be remembered.
  void settled() {
    if (subjects_)
      subjects_->memory().settled();
  }

  /// The batch of the last page is given up, and its page will be read again.
  void given_up() {
    if (subjects_)
      subjects_->memory().resume();
  }

  /// See page_decoder::walk.
  std::uint32_t walk(const feed_page& page) {
    unusable_ = &none_;
    return decoder_.walk(page);
  }

  /// The documents of the last page from which no key could be derived. They live until the next
  /// page.
  const std::vector<unusable_document>& unusable() const noexcept { return *unusable_; }

 private:
  std::shared_ptr<batch> seal(const feed_page& page, const decoded_page& decoded,
                              const waiting_messages& waiting, page_origin origin);
  void add_dead_letters(batch& b, const decoded_page& decoded) const;
  /// Adds the message of one key; false if an older message covers it.
  bool add_key(batch& b, std::string_view stored_key, const change& c,
               const waiting_messages& waiting, bool later);
  void add_change(batch& b, const change& c, const decoded_page& decoded,
                  const waiting_messages& waiting, bool later);
  static void put_later_first(batch& b);

  stage_options options_;
  change_filter filter_;
  page_decoder decoder_;
  std::optional<subject_keys> subjects_; ///< for feeds of identities
  /// Stored keys of the page at hand, pointing into the decoder: which message of the batch, or
  /// `covered`.
  boost::unordered_flat_map<std::string_view, std::uint32_t, key_hash> seen_;
  const std::vector<unusable_document>* unusable_;
  std::vector<unusable_document> none_;
};

} // namespace feedcast
