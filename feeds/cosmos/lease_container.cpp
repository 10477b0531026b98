#include "feeds/cosmos/lease_container.hpp"

#include "core/log.hpp"
#include "feeds/answer_gate.hpp"
#include "feeds/cosmos/container_setup.hpp"
#include "feeds/cosmos/lease_costs.hpp"
#include "feeds/cosmos/lease_document.hpp"
#include "feeds/cosmos/lease_families.hpp"
#include "feeds/cosmos/lease_lock.hpp"
#include "feeds/cosmos/lease_query.hpp"

#include <algorithm>
#include <mutex>

namespace feedcast::cosmos {

/// What `open` found out: constant from then on.
struct opened_leases {
  feed_names feed;
  lease_choice chosen;
};

using opened_ptr = std::shared_ptr<const opened_leases>;

struct lease_container::impl : std::enable_shared_from_this<impl> {
  impl(std::shared_ptr<account> at, collection_ref c, monitored_feed f, lease_container_options o)
      : server{std::move(at)}, container{std::move(c)}, monitored{std::move(f)}, options{o} {}

  using answer = result<http::response>;
  using opening = std::shared_ptr<callback<lease_store_state>>;

  void read_container(const opening& done, bool just_created);
  void create_container(const opening& done);
  void read_names(const opening& done);
  void read_families(const opening& done, const feed_names& feed);
  void look_for_siblings(const opening& done, const opened_ptr& found);
  void opened(const opening& done, const opened_ptr& found);
  void warn_of_several_writers();

  void write(call c, const opened_ptr& in, const lease& l, callback<lease> done);

  /// Sends a call to the account of the leases, and gives its answer to `use` unless the store is
  /// closed.
  template <class Use>
  void send(call c, Use use) {
    send_to(*server, std::move(c), std::move(use));
  }

  template <class Use>
  void send_to(account& to, call c, Use use) {
    const auto kind = cost_meter::kind_of(c);
    to.send(std::move(c), access::write, options.deadline,
            [weak = weak_from_this(), kind, use = std::move(use)](answer r) mutable {
              if (auto self = weak.lock())
                self->gate.pass([&] {
                  self->costs.count(kind, r);
                  use(*self, std::move(r));
                });
            });
  }

  /// The same for what is written without knowledge of the store.
  call_sender sender(std::shared_ptr<account> to) {
    return [weak = weak_from_this(), to = std::move(to)](call c, callback<http::response> done) {
      if (auto self = weak.lock())
        self->send_to(*to, std::move(c),
                      [done = std::move(done)](impl&, answer r) { done(std::move(r)); });
    };
  }

  wall_time now() const { return system_clock_source().wall() + server->clock_offset(); }

  /// Null before `open` succeeded.
  opened_ptr use() const {
    const std::lock_guard hold{mutex};
    return found;
  }

  error not_open() const {
    return make_error(errc::rejected, "the leases in " + container.link()
                                          + " are not open: open() must succeed first");
  }

  const std::shared_ptr<account> server;
  const collection_ref container;
  const monitored_feed monitored;
  const lease_container_options options;
  answer_gate gate;
  cost_meter costs;
  std::unique_ptr<lease_lock> lock; ///< made with this object, never changed

