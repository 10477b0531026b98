#include "app/dlq/dlq.hpp"
#include "app/dlq/selection.hpp"
#include "app/exit_code.hpp"
#include "core/log_text.hpp"

#include <boost/json.hpp>

#include <cstdio>
#include <map>
#include <utility>

namespace feedcast::app {

namespace {

namespace json = boost::json;

/// The newest dead letters by their time, then in the order in which they were found.
class newest {
 public:
  explicit newest(std::size_t limit) : limit_(limit) {}

  void add(found_dead_letter d) {
    auto time = std::string{d.text("time")};
    kept_.emplace(std::pair{std::move(time), count_++}, std::move(d));
    if (limit_ > 0 && kept_.size() > limit_)
      kept_.erase(kept_.begin());
  }

  std::uint64_t count() const noexcept { return count_; }

  const auto& kept() const noexcept { return kept_; }

 private:
  std::size_t limit_;
  std::uint64_t count_ = 0;
  std::map<std::pair<std::string, std::uint64_t>, found_dead_letter> kept_;
};

/// Nothing that was read may act upon the terminal.
std::string inert(std::string_view text) {
  std::string out;
  log::append_escaped(out, text);
  return out;
}

void print(const found_dead_letter& d) {
  const auto id = d.text("id");
  const auto lsn = d.number("lsn");
  std::printf("%s  %s/%s/%s  %s  %s  lsn %s\n", inert(d.text("time")).c_str(),
              inert(d.text("target")).c_str(), inert(d.text("feed")).c_str(),
              inert(d.text("range")).c_str(), inert(d.text("reason")).c_str(),
              id.empty() ? "(no id)" : inert(id).c_str(),
              lsn ? std::to_string(*lsn).c_str() : "unknown");
  const auto index = d.number("index");
  std::printf("    %s; read from %s to %s%s%s; %s\n", inert(d.text("error")).c_str(),
              inert(d.text("before").empty() ? d.text("start") : d.text("before")).c_str(),
              inert(d.text("behind")).c_str(), index ? ", document " : "",
              index ? std::to_string(*index).c_str() : "", d.where.c_str());
}

json::object to_json(const found_dead_letter& d) {
  auto o = d.record;
  o["where"] = d.where;
  return o;
}

} // namespace

int dlq_list(const dlq_options& options) {
  auto selection = select_targets(options);
  newest found{options.limit};
  if (selection.code != exit_ok
      || !read_all(selection, [&](found_dead_letter d) { found.add(std::move(d)); }))
    return selection.code;
  if (options.json) {
    json::array all;
    for (const auto& [order, d] : found.kept())
      all.push_back(to_json(d));
    std::printf("%s\n", json::serialize(json::object{{"dead_letters", std::move(all)},
                                                     {"total", found.count()},
                                                     {"unreadable", selection.unreadable}})
                            .c_str());
    return exit_ok;
  }
  for (const auto& [order, d] : found.kept())
    print(d);
  std::printf("%zu of %llu dead letters", found.kept().size(),
              static_cast<unsigned long long>(found.count()));
  if (selection.unreadable > 0)
    std::printf(", and %llu lines that are none",
                static_cast<unsigned long long>(selection.unreadable));
  std::puts("");
  return exit_ok;
}

} // namespace feedcast::app
