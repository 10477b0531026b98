#include "pipeline/decode_subject.hpp"

#include "pipeline/json_tokens.hpp"

namespace feedcast {

namespace ondemand = simdjson::ondemand;

simdjson::error_code subject_reader::read_text(ondemand::value value, subject_state& s,
                                               std::string_view& text) const {
  const auto token = value.raw_json_token();
  if (const auto e = value.get_string().get(text)) {
    s.doubtful = true;
    return fatal(e) ? e : simdjson::SUCCESS;
  }
  if (repaired_.replaced_in(token)) {
    s.lost = true;
    text = {};
  }
  return simdjson::SUCCESS;
}

simdjson::error_code subject_reader::read_uuid(ondemand::value value, subject_state& s,
                                               std::string_view& uuid) const {
  const auto e = read_text(value, s, uuid);
  if (uuid.size() > max_uuid_bytes) {
    s.doubtful = true;
    uuid = {};
  }
  return e;
}

simdjson::error_code subject_reader::read_element(ondemand::object& fields, subject_state& s) {
  subject_element element;
  // Named twice: parsers disagree about which one counts, so it is two elements.
  const auto set = [&](std::string_view& member, std::string_view text) {
    if (!member.empty() && member != text)
      page_.elements.push_back(element);
    member = text;
  };
  for (auto f : fields) {
    ondemand::raw_json_string key;
    if (const auto e = f.key().get(key))
      return e;
    const bool name = is(key.raw(), "name");
    if (!name && !(uuids_ && is(key.raw(), "uuid")))
      continue;
    std::string_view text;
    if (const auto e = name ? read_text(f.value(), s, text) : read_uuid(f.value(), s, text))
      return e;
    set(name ? element.name : element.uuid, text);
  }
  if (!element.name.empty() || !element.uuid.empty())
    page_.elements.push_back(element);
  return simdjson::SUCCESS;
}

simdjson::error_code subject_reader::read_list(ondemand::value value, subject_state& s) {
  ondemand::array elements;
  if (const auto e = value.get_array().get(elements)) {
    s.doubtful = true;
    return e;
  }
  for (auto element : elements) {
    ondemand::object fields;
    if (const auto e = element.get_object().get(fields)) {
      if (fatal(e))
        return e;
      s.doubtful = true;
      continue;
    }
    if (const auto e = read_element(fields, s))
      return e;
  }
  return simdjson::SUCCESS;
}

simdjson::error_code subject_reader::read_own_uuid(ondemand::value value, subject_state& s) {
  s.legacy = true;
  return uuids_ ? read_uuid(value, s, s.uuid) : simdjson::SUCCESS;
}

void subject_reader::close(change& c, const subject_state& s) {
  if (s.legacy)
    page_.elements.push_back({c.id, s.uuid});
  c.elements_count = static_cast<std::uint32_t>(page_.elements.size()) - c.elements_first;
  c.elements_doubtful = s.lost || s.doubtful;
}

} // namespace feedcast
