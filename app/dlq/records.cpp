#include "app/dlq/records.hpp"

#include "app/kafka_tokens.hpp"
#include "http/runtime.hpp"
#include "pipeline/dead_letter.hpp"
#include "sinks/kafka/topic_snapshot.hpp"

#include <boost/json.hpp>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

namespace feedcast::app {

namespace {

namespace json = boost::json;

constexpr milliseconds patience{20'000};

/// Hands on what is a dead letter of the target, and counts what is none.
class sorter {
 public:
  sorter(const std::string& target, const std::function<void(found_dead_letter)>& visit)
      : target_(target), visit_(visit) {}

  void take(std::string_view line, std::string where) {
    auto record = parse_dead_letter(line);
    if (!record) {
      ++reading_.unreadable;
      return;
    }
    found_dead_letter found{target_, std::move(where), std::move(*record)};
    if (found.text("target") == target_)
      visit_(std::move(found));
  }

  const dead_letter_reading& reading() const noexcept { return reading_; }

 private:
  const std::string& target_;
  const std::function<void(found_dead_letter)>& visit_;
  dead_letter_reading reading_;
};

result<bool> read_file(const std::string& path, sorter& out) {
  if (!std::filesystem::exists(path))
    return true;
  std::ifstream in{path, std::ios::binary};
  if (!in)
    return make_error(errc::forbidden,
                      "can't read " + path + ": " + std::generic_category().message(errno));
  std::uint64_t number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (!line.empty())
      out.take(line, "file " + path + ':' + std::to_string(number));
  }
  return true;
}

result<bool> read_topic(const settings::service_config& config, const std::string& target,
                        sorter& out) {
  const auto& t = config.targets.at(target);
  http::runtime io;
  const auto tokens = kafka_tokens(t.kafka, target, io);
  if (!tokens)
    return tokens.error();
  auto options =
      kafka::make_dead_letter_options(target, t.dead_letter->topic, t.kafka, config.tuning);
  options.tokens = *tokens;
  return kafka::read_snapshot(options, patience, [&](const kafka::read_message& m) {
    out.take(m.value, "topic " + options.topic + '/' + std::to_string(m.partition) + '@'
                          + std::to_string(m.offset));
  });
}

} // namespace

std::string_view found_dead_letter::text(std::string_view member) const {
  const auto* value = record.if_contains(member);
  return value != nullptr && value->is_string() ? std::string_view{value->get_string()}
                                                : std::string_view{};
}

std::optional<std::uint64_t> found_dead_letter::number(std::string_view member) const {
  const auto* value = record.if_contains(member);
  if (value == nullptr)
    return std::nullopt;
  json::error_code failed;
  const auto number = value->to_number<std::uint64_t>(failed);
  return failed ? std::nullopt : std::optional{number};
}

std::string_view found_dead_letter::key() const {
  return record.contains("id_cut") ? std::string_view{} : text("id");
}

std::optional<json::object> parse_dead_letter(std::string_view line) {
  json::error_code failed;
  auto value = json::parse(line, failed);
  if (failed || !value.is_object())
    return std::nullopt;
  const auto* version = value.get_object().if_contains("v");
  if (version == nullptr || !version->is_int64() || version->get_int64() != dead_letter_version)
    return std::nullopt;
  return std::move(value.get_object());
}

result<dead_letter_reading> read_dead_letters(const settings::service_config& config,
                                              const std::string& target,
                                              const std::function<void(found_dead_letter)>& visit) {
  const auto& t = config.targets.at(target);
  sorter out{target, visit};
  const auto done = t.dead_letter->topic.empty() ? read_file(t.dead_letter->file, out)
                                                 : read_topic(config, target, out);
  if (!done)
    return done.error();
  return out.reading();
}

} // namespace feedcast::app
