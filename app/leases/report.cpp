#include "app/leases/report.hpp"

#include "app/leases/json_text.hpp"
#include "core/log_text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <cstdio>

namespace feedcast::app {

namespace {

namespace json = boost::json;

const error* failure_of(const surgery_report& r, std::size_t edit) {
  const auto* o = r.outcome;
  return o != nullptr && o->edits[edit] ? &*o->edits[edit] : nullptr;
}

json::value text_or_null(const error* e) {
  return e != nullptr ? json::value(to_string(*e)) : json::value(nullptr);
}

void print_json(const surgery_report& r) {
  json::array edits;
  for (std::size_t i = 0; i < r.surgery.edits.size(); ++i) {
    const auto& e = r.surgery.edits[i];
    const auto* failure = failure_of(r, i);
    const auto& position = e.after.continuation;
    edits.push_back(
        json::object{{"range", e.after.range_id},
                     {"action", e.before ? "replace" : "create"},
                     {"change", e.text},
                     {"position", position.empty() ? json::value(nullptr) : json::value(position)},
                     {"start", time_or_null(e.after.start)},
                     {"done", r.outcome != nullptr && failure == nullptr},
                     {"error", text_or_null(failure)}});
  }
  json::array untouched;
  for (const auto& u : r.surgery.untouched)
    untouched.push_back(json::object{{"range", u.range_id}, {"why", u.why}});
  const auto* marker = r.outcome != nullptr && r.outcome->marker ? &*r.outcome->marker : nullptr;
  const json::object out{{"ok", !r.refused && (r.outcome == nullptr || r.outcome->complete())},
                         {"plan", r.plan},
                         {"refused", r.refused},
                         {"objections", json::array(r.objections.begin(), r.objections.end())},
                         {"edits", std::move(edits)},
                         {"untouched", std::move(untouched)},
                         {"marker", time_or_null(r.surgery.marker)},
                         {"marker_error", text_or_null(marker)},
                         {"notes", json::array(r.surgery.notes.begin(), r.surgery.notes.end())}};
  std::printf("%s\n", json::serialize(out).c_str());
}

void print_text(const surgery_report& r) {
  const auto& s = r.surgery;
  for (std::size_t i = 0; i < s.edits.size(); ++i) {
    const auto range = inert(s.edits[i].after.range_id);
    if (const auto* failure = failure_of(r, i))
      std::fprintf(stderr, "error: lease %s: %s\n", range.c_str(),
                   inert(to_string(*failure)).c_str());
    else
      std::printf("%s  %s\n", range.c_str(), inert(s.edits[i].text).c_str());
  }
  for (const auto& u : s.untouched)
    std::printf("%s  left as it is: %s\n", inert(u.range_id).c_str(), inert(u.why).c_str());
  if (s.marker)
    std::printf("marker  new: the first leases are complete; a lease that is lost is read again "
                "from %s\n",
                *s.marker == wall_time{} ? "the beginning" : format_iso8601(*s.marker).c_str());
  if (r.outcome != nullptr && r.outcome->marker)
    std::fprintf(stderr, "error: the marker was not written: %s\n",
                 inert(to_string(*r.outcome->marker)).c_str());
  for (const auto& n : s.notes)
    std::printf("note: %s\n", inert(n).c_str());
}

void print_summary(const surgery_report& r) {
  const auto all = r.surgery.edits.size();
  const auto subject = inert(r.subject);
  if (r.refused) {
    std::fprintf(stderr,
                 "error: nothing was written to the leases of %s; hint: stop the owner, or "
                 "say --steal\n",
                 subject.c_str());
    return;
  }
  if (all == 0)
    std::printf("nothing to write to the leases of %s\n", subject.c_str());
  else if (r.outcome == nullptr)
    std::printf("plan: %zu of the leases of %s would be written%s\n", all, subject.c_str(),
                r.objections.empty() ? "" : ", with --steal only");
  else
    std::printf("%zu of %zu leases of %s written\n", r.outcome->written, all, subject.c_str());
}

} // namespace

std::string inert(std::string_view text) {
  std::string out;
  log::append_inert(out, text);
  return out;
}

std::vector<std::string> objections_of(const std::vector<owned_lease>& owned) {
  std::vector<std::string> out;
  for (const auto& o : owned)
    out.push_back("lease " + o.range_id + " is owned by " + o.owner + ", which wrote it "
                  + spell_age(o.age) + " ago");
  return out;
}

void print(const surgery_report& report, bool json) {
  if (json)
    return print_json(report);
  if (!report.refused)
    print_text(report);
  if (report.outcome == nullptr)
    for (const auto& o : report.objections)
      std::fprintf(report.refused ? stderr : stdout, "%s: %s\n",
                   report.refused ? "error" : "needs --steal", inert(o).c_str());
  print_summary(report);
}

} // namespace feedcast::app
