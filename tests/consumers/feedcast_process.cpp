#include "tests/consumers/feedcast_process.hpp"

#include "emulator/emulator.hpp"
#include "feeds/cosmos/account.hpp"
#include "feeds/cosmos/change_feed.hpp"

#include <boost/json.hpp>
#include <caf/send.hpp>

#include <utility>

namespace feedcast::consumers {

using namespace std::chrono_literals;

namespace {

constexpr auto deadline = 1'500ms;
/// Five minutes in the product. A region that is back must be seen within a schedule.
constexpr auto regions_again_after = 2'000ms;
/// A quarter of an hour in the product, which would send all of a schedule again.
constexpr auto failover_rewind = 1'000ms;

/// A source whose positions do not remember where home was left.
class homeless_source final : public change_source {
 public:
  explicit homeless_source(std::shared_ptr<change_source> inner) : inner_(std::move(inner)) {}

  void ranges(callback<std::vector<feed_range>> done) override { inner_->ranges(std::move(done)); }

  void fetch(fetch_request request, callback<feed_page_ptr> done) override {
    inner_->fetch(std::move(request), [done = std::move(done)](result<feed_page_ptr> page) {
      if (page) {
        auto& next = std::const_pointer_cast<feed_page>(*page)->next; // nobody else has it yet
        next.token = without_home(next.token);
      }
      done(std::move(page));
    });
  }

 private:
  static std::string without_home(const std::string& token) {
    auto position = boost::json::parse(token);
    if (!position.is_object())
      return token;
    position.as_object().erase("home");
    position.as_object().erase("homeSince");
    return boost::json::serialize(position);
  }

  std::shared_ptr<change_source> inner_;
};

} // namespace

feedcast_process::feedcast_process(stage& time, dice& luck, tally& seen, journal& notes, cloud& far,
                                   std::array<std::unique_ptr<topic>, cluster_count>& topics,
                                   switches on)
    : time_(time), topics_(topics), on_(on) {
  for (std::size_t i = 0; i < cluster_count; ++i) {
    wires_[i] = std::make_unique<wire>(time, luck, seen, notes, far, i);
    shelves_[i] = std::make_unique<lease_shelf>(lease_shelf{time, luck, seen});
  }
}

feedcast_process::~feedcast_process() {
  kill();
}

std::shared_ptr<change_source> feedcast_process::open_source(std::size_t cluster) {
  cosmos::account_options o;
  o.name = "main";
  o.endpoint = "http://127.0.0.1:" + std::to_string(global_port) + '/';
  o.key = settings::secret{std::string{emulator::well_known_key}};
  if (on_.own_region)
    for (const auto r : preferred(cluster))
      o.regions.emplace_back(region_names[r]);
  o.refresh_every = regions_again_after;
  o.read_deadline = deadline;
  const auto account = *cosmos::account::open(std::move(o), wires_[cluster]->transports(), time_);
  auto source = std::make_shared<cosmos::change_feed>(
      account, *cosmos::collection_ref::make("ow", "whisks"),
      cosmos::change_feed_options{.deadline = deadline, .failover_rewind = failover_rewind});
  if (!on_.rewind)
    return std::make_shared<homeless_source>(std::move(source));
  return source;
}

collection_arguments feedcast_process::collection_of(std::size_t cluster) {
  collection_arguments c;
  auto& p = c.options.partition;
  p.target = cluster_ids[cluster];
  p.feed = "whisks";
  p.max_items = 20;
  if (on_.confirm) {
    // Of a cluster's own changes nobody tells its other controllers when their region has them, so
    // that they are confirmed, too.
    p.stages.filter.own_cluster = cluster_ids[cluster];
    p.stages.filter.confirm_own = true;
    p.window.confirm_after = confirm_after;
  }
  c.options.leases.start.from = settings::start_kind::beginning;
  c.options.leases.instance = "feedcast-" + p.target;
  c.options.leases.boot = std::to_string(1'767'225'600'000 + time_.now()) + "-00000001";
  c.options.deletes.tombstone_ttl = 10h;
  c.options.restarts = {.delay = {.first = 100ms, .cap = 2s, .factor = 2, .jitter = 0}, .seed = 1};
  c.open_source = [this, cluster] { return open_source(cluster); };
  c.open_leases = [this, cluster] { return shelves_[cluster]->open(); };
  c.shares = std::make_shared<balancer>(c.options.leases.instance, 1);
  c.probe = &time_.processor(cluster);
  c.watch = {&time_.health(), &time_.service(), &time_};
  return c;
}

target_arguments feedcast_process::target_of(std::size_t cluster) {
  target_arguments t;
  t.target = cluster_ids[cluster];
  t.delivery.target = t.target;
  t.delivery.open_sink = [this, cluster] { return topics_[cluster]->open(); };
  t.delivery.probe = &time_.target(cluster);
  t.delivery.watch = t.watch = {&time_.health(), &time_.service(), &time_};
  t.collections.push_back(collection_of(cluster));
  t.restarts = t.collections.front().options.restarts;
  return t;
}

void feedcast_process::start() {
  service_arguments s;
  for (std::size_t i = 0; i < cluster_count; ++i)
    s.targets.push_back(target_of(i));
  s.watch = s.targets.front().watch;
  s.restarts = s.targets.front().restarts;
  root_ = time_.system().spawn(service, std::move(s));
  time_.run();
}

void feedcast_process::kill() {
  if (root_)
    caf::anon_send_exit(root_, caf::exit_reason::kill);
  root_ = nullptr;
  time_.run();
}

} // namespace feedcast::consumers
