#include "feeds/cosmos/lease_families.hpp"

#include "core/log.hpp"
#include "leases/json.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>

namespace feedcast::cosmos {

namespace {

constexpr std::string_view info_suffix = ".info";
constexpr std::string_view lease_mark = "..";

bool is_letter_or_digit(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool plausible_label(std::string_view label) noexcept {
  constexpr std::size_t longest = 63;
  return !label.empty() && label.size() <= longest && is_letter_or_digit(label.front())
         && is_letter_or_digit(label.back()) && std::all_of(label.begin(), label.end(), [](char c) {
              return is_letter_or_digit(c) || c == '-';
            });
}

/// What an id says, if it is one of a feed's.
struct parsed_id {
  std::string_view host;
  stem_kind stem = stem_kind::names;
  bool marker = false;
};

std::optional<parsed_id> parse(std::string_view id, std::string_view prefix,
                               std::string_view own_host, const std::string& names,
                               const std::string& rids) {
  if (!id.starts_with(prefix))
    return std::nullopt;
  id.remove_prefix(prefix.size());
  const auto end = id.find('_'); // which no host has
  if (end == std::string_view::npos)
    return std::nullopt;
  parsed_id out{id.substr(0, end)};
  if (out.host != own_host && !plausible_host(out.host))
    return std::nullopt;
  const auto tail = id.substr(end + 1);
  for (const auto kind : {stem_kind::names, stem_kind::rids}) {
    const std::string_view feed = kind == stem_kind::names ? names : rids;
    if (!tail.starts_with(feed))
      continue;
    const auto suffix = tail.substr(feed.size());
    out.stem = kind;
    out.marker = suffix == info_suffix;
    if (out.marker || suffix.starts_with(lease_mark))
      return out;
  }
  return std::nullopt;
}

bool longer_than(std::string_view host, std::string_view end) noexcept {
  return !end.empty() && host.size() > end.size() && host.ends_with(end);
}

kinship kinship_of(const std::string& host, std::string_view prefix, std::string_view own_host,
                   const std::set<std::string_view>& longer) {
  if (host == own_host)
    return kinship::own;
  if (longer_than(host, own_host)
      || std::any_of(longer.begin(), longer.end(),
                     [&](std::string_view more) { return host.starts_with(more); }))
    return kinship::stranger;
  const auto label = std::string_view{host}.substr(0, host.find('.'));
  if (prefix.ends_with('-') && label.find('-') != std::string_view::npos)
    return kinship::ambiguous;
  return kinship::sibling;
}

void add(lease_family& to, const boost::json::object& document, bool marker) {
  if (const auto seconds = json::number_at(document, "_ts")) {
    constexpr std::uint64_t last_second = 9'214'646'399; // of the last year that can be written
    const wall_time written{std::chrono::seconds{std::min(*seconds, last_second)}};
    to.newest = std::max(to.newest.value_or(written), written);
  }
  if (marker) {
    to.initialised = true;
    return;
  }
  ++to.leases;
  if (auto owner = json::text_at(document, "Owner"); owner && !owner->empty()) {
    const auto at = std::lower_bound(to.owners.begin(), to.owners.end(), *owner);
    if (at == to.owners.end() || *at != *owner)
      to.owners.insert(at, std::move(*owner));
  }
}

} // namespace

std::string_view to_string(kinship k) noexcept {
  constexpr std::array<std::string_view, 4> names{"own", "sibling", "ambiguous", "stranger"};
  return names.at(static_cast<std::size_t>(k));
}

bool plausible_host(std::string_view host) noexcept {
  constexpr std::size_t longest = 253;
  if (host.size() > longest)
    return false;
  for (;;) {
    const auto dot = host.find('.');
    if (!plausible_label(host.substr(0, dot)))
      return false;
    if (dot == std::string_view::npos)
      return true;
    host.remove_prefix(dot + 1);
  }
}

std::vector<lease_family> families_of(const std::vector<boost::json::object>& documents,
                                      std::string_view prefix, std::string_view own_host,
                                      const feed_names& feed) {
  const auto names = feed.database + '_' + feed.collection;
  const auto rids = feed.database_rid + '_' + feed.collection_rid;
  std::map<std::tuple<std::string, stem_kind>, lease_family> found;
  for (const auto& document : documents) {
    const auto id = json::text_at(document, "id").value_or("");
    const auto parsed = parse(id, prefix, own_host, names, rids);
    if (!parsed)
      continue;
    auto& family = found[{std::string{parsed->host}, parsed->stem}];
    family.host = parsed->host;
    family.stem = parsed->stem;
    add(family, document, parsed->marker);
  }
  std::set<std::string_view> longer; // by what prefixes of strangers are longer than ours
  for (const auto& [key, family] : found)
    if (longer_than(family.host, own_host))
      longer.insert(std::string_view{family.host}.substr(0, family.host.size() - own_host.size()));
  for (auto& [key, family] : found)
    family.kin = kinship_of(family.host, prefix, own_host, longer);
  std::vector<lease_family> out;
  for (auto& [key, family] : found)
    out.push_back(family);
  return out;
}

void find_lease_families(const call_sender& send, const collection_ref& container,
                         std::string prefix, std::string own_host, feed_names feed,
                         callback<std::vector<lease_family>> done) {
  query_documents(send, container, prefix,
                  [prefix, own_host = std::move(own_host), feed = std::move(feed),
                   done = std::move(done)](const result<document_list>& r) {
                    if (!r)
                      return done(r.error());
                    done(families_of(r->documents, prefix, own_host, feed));
                  });
}

std::optional<error> siblings_refused(const std::vector<lease_family>& families,
                                      const std::string& prefix, const collection_ref& container) {
  for (const auto& family : families)
    if (family.kin == kinship::ambiguous)
      log::warn("there are positions of this feed that may be another processor's, whose prefix is "
                "longer, or this one's under another host name; they are left alone: if they are "
                "this one's, stop, and run `feedcast leases adopt`",
                {{"container", container.link()}, {"prefix", prefix}, {"host", family.host}});
  const auto sibling = std::find_if(families.begin(), families.end(), [](const lease_family& f) {
    return f.kin == kinship::sibling;
  });
  if (sibling == families.end())
    return std::nullopt;
  return make_error(errc::rejected,
                    "there are no leases yet for this account's host name, but positions exist for "
                    "another host name, "
                        + sibling->host + " (" + std::to_string(sibling->leases) + " leases in "
                        + container.link() + " with prefix " + prefix
                        + "): starting beside them would pass over what they have not read; run "
                          "`feedcast leases adopt --from "
                        + sibling->host
                        + "` to go on from them, or set another leases.prefix to "
                          "start anew");
}

} // namespace feedcast::cosmos
