#include "emulator/control_body.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace feedcast::emulator {
namespace {

namespace json = boost::json;

std::string short_text(double value) {
  std::array<char, 32> text{};
  const int size = std::snprintf(text.data(), text.size(), "%g", value);
  return {text.data(), static_cast<std::size_t>(size)};
}

std::string listed(const std::vector<std::string_view>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0)
      text += i + 1 == names.size() ? " or " : ", ";
    text += names[i];
  }
  return text;
}

} // namespace

refusal wrong_member(std::string_view name, std::string_view expectation) {
  return refuse(400, "'" + std::string(name) + "' must be " + std::string(expectation));
}

answer<double> read_number(std::string_view name, const json::value& v, double least, double most) {
  json::error_code failure;
  const auto n = v.to_number<double>(failure);
  if (failure || !(n >= least && n <= most))
    return wrong_member(name, "a number from " + short_text(least) + " to " + short_text(most));
  return n;
}

answer<std::uint64_t> read_whole(std::string_view name, const json::value& v, std::uint64_t least,
                                 std::uint64_t most) {
  json::error_code failure;
  const auto n = v.to_number<std::uint64_t>(failure);
  if (failure || n < least || n > most)
    return wrong_member(name, "a whole number from " + std::to_string(least) + " to "
                                  + std::to_string(most));
  return n;
}

control_member number_member(std::string_view name, double least, double most, double& out) {
  return {name, [name, least, most, &out](const json::value& v) -> answer<void> {
            const auto n = read_number(name, v, least, most);
            if (!n)
              return n.error();
            out = *n;
            return {};
          }};
}

control_member text_member(std::string_view name, std::string& out) {
  return {name, [name, &out](const json::value& v) -> answer<void> {
            if (!v.is_string())
              return wrong_member(name, "a text");
            out = v.get_string();
            return {};
          }};
}

control_member flag_member(std::string_view name, bool& out) {
  return {name, [name, &out](const json::value& v) -> answer<void> {
            if (!v.is_bool())
              return wrong_member(name, "true or false");
            out = v.get_bool();
            return {};
          }};
}

control_member choice_member(std::string_view name, std::vector<std::string_view> choices,
                             std::function<void(std::size_t)> on_choice) {
  return {name,
          [name, choices = std::move(choices),
           on_choice = std::move(on_choice)](const json::value& v) -> answer<void> {
            const auto* text = v.if_string();
            const auto at = text == nullptr ? choices.end()
                                            : std::find(choices.begin(), choices.end(),
                                                        std::string_view(*text));
            if (at == choices.end())
              return wrong_member(name, listed(choices));
            on_choice(static_cast<std::size_t>(at - choices.begin()));
            return {};
          }};
}

answer<void> read_members(std::string_view body, std::string_view what, std::string_view example,
                          const std::vector<control_member>& known) {
  json::error_code failure;
  const json::value parsed = body.empty() ? json::object() : json::parse(body, failure);
  if (failure || !parsed.is_object())
    return refuse(400, std::string(what) + " is a JSON object such as " + std::string(example));
  for (const auto& given : parsed.get_object()) {
    const std::string_view name = given.key();
    const auto at = std::find_if(known.begin(), known.end(),
                                 [&](const control_member& m) { return m.name == name; });
    if (at == known.end()) {
      std::vector<std::string_view> names;
      for (const control_member& m : known)
        names.push_back(m.name);
      return refuse(400,
                    "there is no member '" + std::string(name) + "': there are " + listed(names));
    }
    if (auto taken = at->take(given.value()); !taken)
      return taken.error();
  }
  return {};
}

} // namespace feedcast::emulator
