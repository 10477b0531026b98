#include "settings/diagnostic.hpp"

#include "core/log_text.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace feedcast::settings {

namespace {

/// Letters to insert, remove, replace or swap to get from `a` to `b`.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> above(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(above.begin(), above.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, above);
    std::swap(above, row);
  }
  return above[b.size()];
}

} // namespace

std::string diagnostic::to_string() const {
  std::string text = origin;
  text += level == severity::error ? ": error: " : ": warning: ";
  if (!path.empty())
    text += path + ": ";
  text += message;
  if (!hint.empty())
    text += ". hint: " + hint;
  // Names and values of a file may hold what a terminal would act upon.
  std::string shown;
  log::append_inert(shown, text);
  return shown;
}

void diagnostic_list::error(const origin& at, std::string path, std::string message,
                            std::string hint) {
  items_.push_back(
      {severity::error, to_string(at), std::move(path), std::move(message), std::move(hint)});
  ++errors_;
}

void diagnostic_list::warning(const origin& at, std::string path, std::string message,
                              std::string hint) {
  items_.push_back(
      {severity::warning, to_string(at), std::move(path), std::move(message), std::move(hint)});
}

std::string did_you_mean(std::string_view wrong, const std::vector<std::string>& candidates) {
  const std::string* best = nullptr;
  // A third of the letters may differ: "broker" finds "brokers", "x" finds nothing.
  auto limit = std::max<std::size_t>(wrong.size() / 3, 1);
  for (const auto& candidate : candidates) {
    const auto distance = edit_distance(wrong, candidate);
    if (distance <= limit && distance < candidate.size()) {
      if (distance == 0)
        return {};
      best = &candidate;
      limit = distance - 1;
      if (limit == 0)
        break;
    }
  }
  return best == nullptr ? std::string{} : "did you mean \"" + *best + "\"?";
}

std::string one_of_text(const std::vector<std::string>& choices) {
  if (choices.size() == 1)
    return "there is only " + choices.front();
  std::string text = "one of ";
  for (std::size_t i = 0; i < choices.size(); ++i)
    text += (i == 0 ? "" : ", ") + choices[i];
  return text;
}

} // namespace feedcast::settings
