#pragma once

#include "emulator/change_history.hpp"
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

/// The same of changes, each as {"current":{...},"metadata":{...},"previous":{...}}; `current` of a
/// removal is empty and its metadata names the document by id and partition key.
std::shared_ptr<const std::string> change_page_text(const rid& owner,
                                                    const std::vector<change>& changes,
                                                    const std::vector<std::string>& key_path);

} // namespace feedcast::emulator
