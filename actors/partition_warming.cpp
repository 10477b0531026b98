// Before a range of identities is delivered it is read from its beginning, and nothing is sent: so
// that what the next change of a subject takes away is known.
#include "actors/partition.hpp"
#include "core/log.hpp"
#include "pipeline/repair.hpp"

#include <algorithm>
#include <utility>

namespace feedcast {

using metrics::poll_outcome;

namespace {

/// How often a document that can't be read has to come again, the same to the byte.
constexpr std::uint32_t patience = 2;

} // namespace

bool partition_state::needs_warming() {
  if (!args_.memory)
    return false;
  forgotten_ = args_.memory->forgotten();
  // Whatever is read from the beginning is remembered as it passes.
  const auto* start = std::get_if<start_point>(&args_.from);
  const bool from_beginning = start != nullptr && start->from == start_point::kind::beginning;
  return !args_.memory->filled && !from_beginning;
}

void partition_state::begin_warming() {
  warming_ = true;
  warming_since_ = self_->clock().now();
  next_ = start_point{start_point::kind::beginning, {}};
}

void partition_state::on_warming_page(const result<feed_page_ptr>& answer) {
  const auto* probe = args_.probe;
  const auto over = self_->clock().now() - warming_since_ >= args_.options.warming.within;
  if (!answer) {
    if (over)
      end_warming(to_string(answer.error().code));
    return on_failure(answer.error());
  }
  const auto& page = **answer;
  probe->request_units[metrics::request_op::poll].add(page.request_charge);
  budget_.charge(page.request_charge, self_->clock().now());
  if (page.unchanged) {
    probe->feed_polls[poll_outcome::empty].add();
    end_warming("");
    return fetch_later(milliseconds{0});
  }
  const auto learned = stages_->learn(page);
  if (!learned || !*learned)
    note_damage(page.body.view());
  // What the network does to a page differs from time to time; what is stored does not. The
  // document to blame is found by smaller pages.
  const bool sound = learned && (*learned || same_damage_ > 0);
  const bool stored = asked_ == 1 && same_damage_ >= patience && !cut_short(page.body.view());
  if (!sound && !stored) {
    asked_here_ = asked_;
    tell_malformed(learned ? make_error(errc::malformed, "feed page: bytes that no JSON may hold")
                           : learned.error());
    if (over)
      end_warming("pages are malformed");
    else if (!learned)
      items_ = std::max(1U, items_ / 8);
    return fetch_later(std::max(retry_delay_.next(), milliseconds{1}));
  }
  next_ = page.next; // delivery tells of what can't be read, when it comes to it
  probe->feed_polls[poll_outcome::changes].add();
  forget_damage();
  recovered();
  items_ = std::min(args_.options.max_items, items_ * 2);
  if (page.behind && *page.behind == 0) // a feed that waits for changes may never be empty
    end_warming("");
  else if (over || ++warming_pages_ >= args_.options.warming.pages)
    end_warming("the range is large or slow");
  fetch_later(milliseconds{0});
}

void partition_state::end_warming(std::string_view why) {
  warming_ = false;
  args_.memory->filled = true;
  next_ = args_.from;
  items_ = args_.options.max_items;
  forget_damage();
  note_memory();
  const auto subjects = args_.memory->subjects();
  if (why.empty())
    log::info("subjects are known, delivery begins", {{"target", args_.options.target},
                                                      {"feed", args_.options.feed},
                                                      {"range", args_.range_id},
                                                      {"subjects", subjects}});
  else
    log::warn("not all subjects are known, delivery begins: what the next change of the others "
              "takes away is not invalidated",
              {{"target", args_.options.target},
               {"feed", args_.options.feed},
               {"range", args_.range_id},
               {"subjects", subjects},
               {"reason", why}});
}

void partition_state::note_memory() {
  if (!args_.memory)
    return;
  const auto forgotten = args_.memory->forgotten();
  const auto more = forgotten - std::exchange(forgotten_, forgotten);
  if (more == 0)
    return;
  args_.probe->identities_forgotten.add(static_cast<double>(more));
  static log::limiter once{milliseconds{60'000}};
  if (const auto pass = once.admit())
    log::warn("subjects were forgotten for want of room: what their next change takes away is not "
              "invalidated",
              {{"target", args_.options.target},
               {"feed", args_.options.feed},
               {"range", args_.range_id},
               {"subjects", more},
               {"suppressed", *pass}});
}

} // namespace feedcast
