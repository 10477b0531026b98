#include "emulator/document.hpp"

#include <array>
#include <cstdio>

namespace feedcast::emulator {

std::size_t document::footprint() const noexcept {
  constexpr std::size_t indexes = 256; // map nodes, feed slot, allocator
  return sizeof(document) + feed_text.capacity() + 2 * id.size() + epk.size() + etag.size()
         + indexes;
}

std::string make_etag(std::uint64_t lsn, std::int64_t ts) {
  std::array<char, 48> text{};
  const int size = std::snprintf(text.data(), text.size(), "\"%08llx-%04llx-0000-0000-%08llx0000\"",
                                 static_cast<unsigned long long>(lsn & 0xffffffffU),
                                 static_cast<unsigned long long>(lsn >> 32 & 0xffffU),
                                 static_cast<unsigned long long>(ts & 0xffffffff));
  return {text.data(), static_cast<std::size_t>(size)};
}

document_ptr make_document(const incoming_document& in, std::string epk,
                           const version_stamp& stamp) {
  auto d = std::make_shared<document>();
  d->id = in.id;
  d->epk = std::move(epk);
  d->address = stamp.address;
  d->lsn = stamp.lsn;
  d->ts = stamp.ts;
  d->etag = make_etag(stamp.lsn, stamp.ts);
  d->ttl = in.ttl;

  const std::string self = stamp.address.to_text();
  const std::string collection = rid{stamp.address.database, stamp.address.collection}.to_text();
  const std::string etag = d->etag.substr(1, d->etag.size() - 2);
  constexpr std::size_t system_members = 320;
  std::string& text = d->feed_text;
  text.reserve(in.members.size() + system_members);
  text += in.members;
  text += R"(,"_rid":")";
  text += self;
  text += R"(","_self":"dbs/)";
  text += rid{stamp.address.database}.to_text();
  text += "/colls/";
  text += collection;
  text += "/docs/";
  text += self;
  text += R"(/","_etag":"\")";
  text += etag;
  text += R"(\"","_attachments":"attachments/","_ts":)";
  text += std::to_string(stamp.ts);
  d->plain_size = text.size();
  text += R"(,"_lsn":)";
  text += std::to_string(stamp.lsn);
  text += '}';
  return d;
}

} // namespace feedcast::emulator
