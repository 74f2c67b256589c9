#pragma once

#include "actors/caf_compat.hpp"
#include "actors/metrics.hpp"
#include "actors/services.hpp"

#include <functional>
#include <memory>

namespace troupe::actors {

/// Blocking reads, one after the other, on a thread of its own. Where the store cannot be opened the answers say so,
/// and the next read tries again.
class reader_state {
public:
  static inline const char* name = "reader";
  using open_reader = std::function<expected<std::unique_ptr<store::reader>>()>;

  reader_state(reader_actor::pointer self, services with, open_reader open);
  reader_actor::behavior_type make_behavior();

private:
  template <class Answer, class Read> Answer answer(Read read);
  outbox_answer read_outbox_rows(const read_outbox& wanted);

  reader_actor::pointer self_;
  services with_;
  metrics::alive alive_;
  open_reader open_;
  std::unique_ptr<store::reader> reader_;
};

} // namespace troupe::actors
