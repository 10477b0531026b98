#include "app/migrate/hocon.hpp"
#include "app/migrate/openwhisk.hpp"
#include "app/migrate/upstream_view.hpp"
#include "app/migrate/yaml_text.hpp"
#include "settings/complete.hpp"
#include "settings/loader.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <unistd.h>

namespace feedcast::app {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

namespace {

std::string text_of(const upstream_settings& all, const std::string& name) {
  const auto found = all.find(name);
  return found == all.end() ? "(missing)" : found->second.text;
}

/// The configuration that the text of one file becomes.
std::string migrated(const std::string& text, const settings::environment_map& environment = {}) {
  const auto from = settings_of_text(text, "openwhisk.conf", environment);
  if (!from)
    return "refused: " + from.error().detail;
  const auto yaml = migrate_openwhisk(*from);
  return yaml ? *yaml : "refused: " + yaml.error().detail;
}

settings::load_outcome load(const std::string& yaml, settings::environment_map environment) {
  const auto file = std::filesystem::temp_directory_path()
                    / ("feedcast-migrate-" + std::to_string(getpid()) + ".yaml");
  std::ofstream{file} << yaml;
  settings::load_request request;
  request.files = {file};
  request.environment = std::move(environment);
  auto outcome = settings::load(request);
  std::filesystem::remove(file);
  return outcome;
}

std::string complaints(const settings::load_outcome& outcome) {
  std::string text;
  for (const auto& d : outcome.diagnostics)
    text += d.to_string() + '\n';
  return text;
}

constexpr const char* couchdb_hocon = R"(
# what a controller has
whisk {
  couchdb {
    protocol = https
    host : "couch.example"   // by its name
    port = 6984
    username = whisk_admin
    password = "hunter2"
    provider = CouchDB
    databases {
      WhiskAuth = whisk_local_subjects, WhiskEntity = whisk_local_whisks
      WhiskActivation = "whisk_local_activations"
    }
  }
  kafka.topics.prefix = "zone-"
  cluster { x = 1 }
}
kafka.hosts = "kafka-0:9092,kafka-1:9092"
)";

} // namespace

TEST(hocon, the_plain_part_is_read) {
  const auto read = read_hocon(R"({
a.b = 1, c : two words
"d.e" { f = "q\"\\\/\t", g = [x, "y z"
  w ] }
h = "https://x//y" # comment
i {
  j = old
  j = ${?NEW}
  k = old
  k = ${?OLD}
  l =
    next
}
i { j2 = other }
})",
                               "f", {{"NEW", "new"}});

  ASSERT_FALSE(read) << "a list needs commas";
  EXPECT_EQ(read.error().detail, "f:4: a comma is missing in a list");

  const auto mended = read_hocon(R"({
a.b = 1, c : two words
"d.e" { f = "q\"\\\/\t", g = [x, "y z",
  w ] }
h = "https://x//y" # comment
i {
  j = old
  j = ${?NEW}
  k = old
  k = ${?OLD}
  l =
    next
}
i { j2 = other }
})",
                                 "f", {{"NEW", "new"}});

  ASSERT_TRUE(mended) << mended.error().detail;
  EXPECT_EQ(text_of(*mended, "a.b"), "1");
  EXPECT_EQ(text_of(*mended, "c"), "two words");
  EXPECT_EQ(text_of(*mended, "d.e.f"), "q\"\\/\t");
  EXPECT_THAT(mended->at("d.e.g").items, ElementsAre("x", "y z", "w"));
  EXPECT_EQ(text_of(*mended, "h"), "https://x//y");
  EXPECT_EQ(text_of(*mended, "i.j"), "new");
  EXPECT_EQ(mended->at("i.j").variable, "NEW");
  EXPECT_EQ(text_of(*mended, "i.k"), "old");
  EXPECT_EQ(mended->at("i.k").variable, "");
  EXPECT_EQ(mended->at("i.k").origin, "f:9");
  EXPECT_EQ(text_of(*mended, "i.l"), "next");
  EXPECT_EQ(text_of(*mended, "i.j2"), "other");
}

