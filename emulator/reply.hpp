#pragma once

#include "emulator/container.hpp"
#include "emulator/refusal.hpp"
#include "http/server.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace feedcast::emulator {

/// An answer with the headers that the service puts on everything; the rest is added by what is
/// called.
class reply {
 public:
  explicit reply(unsigned status);

  reply& json(std::string body);
  reply& json(std::shared_ptr<const std::string> body); ///< sent without a copy
  reply& set(std::string_view name, std::string value);
  reply& charge(double request_units);
  reply& etag(std::string_view quoted);
  reply& items(std::size_t count);
  reply& owner(const container& c);    ///< the two content paths, for what is inside a container
  reply& owner_of(const container& c); ///< the same for the container itself: its database
  reply& session(std::string_view range_id, std::uint64_t range_lsn);

  http::server_response send(); ///< once

 private:
  http::server_response response_;
  double charge_ = 1;
};

http::server_response send_refusal(const refusal& r);

/// {"_rid":"...","Documents":[...],"_count":2} from finished resources.
std::string list_text(std::string_view owner, std::string_view member,
                      const std::vector<std::string>& resources);

} // namespace feedcast::emulator
