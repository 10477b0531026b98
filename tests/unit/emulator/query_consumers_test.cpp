// The very texts that change feed libraries, KEDA and OpenWhisk send, over the documents they send
// them for.
#include "query_support.hpp"

namespace feedcast::emulator {
namespace {

using testing::parameter;
using testing::rows_of;

/// Ids of what a query selects, from `id`, or from `id` of the member `view`.
std::vector<std::string> ids_of(std::string_view sql, const std::vector<std::string>& documents,
                                boost::json::array parameters = {}) {
  std::vector<std::string> ids;
  for (const std::string& row : rows_of(sql, documents, std::move(parameters))) {
    const boost::json::object o = boost::json::parse(row).as_object();
    const boost::json::value& id =
        o.contains("view") ? o.at("view").as_object().at("id") : o.at("id");
    ids.emplace_back(id.as_string());
  }
  return ids;
}

using list = std::vector<std::string>;

TEST(query_consumers, lease_libraries_list_their_leases) {
  const list leases{R"({"id":"P..0","ContinuationToken":"\"24\""})",
                    R"({"id":"P..1","ContinuationToken":null})", R"({"id":"P.info"})",
                    R"({"id":"Q..0","ContinuationToken":"\"7\""})"};

  EXPECT_EQ(ids_of("SELECT * FROM c WHERE STARTSWITH(c.id, 'P..')", leases),
            (list{"P..0", "P..1"}));
  EXPECT_EQ(ids_of("SELECT * FROM c WHERE STARTSWITH(c.id, @PartitionLeasePrefix)", leases,
                   {parameter("@PartitionLeasePrefix", "P..")}),
            (list{"P..0", "P..1"}));
  EXPECT_EQ(ids_of("SELECT TOP @Top * FROM c WHERE STARTSWITH(c.id, @PartitionLeasePrefix) AND "
                   "c.ContinuationToken <> null",
                   leases, {parameter("@PartitionLeasePrefix", "P.."), parameter("@Top", 1)}),
            list{"P..0"});
  EXPECT_EQ(ids_of("SELECT * FROM c WHERE STARTSWITH(c.id, @prefix)", leases, // KEDA
                   {parameter("@prefix", "P.")}),
            (list{"P..0", "P..1", "P.info"}));
}

TEST(query_consumers, what_clients_send_to_resume_a_sorted_query_is_understood) {
  const list documents{R"({"id":"a","n":1})", R"({"id":"b","n":2})", R"({"id":"c","n":"x"})",
                       R"({"id":"d"})"};
  for (const auto& [filter, ids] : {
           std::pair<std::string, list>{"true", {"a", "b", "c", "d"}},
           {"c.n > 1", {"b"}},
           {"( c.n >= 1 OR IS_STRING(c.n) OR IS_ARRAY(c.n) OR IS_OBJECT(c.n) )", {"a", "b", "c"}},
           {"( c[\"n\"] = 2 OR ( NOT IS_DEFINED(c[\"n\"]) ) )", {"b", "d"}},
           {"(IS_DEFINED(c.n) = false)", {"d"}},
           {"( c.n < 2 OR NOT IS_DEFINED(c.n) OR IS_NULL(c.n) OR IS_BOOLEAN(c.n) )", {"a", "d"}},
       })
    EXPECT_EQ(ids_of("SELECT c._rid, c.id, [{\"item\": c.n}] AS orderByItems, c AS payload\nFROM "
                     "c\nWHERE ((true) AND ("
                         + filter + "))",
                     documents),
              ids)
        << filter;
}

constexpr const char* not_deleted = "(NOT(IS_DEFINED(r._deleted)) OR r._deleted = false)";

