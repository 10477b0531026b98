#include "feeds/couchdb/position.hpp"

#include "http/message.hpp"
#include "leases/json.hpp"

#include <boost/json.hpp>

namespace feedcast::couchdb {

namespace {

/// nullopt if it is neither a text nor a number.
std::optional<boost::json::value> parse_seq(std::string_view seq) {
  boost::system::error_code failure;
  auto v = boost::json::parse(seq, failure);
  if (failure || !(v.is_string() || v.is_number()))
    return std::nullopt;
  return v;
}

} // namespace

continuation to_continuation(const position& p) {
  boost::json::object o;
  o["seq"] = parse_seq(p.seq).value_or(boost::json::value{0});
  o["created"] = p.of.created;
  if (!p.of.server.empty())
    o["server"] = p.of.server;
  return {boost::json::serialize(o)};
}

std::optional<position> read_position_of(const continuation& c) {
  boost::system::error_code failure;
  const auto v = boost::json::parse(c.token, failure);
  if (failure || !v.is_object())
    return std::nullopt;
  const auto& o = v.as_object();
  const auto* seq = o.if_contains("seq");
  const auto created = json::text_at(o, "created");
  if (seq == nullptr || !created || !(seq->is_string() || seq->is_number()))
    return std::nullopt;
  return position{boost::json::serialize(*seq),
                  {*created, json::text_at(o, "server").value_or(std::string{})}};
}

std::string seq_in_query(std::string_view seq) {
  const auto v = parse_seq(seq);
  if (v && v->is_string())
    return http::encode_segment({v->as_string().data(), v->as_string().size()});
  return http::encode_segment(seq);
}

} // namespace feedcast::couchdb
