// How close serving a change feed comes to merely sending the same bytes over loopback HTTP.
//
//   bound    a server that replays one prepared page, whatever it is asked
//   emulator the emulator: signature, route, page and head made for every request
// Both have one thread, and the same client on another one reads from both in turn, so that the
// ratio means something on a noisy machine. Before anything is timed every page is read once and
// its documents are held against what was written; while it is timed, status, size and number of
// documents of each page are. Each connection goes through the feed from its own place on, over and
// over. Usage: feedcast-perf-serving [pages] [documents-per-page] [seconds] [--tls] [--json]
#include "core/log.hpp"
#include "emulator/auth.hpp"
#include "emulator/document.hpp"
#include "emulator/emulator.hpp"
#include "http/crypto/digest.hpp"
#include "perf/page_reader.hpp"
#include "perf/replay_server.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <sys/resource.h>
#include <vector>

namespace {

using namespace feedcast;
using steady = std::chrono::steady_clock;

constexpr std::chrono::milliseconds warm_up{20};
constexpr std::chrono::milliseconds round_length{100};

double seconds_since(steady::time_point t) {
  return std::chrono::duration<double>(steady::now() - t).count();
}

std::string id_of(std::size_t n) {
  auto digits = std::to_string(n);
  return "guest|hello" + std::string(8 - std::min<std::size_t>(8, digits.size()), '0') + digits;
}

/// About 1 KB once the system members are added.
std::string document(std::size_t n) {
  std::string code(620, 'x');
  for (std::size_t i = 0; i < code.size(); i += 37)
    code[i] = ' ';
  return R"({"id":")" + id_of(n)
         + R"(","_clusterId":"us-east","entityType":"action","exec":{"kind":"nodejs:20","code":")"
         + code
         + R"(","binary":false},"namespace":"guest","publish":false,"updated":1571652000000})";
}

void fill(emulator::container& whisks, std::size_t count) {
  for (std::size_t n = 0; n < count; ++n) {
    const auto read = emulator::read_document(document(n), whisks.key_names());
    if (!read || !whisks.write(emulator::write_mode::create, *read))
      throw std::runtime_error("the emulator refused a document");
  }
}

/// All of a request for a page but its continuation and the empty line. Signed once: what signing
/// costs a client is none of this program's business, and the date holds for 15 minutes.
std::string request_head(const emulator::emulator& account, std::size_t documents) {
  const auto key = http::crypto::base64_decode(account.key());
  const auto date = format_http_date(system_clock_source().wall());
  const auto signature =
      emulator::sign(*key, "GET", "docs", "dbs/openwhisk/colls/whisks", date, {});
  const auto url = account.url();
  return "GET /dbs/openwhisk/colls/whisks/docs HTTP/1.1\r\n"
         "Host: "
         + url.substr(url.find("://") + 3)
         + "\r\n"
           "Accept: application/json\r\n"
           "User-Agent: feedcast-perf-serving\r\n"
           "x-ms-version: 2018-12-31\r\n"
           "x-ms-date: "
         + date
         + "\r\nauthorization: " + http::encode_segment("type=master&ver=1.0&sig=" + signature)
         + "\r\n"
           "A-IM: Incremental feed\r\n"
           "x-ms-documentdb-partitionkeyrangeid: 0\r\n"
           "x-ms-max-item-count: "
         + std::to_string(documents) + "\r\n";
}

/// Throws unless the page holds the documents from number `first` on, in their order.
void check_documents(std::string_view body, std::size_t first, std::size_t count) {
  const auto page = boost::json::parse(body);
  const auto& documents = page.at("Documents").as_array();
  if (documents.size() != count)
    throw std::runtime_error("a page of " + std::to_string(documents.size()) + " documents");
  for (const auto& d : documents)
    if (d.at("id").as_string() != id_of(first++))
      throw std::runtime_error("a document is not where it belongs");
}

