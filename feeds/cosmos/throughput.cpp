#include "feeds/cosmos/throughput.hpp"

#include "feeds/cosmos/ranges.hpp"
#include "leases/json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

namespace feedcast::cosmos {

namespace {

/// A container has at most a few thousand ranges.
constexpr std::size_t most_ranges = 100'000;

/// One reading on its way.
struct reading {
  collection_ref container;
  call_sender send;
  callback<feed_throughput> done;
  feed_names names{};
  std::vector<feed_range> ranges{};

  void answer(double units, std::string source) const {
    done(feed_throughput{units, static_cast<std::uint32_t>(ranges.size()), std::move(source)});
  }

  void answer_serverless() const {
    answer(serverless_units * static_cast<double>(ranges.size()), "serverless");
  }
};

using reading_ptr = std::shared_ptr<reading>;

call offer_of(const std::string& rid) {
  return query_offers(boost::json::serialize(boost::json::object{
      {"query", "SELECT * FROM root r WHERE r.offerResourceId = @rid"},
      {"parameters", boost::json::array{boost::json::object{{"name", "@rid"}, {"value", rid}}}}}));
}

/// Accounts without throughput of their own refuse the question with 400.
bool is_serverless(const error& e) {
  return e.code == errc::rejected && e.detail.find("serverless") != std::string::npos;
}

void read_offer_of(const reading_ptr& r, const std::string& rid, const std::string& source,
                   const std::function<void()>& without) {
  r->send(offer_of(rid), [r, source, without](const result<http::response>& got) {
    if (!got)
      return is_serverless(got.error()) ? r->answer_serverless() : r->done(got.error());
    const auto units = read_offer(got->body.view());
    if (!units)
      return r->done(units.error());
    if (*units > 0)
      return r->answer(*units, source);
    without();
  });
}

void read_offers(const reading_ptr& r) {
  read_offer_of(r, r->names.collection_rid, "the container's offer", [r] {
    read_offer_of(r, r->names.database_rid, "the database's offer",
                  [r] { r->answer_serverless(); });
  });
}

void next_ranges(const reading_ptr& r, const std::string& page) {
  auto c = r->container.ranges();
  if (!page.empty())
    c.headers.set("x-ms-continuation", page);
  r->send(std::move(c), [r](const result<http::response>& got) {
    if (!got)
      return r->done(got.error());
    if (auto read = append_ranges(got->body.view(), r->ranges); !read)
      return r->done(read.error());
    if (r->ranges.size() > most_ranges)
      return r->done(make_error(errc::malformed,
                                "the list of ranges of " + r->container.link() + " has no end"));
    if (const auto more = got->headers.get("x-ms-continuation"); !more.empty())
      return next_ranges(r, std::string{more});
    auto current = current_ranges(std::move(r->ranges));
    if (!current)
      return r->done(current.error());
    r->ranges = std::move(*current);
    read_offers(r);
  });
}

} // namespace

result<double> read_offer(std::string_view body) {
  const auto answer = json::parse_object(body, "the list of offers");
  if (!answer)
    return answer.error();
  const auto malformed = [](const char* what) {
    return make_error(errc::malformed, std::string{"the list of offers "} + what);
  };
  const auto* list = answer->if_contains("Offers");
  if (list == nullptr || !list->is_array())
    return malformed("has no member Offers");
  if (list->get_array().empty())
    return 0.0;
  const auto* offer = list->get_array().front().if_object();
  const auto* content = offer != nullptr ? offer->if_contains("content") : nullptr;
  if (content == nullptr || !content->is_object())
    return malformed("holds an offer without content");
  const auto& terms = content->get_object();
  if (const auto* scaling = terms.if_contains("offerAutopilotSettings");
      scaling != nullptr && scaling->is_object())
    if (const auto most = json::number_at(scaling->get_object(), "maxThroughput");
        most && *most > 0)
      return static_cast<double>(*most);
  const auto units = json::number_at(terms, "offerThroughput");
  if (!units || *units == 0)
    return malformed("holds an offer without throughput");
  return static_cast<double>(*units);
}

void read_throughput(collection_ref container, call_sender send, callback<feed_throughput> done) {
  auto r =
      std::make_shared<reading>(reading{std::move(container), std::move(send), std::move(done)});
  read_feed_names(r->send, r->container, [r](const result<feed_names>& names) {
    if (!names)
      return r->done(names.error());
    r->names = *names;
    next_ranges(r, "");
  });
}

} // namespace feedcast::cosmos
