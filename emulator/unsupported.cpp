#include "emulator/unsupported.hpp"

#include "emulator/reply.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace feedcast::emulator {
namespace {

struct missing {
  std::string_view what;
  std::string path; ///< and all that lies one step below it
  std::vector<std::string_view> methods;
};

const std::vector<missing>& all_missing() {
  static const std::vector<std::string_view> any = {"GET", "POST", "PUT", "DELETE"};
  static const std::string container = "/dbs/{}/colls/{}";
  static const std::vector<missing> all = {
      {"stored procedures", container + "/sprocs", any},
      {"triggers", container + "/triggers", any},
      {"user-defined functions", container + "/udfs", any},
      {"conflicts", container + "/conflicts", any},
      {"attachments", container + "/docs/{}/attachments", any},
      {"users and permissions", "/dbs/{}/users", any},
      {"client encryption keys", "/dbs/{}/clientencryptionkeys", any},
      {"partial updates", container + "/docs", {"PATCH"}},
  };
  return all;
}

} // namespace

void add_unsupported(http::router& to) {
  for (const missing& m : all_missing())
    for (const std::string_view method : m.methods)
      for (const std::string& path : {m.path, m.path + "/{}"})
        to.add(method, path,
               [what = m.what](const http::server_request&, const http::path_arguments&,
                               const http::responder& done) {
                 done(send_refusal(
                     refuse(400, "this emulator does not support " + std::string(what))));
               });
}

} // namespace feedcast::emulator
