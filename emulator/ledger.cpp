#include "emulator/ledger.hpp"

#include "core/log.hpp"

#include <boost/json.hpp>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace feedcast::emulator {
namespace {

namespace json = boost::json;

/// Null for what is no JSON: a document that a test appended verbatim.
json::object members_of(const document* d) {
  if (d == nullptr)
    return {};
  json::error_code failure;
  json::value parsed = json::parse(d->feed_text, failure);
  if (failure || !parsed.is_object())
    return {};
  return std::move(parsed.get_object());
}

json::value text_or_null(const json::object& members, std::string_view name) {
  const json::value* found = members.if_contains(name);
  return found != nullptr && found->is_string() ? *found : json::value(nullptr);
}

/// The token of a lease as .NET and Java write it; null for any other document.
json::value lease_token(const json::object& members) {
  if (!members.contains("ContinuationToken"))
    return nullptr;
  json::value token = text_or_null(members, "LeaseToken");
  return token.is_null() ? text_or_null(members, "PartitionId") : token;
}

} // namespace

result<std::unique_ptr<ledger>> ledger::open(const std::string& path, const clock_source& clock) {
  constexpr int mode = 0644;
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, mode);
  if (file < 0)
    return make_error(errc::rejected,
                      "can't write the ledger '" + path + "': " + std::strerror(errno));
  return std::unique_ptr<ledger>(new ledger(file, clock));
}

ledger::~ledger() {
  ::close(file_);
}

template <class Members>
void ledger::append(std::string_view event, const Members& members) {
  const std::lock_guard lock(mutex_);
  json::object line{
      {"seq", next_++},
      {"ms", std::chrono::duration_cast<milliseconds>(clock_.wall().time_since_epoch()).count()},
      {"event", event}};
  members(line);
  const std::string text = json::serialize(line) + '\n';
  const auto wrote = ::write(file_, text.data(), text.size());
  if (wrote == static_cast<ssize_t>(text.size()) || failed_)
    return;
  failed_ = true;
  log::error("the ledger is incomplete from here on",
             {{"reason", wrote < 0 ? std::strerror(errno) : "the disk is full"}});
}

void ledger::ranges(std::string_view container, const std::vector<std::string>& parents,
                    const std::vector<ledger_range>& live) {
  const std::string_view event = parents.empty()       ? "ranges"
                                 : parents.size() == 1 ? "split"
                                                       : "merge";
  append(event, [&](json::object& line) {
    line["container"] = container;
    if (parents.size() == 1)
      line["parent"] = parents.front();
    if (parents.size() > 1)
      line["parents"] = json::array(parents.begin(), parents.end());
    json::array& all = line["ranges"].emplace_array();
    for (const ledger_range& r : live)
      all.push_back(json::object{{"id", r.id}, {"min", r.min}, {"max", r.max}});
  });
}

void ledger::written(const ledger_write& w) {
  const json::object before = members_of(w.before);
  const json::object after = members_of(w.after);
  const document& named = w.after != nullptr ? *w.after : *w.before;
  const json::value token = lease_token(w.after != nullptr ? after : before);
  append(token.is_null() ? "write" : "lease", [&](json::object& line) {
    line["container"] = w.container;
    line["kind"] = w.kind;
    line["range"] = w.range;
    line["lsn"] = w.lsn;
    line["id"] = named.id;
    line["etag"] = w.after != nullptr ? json::value(named.etag) : json::value(nullptr);
    if (token.is_null()) {
      const json::value* deleted = after.if_contains("_deleted");
      line["epk"] = named.epk;
      line["ts"] = named.ts;
      line["origin"] = text_or_null(after, "_clusterId");
      line["deleted"] = w.after == nullptr || (deleted != nullptr && *deleted == true);
      return;
    }
    line["token"] = token;
    line["owner_before"] = text_or_null(before, "Owner");
    line["owner"] = text_or_null(after, "Owner");
    line["before"] = text_or_null(before, "ContinuationToken");
    line["after"] = text_or_null(after, "ContinuationToken");
  });
}

void ledger::cut(std::string_view container, std::uint64_t lsn, std::size_t lost) {
  append("cut", [&](json::object& line) {
    line["container"] = container;
    line["lsn"] = lsn;
    line["lost"] = lost;
  });
}

void ledger::refused(const ledger_refusal& r) {
  append("refused", [&](json::object& line) {
    line["container"] = r.container;
    line["kind"] = r.kind;
    line["id"] = r.id;
    line["status"] = r.status;
  });
}

} // namespace feedcast::emulator