  mutable std::mutex mutex; ///< guards what follows
  opened_ptr found;
  bool warned = false;
};

// -- opening: container, the feed's names, what is there, siblings of what is new ----------------

void lease_container::impl::read_container(const opening& done, bool just_created) {
  send(container.read(), [done, just_created](impl& self, const answer& r) {
    if (!r && r.error().code == errc::not_found && !just_created)
      return self.create_container(done);
    if (!r)
      return (*done)(r.error());
    if (auto fit = check_lease_container(r->body.view(), self.container); !fit)
      return (*done)(fit.error());
    self.warn_of_several_writers();
    self.read_names(done);
  });
}

void lease_container::impl::create_container(const opening& done) {
  send(create_lease_container(container, options.throughput), [done](impl& self, const answer& r) {
    if (!r && r.error().code != errc::conflict)
      return (*done)(creation_refused(r.error(), self.container));
    if (r)
      log::info("lease container created",
                {{"container", self.container.link()}, {"throughput", self.options.throughput}});
    // Also when another instance was faster, so that what is there is checked in any case.
    self.read_container(done, true);
  });
}

void lease_container::impl::read_names(const opening& done) {
  read_feed_names(sender(monitored.server), monitored.collection,
                  [this, done](const result<feed_names>& feed) {
                    if (!feed)
                      return (*done)(feed.error());
                    read_families(done, *feed);
                  });
}

void lease_container::impl::read_families(const opening& done, const feed_names& feed) {
  query_documents(sender(server), container, common_beginning(monitored.prefix, monitored.host),
                  [this, done, feed](const result<document_list>& r) {
                    if (!r)
                      return (*done)(r.error());
                    auto chosen = choose_leases(r->documents, monitored.prefix, monitored.host,
                                                feed, options.format, monitored.mode);
                    if (!chosen)
                      return (*done)(chosen.error());
                    const auto now_open = std::make_shared<const opened_leases>(
                        opened_leases{feed, std::move(*chosen)});
                    if (now_open->chosen.untouched && !options.ignore_siblings)
                      return look_for_siblings(done, now_open);
                    opened(done, now_open);
                  });
}

void lease_container::impl::look_for_siblings(const opening& done, const opened_ptr& fresh) {
  find_lease_families(sender(server), container, monitored.prefix, monitored.host, fresh->feed,
                      [this, done, fresh](const result<std::vector<lease_family>>& families) {
                        if (!families)
                          return (*done)(families.error());
                        if (const auto refused =
                                siblings_refused(*families, monitored.prefix, container))
                          return (*done)(*refused);
                        opened(done, fresh);
                      });
}

void lease_container::impl::opened(const opening& done, const opened_ptr& now_open) {
  bool is_new = false;
  {
    const std::lock_guard hold{mutex};
    is_new = !found || found->chosen.ids.stem() != now_open->chosen.ids.stem()
             || found->chosen.range_form != now_open->chosen.range_form;
    found = now_open;
  }
  const auto& c = now_open->chosen;
  if (is_new)
    log::info("leases joined", {{"container", container.link()},
                                {"ids", c.ids.lease_prefix()},
                                {"ranges", to_string(c.range_form)},
                                {"spans", to_string(c.span_form)},
                                {"new", c.untouched}});
  (*done)(c.state);
}

void lease_container::impl::warn_of_several_writers() {
  const auto at = server->endpoints();
  if (!at || !at->several_writers)
    return;
  {
    const std::lock_guard hold{mutex};
    if (std::exchange(warned, true))
      return;
  }
  log::warn("the account of the leases has several write regions: leases are kept in the first one "
            "alone, because compare-and-swap holds within one region only; pin change feed "
            "processors of other libraries to it as well",
            {{"container", container.link()}, {"region", at->write.region}});
}

// -- leases --------------------------------------------------------------------------------------

void lease_container::impl::write(call c, const opened_ptr& in, const lease& l,
                                  callback<lease> done) {
  auto body = write_lease(l, in->chosen.ids, in->feed.collection_rid);
  if (!body)
    return done(body.error());
  c.headers.set("content-type", "application/json");
  c.body = std::move(*body);
  send(std::move(c), [in, done = std::move(done)](impl&, const answer& r) {
    // The answer's body is the stored document; its _etag is what the next write has to name.
    done(r ? read_lease(r->body.view(), in->chosen.ids) : result<lease>{r.error()});
  });
}

lease_container::lease_container(std::shared_ptr<account> at, collection_ref container,
                                 monitored_feed feed, lease_container_options options)
    : impl_{std::make_shared<impl>(std::move(at), std::move(container), std::move(feed), options)} {
  impl_->lock = std::make_unique<lease_lock>(impl_->container, impl_->sender(impl_->server),
                                             [i = impl_.get()] { return i->now(); });
}

lease_container::~lease_container() {
  impl_->gate.close();
}

void lease_container::open(callback<lease_store_state> done) {
  impl_->read_container(std::make_shared<callback<lease_store_state>>(std::move(done)), false);
}

void lease_container::list(callback<lease_listing> done) {
  const auto in = impl_->use();
  if (!in)
    return done(impl_->not_open());
  query_documents(impl_->sender(impl_->server), impl_->container, in->chosen.ids.lease_prefix(),
                  [self = impl_.get(), in, done = std::move(done)](const result<document_list>& r) {
                    if (!r)
                      return done(r.error());
                    auto leases = read_leases(r->documents, in->chosen.ids);
                    if (!leases)
                      return done(leases.error());
                    done(lease_listing{std::move(*leases), r->answered.value_or(self->now()),
                                       in->chosen.range_form, in->chosen.span_form});
                  });
}

void lease_container::lock(callback<milliseconds> done) {
  const auto in = impl_->use();
  if (!in)
    return done(impl_->not_open());
  impl_->lock->take(in->chosen.ids, std::move(done));
}

void lease_container::unlock(callback<bool> done) {
  const auto in = impl_->use();
  if (!in)
    return done(impl_->not_open());
  impl_->lock->give_back(in->chosen.ids, std::move(done));
}

void lease_container::create(lease l, callback<lease> done) {
  const auto in = impl_->use();
  if (!in)
    return done(impl_->not_open());
  impl_->write(impl_->container.create_document(in->chosen.ids.lease(l.range_id), ""), in, l,
               std::move(done));
}

void lease_container::replace(lease l, callback<lease> done) {
  const auto in = impl_->use();
  if (!in)
    return done(impl_->not_open());
  auto c = impl_->container.document("PUT", in->chosen.ids.lease(l.range_id));
  c.headers.set("if-match", l.version);
  impl_->write(std::move(c), in, l, std::move(done));
}

void lease_container::read(std::string range_id, callback<lease> done) {
  const auto in = impl_->use();
  if (!in)
    return done(impl_->not_open());
  impl_->send(impl_->container.document("GET", in->chosen.ids.lease(range_id)),
              [in, done = std::move(done)](impl&, const impl::answer& r) {
                done(r ? read_lease(r->body.view(), in->chosen.ids) : result<lease>{r.error()});
              });
}

void lease_container::remove(lease l, callback<bool> done) {
  const auto in = impl_->use();
  if (!in)
    return done(impl_->not_open());
  impl_->send(impl_->container.document("DELETE", in->chosen.ids.lease(l.range_id)),
              [done = std::move(done)](impl&, const impl::answer& r) {
                if (!r && r.error().code != errc::not_found)
                  return done(r.error());
                done(r.has_value());
              });
}

void lease_container::mark_initialised(wall_time started_at, callback<bool> done) {
  const auto in = impl_->use();
  if (!in)
    return done(impl_->not_open());
  const auto& ids = in->chosen.ids;
  impl_->send(impl_->container.create_document(ids.marker(), write_marker(started_at, ids)),
              [done = std::move(done)](impl&, const impl::answer& r) {
                if (!r && r.error().code != errc::conflict)
                  return done(r.error());
                done(r.has_value());
              });
}

lease_costs lease_container::costs() const {
  return impl_->costs.total();
}

} // namespace feedcast::cosmos