TEST(hocon, all_else_is_refused_with_its_line) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"a = 1\ninclude \"other.conf\"", "f:2: include is not read here"},
      {"a = \"x\" \"y\"", "f:1: there is more behind a value"},
      {"a = ${?X}/path", "f:1: there is more behind a value"},
      {"\na += 1", "f:2: += is not read here"},
      {"a = \"\"\"x\"\"\"", "f:1: texts of several lines"},
      {"a = https://x", "f:1: this character has to be quoted: :"},
      {"a = ${whisk.x}", "f:1: ${whisk.x} is not set in the environment"},
      {"a = \"x\n\"", "f:1: a quote is not closed"},
      {"a {\nb = 1\n", "f:3: a brace is not closed"},
      {"a = 1\n}", "f:2: there is a closing brace too many"},
      {"{ a = 1 } b = 2", "f:1: there is text behind the last brace"},
      {"a", "f:1: a name is followed by neither =, : nor {"},
      {"a =", "f:1: a value is missing"},
      {"= 1", "f:1: a name is expected here"},
      {"a = [1, {b = 2}]", "f:1: only texts are read here in a list"},
      {"a = \"\\u0041\"", "f:1: this escape is not read here"},
      {"a = $X", "f:1: this character has to be quoted: $"},
      {std::string(40, '{'), "f:1: a name is expected here"},
      {[] {
         std::string deep;
         for (int i = 0; i < 40; ++i)
           deep += "a {";
         return deep;
       }(),
       "f:1: blocks are nested too deep"}};
  for (const auto& [text, wanted] : cases) {
    const auto read = read_hocon(text, "f", {});
    ASSERT_FALSE(read) << text;
    EXPECT_THAT(read.error().detail, testing::StartsWith(wanted)) << text;
    EXPECT_EQ(read.error().code, errc::rejected);
  }
}

TEST(upstream_variables, of_an_environment_are_read_by_their_dotted_names) {
  const auto read = settings_of_variables({{"CONFIG_whisk_couchdb_databases_WhiskEntity", "w"},
                                           {"CONFIG_whisk_couchdb_password", "$DB_PASSWORD"},
                                           {"CONFIG_whisk_cacheInvalidator_clusterId", ""},
                                           {"DB_PASSWORD", "hunter2"},
                                           {"COSMOSDB_NAME", "ow"},
                                           {"HOME", "/"}});

  ASSERT_TRUE(read) << read.error().detail;
  EXPECT_EQ(read->size(), 3u);
  EXPECT_EQ(text_of(*read, "whisk.couchdb.databases.WhiskEntity"), "w");
  EXPECT_EQ(text_of(*read, "whisk.couchdb.password"), "hunter2");
  EXPECT_EQ(read->at("whisk.couchdb.password").variable, "DB_PASSWORD");
  EXPECT_EQ(read->at("whisk.couchdb.password").origin, "environment CONFIG_whisk_couchdb_password");
  EXPECT_EQ(text_of(*read, "whisk.cache-invalidator.cosmosdb.db"), "ow");

  EXPECT_FALSE(settings_of_variables({{"CONFIG_whisk_x", "$NOBODY"}}));
}

TEST(upstream_variables, of_a_file_win_over_the_environment) {
  const auto read = settings_of_text("# a comment\n\nexport CONFIG_whisk_couchdb_host='h'\n"
                                     "CONFIG_whisk_couchdb_password=$SECRET\n",
                                     "c.env",
                                     {{"CONFIG_whisk_couchdb_host", "other"},
                                      {"CONFIG_whisk_couchdb_port", "1"},
                                      {"SECRET", "hunter2"}});

  ASSERT_TRUE(read) << read.error().detail;
  EXPECT_EQ(text_of(*read, "whisk.couchdb.host"), "h");
  EXPECT_EQ(read->at("whisk.couchdb.host").origin, "c.env:3");
  EXPECT_EQ(text_of(*read, "whisk.couchdb.port"), "(missing)");
  EXPECT_EQ(read->at("whisk.couchdb.password").variable, "SECRET");

  const auto broken = settings_of_text("CONFIG_whisk_x=1\nnonsense\n", "c.env", {});
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().detail, "c.env:2: is not NAME=VALUE");
}

TEST(migrate, couchdb_settings_become_a_configuration_that_loads) {
  const auto yaml = migrated(couchdb_hocon);

  const auto outcome = load(yaml, {{"COUCHDB_PASSWORD", "x"}});

  ASSERT_TRUE(outcome.ok()) << complaints(outcome) << yaml;
  EXPECT_EQ(complaints(outcome), "") << yaml;
  const auto& c = *outcome.config;
  const auto& account = c.accounts.at("main");
  EXPECT_TRUE(settings::is_couchdb(account));
  EXPECT_EQ(account.endpoint, "https://couch.example:6984/");
  EXPECT_EQ(account.user, "whisk_admin");
  EXPECT_EQ(c.feeds.at("whisks").collection, "whisk_local_whisks");
  EXPECT_EQ(c.feeds.at("subjects").collection, "whisk_local_subjects");
  EXPECT_TRUE(c.feeds.at("subjects").identities_feed);
  const auto& target = c.targets.at("default");
  EXPECT_EQ(target.kafka.brokers, "kafka-0:9092,kafka-1:9092");
  EXPECT_EQ(target.kafka.topic_prefix, "zone-");
  EXPECT_THAT(yaml, Not(HasSubstr("hunter2")));
  EXPECT_THAT(yaml, HasSubstr("openwhisk.conf:9 says, or write {from_file: PATH}"));
  EXPECT_THAT(yaml, Not(HasSubstr("counterpart"))) << "all of it is understood";
}

