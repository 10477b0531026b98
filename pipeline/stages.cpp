#include "pipeline/stages.hpp"

#include "pipeline/openwhisk/message.hpp"

#include <algorithm>

namespace feedcast {

namespace {

/// Instead of a message's index: an older message that still waits covers the key.
constexpr std::uint32_t covered = UINT32_MAX;

std::string_view explain(unusable_document::reason why) {
  switch (why) {
  case unusable_document::reason::no_id:
    return "the document has no id";
  case unusable_document::reason::bad_id:
    return "the document's id is no usable text";
  case unusable_document::reason::too_long:
    return "the document's id is longer than any database holds";
  case unusable_document::reason::damaged:
    return "the document is damaged and its id can't be read";
  }
  return "unknown";
}

void note_lsn(batch& b, std::uint64_t lsn) {
  b.last_lsn = std::max(b.last_lsn, lsn);
  if (lsn != 0 && (b.first_lsn == 0 || lsn < b.first_lsn))
    b.first_lsn = lsn;
}

void note_delete(delete_counts& counts, const change& c) {
  if (c.removed) {
    ++counts.removed;
    return;
  }
  ++counts.tombstones;
  if (c.ttl == 0)
    ++counts.untimed;
  else if (counts.least_ttl == 0 || c.ttl < counts.least_ttl)
    counts.least_ttl = c.ttl;
}

} // namespace

page_stages::page_stages(stage_options options, std::shared_ptr<identity_memory> memory)
    : options_(std::move(options))
    , filter_(options_.filter)
    , decoder_({.subjects = options_.content == feed_content::identities,
                .uuids = options_.identities == identity_keys::uuids})
    , unusable_(&none_) {
  if (options_.content != feed_content::identities)
    return;
  if (!memory)
    memory = std::make_shared<identity_memory>(identity_memory_limit,
                                               options_.identities == identity_keys::uuids);
  subjects_.emplace(options_.identities, std::move(memory));
}

result<std::shared_ptr<batch>>
page_stages::process(const feed_page& page, const waiting_messages& waiting, page_origin origin) {
  unusable_ = &none_;
  const auto decoded = decoder_.decode(page);
  if (!decoded)
    return decoded.error();
  return seal(page, **decoded, waiting, std::move(origin));
}

result<bool> page_stages::learn(const feed_page& page) {
  unusable_ = &none_;
  const auto decoded = decoder_.decode(page);
  if (!decoded)
    return decoded.error();
  for (const auto& c : (*decoded)->changes)
    if (subjects_ && filter_(c) != verdict::filtered)
      subjects_->learn(c, (*decoded)->elements_of(c));
  return !(*decoded)->damaged;
}

std::shared_ptr<batch> page_stages::salvage(const feed_page& page, const waiting_messages& waiting,
                                            page_origin origin) {
  return seal(page, decoder_.salvage(page), waiting, std::move(origin));
}

std::shared_ptr<batch> page_stages::seal(const feed_page& page, const decoded_page& decoded,
                                         const waiting_messages& waiting, page_origin origin) {
  auto b = std::make_shared<batch>();
  b->next = page.next;
  b->origin = std::move(origin);
  b->damaged = decoded.damaged;
  unusable_ = &decoded.unusable;
  b->counts.changes = static_cast<std::uint32_t>(decoded.changes.size() + decoded.unusable.size());
  std::size_t bytes = 0;
  for (const auto& c : decoded.changes)
    bytes += c.id.size();
  constexpr auto frame = openwhisk::message_head.size() + openwhisk::message_tail.size();
  b->bytes.reserve(bytes + decoded.changes.size() * frame);
  b->messages.reserve(decoded.changes.size());
  seen_.clear();
  if (subjects_)
    subjects_->forget_texts();
  for (const auto& c : decoded.changes) {
    note_lsn(*b, c.lsn);
    if (c.deleted)
      note_delete(b->deletes, c);
    switch (const auto what = filter_(c)) {
    case verdict::own:
      ++b->counts.own;
      if (subjects_)
        subjects_->of(c, decoded.elements_of(c)); // to remember it
      break;
    case verdict::filtered:
      ++b->counts.filtered;
      break;
    case verdict::confirm:
    case verdict::deliver:
      add_change(*b, c, decoded, waiting, what == verdict::confirm);
      break;
    }
  }
  if (options_.filter.confirm_own)
    put_later_first(*b);
  if (!decoded.unusable.empty())
    add_dead_letters(*b, decoded);
  for (const auto& m : b->messages)
    if (m.ts != 0 && (b->oldest_ts == 0 || m.ts < b->oldest_ts))
      b->oldest_ts = m.ts;
  return b;
}

void page_stages::put_later_first(batch& b) {
  const auto end = std::stable_partition(b.messages.begin(), b.messages.end(),
                                         [](const message_ref& m) { return m.later; });
  b.later = static_cast<std::uint32_t>(end - b.messages.begin());
}

void page_stages::add_dead_letters(batch& b, const decoded_page& decoded) const {
  for (const auto& u : decoded.unusable)
    note_lsn(b, u.lsn);
  if (!options_.dead_letters) {
    b.counts.unusable = static_cast<std::uint32_t>(decoded.unusable.size());
    return;
  }
  for (const auto& u : decoded.unusable) {
    const auto from = b.bytes.size();
    append_dead_letter(b.bytes, *options_.dead_letters, b.origin, b.next, b.origin.read,
                       {.reason = to_string(u.why),
                        .error = explain(u.why),
                        .id = u.id,
                        .lsn = u.lsn,
                        .index = u.index,
                        .document = u.text});
    b.messages.push_back({.offset = static_cast<std::uint32_t>(from),
                          .size = static_cast<std::uint32_t>(b.bytes.size() - from),
                          .changes = 1,
                          .ts = u.ts,
                          .lsn = u.lsn});
  }
  b.dead_letters = static_cast<std::uint32_t>(decoded.unusable.size());
}

void page_stages::add_change(batch& b, const change& c, const decoded_page& decoded,
                             const waiting_messages& waiting, bool later) {
  if (c.repaired)
    ++b.counts.repaired;
  const auto before = b.messages.size();
  bool added = false;
  if (!subjects_)
    added = add_key(b, c.id, c, waiting, later);
  else
    for (const auto key : subjects_->of(c, decoded.elements_of(c)))
      added |= add_key(b, key, c, waiting, later);
  // The change is settled with the first message that it caused, or with the older one that covers
  // it.
  if (added)
    b.messages[before].changes = 1;
  else
    ++b.counts.coalesced;
}

bool page_stages::add_key(batch& b, std::string_view stored_key, const change& c,
                          const waiting_messages& waiting, bool later) {
  const auto [at, is_new] =
      seen_.try_emplace(stored_key, static_cast<std::uint32_t>(b.messages.size()));
  if (!is_new && at->second != covered) {
    auto& own = b.messages[at->second];
    own.lsn = std::max(own.lsn, c.lsn);
    own.later &= later;
    return false;
  }
  const auto m = openwhisk::append_invalidation(b.bytes, stored_key);
  const auto key = std::string_view{b.bytes}.substr(m.key_offset, m.key_size);
  if (const auto older = waiting.find(key); older != waiting.end()) {
    older->second->lsn = std::max(older->second->lsn, c.lsn);
    at->second = covered;
    b.covered = true;
    b.bytes.resize(m.offset);
    return false;
  }
  b.messages.push_back({.offset = static_cast<std::uint32_t>(m.offset),
                        .size = static_cast<std::uint32_t>(m.size),
                        .key_offset = static_cast<std::uint32_t>(m.key_offset),
                        .key_size = static_cast<std::uint32_t>(m.key_size),
                        .changes = 0,
                        .later = later,
                        .ts = c.ts,
                        .lsn = c.lsn});
  return true;
}

} // namespace feedcast
