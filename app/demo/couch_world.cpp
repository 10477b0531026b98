#include "app/couch_databases.hpp"
#include "app/demo/couch_store.hpp"
#include "app/demo/world.hpp"
#include "app/wait_for.hpp"
#include "core/log.hpp"
#include "feeds/couchdb/database.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace feedcast::app {

namespace {

constexpr milliseconds patience{20'000};
constexpr const char* account_name = "server";
constexpr const char* password_variable = "COUCHDB_PASSWORD";

/// "feedcast_demo_1a2b3c4d", which nobody else has.
std::string random_name() {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "feedcast_demo_%08x", std::random_device{}());
  return text.data();
}

/// http://admin@127.0.0.1:5984/. A password in it would stand in the list of processes.
result<settings::account_config> account_of(std::string url) {
  settings::account_config a;
  a.type = "couchdb";
  const auto mark = url.find("://");
  const auto at = url.rfind('@');
  if (mark != std::string::npos && at != std::string::npos && at > mark) {
    a.user = url.substr(mark + 3, at - mark - 3);
    url.erase(mark + 3, at - mark - 2);
    if (a.user.find(':') != std::string::npos)
      return make_error(errc::rejected,
                        std::string{"--couchdb: a password doesn't belong on a command line; hint: "
                                    "leave it out, and set "}
                            + password_variable);
    const auto* password = std::getenv(password_variable);
    if (password == nullptr || *password == '\0')
      return make_error(errc::rejected, "--couchdb names a user, and "
                                            + std::string{password_variable}
                                            + " is not set; hint: put the password into it");
    a.password = settings::secret{password};
  }
  a.endpoint = std::move(url);
  return a;
}

result<bool> change(couchdb::server& server, const char* method, const std::string& database) {
  http::request r;
  r.method = method;
  r.target = couchdb::path_of(database);
  const auto answer = wait_for<http::response>(
      patience, [&](auto done) { server.send(std::move(r), patience, std::move(done)); });
  if (!answer)
    return answer.error();
  return true;
}

class world final : public demo_world {
 public:
  world(settings::account_config account, std::string name, std::shared_ptr<couchdb::server> server)
      : account_(std::move(account))
      , name_(std::move(name))
      , server_(std::move(server))
      , store_(
            std::make_shared<couch_store>(server_, collection("whisks"), collection("subjects"))) {}

  ~world() override {
    for (const auto& database : made_)
      if (const auto gone = change(*server_, "DELETE", database); !gone)
        log::warn("the demo's database could not be removed",
                  {{"database", database}, {"error", to_string(gone.error())}});
  }

  result<bool> create() {
    // That of the leases, too: the service would make it, and nobody would remove it.
    for (const auto* name : {"whisks", "subjects", "leases"}) {
      if (const auto made = change(*server_, "PUT", collection(name)); !made)
        return made;
      made_.push_back(collection(name));
    }
    return true;
  }

  void configure(settings::service_config& c) const override {
    c.accounts[account_name] = account_;
    for (const auto* name : {"whisks", "subjects"}) {
      auto& feed = c.feeds[name];
      feed.account = account_name;
      feed.collection = collection(name);
      feed.identities_feed = std::string_view{name} == "subjects";
      feed.cluster_id_member = couch_cluster_member;
    }
    c.leases.collection = collection("leases");
  }

  std::shared_ptr<demo_store> store() override { return store_; }

 private:
  std::string collection(const char* name) const { return name_ + '_' + name; }

  const settings::account_config account_;
  const std::string name_;
  const std::shared_ptr<couchdb::server> server_;
  const std::shared_ptr<demo_store> store_;
  std::vector<std::string> made_;
};

} // namespace

result<std::unique_ptr<demo_world>> couch_world(http::runtime& io, const demo_options& options) {
  auto account = account_of(options.couchdb);
  if (!account)
    return account.error();
  settings::service_config c;
  c.accounts[account_name] = *account;
  auto server = open_server(c, account_name, io);
  if (!server)
    return make_error(errc::rejected, "--couchdb: " + server.error().detail);
  auto made = std::make_unique<world>(std::move(*account), random_name(), std::move(*server));
  if (const auto created = made->create(); !created)
    return make_error(created.error().code, "--couchdb: " + to_string(created.error()));
  return std::unique_ptr<demo_world>{std::move(made)};
}

} // namespace feedcast::app
