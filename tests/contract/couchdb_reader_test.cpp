#include "feeds/couchdb/changes_feed.hpp"
#include "feeds/couchdb/database.hpp"
#include "tests/contract/change_source_contract.hpp"
#include "tests/support/fake_couchdb_changes.hpp"
#include "tests/support/live_couchdb.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <stdexcept>

namespace feedcast::test {

using namespace std::chrono_literals;

namespace {

/// A database of its own on `at`, with documents whose kind is their version.
class couchdb_documents {
 public:
  couchdb_documents(std::shared_ptr<couchdb::server> at, std::string database)
      : at_(std::move(at)), database_(std::move(database)) {
    send("PUT", couchdb::path_of(database_), {});
  }

  void write(const std::string& id, int version) {
    boost::json::object document{{"entityType", "v" + std::to_string(version)}};
    if (const auto known = revisions_.find(id); known != revisions_.end())
      document["_rev"] = known->second;
    revisions_[id] = send("PUT", path_of(id), boost::json::serialize(document));
  }

  void remove(const std::string& id) {
    send("DELETE", path_of(id) + "?rev=" + revisions_.at(id), {});
    revisions_.erase(id);
  }

  const std::string& database() const noexcept { return database_; }

 private:
  std::string path_of(const std::string& id) const {
    return couchdb::path_of(database_) + '/' + http::encode_segment(id);
  }

  /// What the server says is the revision by now.
  std::string send(const char* method, std::string target, std::string body) {
    http::request r;
    r.method = method;
    r.target = std::move(target);
    r.body = std::move(body);
    r.headers.set("content-type", "application/json");
    const auto answer = await<http::response>(
        [&](auto done) { at_->send(std::move(r), 20s, std::move(done)); }, 30s);
    if (!answer)
      throw std::runtime_error(to_string(answer.error()));
    const auto said = boost::json::parse(answer->body.view()).as_object();
    const auto* revision = said.if_contains("rev");
    return revision == nullptr ? "" : std::string{revision->as_string()};
  }

  std::shared_ptr<couchdb::server> at_;
  std::string database_;
  std::map<std::string, std::string> revisions_;
};

struct couchdb_harness {
  static std::unique_ptr<change_source> reader_at(std::shared_ptr<couchdb::server> at,
                                                  std::string database) {
    couchdb::changes_feed_options options;
    options.database = std::move(database);
    options.documents = true;
    options.hold = 300ms;
    options.heartbeat = 1s; // PouchDB sends not even a head before the first one
    options.gather = 5ms;
    return std::make_unique<couchdb::changes_feed>(std::move(at), std::move(options));
  }

  static int version_of(const boost::json::object& document) {
    return std::stoi(std::string{document.at("entityType").as_string()}.substr(1));
  }

  static std::vector<std::string> damaged_positions() {
    return {"\"24\"", "{", "{}", "no position", R"({"seq":"1-x","created":"1"})"};
  }

  static std::vector<std::string> awkward_ids() {
    return {"guest/hello", "a b", "caf\xc3\xa9", "a+b%2F", "quote\"d", "\\"};
  }
};

/// A server in this process.
struct fake_harness : couchdb_harness {
  static std::string missing() { return {}; }

  std::shared_ptr<couchdb::server> connect() {
    couchdb::server_options o;
    o.name = "fake";
    o.endpoint = server.url();
    return couchdb::server::open(std::move(o), io, {}).value();
  }

  std::unique_ptr<change_source> reader() { return reader_at(connect(), documents.database()); }

  void write(const std::string& id, int version) { documents.write(id, version); }

  void remove(const std::string& id) { documents.remove(id); }

  http::runtime io;
  testing::fake_couchdb_changes server{io};
  couchdb_documents documents{connect(), "feed"};
};

/// That of COUCHDB_URL.
struct live_harness : couchdb_harness {
  static std::string missing() { return testing::live_couchdb::missing(); }

  std::unique_ptr<change_source> reader() {
    return reader_at(server.connect(), documents.database());
  }

  void write(const std::string& id, int version) { documents.write(id, version); }

  void remove(const std::string& id) { documents.remove(id); }

  http::runtime io;
  testing::live_couchdb server{io};
  couchdb_documents documents{server.connect(), server.database("feed")};
};

} // namespace

INSTANTIATE_TYPED_TEST_SUITE_P(couchdb_fake, change_source_contract, fake_harness);
INSTANTIATE_TYPED_TEST_SUITE_P(couchdb_live, change_source_contract, live_harness);

} // namespace feedcast::test