/// `certificate`: PEM; empty = plain http, null.
std::shared_ptr<http::detail::tls_context> trust(const std::string& certificate) {
  if (certificate.empty())
    return nullptr;
  auto made = http::detail::make_client_tls({});
  if (!made)
    throw std::runtime_error(to_string(made.error()));
  (*made)->add_certificate_authority(boost::asio::buffer(certificate));
  return *made;
}

double cpu_seconds(int of_whom) {
  rusage use{};
  getrusage(of_whom, &use);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(use.ru_utime) + seconds(use.ru_stime);
}

/// What all threads but this one have used: that of the server that is read from; the other one
/// sleeps.
double servers_cpu_seconds() {
  return cpu_seconds(RUSAGE_SELF) - cpu_seconds(RUSAGE_THREAD);
}

double median(std::vector<double> v) {
  std::sort(v.begin(), v.end());
  return v[v.size() / 2];
}

/// Medians.
struct figures {
  double pages; ///< per second
  double cpu;   ///< seconds of the server for a page, the kernel's included
};

/// A server, and what comes from it.
struct endpoint {
  std::uint16_t port;
  std::string certificate; ///< PEM; empty = plain http
  perf::feed_outline feed;
};

/// One of the two servers, and what was measured of it.
class side {
 public:
  side(const endpoint& server, std::size_t connections)
      : server_(server), tls_(trust(server.certificate)), connections_(connections) {}

  /// Over fresh connections, spread over the feed: how the kernel paces one may be a matter of luck
  /// that lasts as long as it does.
  void round() {
    boost::asio::io_context io{1};
    std::vector<std::unique_ptr<perf::page_reader>> readers;
    for (std::size_t i = 0; i < connections_; ++i) {
      readers.push_back(
          std::make_unique<perf::page_reader>(io, server_.port, tls_.get(), server_.feed));
      readers.back()->go_to(i * server_.feed.pages.size() / connections_);
    }
    const auto read_for = [&](std::chrono::milliseconds length) {
      perf::totals read;
      const auto end = steady::now() + length;
      for (auto& r : readers)
        r->read_until(end, read);
      io.restart();
      io.run();
      return static_cast<double>(read.pages);
    };
    read_for(warm_up);
    const auto cpu = servers_cpu_seconds();
    const auto start = steady::now();
    const auto pages = read_for(round_length);
    rates_.push_back(pages / seconds_since(start));
    cpu_per_page_.push_back((servers_cpu_seconds() - cpu) / pages);
  }

  std::size_t rounds() const { return rates_.size(); }

  figures medians() const { return {median(rates_), median(cpu_per_page_)}; }

 private:
  const endpoint& server_;
  std::shared_ptr<http::detail::tls_context> tls_;
  std::size_t connections_;
  std::vector<double> rates_;
  std::vector<double> cpu_per_page_;
};

struct comparison {
  std::size_t connections;
  std::size_t rounds;
  figures bound;
  figures served;

  double ratio() const { return served.pages / bound.pages; }
};

comparison compare(const endpoint& replay, const endpoint& account, std::size_t connections,
                   double seconds) {
  side bound{replay, connections};
  side served{account, connections};
  for (const auto start = steady::now(); seconds_since(start) < seconds || served.rounds() < 5;) {
    bound.round();
    served.round();
  }
  return {connections, served.rounds(), bound.medians(), served.medians()};
}

/// Reads the feed once from end to end and notes how it goes. Returns the first answer, head and
/// body.
std::string survey(endpoint& account, std::size_t pages) {
  boost::asio::io_context io{1};
  const auto tls = trust(account.certificate);
  auto& feed = account.feed;
  perf::page_reader reader{io, account.port, tls.get(), feed};
  std::string first;
  std::string after;
  for (std::size_t n = 0; n < pages; ++n) {
    reader.read_one(after);
    check_documents(reader.body(), n * feed.documents, feed.documents);
    feed.pages.push_back({after, reader.body().size()});
    after = reader.etag();
    if (n == 0)
      first = reader.answer();
  }
  return first;
}

