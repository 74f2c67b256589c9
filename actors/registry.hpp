#pragma once

#include "actors/caf_compat.hpp"
#include "actors/metrics.hpp"
#include "actors/services.hpp"

#include <deque>

namespace troupe::actors {

/// Admits what was published; unreadable records among good ones are logged and left out. What the catalogue has
/// already is passed over.
void admit_published(blueprint::catalogue& into, const std::vector<blueprint::published>& records);

/// Publishes one definition after the other: prepared (checked, compiled), made durable, admitted, so that versions are
/// without gaps and every answered one is known to all.
class registry_state {
public:
  static inline const char* name = "registry";
  registry_state(registry_actor::pointer self, services with);
  registry_actor::behavior_type make_behavior();

private:
  struct publishing {
    publish_definition wanted;
    caf::typed_response_promise<publish_answer> asked;
  };

  caf::result<publish_answer> publish(publish_definition& wanted);
  void reload();
  void next();
  void prepare(publishing one);
  void written(publishing& one, blueprint::publication& prepared, const expected<void>& outcome);
  void answer(publishing& one, publish_answer result);

  registry_actor::pointer self_;
  services with_;
  metrics::alive alive_;
  bool is_busy_ = true; ///< at first with reading what there is
  std::deque<publishing> waiting_;
};

} // namespace troupe::actors
