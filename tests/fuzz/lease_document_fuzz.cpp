// Lease documents that others may have written: read and written again, nothing of them is lost;
// what is written is read as it was meant.
#include "feeds/cosmos/java_state.hpp"
#include "feeds/cosmos/lease_document.hpp"
#include "feeds/cosmos/lease_query.hpp"
#include "leases/json.hpp"
#include "leases/store_document.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>

using namespace feedcast;
using fuzz::expect;

namespace {

const cosmos::lease_ids& ids() {
  static const auto made = *cosmos::lease_ids::make("p-", "h", "d", "c");
  return made;
}

const std::string rid = "O7RwAKylJbY=";

bool ours(std::string_view member) {
  constexpr std::array<std::string_view, 8> members{
      "id",         "LeaseToken", "Owner",   "ContinuationToken",
      "properties", "timestamp",  "version", "FeedRange"};
  return std::find(members.begin(), members.end(), member) != members.end();
}

void same_lease(const lease& a, const lease& b) {
  expect(a.range_id == b.range_id, "the same range: " + a.range_id, b.range_id);
  expect(a.form == b.form, "the same form", a.raw);
  expect(a.keys == b.keys, "the same keys", a.raw);
  expect(a.boot == b.boot && a.away == b.away, "the same life", a.raw);
  expect(a.owner == b.owner, "the same owner: " + a.owner, b.owner);
  expect(a.continuation == b.continuation, "the same continuation: " + a.continuation,
         b.continuation);
}

void check_lease(std::string_view text) {
  const auto read = cosmos::read_lease(text, ids());
  if (!read) {
    expect(read.error().code == errc::malformed || read.error().code == errc::rejected,
           "a bad lease is named as such");
    return;
  }
  const auto written = cosmos::write_lease(*read, ids(), rid);
  expect(written.has_value(), "what could be read can be written");
  const auto before = *json::parse_object(text, "before");
  const auto after = *json::parse_object(*written, "after");
  for (const auto& [name, value] : before)
    if (!ours({name.data(), name.size()})) {
      const auto* kept = after.if_contains(name);
      expect(kept != nullptr && *kept == value, "members of others are kept",
             {name.data(), name.size()});
    }
  const auto again = cosmos::read_lease(*written, ids());
  expect(again.has_value(), "what was written can be read", again ? "" : again.error().detail);
  same_lease(*read, *again);
  expect(*cosmos::write_lease(*again, ids(), rid) == *written, "writing twice changes nothing more",
         *written);
}

/// Another position in a state: what is read of it is that position, and the rest is as it was.
void check_state(std::string_view text) {
  const auto before = cosmos::read_java_state(text);
  if (!before)
    return;
  const std::string next = "\"4711\"";
  const auto moved = cosmos::write_java_state(text, next, whole_key_space(), rid);
  expect(moved.has_value(), "a state that was read can be moved on");
  const auto read = cosmos::read_java_state(*moved);
  expect(read.has_value() && *read == next, "the position that was written", *moved);
}

void check_store(std::string_view text) {
  const auto read = read_store(text);
  if (!read)
    return;
  const auto written = write_store(*read);
  const auto again = read_store(written);
  expect(again.has_value(), "a written store can be read", written);
  expect(again->leases.size() == read->leases.size() && again->writes == read->writes,
         "the same store", written);
  for (const auto& [range, l] : read->leases) {
    expect(again->leases.contains(range), "the same ranges", range);
    same_lease(l, again->leases.at(range));
  }
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  check_lease(text);
  if (std::vector<boost::json::object> listed; cosmos::append_documents(text, listed))
    if (const auto all = cosmos::read_leases(listed, ids()))
      for (const auto& l : *all)
        check_lease(l.raw);
  check_state(text);
  if (const auto marker = cosmos::read_marker(text); marker && marker->started_at) {
    const auto again = cosmos::read_marker(cosmos::write_marker(*marker->started_at, ids()));
    expect(again.has_value() && again->started_at.has_value(), "a written marker can be read");
  }
  check_store(text);
  return 0;
}