void print_json(const std::vector<comparison>& all, const perf::feed_outline& feed, bool tls) {
  std::printf("{\"documents\":%zu,\"page_bytes\":%zu,\"tls\":%s,\"serving\":[", feed.documents,
              feed.pages.front().bytes, tls ? "true" : "false");
  for (const auto& c : all)
    std::printf("%s{\"connections\":%zu,\"bound_pages_per_s\":%.0f,\"pages_per_s\":%.0f,"
                "\"bound_cpu_us_per_page\":%.1f,\"cpu_us_per_page\":%.1f,\"ratio\":%.3f}",
                &c == &all.front() ? "" : ",", c.connections, c.bound.pages, c.served.pages,
                1e6 * c.bound.cpu, 1e6 * c.served.cpu, c.ratio());
  std::printf("]}\n");
}

void print(const std::vector<comparison>& all, const perf::feed_outline& feed, bool tls) {
  const auto documents = static_cast<double>(feed.documents);
  const auto bytes = static_cast<double>(feed.pages.front().bytes);
  std::printf("serving   pages of %zu documents, %.0f bytes%s\n", feed.documents, bytes,
              tls ? ", TLS" : "");
  const auto line = [&](const char* what, const figures& f) {
    std::printf("  %-8s %7.0f pages/s %9.0f documents/s %5.0f MB/s %5.1f us of CPU a page\n", what,
                f.pages, f.pages * documents, f.pages * bytes / 1e6, 1e6 * f.cpu);
  };
  for (const auto& c : all) {
    std::printf("  %zu connection%s: %.1f %% of the bound (medians of %zu alternating rounds)\n",
                c.connections, c.connections == 1 ? "" : "s", 100 * c.ratio(), c.rounds);
    line("bound", c.bound);
    line("emulator", c.served);
  }
}

} // namespace

int main(int argc, char** argv) try {
  std::vector<std::string> args{argv + 1, argv + argc};
  const bool json = std::erase(args, "--json") > 0;
  const bool tls = std::erase(args, "--tls") > 0;
  const auto number = [&](std::size_t i, double otherwise) {
    return i < args.size() ? std::atof(args[i].c_str()) : otherwise;
  };
  const auto pages = static_cast<std::size_t>(std::max(1.0, number(0, 500)));
  const auto documents = static_cast<std::size_t>(std::max(1.0, number(1, 100)));
  const auto seconds = number(2, 3);
  log::configure(log::level::warn, log::format::logfmt);

  http::runtime world{1};
  emulator::emulator_options options;
  options.listen = "127.0.0.1:0";
  options.tls = tls;
  auto account = emulator::emulator::start(world, std::move(options));
  if (!account)
    throw std::runtime_error(to_string(account.error()));
  auto whisks = (*account)->create_container("openwhisk", "whisks", 1);
  if (!whisks)
    throw std::runtime_error(to_string(whisks.error()));
  fill(**whisks, pages * documents);
  const auto url = (*account)->url();
  const auto port = static_cast<std::uint16_t>(std::stoul(url.substr(url.rfind(':') + 1)));

  endpoint served{
      port, (*account)->certificate_pem(), {request_head(**account, documents), documents, {}}};
  perf::replay_server replay{survey(served, pages), tls};
  endpoint bound{replay.port(), replay.certificate_pem(), served.feed};
  bound.feed.pages.assign(pages, served.feed.pages.front());

  std::vector<comparison> all;
  for (const std::size_t connections : {1, 8})
    all.push_back(compare(bound, served, connections, seconds));
  (json ? print_json : print)(all, served.feed, tls);
  return 0;

} catch (const std::exception& e) {

  std::fprintf(stderr, "feedcast-perf-serving: %s\n", e.what());
  return 1;
}