TEST(migrate, plain_http_to_another_machine_becomes_https_with_a_word_about_it) {
  const auto yaml = migrated("CONFIG_whisk_couchdb_protocol=http\nCONFIG_whisk_couchdb_host=couch\n"
                             "CONFIG_whisk_couchdb_port=5984\n"
                             "CONFIG_whisk_couchdb_databases_WhiskEntity=w\nKAFKA_HOSTS=k:9092\n");
  EXPECT_THAT(yaml, HasSubstr("endpoint: \"https://couch:6984/\""));
  EXPECT_THAT(yaml, HasSubstr("plain http"));
  EXPECT_THAT(yaml, HasSubstr("identities are not read"));
  EXPECT_TRUE(load(yaml, {}).ok()) << yaml;

  const auto local =
      migrated("whisk.couchdb { protocol = http, host = localhost, port = 5984, username = u,\n"
               "password = ${?DB_PASSWORD}, databases.WhiskEntity = w }",
               {{"DB_PASSWORD", "hunter2"}});
  EXPECT_THAT(local, HasSubstr("endpoint: \"http://localhost:5984/\""));
  EXPECT_THAT(local, HasSubstr("{from_env: DB_PASSWORD}\n"));
  EXPECT_THAT(local, Not(HasSubstr("hunter2")));
  // The brokers are nowhere, and nobody invents any.
  EXPECT_FALSE(load(local, {{"DB_PASSWORD", "x"}}).ok());
  const auto outcome = load(local, {{"DB_PASSWORD", "x"}, {"KAFKA_HOSTS", "k:9092"}});
  ASSERT_TRUE(outcome.ok()) << complaints(outcome) << local;
  EXPECT_EQ(outcome.config->targets.at("default").kafka.brokers, "k:9092");
}

TEST(migrate, controllers_settings_of_cosmosdb_become_two_feeds) {
  const auto yaml = migrated(R"(
whisk {
  spi.ArtifactStoreProvider = org.apache.openwhisk.core.database.cosmosdb.CosmosDBArtifactStoreProvider
  couchdb { host = leftover }
  cosmosdb {
    endpoint = "https://acme.documents.azure.com:443/"
    key = ${?DB_KEY}
    db = openwhisk
    cluster-id = eu1
    soft-delete-ttl = 10 h
    throughput = 1000
    connection-policy { preferred-locations = ["West Europe", "North Europe"], max-pool-size = 10 }
    collections { WhiskAuth { endpoint = "https://auth.documents.azure.com:443/" } }
  }
  kafka.hosts = "k:9092"
})",
                             {{"DB_KEY", "c2VjcmV0"}});

  const auto outcome = load(yaml, {{"DB_KEY", "c2VjcmV0"}});

  ASSERT_TRUE(outcome.ok()) << complaints(outcome) << yaml;
  EXPECT_EQ(complaints(outcome), "") << yaml;
  const auto& c = *outcome.config;
  EXPECT_EQ(c.accounts.at("main").database, "openwhisk");
  EXPECT_EQ(c.accounts.at("subjects").endpoint, "https://auth.documents.azure.com:443/");
  EXPECT_EQ(c.feeds.at("subjects").account, "subjects");
  EXPECT_EQ(c.feeds.at("whisks").tombstone_ttl, std::chrono::hours{10});
  EXPECT_EQ(c.targets.at("default").cluster_id, "eu1");
  EXPECT_THAT(c.targets.at("default").regions, ElementsAre("West Europe", "North Europe"));
  EXPECT_THAT(yaml, Not(HasSubstr("c2VjcmV0")));
  EXPECT_THAT(yaml, HasSubstr("whisk.cosmosdb.connection-policy.max-pool-size (openwhisk.conf:"));
  EXPECT_THAT(yaml, HasSubstr("whisk.couchdb.host (openwhisk.conf:4): has no counterpart"));
}

