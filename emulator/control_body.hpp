#pragma once

#include "emulator/refusal.hpp"

#include <boost/json.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace feedcast::emulator {

/// One member that the body of a control request may have, and where its value goes.
struct control_member {
  std::string_view name;
  std::function<answer<void>(const boost::json::value&)> take;
};

/// 400: "'name' must be expectation".
refusal wrong_member(std::string_view name, std::string_view expectation);

answer<double> read_number(std::string_view name, const boost::json::value& v, double least,
                           double most);
answer<std::uint64_t> read_whole(std::string_view name, const boost::json::value& v,
                                 std::uint64_t least, std::uint64_t most);

/// A number of that many seconds, bytes or whatever `Out` is made of.
template <class Out>
control_member whole_member(std::string_view name, std::uint64_t least, std::uint64_t most,
                            Out& out) {
  return {name, [name, least, most, &out](const boost::json::value& v) -> answer<void> {
            const auto n = read_whole(name, v, least, most);
            if (!n)
              return n.error();
            out = Out(*n);
            return {};
          }};
}

control_member number_member(std::string_view name, double least, double most, double& out);
control_member text_member(std::string_view name, std::string& out);
control_member flag_member(std::string_view name, bool& out);

/// Takes one of `choices` as `on_choice` with its place in the list.
control_member choice_member(std::string_view name, std::vector<std::string_view> choices,
                             std::function<void(std::size_t)> on_choice);

/// Reads a JSON object strictly. 400 for what is no object (with `what` it should be, and an
/// example), for a member that is not among `known`, and for what a member does not take. An empty
/// body is an empty object.
answer<void> read_members(std::string_view body, std::string_view what, std::string_view example,
                          const std::vector<control_member>& known);

} // namespace feedcast::emulator
