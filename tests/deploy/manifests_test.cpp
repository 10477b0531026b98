// deploy/compose.yaml, deploy/kubernetes.yaml and deploy/keda.yaml: they name what exists, the
// configurations in them are accepted, and nothing in them has more rights than it needs.
#include "settings/loader.hpp"

#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

namespace feedcast {

namespace {

namespace fs = std::filesystem;

const fs::path root = FEEDCAST_SOURCE_DIR;

std::vector<std::string> texts(const YAML::Node& list) {
  std::vector<std::string> out;
  for (const auto& item : list)
    out.push_back(item.as<std::string>());
  return out;
}

/// The diagnostics of a configuration, for people; secrets of files are replaced by the
/// environment.
std::string complaints(const fs::path& file, std::map<std::string, std::string> environment) {
  settings::load_request request;
  request.files = {file};
  request.environment = std::move(environment);
  std::string out;
  for (const auto& d : settings::load(request).diagnostics)
    out += d.to_string() + "\n";
  return out;
}

/// The object of this kind in a file of several.
YAML::Node object(const std::string& kind, const char* file = "deploy/kubernetes.yaml") {
  for (const auto& document : YAML::LoadAllFromFile(root / file))
    if (document["kind"].as<std::string>() == kind)
      return document;
  throw std::runtime_error("there is no " + kind);
}

} // namespace

TEST(compose, names_files_and_stages_that_exist) {
  const auto compose = YAML::LoadFile(root / "deploy/compose.yaml");
  std::ifstream in{root / "deploy/Dockerfile"};
  const std::string dockerfile{std::istreambuf_iterator<char>{in}, {}};
  std::set<std::string> names;
  for (const auto& s : compose["services"])
    names.insert(s.first.as<std::string>());
  EXPECT_EQ(names, (std::set<std::string>{"emulator", "kafka", "feedcast", "prometheus"}));
  for (const auto& s : compose["services"]) {
    const auto service = s.second;
    if (const auto build = service["build"]) {
      const auto context = root / "deploy" / build["context"].as<std::string>();
      EXPECT_TRUE(fs::exists(context / build["dockerfile"].as<std::string>()));
      const auto stage = build["target"] ? " AS " + build["target"].as<std::string>() : "";
      EXPECT_NE(dockerfile.find(stage), std::string::npos) << stage;
    } else {
      const auto image = service["image"].as<std::string>();
      EXPECT_NE(image.find_first_of("0123456789", image.find(':')), std::string::npos) << image;
    }
    for (const auto& volume : texts(service["volumes"])) {
      EXPECT_TRUE(fs::exists(root / "deploy" / volume.substr(0, volume.find(':')))) << volume;
      EXPECT_TRUE(volume.ends_with(":ro")) << volume;
    }
    for (const auto& other : texts(service["depends_on"]))
      EXPECT_TRUE(names.contains(other)) << other;
    for (const auto& port : texts(service["ports"]))
      EXPECT_TRUE(port.starts_with("127.0.0.1:")) << port << ": not for everybody";
  }
}

TEST(compose, our_own_services_have_no_rights_to_lose) {
  const auto services = YAML::LoadFile(root / "deploy/compose.yaml")["services"];
  for (const auto* name : {"emulator", "feedcast"}) {
    EXPECT_TRUE(services[name]["read_only"].as<bool>()) << name;
    EXPECT_EQ(texts(services[name]["cap_drop"]), std::vector<std::string>{"ALL"}) << name;
    EXPECT_EQ(texts(services[name]["security_opt"]),
              std::vector<std::string>{"no-new-privileges:true"})
        << name;
  }
}

TEST(compose, its_configuration_is_accepted) {
  EXPECT_EQ(complaints(root / "deploy/compose/feedcast.yaml", {{"COSMOSDB_KEY", "AAAA"}}), "");
}

TEST(kubernetes, its_configuration_is_accepted) {
  auto folder = (fs::temp_directory_path() / "feedcast-k8s-XXXXXX").string();
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  auto text = object("ConfigMap")["data"]["feedcast.yaml"].as<std::string>();
  const std::string mounted = "/etc/feedcast/secrets";
  for (auto at = text.find(mounted); at != std::string::npos; at = text.find(mounted))
    text.replace(at, mounted.size(), folder);
  std::ofstream{fs::path{folder} / "cosmosdb-key"} << "AAAA";
  std::ofstream{fs::path{folder} / "admin-token"} << std::string(64, 'a');
  std::ofstream{fs::path{folder} / "feedcast.yaml"} << text;
  EXPECT_EQ(complaints(fs::path{folder} / "feedcast.yaml", {{"HOSTNAME", "feedcast-0"}}), "");
  fs::remove_all(folder);
}

TEST(kubernetes, meets_the_restricted_pod_security_standard) {
  const auto pod = object("StatefulSet")["spec"]["template"]["spec"];
  for (const auto* forbidden : {"hostNetwork", "hostPID", "hostIPC"})
    EXPECT_FALSE(pod[forbidden]) << forbidden;
  EXPECT_TRUE(pod["securityContext"]["runAsNonRoot"].as<bool>());
  EXPECT_GT(pod["securityContext"]["runAsUser"].as<int>(), 0);
  EXPECT_EQ(pod["securityContext"]["seccompProfile"]["type"].as<std::string>(), "RuntimeDefault");
  EXPECT_FALSE(pod["automountServiceAccountToken"].as<bool>());
  const std::set<std::string> volumes{"name",
                                      "configMap",
                                      "secret",
                                      "emptyDir",
                                      "projected",
                                      "downwardAPI",
                                      "persistentVolumeClaim",
                                      "csi",
                                      "ephemeral"};
  for (const auto& volume : pod["volumes"])
    for (const auto& member : volume)
      EXPECT_TRUE(volumes.contains(member.first.as<std::string>()));
  ASSERT_EQ(pod["containers"].size(), 1U);
  for (const auto& container : pod["containers"]) {
    const auto context = container["securityContext"];
    EXPECT_FALSE(context["allowPrivilegeEscalation"].as<bool>());
    EXPECT_FALSE(context["privileged"]);
    EXPECT_TRUE(context["readOnlyRootFilesystem"].as<bool>());
    EXPECT_EQ(texts(context["capabilities"]["drop"]), std::vector<std::string>{"ALL"});
    EXPECT_FALSE(context["capabilities"]["add"]);
    for (const auto& port : container["ports"])
      EXPECT_FALSE(port["hostPort"]);
  }
}

TEST(kubernetes, its_parts_fit_together) {
  const auto set = object("StatefulSet");
  const auto pod = set["spec"]["template"]["spec"];
  const auto container = pod["containers"][0];
  std::set<std::string> volumes;
  for (const auto& volume : pod["volumes"])
    volumes.insert(volume["name"].as<std::string>());
  for (const auto& mount : container["volumeMounts"])
    EXPECT_TRUE(volumes.contains(mount["name"].as<std::string>()));
  const auto app = set["spec"]["template"]["metadata"]["labels"]["app"].as<std::string>();
  EXPECT_EQ(object("Service")["spec"]["selector"]["app"].as<std::string>(), app);
  EXPECT_EQ(object("NetworkPolicy")["spec"]["podSelector"]["matchLabels"]["app"].as<std::string>(),
            app);
  EXPECT_GT(pod["terminationGracePeriodSeconds"].as<int>(), 10) << "longer than drain_deadline";
  EXPECT_EQ(container["resources"]["requests"]["memory"].as<std::string>(),
            container["resources"]["limits"]["memory"].as<std::string>());
  EXPECT_EQ(container["livenessProbe"]["httpGet"]["path"].as<std::string>(), "/livez");
  EXPECT_EQ(container["readinessProbe"]["httpGet"]["path"].as<std::string>(), "/readyz");
}

TEST(keda, scales_what_kubernetes_runs) {
  const auto scaled = object("ScaledObject", "deploy/keda.yaml")["spec"];
  const auto set = object("StatefulSet");
  EXPECT_EQ(scaled["scaleTargetRef"]["kind"].as<std::string>(), set["kind"].as<std::string>());
  EXPECT_EQ(scaled["scaleTargetRef"]["name"].as<std::string>(),
            set["metadata"]["name"].as<std::string>());
  EXPECT_GE(scaled["minReplicaCount"].as<int>(), 1);
  EXPECT_GT(scaled["maxReplicaCount"].as<int>(), scaled["minReplicaCount"].as<int>());
}

TEST(keda, looks_where_the_leases_are) {
  const auto config = YAML::Load(object("ConfigMap")["data"]["feedcast.yaml"].as<std::string>());
  const auto trigger = object("ScaledObject", "deploy/keda.yaml")["spec"]["triggers"][0];
  EXPECT_EQ(trigger["type"].as<std::string>(), "azure-cosmosdb");
  const auto said = trigger["metadata"];
  const auto database = config["accounts"]["main"]["database"].as<std::string>();
  EXPECT_EQ(said["databaseId"].as<std::string>(), database);
  EXPECT_EQ(said["leaseDatabaseId"].as<std::string>(), database);
  EXPECT_TRUE(config["feeds"][said["containerId"].as<std::string>()]);
  EXPECT_EQ(said["leaseContainerId"].as<std::string>(), settings::lease_config{}.collection);
  EXPECT_EQ(said["processorName"].as<std::string>(),
            config["targets"]["eu"]["cluster_id"].as<std::string>() + '-'
                + said["containerId"].as<std::string>());
  // The scaler refuses other thresholds.
  EXPECT_GT(said["changeFeedLagThreshold"].as<int>(),
            said["activationChangeFeedLagThreshold"].as<int>());
}

TEST(keda, has_its_key_from_a_secret) {
  const auto authentication = object("TriggerAuthentication", "deploy/keda.yaml");
  const auto trigger = object("ScaledObject", "deploy/keda.yaml")["spec"]["triggers"][0];
  EXPECT_EQ(trigger["authenticationRef"]["name"].as<std::string>(),
            authentication["metadata"]["name"].as<std::string>());
  const auto secret = authentication["spec"]["secretTargetRef"][0];
  EXPECT_EQ(secret["parameter"].as<std::string>(), "connection");
  EXPECT_FALSE(secret["key"].as<std::string>().empty());
  EXPECT_FALSE(trigger["metadata"]["connection"]) << "secrets don't belong into a manifest";
}

} // namespace feedcast