TEST(migrate, the_invalidators_settings_become_what_it_does) {
  const settings::environment_map environment{
      {"COSMOSDB_ENDPOINT", "https://acme.documents.azure.com:443/"},
      {"COSMOSDB_KEY", "c2VjcmV0"},
      {"COSMOSDB_NAME", "ow"},
      {"KAFKA_HOSTS", "k:9092"},
      {"CONFIG_whisk_cacheInvalidator_clusterId", "us2"},
      {"CONFIG_whisk_cacheInvalidator_port", "9090"},
      {"CONFIG_whisk_cacheInvalidator_cosmosdb_leaseCollection", "leases"},
      {"CONFIG_whisk_cacheInvalidator_cosmosdb_collections_leases_db", "elsewhere"},
      {"CONFIG_whisk_cacheInvalidator_cosmosdb_hostname", "inv-0"},
      {"CONFIG_whisk_cacheInvalidator_cosmosdb_startFromBeginning", "true"},
      {"CONFIG_whisk_cacheInvalidator_eventProducer_bufferSize", "50"}};
  const auto from = settings_of_variables(environment);
  ASSERT_TRUE(from);
  const auto yaml = migrate_openwhisk(*from);
  ASSERT_TRUE(yaml) << yaml.error().detail;

  const auto outcome = load(*yaml, {{"COSMOSDB_KEY", "c2VjcmV0"}});

  ASSERT_TRUE(outcome.ok()) << complaints(outcome) << *yaml;
  const auto& c = *outcome.config;
  EXPECT_EQ(c.feeds.size(), 1u);
  EXPECT_EQ(c.feeds.at("whisks").start, settings::start_kind::beginning);
  EXPECT_EQ(c.accounts.at("leases").database, "elsewhere");
  EXPECT_EQ(c.leases.account, "leases");
  EXPECT_EQ(c.leases.collection, "leases");
  EXPECT_EQ(c.instance, "inv-0");
  EXPECT_EQ(c.admin.listen, "0.0.0.0:9090");
  EXPECT_EQ(c.targets.at("default").cluster_id, "us2");
  EXPECT_THAT(*yaml, HasSubstr("buffer-size"));
  EXPECT_THAT(*yaml, HasSubstr("tuning.window bounds what may wait"));
}

TEST(migrate, what_is_missing_or_useless_is_named) {
  const std::string couch = "whisk.couchdb.host = h\nwhisk.couchdb.databases.WhiskEntity = w\n";
  const std::vector<std::pair<std::string, std::string>> cases{
      {"whisk.loadbalancer.x = 1", "there are no settings of whisk.couchdb"},
      {"whisk.couchdb.port = 1", "whisk.couchdb.host is missing"},
      {"whisk.couchdb.host = h", "whisk.couchdb.databases.WhiskEntity is missing"},
      {"whisk.couchdb.host = \"a b\"\nwhisk.couchdb.databases.WhiskEntity = w",
       "whisk.couchdb.host (openwhisk.conf:1) and whisk.couchdb.port are no host and port"},
      {"whisk.couchdb.host = h\nwhisk.couchdb.databases.WhiskEntity = Whisks",
       "whisk.couchdb.databases.WhiskEntity (openwhisk.conf:2) is not the name"},
      {couch + "whisk.couchdb.protocol = ftp", "(openwhisk.conf:3) is neither http nor https"},
      {couch + "whisk.kafka.hosts = nowhere", "the brokers (openwhisk.conf:3) are not host:port"},
      {couch + "whisk.kafka.topics.prefix = \"a/\"", "does not make the name of a topic"},
      {couch + "whisk.spi.ArtifactStoreProvider = memory", "names neither CouchDB nor Cosmos DB"},
      {couch + "whisk.cache-invalidator.cluster-id = \"a/b\"", "the cluster id"},
      {"whisk.cosmosdb.key = k", "whisk.cosmosdb.endpoint is missing"},
      {"whisk.cosmosdb.endpoint = \"https://a\"", "whisk.cosmosdb.key is missing"},
  };
  for (const auto& [text, wanted] : cases) {
    const auto said = migrated(text);
    EXPECT_THAT(said, testing::StartsWith("refused: ")) << text;
    EXPECT_THAT(said, HasSubstr(wanted)) << text;
  }
}

TEST(migrate, texts_add_no_structure) {
  EXPECT_EQ(yaml_value("plain-1.x"), "plain-1.x");
  EXPECT_EQ(yaml_value("Off"), "\"Off\"");
  EXPECT_EQ(yaml_value("9"), "\"9\"");
  EXPECT_EQ(yaml_value("a: b # ${X}\n\"\\"), R"("a: b # $${X}\x0a\"\\")");
  yaml_text text;
  text.line(1, "k", "v", "line\nend");
  EXPECT_EQ(text.take(), "  k: v  # line\\u000aend\n");
}

TEST(migrate, times_of_hocon_are_those_of_feedcast) {
  for (const auto& [hocon, ours] :
       std::vector<std::pair<std::string, std::string>>{{"10 h", "10h"},
                                                        {"90 minutes", "90m"},
                                                        {"2 days", "48h"},
                                                        {"1500", "1500ms"},
                                                        {"5s", "5s"},
                                                        {"ten h", ""},
                                                        {"1 fortnight", ""},
                                                        {"99999999999 h", ""},
                                                        {"-1 h", ""}})
    EXPECT_EQ(duration_of(hocon), ours) << hocon;
}

} // namespace feedcast::app
