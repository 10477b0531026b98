#include "feeds/cosmos/lease_container.hpp"

#include "core/log.hpp"
#include "feeds/cosmos/answer_gate.hpp"
#include "feeds/cosmos/container_setup.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

namespace feedcast::cosmos {

namespace {

/// A processor has one lease per range; a server that never ends its pages must not keep us for
/// ever.
constexpr std::size_t most_leases = 100'000;

std::string list_query(const lease_ids& ids) {
  const boost::json::object query{
      {"query", "SELECT * FROM c WHERE STARTSWITH(c.id, @PartitionLeasePrefix)"},
      {"parameters", boost::json::array{boost::json::object{{"name", "@PartitionLeasePrefix"},
                                                            {"value", ids.lease_prefix()}}}},
  };
  return boost::json::serialize(query);
}

} // namespace

struct lease_container::impl : std::enable_shared_from_this<impl> {
  impl(std::shared_ptr<account> at, collection_ref c, lease_ids i, lease_container_options o)
      : server{std::move(at)}, container{std::move(c)}, ids{std::move(i)}, options{o} {}

  using answer = result<http::response>;

  void open(const callback<lease_store_state>& done);
  void on_container(const answer& r, bool just_created, const callback<lease_store_state>& done);
  void create_container(const callback<lease_store_state>& done);
  void read_marker_document(const callback<lease_store_state>& done);
  void read_lock(const callback<lease_store_state>& done);

  struct listing {
    std::vector<lease> found;
    callback<std::vector<lease>> done;
  };

  void next_leases(const std::shared_ptr<listing>& l, const std::string& page);

  void write(call c, const lease& l, callback<lease> done);
  call post(std::string body, const std::string& id) const;

  /// Gives every answer to `use`, unless the store is closed.
  template <class Use>
  void send(call c, Use use) {
    server->send(std::move(c), access::write, options.deadline,
                 [weak = weak_from_this(), use = std::move(use)](answer r) mutable {
                   if (auto self = weak.lock())
                     self->gate.pass([&] { use(*self, std::move(r)); });
                 });
  }