TEST(query_consumers, openwhisk_lists_entities) {
  const list whisks{
      R"({"id":"ns|a1","entityType":"action","namespace":"ns","_c":{"rootns":"ns"},"updated":10})",
      R"({"id":"ns|p|a2","entityType":"action","namespace":"ns/p","_c":{"rootns":"ns"},"updated":20})",
      R"({"id":"ns|a3","entityType":"action","namespace":"ns","_c":{"rootns":"ns"},"updated":30,"_deleted":true})",
      R"({"id":"ns|a4","entityType":"action","namespace":"ns","_c":{"rootns":"ns"},"updated":40,"_deleted":false})",
      R"({"id":"ns|r1","entityType":"rule","namespace":"ns","_c":{"rootns":"ns"},"updated":15})",
      R"({"id":"xx|a5","entityType":"action","namespace":"xx","_c":{"rootns":"xx"},"updated":15})"};
  const std::string base = std::string("FROM root r WHERE ") + not_deleted
                           + " AND  r.entityType = @entityType AND (r.namespace = @namespace OR "
                             "r._c.rootns = @namespace)";
  const boost::json::array parameters{parameter("@entityType", "action"),
                                      parameter("@namespace", "ns"), parameter("@since", 15),
                                      parameter("@upto", 30)};

  EXPECT_EQ(ids_of("SELECT  * " + base, whisks, parameters), (list{"ns|a1", "ns|p|a2", "ns|a4"}));
  EXPECT_EQ(ids_of("SELECT  * " + base + " AND r.updated >= @since", whisks, parameters),
            (list{"ns|p|a2", "ns|a4"}));
  EXPECT_EQ(ids_of("SELECT TOP 10 * " + base + " AND (r.updated BETWEEN @since AND @upto)", whisks,
                   parameters),
            list{"ns|p|a2"});
  EXPECT_EQ(rows_of(R"(SELECT TOP 1 { "namespace" : r['namespace'], "limits" : { "memory" : )"
                    R"(r['limits']['memory']}, "id" : r['id']} AS view )"
                        + base,
                    whisks, parameters),
            list{R"({"view":{"namespace":"ns","limits":{},"id":"ns|a1"}})"});
}

TEST(query_consumers, openwhisk_lists_public_packages) {
  const list whisks{R"({"id":"1","publish":true,"binding":{}})", R"({"id":"2","publish":true})",
                    R"({"id":"3","publish":true,"binding":{"name":"p","namespace":"n"}})",
                    R"({"id":"4","publish":false,"binding":{}})"};

  EXPECT_EQ(ids_of("SELECT  * FROM root r WHERE r.publish = true AND (NOT IS_OBJECT(r.binding) OR "
                   "r.binding = {})",
                   whisks),
            (list{"1", "2"}));
}

TEST(query_consumers, openwhisk_finds_identities) {
  const list subjects{
      R"({"id":"s1","subject":"s1","namespaces":[{"name":"n1","uuid":"u1","key":"k1"},{"name":"n2","uuid":"u2","key":"k2"}]})",
      R"({"id":"s2","subject":"s2","blocked":true,"namespaces":[{"name":"n3","uuid":"u3","key":"k3"}]})",
      R"({"id":"s3","subject":"s3","blocked":false,"namespaces":[{"name":"n1","uuid":"u4","key":"k4"}]})",
      R"({"id":"n1|limits","invocationsPerMinute":0})"};
  const std::string base = std::string("SELECT r AS view FROM root r JOIN n in r.namespaces WHERE ")
                           + not_deleted + " AND (NOT(IS_DEFINED(r.blocked)) OR r.blocked = false)";

  EXPECT_EQ(ids_of(base + " AND ((r.subject = @name AND IS_DEFINED(r.key)) OR n.name = @name)",
                   subjects, {parameter("@name", "n1")}),
            (list{"s1", "s3"}));
  EXPECT_EQ(ids_of(base
                       + " AND ((r.uuid = @uuid AND r.key = @key) OR (n.uuid = @uuid AND n.key = "
                         "@key))",
                   subjects, {parameter("@uuid", "u2"), parameter("@key", "k2")}),
            list{"s1"});
  EXPECT_EQ(ids_of(std::string("SELECT r AS view\n                  FROM   root r\n"
                               "                  WHERE  (r.blocked = true\n"
                               "                          OR r.concurrentInvocations = 0\n"
                               "                          OR r.invocationsPerMinute = 0) AND ")
                       + not_deleted + ' ',
                   subjects),
            (list{"s2", "n1|limits"}));
}

TEST(query_consumers, openwhisk_finds_its_database_by_id) {
  EXPECT_EQ(ids_of("SELECT * FROM root r WHERE r.id=@id", {R"({"id":"a"})", R"({"id":"b"})"},
                   {parameter("@id", "b")}),
            list{"b"});
}

} // namespace
} // namespace feedcast::emulator
