// How close the hot path (decode, filter, keys, coalesce, serialize) comes to merely scanning the
// same bytes.
//
// Both run in the same process on the same page, alternating, so that the ratio means something on
// a noisy machine:
//   scan  walks every document with simdjson On-Demand and reads only the four fields that matter
//   hot   page_stages::process, from the page's bytes to a sealed batch of messages
// Usage: feedcast-perf-hot-path [documents-per-page] [code-bytes] [seconds] [--json]
#include "pipeline/stages.hpp"

#include <simdjson.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

using namespace feedcast;
using steady = std::chrono::steady_clock;

std::string make_page_text(int documents, int code_bytes) {
  std::string code(static_cast<std::size_t>(code_bytes), 'x');
  for (std::size_t i = 0; i < code.size(); i += 37)
    code[i] = ' ';
  std::string text = R"({"_rid":"d9RzAJRFKgw=","Documents":[)";
  for (int i = 0; i < documents; ++i) {
    const auto n = std::to_string(i);
    if (i > 0)
      text += ',';
    text += R"({"_c":{"rootns":"guest"},"_clusterId":")";
    text += i % 4 == 0 ? "eu-west" : "us-east";
    text +=
        R"(","annotations":[{"key":"provide-api-key","value":false},{"key":"exec","value":"nodejs:20"}],)"
        R"("entityType":"action","exec":{"kind":"nodejs:20","code":")"
        + code + R"(","binary":false},"id":"guest|hello)" + n
        + R"(","limits":{"timeout":60000,"memory":256,"logs":10,"concurrency":1},"name":"hello)" + n
        + R"(","namespace":"guest","parameters":[{"key":"greeting","value":"hi"}],"publish":false,)"
          R"("updated":1571652000000,"version":"0.0.7","_rid":"d9RzAJRFKgwBAAAAAAAAAA==",)"
          R"("_self":"dbs/d9RzAA==/colls/d9RzAJRFKgw=/docs/d9RzAJRFKgwBAAAAAAAAAA==/",)"
          R"("_etag":"\"0000d986-0000-0700-0000-5dade3a20000\"","_attachments":"attachments/",)"
          R"("_ts":1571652000,"_lsn":)"
        + std::to_string(1000 + i) + "}";
  }
  return text + R"(],"_count":)" + std::to_string(documents) + "}";
}

std::uint64_t scan(simdjson::ondemand::parser& parser, const padded_buffer& body) {
  std::uint64_t sum = 0;
  auto doc = parser.iterate(body.data(), body.size(), body.size() + padded_buffer::padding);
  for (auto d : doc["Documents"].get_array()) {
    std::string_view id;
    std::string_view cluster;
    bool deleted = false;
    std::uint64_t lsn = 0;
    for (auto f : d.get_object()) {
      const auto key = f.unescaped_key().value();
      if (key == "id")
        id = f.value().get_string();
      else if (key == "_clusterId")
        cluster = f.value().get_string();
      else if (key == "_deleted")
        deleted = f.value().get_bool();
      else if (key == "_lsn")
        lsn = f.value().get_uint64();
    }
    sum += id.size() + cluster.size() + lsn + (deleted ? 1 : 0);
  }
  return sum;
}

template <class Work>
double seconds_for(int rounds, Work work) {
  const auto start = steady::now();
  for (int i = 0; i < rounds; ++i)
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
  const auto number = [&](std::size_t i, double otherwise) {
    return i < args.size() ? std::atof(args[i].c_str()) : otherwise;
  };
  const auto documents = static_cast<int>(number(0, 1000));
  const auto code_bytes = static_cast<int>(number(1, 400));
  const auto budget = number(2, 3);

  feed_page page;
  page.body.append(make_page_text(documents, code_bytes));
  simdjson::ondemand::parser parser;
  page_stages stages{{.filter = {.own_cluster = "eu-west", .kinds = {}, .namespaces = {}},
                      .content = feed_content::entities}};
  const waiting_messages nothing_waits;
  std::uint64_t sink = 0;
  const auto run_scan = [&] { sink += scan(parser, page.body); };
  const auto run_hot = [&] { sink += (*stages.process(page, nothing_waits))->bytes.size(); };

  const int rounds = std::max(1, 20'000 / documents);
  seconds_for(rounds, run_scan);
  seconds_for(rounds, run_hot);
  std::vector<double> scans;
  std::vector<double> hots;
  for (const auto start = steady::now();
       std::chrono::duration<double>(steady::now() - start).count() < budget || scans.size() < 5;) {
    scans.push_back(seconds_for(rounds, run_scan));
    hots.push_back(seconds_for(rounds, run_hot));
  }
  const auto changes = static_cast<double>(rounds) * documents;
  const auto scan_rate = changes / median(scans);
  const auto hot_rate = changes / median(hots);
  if (json)
    std::printf("{\"documents\":%d,\"page_bytes\":%zu,\"scan_changes_per_s\":%.0f,"
                "\"hot_changes_per_s\":%.0f,\"ratio\":%.3f}\n",
                documents, page.body.size(), scan_rate, hot_rate, hot_rate / scan_rate);
  else
    std::printf(
        "page   %d documents, %zu bytes (%zu per document)\n"
        "scan   %12.0f changes/s %7.1f ns/change   (bound)\n"
        "hot    %12.0f changes/s %7.1f ns/change   decode + filter + keys + coalesce + serialize\n"
        "ratio  %.1f %% of the bound (median of %zu alternating runs)\n",
        documents, page.body.size(), page.body.size() / static_cast<std::size_t>(documents),
        scan_rate, 1e9 / scan_rate, hot_rate, 1e9 / hot_rate, 100 * hot_rate / scan_rate,
        scans.size());
  return sink == 0 ? 1 : 0;
}
