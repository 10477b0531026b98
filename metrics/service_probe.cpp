#include "metrics/service_probe.hpp"

#include "core/log.hpp"
#include "metrics/process_stats.hpp"
#include "metrics/series_maker.hpp"

namespace feedcast::metrics {

namespace {

void expose_process(registry& r) {
  const series_maker make{r, {}};
  r.on_scrape([resident = make.gauge_of(names::process_resident_memory),
               cpu = make.counter_of(names::process_cpu),
               fds = make.gauge_of(names::process_open_fds),
               threads = make.gauge_of(names::process_threads),
               started = make.gauge_of(names::process_start_time),
               dropped = make.counter_of(names::log_lines_dropped)] {
    dropped.add(static_cast<double>(log::dropped_lines()) - dropped.value());
    const auto now = read_process_stats();
    if (!now)
      return;
    resident.set(now->resident_bytes);
    cpu.add(now->cpu_seconds - cpu.value());
    fds.set(now->open_fds);
    threads.set(now->threads);
    started.set(now->start_time);
  });
}

} // namespace

service_probe::service_probe(registry& r, const service_facts& facts) {
  clock_skew = r.make_gauge(names::clock_skew, {});
  r.make_gauge(names::build_info, {{"version", facts.version}, {"revision", facts.revision}})
      .set(1);
  r.make_gauge(names::config_info, {{"hash", facts.config_hash}}).set(1);
  for (const auto kind :
       {actor_kind::target, actor_kind::delivery, actor_kind::collection, actor_kind::partition}) {
    const series_maker make{r, {{"actor", std::string{to_label(kind)}}}};
    restarts_[static_cast<std::size_t>(kind)] =
        make.counters_of<restart_reason>(names::actor_restarts, "reason");
  }
  expose_process(r);
}

} // namespace feedcast::metrics
