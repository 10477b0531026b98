#include "pipeline/subject_keys.hpp"

#include "pipeline/openwhisk/message.hpp"

#include <utility>

namespace feedcast {

namespace {

/// A tombstone still holds the fields of the subject, which has no namespaces any more.
std::span<const subject_element> living(const change& c,
                                        std::span<const subject_element> elements) {
  return c.deleted ? std::span<const subject_element>{} : elements;
}

} // namespace

subject_keys::subject_keys(identity_keys which, std::shared_ptr<identity_memory> memory)
    : which_(which), memory_(std::move(memory)) {
  memory_->resume();
}

const std::vector<std::string_view>& subject_keys::of(const change& c,
                                                      std::span<const subject_element> elements) {
  keys_.clear();
  const auto keep = [this](std::string_view key) { keys_.push_back(texts_.emplace_back(key)); };
  if (const auto limited = openwhisk::limits_namespace(c.id); !limited.empty()) {
    keys_.push_back(limited);
    if (which_ == identity_keys::uuids)
      memory_->uuids_of(limited, keep);
    return keys_;
  }
  for (const auto& e : elements) {
    if (!e.name.empty())
      keys_.push_back(e.name);
    if (!e.uuid.empty())
      keys_.push_back(e.uuid);
  }
  memory_->note(c.id, living(c, elements), c.elements_doubtful && !c.deleted, keep);
  // Nothing is known of it: a delete without its document, or an early subject, whose own name is
  // its namespace.
  if (keys_.empty())
    keys_.push_back(c.id);
  return keys_;
}

void subject_keys::learn(const change& c, std::span<const subject_element> elements) {
  if (openwhisk::limits_namespace(c.id).empty())
    memory_->learn(c.id, living(c, elements), c.elements_doubtful && !c.deleted);
}

} // namespace feedcast
