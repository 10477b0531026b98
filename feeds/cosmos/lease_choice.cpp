#include "feeds/cosmos/lease_choice.hpp"

#include "feeds/cosmos/lease_document.hpp"
#include "leases/json.hpp"

#include <optional>

namespace feedcast::cosmos {

namespace {

/// What is there under one stem.
struct stem_content {
  lease_ids ids;
  std::size_t leases = 0;
  std::size_t ranges = 0; ///< of the leases, those of the form pk
  std::size_t java_spans = 0;
  std::size_t dotnet_spans = 0;
  std::optional<lease_store_state> marker = std::nullopt;
  std::vector<boost::json::object> documents{};

  bool empty() const noexcept { return leases == 0 && !marker; }
};

result<stem_content> look(const std::vector<boost::json::object>& documents, lease_ids ids) {
  stem_content out{std::move(ids)};
  for (const auto& document : documents) {
    const auto id = json::text_at(document, "id").value_or("");
    if (id == out.ids.marker())
      out.marker = read_marker(document);
    else if (id.starts_with(out.ids.marker() + '.'))
      return make_error(errc::rejected,
                        "lease " + id
                            + " is in the form of the Java processor of 2018, which feedcast does "
                              "not share leases with: choose another lease prefix");
    else if (id.starts_with(out.ids.lease_prefix()))
      out.documents.push_back(document);
  }
  out.leases = out.documents.size();
  return out;
}

/// Counts the forms; fails at the first lease that can't be read.
result<bool> read_forms(stem_content& c) {
  const auto all = read_leases(c.documents, c.ids);
  if (!all)
    return all.error();
  for (const auto& l : *all) {
    c.ranges += l.form == lease_form::pk ? 1 : 0;
    c.java_spans += l.form == lease_form::java_epk ? 1 : 0;
    c.dotnet_spans += l.form == lease_form::dotnet_epk ? 1 : 0;
  }
  if (c.java_spans != 0 && c.dotnet_spans != 0)
    return make_error(errc::rejected, "the leases " + c.ids.lease_prefix()
                                          + "* mix key spans of Java and of .NET, which no library "
                                            "reads together: choose another lease prefix");
  return true;
}

std::string there(const stem_content& c) {
  return std::to_string(c.leases) + " at " + c.ids.lease_prefix() + '*';
}

/// Of one range or of a span, as found under `_rid`s.
struct forms {
  lease_form range = lease_form::pk;
  lease_form span = lease_form::dotnet_epk;
};

forms forms_of_rids(const stem_content& c) {
  if (c.ranges != 0 || c.leases == 0)
    return {};
  const auto form = c.java_spans != 0 ? lease_form::java_epk : lease_form::dotnet_epk;
  return {form, form};
}

error other_form(const stem_content& c, std::string_view wanted) {
  return make_error(errc::rejected,
                    "leases.format is " + std::string{wanted} + ", but the leases " + there(c)
                        + " are not in that form: set leases.format to auto, or choose another "
                          "lease prefix");
}

lease_choice choice_of(const stem_content& c, stem_kind stem, forms f) {
  return {c.ids, stem, f.range, f.span, c.marker.value_or(lease_store_state{}), c.empty()};
}

result<lease_choice> choose_rids(stem_content c, lease_format format) {
  if (auto ok = read_forms(c); !ok)
    return ok.error();
  if (c.java_spans != 0 && c.ranges != 0)
    return make_error(errc::rejected, "the leases " + c.ids.lease_prefix()
                                          + "* mix ranges and key spans of Java, which no library "
                                            "reads together: choose another lease prefix");
  auto f = forms_of_rids(c);
  switch (format) {
  case lease_format::automatic:
    break;
  case lease_format::pk:
    if (c.leases != 0 && c.ranges == 0)
      return other_form(c, "pk");
    break;
  case lease_format::java_epk:
    if (c.ranges != 0 || c.dotnet_spans != 0)
      return other_form(c, "java-epk");
    f = {lease_form::java_epk, lease_form::java_epk};
    break;
  case lease_format::dotnet_epk:
    if (c.java_spans != 0)
      return other_form(c, "dotnet-epk");
    f = {lease_form::dotnet_epk, lease_form::dotnet_epk};
    break;
  }
  return choice_of(c, stem_kind::rids, f);
}

result<lease_choice> choose_names(stem_content c) {
  if (auto ok = read_forms(c); !ok)
    return ok.error();
  // With .NET's spans under names, which is nobody's habit, new ones are as those.
  const auto span = c.dotnet_spans != 0 ? lease_form::dotnet_epk : lease_form::java_epk;
  return choice_of(c, stem_kind::names, {lease_form::pk, span});
}

} // namespace

std::string common_beginning(std::string_view prefix, std::string_view host) {
  return std::string{prefix}.append(host) + '_';
}

result<lease_choice> choose_leases(const std::vector<boost::json::object>& documents,
                                   std::string_view prefix, std::string_view host,
                                   const feed_names& feed, lease_format format,
                                   settings::feed_mode mode) {
  auto names_ids = lease_ids::make(prefix, host, feed.database, feed.collection, mode);
  if (!names_ids)
    return names_ids.error();
  auto rids_ids = lease_ids::make(prefix, host, feed.database_rid, feed.collection_rid, mode);
  if (!rids_ids)
    return rids_ids.error();
  auto names = look(documents, std::move(*names_ids));
  if (!names)
    return names.error();
  auto rids = look(documents, std::move(*rids_ids));
  if (!rids)
    return rids.error();

  if (format == lease_format::java_epk || format == lease_format::dotnet_epk)
    return choose_rids(std::move(*rids), format);
  if (format == lease_format::automatic && names->leases != 0 && rids->leases != 0)
    return make_error(errc::rejected,
                      "there are leases under both kinds of ids that this feed can have: "
                          + there(*names) + " (names, Java's) and " + there(*rids)
                          + " (_rids, .NET's or of Java's key spans): set leases.format to say "
                            "which to join (pk: the former), or choose another lease prefix");
  if (names->leases != 0 || (rids->leases == 0 && (names->marker || !rids->marker)))
    return choose_names(std::move(*names));
  return choose_rids(std::move(*rids), format);
}

} // namespace feedcast::cosmos
