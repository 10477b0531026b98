#include "core/log.hpp"
#include "sinks/kafka/sink_impl.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace feedcast::kafka {

namespace {

using std::chrono::milliseconds;

/// How long one look at the topic may take, and how long after it the next one comes.
constexpr milliseconds look_timeout{1000};
constexpr milliseconds look_interval{1000};

/// So long after an error of the client looks go on: a broker that died leads its partitions until
/// the others miss it, 9 s as Kafka comes.
constexpr milliseconds watch_time{15'000};

/// Messages are in flight and nothing was reported for this long: worth a look, long before the
/// client gives up its connection.
constexpr milliseconds quiet_time{5'000};

/// How often a cluster without replicas is asked whether it has some by now.
constexpr milliseconds durability_interval{10'000};

/// While logins are refused: how often the secrets are looked at, and after how long the producer
/// is replaced though they are the same, for files that librdkafka reads itself (keys,
/// certificates). Refusals can't be counted instead: the client tells the same one only every 30 s.
constexpr milliseconds secrets_interval{1000};
constexpr milliseconds max_refused_time{20'000};

/// librdkafka looks for timed-out messages only now and then.
constexpr milliseconds least_stall{20'000};

constexpr backoff_options reopen_backoff{.first = milliseconds{100}, .cap = milliseconds{30'000}};
constexpr backoff_options hold_backoff{.first = milliseconds{100}, .cap = milliseconds{5000}};

bool same(const secret_map& a, const secret_map& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
    return x.first == y.first && x.second.reveal() == y.second.reveal();
  });
}

} // namespace

kafka_sink::impl::impl(kafka_options options, const clock_source& clock)
    : options_(std::move(options))
    , clock_(clock)
    , reopen_delay_(reopen_backoff)
    , hold_delay_(hold_backoff) {
  if (options_.stall_after <= milliseconds::zero())
    options_.stall_after = std::max(2 * options_.message_timeout, least_stall);
}

kafka_sink::impl::~impl() {
  wake_->clear();
  if (!producer_)
    return;
  producer_
      ->abandon(); // at once, so that nothing more is sent while a look holds up the background
  background_.post([last = std::move(producer_)]() mutable { last.reset(); });
}

result<bool> kafka_sink::impl::open_first() {
  auto opened = producer::open(options_, wake_);
  if (!opened)
    return opened.error();
  producer_ = std::move(*opened);
  return true;
}

void kafka_sink::impl::reopen() {
  const auto now = clock_.steady();
  if (producer_ || now < reopen_at_)
    return;
  if (options_.reload_secrets)
    options_.secret_properties = options_.reload_secrets();
  auto opened = producer::open(options_, wake_);
  if (!opened) {
    condition_.count_error();
    condition_.failed(delivery_class::other, opened.error().detail);
    reopen_at_ = now + reopen_delay_.next();
    return;
  }
  producer_ = std::move(*opened);
  next_look_ = now;
}

void kafka_sink::impl::replace_producer(delivery_class why, std::string reason) {
  condition_.count_restart();
  if (why == delivery_class::auth && options_.tokens.refused)
    options_.tokens.refused();
  log::warn("producer replaced",
            {{"target", options_.name}, {"class", to_string(why)}, {"reason", reason}});
  condition_.failed(why, std::move(reason));
  // Messages that wait to be tried again are in nobody's hands; the rest is the old producer's
  // until it is gone.
  for (const auto slot : search_.abandon())
    local_reports_.push_back({tickets_.remove(slot), delivery_outcome::retry});
  producer_->abandon();
  background_.post(
      [old = std::move(producer_), mail = mail_, wake = wake_, generation = generation_]() mutable {
        old.reset();
        {
          const std::lock_guard lock{mail->mutex};
          mail->closed.push_back(generation);
        }
        (*wake)();
      });
  ++generation_;
  outstanding_ = 0;
  fatal_seen_ = false;
  creating_topic_ = false;
  looking_ = false;
  refused_since_.reset();
  reopen_at_ = clock_.steady() + reopen_delay_.next();
}

void kafka_sink::impl::take_client_errors() {
  for (const auto& e : events_.errors) {
    condition_.count_error();
    fatal_seen_ = fatal_seen_ || e.fatal;
    if (e.code != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN)
      last_client_error_ = e.text;
    if (classify(e.code) != delivery_class::auth) {
      watch_until_ = clock_.steady() + watch_time;
      condition_.suspect(); // may be one broker of several, or a connection closed for being idle
      continue;
    }
    condition_.failed(delivery_class::auth, explain(e.code, e.text, options_));
    if (!refused_since_) {
      refused_since_ = clock_.steady();
      secrets_look_ = *refused_since_;
    }
  }
}

void kafka_sink::impl::watch_for_new_secrets() {
  const auto now = clock_.steady();
  if (!producer_ || !refused_since_)
    return;
  bool due = now - *refused_since_ >= max_refused_time;
  if (!due && options_.reload_secrets && now >= secrets_look_) {
    secrets_look_ = now + secrets_interval;
    due = !same(options_.reload_secrets(), options_.secret_properties);
  }
  if (due)
    replace_producer(delivery_class::auth, condition_.now().reason);
}

void kafka_sink::impl::take_topic_creations() {
  for (const auto& answer : events_.topic_creations) {
    creating_topic_ = false;
    next_look_ = clock_.steady();
    if (answer.code == RD_KAFKA_RESP_ERR_NO_ERROR) {
      log::info("topic created", {{"target", options_.name}, {"topic", options_.topic}});
      continue;
    }
    condition_.count_error();
    condition_.failed(delivery_class::unknown_topic,
                      "topic " + options_.topic + " at " + options_.brokers
                          + " does not exist and could not be created (" + answer.text
                          + "); create it: " + create_command(options_));
    next_look_ += look_interval;
  }
}

void kafka_sink::impl::take_mail(std::vector<delivery_report>& reports) {
  std::vector<std::uint32_t> closed;
  std::optional<mailbox::look> seen;
  {
    const std::lock_guard lock{mail_->mutex};
    closed.swap(mail_->closed);
    seen.swap(mail_->seen);
  }
  for (const auto generation : closed)
    tickets_.remove_generation(generation, [&](std::uint64_t ticket) {
      reports.push_back({ticket, delivery_outcome::retry});
    });
  if (seen && seen->generation == generation_)
    take_look(*seen);
}

void kafka_sink::impl::take_look(const mailbox::look& seen) {
  looking_ = false;
  next_look_ = clock_.steady() + look_interval;
  const auto& [code, facts] = seen.answer;
  const auto what = classify(code);
  topic_missing_ = what == delivery_class::unknown_topic;
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
    take_facts(facts);
    return;
  }
  if (only_curious_ && (what == delivery_class::timeout || what == delivery_class::transport)) {
    condition_.suspect(); // one slow answer is no outage: the next look decides
    return;
  }
  well_since_.reset();
  // A refused login shows here as a mere timeout; what is known already is more to the point.
  if (condition_.now().error_class == to_string(delivery_class::auth) && what != delivery_class::acl
      && !topic_missing_)
    return;
  if (topic_missing_ && options_.create_topic && !std::exchange(creating_topic_, true))
    producer_->create_topic(options_);
  auto reason = explain(code, topic_missing_ ? std::string{} : last_client_error_, options_);
  if (what == delivery_class::timeout)
    condition_.timed_out(std::move(reason));
  else
    condition_.failed(what, std::move(reason));
}

void kafka_sink::impl::take_facts(const topic_facts& facts) {
  const bool lost_leaders = facts.leaderless > leaderless_;
  const bool leaders_back = facts.leaderless == 0 && leaderless_ > 0;
  leaderless_ = facts.leaderless;
  if (facts.leaderless == facts.partitions) {
    well_since_.reset();
    condition_.failed(delivery_class::transport, explain(RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE,
                                                         "no partition has a leader", options_));
    return;
  }
  refused_since_.reset();
  topic_seen_ = true;
  if (lost_leaders) {
    log::warn("partitions without a leader are passed over", {{"target", options_.name},
                                                              {"topic", options_.topic},
                                                              {"leaderless", facts.leaderless},
                                                              {"partitions", facts.partitions}});
    producer_->purge_queue(); // what waits for them goes to the others
  } else if (leaders_back) {
    log::info("every partition has a leader again",
              {{"target", options_.name}, {"topic", options_.topic}});
  }
  if (!well_since_)
    well_since_ = clock_.steady();
  if (acknowledges_too_late())
    condition_.failed(delivery_class::timeout, explain_unacknowledged(facts, options_));
  else
    condition_.saw_topic();
  const bool weak = facts.least_replicas == 1;
  if (weak && !condition_.now().weak_durability)
    log::warn("topic has one replica: an acknowledged message is lost with its broker",
              {{"target", options_.name}, {"topic", options_.topic}});
  condition_.set_weak_durability(weak);
  durability_look_ = clock_.steady() + durability_interval;
}

/// A message timed out lately, while looks found nothing wrong.
bool kafka_sink::impl::acknowledges_too_late() const {
  return unacknowledged_ && *unacknowledged_ > *well_since_
         && clock_.steady() - *unacknowledged_ < 2 * options_.message_timeout + watch_time;
}

void kafka_sink::impl::watch_for_stall() {
  const auto silent = clock_.steady() - last_report_;
  if (!producer_ || outstanding_ == 0)
    return;
  if (silent >= quiet_time)
    condition_.suspect();
  if (silent < options_.stall_after)
    return;
  replace_producer(delivery_class::timeout, options_.brokers + ": " + std::to_string(outstanding_)
                                                + " messages in flight and no report for "
                                                + std::to_string(options_.stall_after.count())
                                                + " ms");
}

void kafka_sink::impl::look_for_topic() {
  const auto now = clock_.steady();
  const bool wanted =
      condition_.wants_look() || !topic_seen_ || leaderless_ > 0 || now < watch_until_;
  const bool curious = condition_.now().weak_durability && now >= durability_look_;
  if (!producer_ || looking_ || creating_topic_ || now < next_look_ || !(wanted || curious))
    return;
  looking_ = true;
  only_curious_ = !wanted;
  background_.post([p = producer_, mail = mail_, wake = wake_, generation = generation_] {
    const auto answer = p->ask(look_timeout);
    {
      const std::lock_guard lock{mail->mutex};
      mail->seen = mailbox::look{generation, answer};
    }
    (*wake)();
  });
}

} // namespace feedcast::kafka
