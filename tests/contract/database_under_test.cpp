#include "tests/contract/database_under_test.hpp"

#include "feeds/cosmos/http_transport.hpp"
#include "tests/contract/await.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <random>
#include <stdexcept>
#include <utility>

namespace feedcast::test {

namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

template <class T>
T must(result<T> r) {
  if (!r)
    throw std::runtime_error(to_string(r.error()));
  return std::move(*r);
}

} // namespace

database_under_test::database_under_test()
    : endpoint_(variable("FEEDCAST_TEST_ENDPOINT"))
    , key_(variable("FEEDCAST_TEST_KEY"))
    , certificate_file_(variable("FEEDCAST_TEST_CERTIFICATE"))
    , name_("feedcast-" + std::to_string(std::random_device{}())) {
  if (endpoint_.empty()) {
    emulator::emulator_options options;
    options.listen = "127.0.0.1:0";
    options.tls = true;
    emulator_ = must(emulator::emulator::start(io_, std::move(options)));
    endpoint_ = emulator_->url();
    key_ = emulator_->key();
    certificate_file_ = folder_.path() + "/emulator.pem";
    std::ofstream(certificate_file_) << emulator_->certificate_pem();
  }
  own_ = connect();
  send({"POST", "dbs", "", "/dbs", {}, R"({"id":")" + name_ + "\"}"});
}

database_under_test::~database_under_test() {
  try {
    send({"DELETE", "dbs", "dbs/" + name_, "/dbs/" + name_, {}, {}});
  } catch (const std::exception& e) {
    ADD_FAILURE() << "database " << name_ << " is still there: " << e.what();
  }
}

bool database_under_test::holds(const char* check) const {
  if (!emulator_)
    std::cout << "[ LEFT OUT ] here, unlike at the emulator: " << check << '\n';
  return emulator_ != nullptr;
}

std::shared_ptr<cosmos::account> database_under_test::connect(std::string key) {
  cosmos::account_options options;
  options.name = "contract";
  options.endpoint = endpoint_;
  options.key = settings::secret{key.empty() ? key_ : std::move(key)};
  http::client_options client;
  client.ca_file = certificate_file_;
  if (emulator_)
    client.proxy = "none";
  return must(
      cosmos::account::open(std::move(options), cosmos::http_transports(io_, std::move(client))));
}

void database_under_test::send(cosmos::call c) {
  if (!c.body.empty())
    c.headers.set("Content-Type", "application/json");
  constexpr std::chrono::seconds deadline{60}; // a container takes its time in the cloud
  must(await<http::response>(
      [&](auto done) {
        own_->send(std::move(c), cosmos::access::write, deadline, std::move(done));
      },
      2 * deadline));
}

cosmos::collection_ref database_under_test::create_container(const std::string& container,
                                                             unsigned ranges) {
  auto made = must(cosmos::collection_ref::make(name_, container));
  auto c = made.create(R"({"id":")" + container
                       + R"(","partitionKey":{"paths":["/id"],"kind":"Hash","version":2}})");
  if (emulator_)
    c.headers.set("x-feedcast-ranges", std::to_string(ranges));
  send(std::move(c));
  return made;
}

void database_under_test::upsert(const cosmos::collection_ref& where, const std::string& id, int n,
                                 bool deleted) {
  auto c = where.documents("POST");
  c.headers.set("x-ms-documentdb-is-upsert", "True");
  c.headers.set("x-ms-documentdb-partitionkey", cosmos::partition_key_header(id));
  c.body = R"({"id":")" + id + R"(","n":)" + std::to_string(n)
           + (deleted ? R"(,"_deleted":true})" : "}");
  send(std::move(c));
}

} // namespace feedcast::test
