#include "app/demo/documents.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace feedcast::app {

namespace {

constexpr std::uint64_t namespaces = 50;
constexpr std::size_t code_bytes = 400;

std::string filler(std::size_t bytes, std::mt19937& random) {
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyz0123456789 ";
  std::string text(bytes, ' ');
  for (auto& c : text)
    c = letters[random() % letters.size()];
  return text;
}

} // namespace

document_maker::document_maker(std::string cluster_a, std::string cluster_b, std::uint32_t seed)
    : clusters_{std::move(cluster_a), std::move(cluster_b)}, random_(seed) {}

demo_document document_maker::next() {
  return random_() % 50 == 0 ? make_subject() : make_entity();
}

demo_document document_maker::make_subject() {
  const auto n = subjects_++ % 1000;
  const auto number = std::to_string(n);
  demo_document d;
  d.subject = true;
  d.id = "subject-" + number;
  d.key = "space-" + number;
  d.cluster = clusters_[n % 2];
  d.body = R"({"_clusterId":")" + d.cluster + R"(","id":")" + d.id + R"(","namespaces":[{"key":")"
           + filler(64, random_) + R"(","name":")" + d.key
           + R"(","uuid":"d23f0824-128b-4f33-ac5c-7fd0a6a3a450"}],"subject":")" + d.id
           + R"(","note":")" + filler(2 * code_bytes, random_) + R"("})";
  return d;
}

demo_document document_maker::make_entity() {
  constexpr std::array<const char*, 4> kinds{"action", "package", "trigger", "rule"};
  // Three of four writes create, the others change or delete something that was there before.
  const bool creates = created_ < 100 || random_() % 4 != 0;
  // Changes walk through what exists, so that no key is written twice within moments: the ledger
  // could not tell whose invalidation it sees.
  const auto n = creates ? created_++ : changed_++ % created_;
  const bool deletes = !creates && random_() % 5 == 0;
  const std::string kind = kinds[n % 8 < 5 ? 0 : n % 8 - 4];
  const auto space = "ns-" + std::to_string(n % namespaces);
  const auto name = kind + "-" + std::to_string(n);
  demo_document d;
  d.id = space + "|" + name;
  d.key = space + "/" + name;
  d.cluster = clusters_[n % 2];
  d.body =
      R"({"_c":{"rootns":")" + space + R"("},"_clusterId":")" + d.cluster
      + R"(","annotations":[{"key":"provide-api-key","value":false},{"key":"exec","value":"nodejs:20"}],)"
        R"("entityType":")"
      + kind + R"(","exec":{"binary":false,"code":")" + filler(code_bytes, random_)
      + R"(","kind":"nodejs:20"},"id":")" + d.id
      + R"(","limits":{"concurrency":1,"logs":10,"memory":256,"timeout":60000},"name":")" + name
      + R"(","namespace":")" + space + R"(","parameters":[{"key":"note","value":")"
      + filler(120, random_) + R"("}],"publish":false,"updated":1722000101000,"version":"0.0.1")"
      + (deletes ? R"(,"_deleted":true,"ttl":36000})" : "}");
  return d;
}

} // namespace feedcast::app
