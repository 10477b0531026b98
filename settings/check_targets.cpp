#include "settings/check_context.hpp"
#include "settings/complete.hpp"
#include "settings/text_rules.hpp"

#include <algorithm>
#include <array>

namespace feedcast::settings {

namespace {

struct owned_property {
  std::string_view name;
  std::string_view instead;
};

/// The delivery guarantee hangs on these, so they are ours; the aliases of librdkafka count too.
constexpr std::array<owned_property, 17> owned_properties{{
    {"bootstrap.servers", "use kafka.brokers"},
    {"metadata.broker.list", "use kafka.brokers"},
    {"acks", "feedcast always waits for all in-sync replicas"},
    {"request.required.acks", "feedcast always waits for all in-sync replicas"},
    {"enable.idempotence", "invalidations are idempotent; a sequence error must not stop them"},
    {"enable.gapless.guarantee", "invalidations are idempotent; a gap must not stop them"},
    {"transactional.id", "invalidations are idempotent and need no transaction"},
    {"delivery.report.only.error", "positions are stored by the reports of success"},
    {"linger.ms", "use tuning.produce.linger"},
    {"queue.buffering.max.ms", "use tuning.produce.linger"},
    {"message.timeout.ms", "use tuning.produce.message_timeout"},
    {"delivery.timeout.ms", "use tuning.produce.message_timeout"},
    {"message.send.max.retries", "use tuning.produce.message_timeout"},
    {"retries", "use tuning.produce.message_timeout"},
    {"log_level", "use FEEDCAST_LOG_LEVEL"},
    {"plugin.library.paths", "plug-ins are not loaded"},
    {"test.mock.num.brokers", "it would replace the brokers by a mock-up"},
}};

void check_kafka(const check_context& context, const key_path& path, const kafka_config& kafka) {
  std::string_view rest = kafka.brokers;
  while (!rest.empty()) {
    const auto comma = rest.find(',');
    if (const auto broker = parse_host_port(trimmed(rest.substr(0, comma)));
        !broker || broker->port == 0) {
      context.error(path / "brokers", "is not a list of host:port",
                    "write kafka-0.eu:9092,kafka-1.eu:9092");
      break;
    }
    rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
    if (comma != std::string_view::npos && rest.empty())
      context.error(path / "brokers", "ends with a comma", "remove it");
  }
  if (!is_topic_name(topic_of(kafka)))
    context.error(path / (kafka.topic_prefix.empty() ? "topic" : "topic_prefix"),
                  "does not make a topic name",
                  "1 to 249 letters, digits, `-`, `_` or `.`, the prefix included");
  for (const auto& owned : owned_properties) {
    const std::string name{owned.name};
    if (kafka.properties.contains(name) || kafka.secret_properties.contains(name))
      context.error(path / "properties" / name, "is set by feedcast itself",
                    std::string{owned.instead});
  }
  check_oauth(context, path, kafka);
}

void check_own_changes(const check_context& context, const key_path& path,
                       const target_config& target) {
  const auto at = path / "own_changes";
  if (!context.given(at))
    return;
  const bool confirm = target.own_changes == own_changes_mode::confirm;
  if (confirm && target.confirm_after.count() == 0)
    context.error(at, "confirm has nothing to send without confirm_after",
                  "set confirm_after, for example to 2s");
  else if (target.own_changes != own_changes_mode::send && target.cluster_id.empty())
    context.error(at,
                  std::string{confirm ? "confirm" : "skip"}
                      + " needs to know which changes are the cluster's own",
                  "set cluster_id, or write send");
}

void check_feed_list(const check_context& context, const key_path& path,
                     const target_config& target) {
  const auto* list = context.tree.find(path);
  if (target.feeds.empty() && list != nullptr && list->is(node::kind::sequence)
      && !list->children.empty())
    context.error(path, "names only feeds whose identities are off",
                  "name another feed, or remove the target");
  for (const auto& name : target.feeds) {
    auto at = context.tree.where(path);
    auto place = path;
    for (std::size_t i = 0; list != nullptr && i < list->children.size(); ++i)
      if (list->children[i].text == name) {
        at = list->children[i].at;
        place = path / i;
      }
    check_reference(context, place, at, name, "feeds");
  }
}

void check_dead_letter(const check_context& context, const key_path& path,
                       const target_config& target) {
  const auto& to = *target.dead_letter;
  if (to.topic.empty() == to.file.empty())
    return context.error(path, "must name a topic or a file, and not both",
                         "write {topic: NAME} or {file: PATH}");
  if (to.topic.empty())
    return;
  if (!is_topic_name(to.topic))
    context.error(path / "topic", "is not a topic name",
                  "1 to 249 letters, digits, `-`, `_` or `.`");
  else if (to.topic == topic_of(target.kafka))
    context.error(path / "topic", "is the topic of the invalidations",
                  "controllers would read dead letters: name another one");
}

} // namespace

void check_targets(const check_context& context) {
  for (const auto& [name, target] : context.config.targets) {
    const auto path = key_path{"targets"} / name;
    if (!target.cluster_id.empty() && !is_name(target.cluster_id))
      context.error(path / "cluster_id", "is not a usable cluster id",
                    "1 to 64 letters, digits, `-`, `_` or `.`, the first a letter or digit");
    check_own_changes(context, path, target);
    check_target_kind(context, path, target);
    check_feed_list(context, path / "feeds", target);
    check_kafka(context, path / "kafka", target.kafka);
    if (target.dead_letter)
      check_dead_letter(context, path / "dead_letter", target);
  }
}

} // namespace feedcast::settings
