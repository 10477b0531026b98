// A page of the change feed, in either form, to a sealed batch. Whatever comes: the whole page or
// an error; each change is accounted for once; each message is what a controller reads. If the page
// is JSON: the same changes as a slow reader finds in it.
#include "pipeline/stages.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "tests/fuzz/page_reference.hpp"

using namespace feedcast;
using fuzz::expect;

namespace {

feed_page page_of(std::string_view text) {
  feed_page page;
  page.body.append(text);
  page.next.token = "\"1\"";
  return page;
}

void check_batch(const batch& b) {
  std::uint64_t stand_for = 0;
  for (const auto& m : b.messages) {
    const auto id = fuzz::main_id_of(b.value(m));
    expect(id.has_value(), "a message is an invalidation", b.value(m));
    expect(*id == b.key(m), "the record's key is the message's main id", b.value(m));
    expect(id->find('|') == std::string::npos, "a key is in the controllers' form", *id);
    stand_for += m.changes;
  }
  const auto& c = b.counts;
  expect(c.changes == stand_for + c.own + c.filtered + c.coalesced + c.unusable,
         "every change is accounted for once");
}

void check_stages(const feed_page& page, feed_content content,
                  identity_keys identities = identity_keys::namespaces) {
  page_stages stages{{.filter = {.own_cluster = "us", .kinds = {}, .namespaces = {}},
                      .content = content,
                      .identities = identities}};
  if (const auto b = stages.process(page, {})) {
    check_batch(**b);
    if ((*b)->messages.empty())
      return;
    // What waits already needs no second message.
    waiting_messages waiting;
    const auto older = *b;
    for (auto& m : older->messages)
      waiting.emplace(older->key(m), &m);
    expect((*stages.process(page, waiting))->messages.empty(), "a waiting key coalesces");
  } else {
    expect(b.error().code == errc::malformed, "a page that can't be used is malformed");
  }
  check_batch(*stages.salvage(page, {}));
  stages.settled();
  static_cast<void>(stages.learn(page));
}

void compare_elements(const decoded_page& page, const change& a, const fuzz::reference_change& b) {
  const auto elements = page.elements_of(a);
  expect(elements.size() == b.elements.size(), "as many namespaces as the reference finds", a.id);
  for (std::size_t i = 0; i < elements.size(); ++i) {
    expect(elements[i].name == b.elements[i].first, "the same name", elements[i].name);
    expect(elements[i].uuid == b.elements[i].second, "the same uuid", elements[i].uuid);
  }
  expect(a.elements_doubtful == b.doubtful, "in doubt about the same subjects", a.id);
}

void compare(const feed_page& page) {
  const auto wanted = fuzz::read_page_slowly(page.body.view());
  page_decoder decoder{{.subjects = true, .uuids = true}};
  const auto got = decoder.decode(page);
  expect(got.has_value() == wanted.has_value(), "both readers take the page, or neither",
         got ? "taken" : got.error().detail);
  if (!wanted)
    return;
  const auto& changes = (*got)->changes;
  expect(changes.size() == wanted->changes.size(), "as many changes as the reference finds");
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const auto& a = changes[i];
    const auto& b = wanted->changes[i];
    expect(a.id == b.id, "the same id: " + b.id, a.id);
    expect(a.cluster_id == b.cluster_id, "the same cluster: " + b.cluster_id, a.cluster_id);
    expect(a.lsn == b.lsn, "the same _lsn: " + std::to_string(b.lsn), std::to_string(a.lsn));
    expect(a.ts == b.ts, "the same _ts: " + std::to_string(b.ts), std::to_string(a.ts));
    expect(a.deleted == b.deleted, "the same _deleted");
    compare_elements(**got, a, b);
  }
  std::vector<std::string> unusable;
  for (const auto& u : (*got)->unusable)
    unusable.push_back(std::string{to_string(u.why)} + "@" + std::to_string(u.index));
  expect(unusable == wanted->unusable, "the same unusable documents");
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto page = page_of(fuzz::text_of(data, size));
  page.envelopes = true;
  check_stages(page, feed_content::entities);
  check_stages(page, feed_content::identities);
  page.envelopes = false;
  check_stages(page, feed_content::entities);
  check_stages(page, feed_content::identities);
  check_stages(page, feed_content::identities, identity_keys::uuids);
  if (fuzz::is_json(page.body.view()))
    compare(page);
  return 0;
}
