#pragma once

#include "pipeline/change.hpp"
#include "pipeline/repair.hpp"

#include <simdjson.h>

#include <string_view>

namespace feedcast {

/// What was found so far in the document of a subject.
struct subject_state {
  bool lost = false;     ///< a name or uuid holds a replaced byte
  bool doubtful = false; ///< one of them, or the list, is of another type
  bool legacy = false;   ///< it has a uuid of its own: its id is a namespace
  std::string_view uuid{};
};

/// Reads the namespaces of subjects into `page.elements`, for page_decoder, whose buffers it points
/// into. Steps over the keys of the namespaces, which are secret, as over any other member: they
/// are neither unescaped nor copied. Errors are those of the parser that end the page.
class subject_reader {
 public:
  /// All outlive the reader.
  subject_reader(const bool& uuids, decoded_page& page, const repaired_text& repaired)
      : uuids_(uuids), page_(page), repaired_(repaired) {}

  /// The value of `namespaces`.
  simdjson::error_code read_list(simdjson::ondemand::value value, subject_state& s);

  /// The value of a subject's own `uuid`, which only the first OpenWhisk versions wrote.
  simdjson::error_code read_own_uuid(simdjson::ondemand::value value, subject_state& s);

  /// The document ends; its id is known.
  void close(change& c, const subject_state& s);

 private:
  simdjson::error_code read_text(simdjson::ondemand::value value, subject_state& s,
                                 std::string_view& text) const;
  simdjson::error_code read_uuid(simdjson::ondemand::value value, subject_state& s,
                                 std::string_view& uuid) const;
  simdjson::error_code read_element(simdjson::ondemand::object& fields, subject_state& s);

  const bool& uuids_;
  decoded_page& page_;
  const repaired_text& repaired_;
};

} // namespace feedcast
