#pragma once

#include "emulator/document.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace feedcast::emulator {

/// How each document of a page is written.
enum class page_form : std::uint8_t {
  feed,     ///< with `_lsn`
  plain,    ///< without
  envelope, ///< {"current":{...},"metadata":{"lsn":24,"crts":1767225600}}
};

/// {"_rid":"...","Documents":[...],"_count":n}: the documents' prepared bytes one after the other,
/// nothing else touched. One allocation.
std::shared_ptr<const std::string>
page_text(const rid& owner, const std::vector<document_ptr>& documents, page_form form);

} // namespace feedcast::emulator