  const std::shared_ptr<account> server;
  const collection_ref container;
  const lease_ids ids;
  const lease_container_options options;
  answer_gate gate;
};

// -- opening: container, then marker, then (only without a marker) a foreign lock ---------------

void lease_container::impl::open(const callback<lease_store_state>& done) {
  send(container.read(),
       [done](impl& self, const answer& r) { self.on_container(r, false, done); });
}

void lease_container::impl::on_container(const answer& r, bool just_created,
                                         const callback<lease_store_state>& done) {
  if (!r && r.error().code == errc::not_found && !just_created)
    return create_container(done);
  if (!r)
    return done(r.error());
  if (auto fit = check_lease_container(r->body.view(), container); !fit)
    return done(fit.error());
  read_marker_document(done);
}

void lease_container::impl::create_container(const callback<lease_store_state>& done) {
  send(create_lease_container(container, options.throughput), [done](impl& self, const answer& r) {
    if (!r && r.error().code != errc::conflict)
      return done(creation_refused(r.error(), self.container));
    if (r)
      log::info("lease container created",
                {{"container", self.container.link()}, {"throughput", self.options.throughput}});
    // Also when another instance was faster, so that what is there is checked in any case.
    self.send(self.container.read(), [done](impl& again, const answer& created) {
      again.on_container(created, true, done);
    });
  });
}

void lease_container::impl::read_marker_document(const callback<lease_store_state>& done) {
  send(container.document("GET", ids.marker()), [done](impl& self, const answer& r) {
    if (r)
      return done(read_marker(r->body.view()));
    if (r.error().code != errc::not_found)
      return done(r.error());
    self.read_lock(done);
  });
}

void lease_container::impl::read_lock(const callback<lease_store_state>& done) {
  // We take no lock ourselves: creating leases is idempotent, and the marker is written last. But a
  // change feed processor of another library that is initialising the same leases right now is
  // given the time to finish.
  send(container.document("GET", ids.lock()), [done](impl& self, const answer& r) {
    if (!r && r.error().code != errc::not_found)
      return done(r.error());
    if (!r)
      return done(lease_store_state{});
    const auto wait = wait_for_lock(*r, system_clock_source().wall() + self.server->clock_offset());
    if (wait > milliseconds{0})
      return done(error{errc::throttled,
                        "another change feed processor is initialising the leases (document "
                            + self.ids.lock() + " in " + self.container.link() + ')',
                        wait});
    log::warn("an old lease initialisation lock is ignored", {{"document", self.ids.lock()}});
    done(lease_store_state{});
  });
}

// -- leases --------------------------------------------------------------------------------------

void lease_container::impl::next_leases(const std::shared_ptr<listing>& l,
                                        const std::string& page) {
  auto c = container.documents("POST");
  c.headers.set("content-type", "application/query+json");
  c.headers.set("x-ms-documentdb-isquery", "True");
  c.headers.set("x-ms-documentdb-query-enablecrosspartition", "True");
  if (!page.empty())
    c.headers.set("x-ms-continuation", page);
  c.body = list_query(ids);
  send(std::move(c), [l](impl& self, const answer& r) {
    if (!r)
      return l->done(r.error());
    auto leases = read_leases(r->body.view(), self.ids);
    if (!leases)
      return l->done(leases.error());
    l->found.insert(l->found.end(), std::make_move_iterator(leases->begin()),
                    std::make_move_iterator(leases->end()));
    if (l->found.size() > most_leases)
      return l->done(make_error(errc::malformed,
                                "the list of leases in " + self.container.link() + " has no end"));
    if (const auto more = r->headers.get("x-ms-continuation"); !more.empty())
      return self.next_leases(l, std::string{more});
    l->done(std::move(l->found));
  });
}

void lease_container::impl::write(call c, const lease& l, callback<lease> done) {
  auto body = write_lease(l, ids);
  if (!body)
    return done(body.error());
  c.headers.set("content-type", "application/json");
  c.body = std::move(*body);
  send(std::move(c), [done = std::move(done)](impl& self, const answer& r) {
    // The answer's body is the stored document; its _etag is what the next write has to name.
    done(r ? read_lease(r->body.view(), self.ids) : result<lease>{r.error()});
  });
}

call lease_container::impl::post(std::string body, const std::string& id) const {
  auto c = container.documents("POST");
  c.headers.set("content-type", "application/json");
  c.headers.set("x-ms-documentdb-partitionkey", partition_key_header(id));
  c.body = std::move(body);
  return c;
}

lease_container::lease_container(std::shared_ptr<account> at, collection_ref container,
                                 lease_ids ids, lease_container_options options)
    : impl_{std::make_shared<impl>(std::move(at), std::move(container), std::move(ids), options)} {}

lease_container::~lease_container() {
  impl_->gate.close();
}

void lease_container::open(callback<lease_store_state> done) {
  impl_->open(done);
}

void lease_container::list(callback<std::vector<lease>> done) {
  auto l = std::make_shared<impl::listing>();
  l->done = std::move(done);
  impl_->next_leases(l, "");
}

void lease_container::create(lease l, callback<lease> done) {
  impl_->write(impl_->post("", impl_->ids.lease(l.range_id)), l, std::move(done));
}

void lease_container::replace(lease l, callback<lease> done) {
  auto c = impl_->container.document("PUT", impl_->ids.lease(l.range_id));
  c.headers.set("if-match", l.version);
  impl_->write(std::move(c), l, std::move(done));
}

void lease_container::read(std::string range_id, callback<lease> done) {
  impl_->send(impl_->container.document("GET", impl_->ids.lease(range_id)),
              [done = std::move(done)](impl& self, const impl::answer& r) {
                done(r ? read_lease(r->body.view(), self.ids) : result<lease>{r.error()});
              });
}

void lease_container::remove(lease l, callback<bool> done) {
  impl_->send(impl_->container.document("DELETE", impl_->ids.lease(l.range_id)),
              [done = std::move(done)](impl&, const impl::answer& r) {
                if (!r && r.error().code != errc::not_found)
                  return done(r.error());
                done(r.has_value());
              });
}

void lease_container::mark_initialised(wall_time started_at, callback<bool> done) {
  impl_->send(impl_->post(write_marker(started_at, impl_->ids), impl_->ids.marker()),
              [done = std::move(done)](impl&, const impl::answer& r) {
                if (!r && r.error().code != errc::conflict)
                  return done(r.error());
                done(r.has_value());
              });
}

} // namespace feedcast::cosmos
