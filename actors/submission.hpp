#pragma once

#include "actors/services.hpp"

#include <memory>
#include <optional>
#include <string>

namespace troupe::actors {

/// One submission as it came in, alone or as a line of a bulk.
struct submission {
  json body;
  std::string caller;
  std::string group;
  std::string trace; ///< traceparent
};

/// A submission that was decided and only has to be made durable.
struct prepared_submission {
  std::shared_ptr<store::operation> write; ///< an append
  order_ptr order;
  std::string request_hash;
};

/// SHA-256 of the canonical request: the same id with the same hash is the same order again.
std::string request_hash_of(const json& body);

/// Decides a submission: workflow, version, inline blueprint, id, data. Refuses with `unknown_workflow`,
/// `invalid_data`, `invalid_blueprint` (pointers into the body).
expected<prepared_submission> prepare_submission(const services& with, submission what, time_point now);

/// What the store's verdict on a submission's append means for who submitted.
enum class submission_verdict {
  accepted, ///< durable
  look,     ///< the id is taken by the same request, or nobody knows: the stored order decides
  refused,
};
submission_verdict verdict_of(const store::append& done, const std::string& request_hash);

/// Tells whoever waits for work of an order that is durable now: the lanes, or the timer for one that begins later.
template <class Self> void announce(Self* self, const services& with, const store::append& done) {
  if (done.due)
    self->send(with.timer(), due_changed{*done.due});
  else
    self->send(with.supervisor(), wake_lanes{store::queue::pending});
}

/// The id that a refused request named, if it could be that of an order that exists already.
std::optional<std::string> named_order(const json& body);

/// The answer for an order that was found under the submission's id.
expected<order_ptr> same_order(const expected<store::stored_order>& found, const std::string& request_hash,
                               const error& otherwise);

} // namespace troupe::actors
