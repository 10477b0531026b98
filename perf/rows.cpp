// How close turning CouchDB's rows into messages comes to merely scanning the same bytes, on one
// core. The bytes are rows that a real server sent, with ids of their own:
//   scan  finds each line and reads its id and seq with simdjson On-Demand
//   rows  row_splitter, page_builder and page_stages::process: from the bytes of a body, in pieces
//         of 64 KiB, to sealed batches of messages
// Both alternate in one process. Usage: feedcast-perf-rows [transcript] [rows-per-page] [seconds]
// [--json]
#include "feeds/couchdb/open_answer.hpp"
#include "perf/recorded_rows.hpp"
#include "pipeline/stages.hpp"

#include <simdjson.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace feedcast;
using steady = std::chrono::steady_clock;

constexpr std::size_t rows = 50'000;
constexpr std::size_t piece = std::size_t{64} << 10U;

std::string recorded_body(const std::string& transcript) {
  const perf::recorded_rows recorded{transcript};
  std::string body;
  for (std::size_t i = 0; i < rows; ++i)
    recorded.append(body, i, "\n");
  return body;
}

std::uint64_t scan(simdjson::ondemand::parser& parser, const padded_buffer& body) {
  std::uint64_t sum = 0;
  const auto* at = body.data();
  const auto* const end = at + body.size();
  while (at < end) {
    const auto* line =
        static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(end - at)));
    const auto size = static_cast<std::size_t>(line - at);
    auto doc = parser.iterate(at, size, size + padded_buffer::padding);
    for (auto f : doc.get_object()) {
      const auto key = f.unescaped_key().value();
      if (key == "id" || key == "seq")
        sum += f.value().get_string().value().size();
    }
    at = line + 1;
  }
  return sum;
}

/// Rows that became messages.
std::uint64_t read_rows(const padded_buffer& body, std::uint32_t page_rows, page_stages& stages) {
  const couchdb::changes_query asked{.database = "whisks", .since = "0", .follow = true};
  couchdb::open_answer answer{nullptr, asked, std::size_t{1} << 20U, false, {}};
  couchdb::page_builder page{{}, false};
  const waiting_messages nothing_waits;
  std::uint64_t messages = 0;
  const auto full = [&](const couchdb::page_builder& p) { return p.count() >= page_rows; };
  const auto hand_out = [&] {
    messages += (*stages.process(*page.finish(), nothing_waits))->messages.size();
  };
  for (std::size_t at = 0; at < body.size(); at += piece) {
    answer.append(body.view().substr(at, piece), {});
    for (;;) {
      answer.take_rows(page, {}, full);
      if (!full(page))
        break;
      hand_out();
    }
  }
  if (!page.empty())
    hand_out();
  return messages;
}

template <class Work>
double seconds_for(Work work) {
  const auto start = steady::now();
  work();
  return std::chrono::duration<double>(steady::now() - start).count();
}

double median(std::vector<double> v) {
  std::sort(v.begin(), v.end());
  return v[v.size() / 2];
}

} // namespace

int main(int argc, char** argv) {
  std::vector<std::string> args{argv + 1, argv + argc};
  const bool json = std::erase(args, "--json") > 0;
  const auto path = !args.empty() ? args[0] : perf::recorded_rows::a_transcript;
  const auto page_rows = static_cast<std::uint32_t>(
      args.size() > 1 ? std::strtoul(args[1].c_str(), nullptr, 10) : 500);
  const auto budget = args.size() > 2 ? std::atof(args[2].c_str()) : 3;

  const padded_buffer body{recorded_body(path)};
  simdjson::ondemand::parser parser;
  page_stages stages{{.filter = {}, .content = feed_content::entities}};
  std::uint64_t sum = 0;
  std::vector<double> scans;
  std::vector<double> reads;
  for (const auto start = steady::now();
       std::chrono::duration<double>(steady::now() - start).count() < budget || scans.size() < 5;) {
    scans.push_back(seconds_for([&] { sum += scan(parser, body); }));
    std::uint64_t messages = 0;
    reads.push_back(seconds_for([&] { messages = read_rows(body, page_rows, stages); }));
    if (messages != rows)
      throw std::runtime_error("of " + std::to_string(rows) + " rows " + std::to_string(messages)
                               + " became messages");
  }
  const auto scan_rate = static_cast<double>(rows) / median(scans);
  const auto read_rate = static_cast<double>(rows) / median(reads);
  const auto megabytes = static_cast<double>(body.size()) / 1e6 / static_cast<double>(rows);
  if (json)
    std::printf("{\"rows\":%zu,\"bytes\":%zu,\"page_rows\":%u,\"scan_rows_per_s\":%.0f,"
                "\"rows_per_s\":%.0f,\"ratio\":%.3f}\n",
                rows, body.size(), page_rows, scan_rate, read_rate, read_rate / scan_rate);
  else
    std::printf("rows   %zu, %zu bytes (%zu each), pages of %u\n"
                "scan   %12.0f rows/s %7.0f MB/s   (bound)\n"
                "rows   %12.0f rows/s %7.0f MB/s   split + parse + pages + messages, one core\n"
                "ratio  %.1f %% of the bound (median of %zu alternating runs)\n",
                rows, body.size(), body.size() / rows, page_rows, scan_rate, scan_rate * megabytes,
                read_rate, read_rate * megabytes, 100 * read_rate / scan_rate, scans.size());
  return sum == 0 ? 1 : 0;
}
