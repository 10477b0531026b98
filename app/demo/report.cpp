#include "app/demo/report.hpp"

#include <boost/json.hpp>

#include <cmath>
#include <cstdio>
#include <string>

namespace feedcast::app {

namespace {

constexpr const char* names[] = {"eu", "us"};

/// JSON numbers with two decimals; the serializer writes all seventeen otherwise.
double rounded(double x) {
  return std::round(x * 100) / 100;
}

unsigned long long wide(std::uint64_t n) {
  return n;
}

} // namespace

demo_report::demo_report(const demo_options& options, const ledger& book)
    : options_(options), book_(book) {}

void demo_report::begin() const {
  if (options_.json)
    return;
  const auto where = options_.couchdb.empty() ? std::to_string(options_.ranges) + " ranges each"
                                              : std::string{"databases of a CouchDB server"};
  std::printf(
      "feedcast demo: %d documents/s for %d s over HTTP into whisks and subjects (%s),\n"
      "written by clusters eu1 and us2; targets eu and us each hear of the other's changes.\n\n"
      "%6s %9s %9s | %9s %7s %7s %7s | %9s %7s %7s %7s\n",
      options_.rate, options_.seconds, where.c_str(), "time", "written", "per s", "eu got", "owed",
      "p50 ms", "p99 ms", "us got", "owed", "p50 ms", "p99 ms");
}

void demo_report::line(const document_writer& writer) {
  if (options_.json)
    return;
  const auto now = std::chrono::steady_clock::now();
  const auto written = writer.acknowledged();
  const auto passed = std::chrono::duration<double>(now - last_line_).count();
  const auto rate = last_line_ == steady_time{}
                        ? static_cast<double>(written) / writer.seconds()
                        : static_cast<double>(written - last_written_) / passed;
  std::printf("%5.0fs %9llu %9.0f", writer.seconds(), wide(written), rate);
  for (const auto* name : names) {
    const auto a = book_.of(name);
    std::printf(" | %9llu %7llu %7.0f %7.0f", wide(a.delivered), wide(a.open), a.p50_ms, a.p99_ms);
  }
  std::printf("\n");
  std::fflush(stdout);
  last_written_ = written;
  last_line_ = now;
}

bool demo_report::finish(const document_writer& writer, bool drained, std::uint64_t corrupt) const {
  if (options_.json)
    finish_json(writer, drained, corrupt);
  else
    finish_text(writer, drained, corrupt);
  std::fflush(stdout);
  bool sound = drained && corrupt == 0 && book_.settled();
  for (const auto* name : names)
    sound &= book_.of(name).unknown == 0;
  return sound;
}

void demo_report::finish_text(const document_writer& writer, bool drained,
                              std::uint64_t corrupt) const {
  std::printf("\n%llu documents, %.1f MB, in %.1f s: %.0f/s\n\n%-7s %9s %9s %9s %10s %5s %8s %8s\n",
              wide(writer.acknowledged()), static_cast<double>(writer.bytes()) / 1e6,
              writer.seconds(), static_cast<double>(writer.acknowledged()) / writer.seconds(),
              "target", "own", "expected", "delivered", "duplicates", "lost", "p50 ms", "p99 ms");
  for (const auto* name : names) {
    const auto a = book_.of(name);
    std::printf("%-7s %9llu %9llu %9llu %10llu %5llu %8.0f %8.0f\n", name, wide(a.own),
                wide(a.expected), wide(a.delivered), wide(a.duplicates), wide(a.open), a.p50_ms,
                a.p99_ms);
    for (const auto& key : book_.owed(name, 5))
      std::printf("        lost: %s\n", key.c_str());
    if (a.unknown > 0)
      std::printf("        %llu messages that nobody had to hear of\n", wide(a.unknown));
  }
  if (corrupt > 0)
    std::printf("%llu messages with wrong bytes\n", wide(corrupt));
  std::printf("\n%s\n", !drained          ? "FAILED: the service did not drain"
                        : book_.settled() ? "every write arrived"
                                          : "FAILED: writes were lost");
}

void demo_report::finish_json(const document_writer& writer, bool drained,
                              std::uint64_t corrupt) const {
  namespace json = boost::json;
  json::object targets;
  for (const auto* name : names) {
    const auto a = book_.of(name);
    targets[name] = json::object{{"own", a.own},
                                 {"expected", a.expected},
                                 {"delivered", a.delivered},
                                 {"duplicates", a.duplicates},
                                 {"unknown", a.unknown},
                                 {"lost", a.open},
                                 {"p50_ms", std::llround(a.p50_ms)},
                                 {"p99_ms", std::llround(a.p99_ms)}};
  }
  std::printf("%s\n",
              json::serialize(json::object{{"seconds", rounded(writer.seconds())},
                                           {"rate_wanted", options_.rate},
                                           {"rate_achieved",
                                            std::llround(static_cast<double>(writer.acknowledged())
                                                         / writer.seconds())},
                                           {"written", writer.acknowledged()},
                                           {"bytes", writer.bytes()},
                                           {"write_failures", writer.failures()},
                                           {"corrupt", corrupt},
                                           {"drained", drained},
                                           {"lost", book_.of("eu").open + book_.of("us").open},
                                           {"targets", std::move(targets)}})
                  .c_str());
}

} // namespace feedcast::app
