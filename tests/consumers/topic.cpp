#include "tests/consumers/topic.hpp"

#include <string_view>
#include <utility>

namespace feedcast::consumers {

namespace {

constexpr moment longest_way = 40;
constexpr std::size_t queue = 64;

std::string member(std::string_view json, std::string_view name) {
  const auto at = json.find('"' + std::string{name} + "\":\"");
  if (at == std::string_view::npos)
    return {};
  const auto from = at + name.size() + 4;
  return std::string{json.substr(from, json.find('"', from) - from)};
}

} // namespace

/// One life of a producer. What it has sent arrives also after its end.
class topic::sink final : public message_sink {
 public:
  explicit sink(topic& to) : to_(to), life_(std::make_shared<life>()) {}

  void on_ready(std::function<void()> wake) override { life_->wake = std::move(wake); }

  std::size_t produce(std::span<const outgoing_message> messages) override {
    std::size_t accepted = 0;
    for (const auto& m : messages) {
      if (life_->open >= queue)
        break;
      ++life_->open;
      ++accepted;
      send({member(m.value, "instanceId"), member(m.value, "mainId")}, m.ticket);
    }
    return accepted;
  }

  void poll(std::vector<delivery_report>& reports) override {
    reports.insert(reports.end(), life_->reports.begin(), life_->reports.end());
    life_->reports.clear();
  }

  condition state() const override {
    condition c;
    c.up = !to_.mood.out;
    if (!c.up) {
      c.reason = "the schedule says so";
      c.error_class = "transport";
    }
    return c;
  }

 private:
  struct life {
    std::function<void()> wake;
    std::vector<delivery_report> reports;
    std::size_t open = 0;
  };

  void send(record r, std::uint64_t ticket) {
    ++to_.in_flight_;
    auto& plans = to_.time_.plans();
    const auto arrives = to_.time_.now() + to_.luck_.between(1, longest_way);
    plans.at(arrives,
             [&to = to_, to_whom = std::weak_ptr(life_), r = std::move(r), ticket]() mutable {
               auto outcome = delivery_outcome::acknowledged;
               if (to.mood.out || to.luck_.chance(to.mood.refuses)) {
                 to.seen_(met::broker_refused);
                 outcome = delivery_outcome::retry;
               } else {
                 to.append(std::move(r));
                 if (to.luck_.chance(to.mood.loses_answer)) {
                   to.seen_(met::broker_answer_lost);
                   outcome = delivery_outcome::retry;
                 }
               }
               to.time_.plans().at(to.time_.now() + to.luck_.between(1, longest_way),
                                   [&to, to_whom, ticket, outcome] {
                                     --to.in_flight_;
                                     if (const auto alive = to_whom.lock()) {
                                       --alive->open;
                                       alive->reports.push_back({ticket, outcome});
                                       alive->wake();
                                     }
                                   });
             });
  }

  topic& to_;
  std::shared_ptr<life> life_;
};

void topic::append(record r) {
  records_.push_back(std::move(r));
  for (const auto& tell : readers)
    tell();
}

std::unique_ptr<message_sink> topic::open() {
  return std::make_unique<sink>(*this);
}

} // namespace feedcast::consumers
