#include "emulator/charges.hpp"
#include "emulator/headers.hpp"
#include "emulator/reply.hpp"
#include "emulator/routes.hpp"

namespace feedcast::emulator::routes {
namespace {

reply about(unsigned status, const container& owner, const located& found) {
  reply r(status);
  r.owner(owner).session(found.range_id, found.range_lsn);
  return r;
}

bool wants_no_body(const call& c) {
  return c.header("prefer").find("return=minimal") != std::string_view::npos;
}

http::server_response send_written(const call& c, const container& owner, const located& written) {
  reply r = about(written.created ? 201 : 200, owner, written);
  r.etag(written.version->etag)
      .charge(write_charge(written.version->feed_text.size(), !written.created));
  if (!wants_no_body(c))
    r.json(written.version->plain_text());
  return r.send();
}

/// The document in the body; 400/1001 if the partition key header contradicts it.
answer<incoming_document> body_document(const call& c, const container& owner) {
  auto in = emulator::read_document(c.body(), owner.key_names());
  if (!in)
    return in;
  const auto key = partition_key(c);
  if (!key)
    return key.error();
  if (*key && **key != effective_partition_key(in->key))
    return refuse(400, "the partition key header is not the value in the document",
                  substatus::partition_key_mismatch);
  return in;
}

http::server_response add_document(const call& c, write_mode mode, std::string_view if_match) {
  if (c.flag(header::is_batch))
    return send_refusal(refuse(400, "this emulator does not support transactional batches"));
  const auto owner = find_container(c);
  if (!owner)
    return send_refusal(owner.error());
  const auto in = body_document(c, *owner->data);
  if (!in)
    return send_refusal(in.error());
  const auto written = owner->data->write(mode, *in, if_match);
  return written ? send_written(c, *owner->data, *written) : send_refusal(written.error());
}

} // namespace

http::server_response create_document(const call& c) {
  return add_document(c, write_mode::create, {});
}

http::server_response upsert_document(const call& c) {
  return add_document(c, write_mode::upsert, c.header("if-match"));
}

http::server_response read_document(const call& c) {
  const auto owner = find_container(c);
  if (!owner)
    return send_refusal(owner.error());
  const auto target = find_document(c, *owner);
  if (!target)
    return send_refusal(target.error());
  const auto found = owner->data->find(*target, c.view.up_to);
  if (!found)
    return send_refusal(found.error());
  const std::string& etag = found->version->etag;
  if (c.header("if-none-match") == etag)
    return about(304, *owner->data, *found).etag(etag).send();
  return about(200, *owner->data, *found)
      .etag(etag)
      .charge(read_charge(found->version->plain_size))
      .json(found->version->plain_text())
      .send();
}

http::server_response replace_document(const call& c) {
  const auto owner = find_container(c);
  if (!owner)
    return send_refusal(owner.error());
  const auto target = find_document(c, *owner);
  if (!target)
    return send_refusal(target.error());
  const auto in = body_document(c, *owner->data);
  if (!in)
    return send_refusal(in.error());
  const auto written = owner->data->write(write_mode::replace, *in, c.header("if-match"), *target);
  return written ? send_written(c, *owner->data, *written) : send_refusal(written.error());
}

http::server_response remove_document(const call& c) {
  const auto owner = find_container(c);
  if (!owner)
    return send_refusal(owner.error());
  const auto target = find_document(c, *owner);
  if (!target)
    return send_refusal(target.error());
  const auto removed = owner->data->remove(*target, c.header("if-match"));
  if (!removed)
    return send_refusal(removed.error());
  return about(204, *owner->data, *removed)
      .charge(write_charge(removed->version->feed_text.size()))
      .send();
}

} // namespace feedcast::emulator::routes
