#include "tests/support/live_couchdb.hpp"

#include "feeds/couchdb/database.hpp"
#include "leases/boot_nonce.hpp"

#include <cstdlib>
#include <future>
#include <stdexcept>
#include <utility>

namespace feedcast::testing {

namespace {

std::string url_of_environment() {
  const char* value = std::getenv("COUCHDB_URL");
  return value != nullptr ? value : "";
}

} // namespace

std::string live_couchdb::missing() {
  if (!url_of_environment().empty())
    return {};
  return "no server to test with: set COUCHDB_URL=http://USER:PASSWORD@HOST:PORT of an admin";
}

live_couchdb::live_couchdb(http::runtime& io) : io_{io}, endpoint_{url_of_environment()} {
  const auto mark = endpoint_.find('@');
  if (mark == std::string::npos)
    return;
  const auto begin = endpoint_.find("://") + 3;
  const auto who = endpoint_.substr(begin, mark - begin);
  endpoint_.erase(begin, mark + 1 - begin);
  user_ = http::decode_segment(who.substr(0, who.find(':')));
  if (const auto colon = who.find(':'); colon != std::string::npos)
    password_ = http::decode_segment(who.substr(colon + 1));
}

live_couchdb::~live_couchdb() {
  const auto server = connect();
  for (const auto& name : databases_) {
    http::request r;
    r.method = "DELETE";
    r.target = couchdb::path_of(name);
    const auto gone = std::make_shared<std::promise<void>>();
    server->send(std::move(r), milliseconds{10'000},
                 [gone](const result<http::response>&) { gone->set_value(); });
    gone->get_future().wait();
  }
}

std::string live_couchdb::database(const std::string& beginning) {
  databases_.push_back("feedcast-test-" + beginning + '-'
                       + make_boot_nonce(system_clock_source().wall()));
  return databases_.back();
}

std::shared_ptr<couchdb::server> live_couchdb::connect() const {
  couchdb::server_options o;
  o.name = "live";
  o.endpoint = endpoint_;
  if (!user_.empty())
    o.login = {couchdb::login_kind::cookie, user_, settings::secret{password_}};
  auto opened = couchdb::server::open(std::move(o), io_, {});
  if (!opened)
    throw std::runtime_error{to_string(opened.error())};
  return *opened;
}

} // namespace feedcast::testing
