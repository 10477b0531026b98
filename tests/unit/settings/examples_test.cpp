#include "fixture.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace feedcast::settings {

namespace {

std::filesystem::path examples() {
  return source_folder() / "configs/examples";
}

/// The `NAME=value` lines of an --env-file.
std::map<std::string, std::string> read_env_file(const std::filesystem::path& file) {
  std::map<std::string, std::string> variables;
  std::istringstream text{read_text(file)};
  for (std::string line; std::getline(text, line);) {
    const auto equals = line.find('=');
    if (!line.starts_with('#') && equals != std::string::npos)
      variables[line.substr(0, equals)] = line.substr(equals + 1);
  }
  return variables;
}

} // namespace

TEST(examples, of_yaml_load_without_a_complaint) {
  const temporary_folder folder;
  const auto token_file = folder.write("token", "jwt").string();
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator{examples()}) {
    if (entry.path().extension() != ".yaml")
      continue;
    SCOPED_TRACE(entry.path().filename());
    ++count;
    load_request request;
    request.files = {entry.path()};
    for (const auto* name : {"COSMOSDB_KEY", "COSMOSDB_READONLY_KEY", "AUTH_KEY", "KAFKA_PASSWORD",
                             "CLIENT_SECRET", "KAFKA_CLIENT_SECRET", "COUCHDB_PASSWORD"})
      if (read_text(entry.path()).find(std::string{"from_env: "} + name) != std::string::npos)
        request.environment[name] = "c2VjcmV0";
    request.environment["AUTH_TOKEN"] = "type=resource&ver=1&sig=c2VjcmV0";
    request.environment["AZURE_TENANT_ID"] = "11111111-2222-3333-4444-555555555555";
    request.environment["AZURE_CLIENT_ID"] = "66666666-7777-8888-9999-000000000000";
    request.environment["AZURE_FEDERATED_TOKEN_FILE"] = token_file;

    const auto outcome = load(request);

    EXPECT_TRUE(outcome.ok());
    EXPECT_EQ(messages(outcome), "");
  }
  EXPECT_EQ(count, 13u);
}

TEST(examples, of_the_environment_load_without_a_complaint) {
  load_request request;
  request.environment = read_env_file(examples() / "drop-in.env");

  const auto outcome = load(request);

  EXPECT_TRUE(outcome.ok());
  EXPECT_EQ(messages(outcome), "");
  EXPECT_EQ(outcome.config->instance, "cache-invalidator-0");
}

} // namespace feedcast::settings
