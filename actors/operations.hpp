#pragma once

#include "actors/services.hpp"

#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace troupe::actors {

/// Bulk reprocessing: goes through the orders of a filter or a list page by page, at most at the operation's rate, and
/// keeps each order's result. How far it has come is durable after each page, and each order's command carries a key of
/// the operation, so that a page which a crash cut short is gone through again without reprocessing anything twice.
class operations_state {
public:
  static inline const char* name = "operations";
  operations_state(operations_actor::pointer self, services with);
  operations_actor::behavior_type make_behavior();

private:
  /// A page under way: answers that are still awaited, and what came of the rest.
  struct page_under_way {
    std::size_t awaited = 0;
    std::string cursor;
    bool last = false;
    std::vector<store::operation_result> results;
  };
  using operation_promise = caf::typed_response_promise<operation_answer>;
  /// An operator's word that waits for its turn.
  struct waiting_control {
    std::string verb;
    operation_promise promise;
  };
  struct work {
    store::operation_record record; ///< as it is durable, but for the step under way
    page_under_way page;
    std::deque<waiting_control> controls;
    bool busy = false;         ///< a step is under way, or a word of an operator is being recorded
    time_point not_before{};   ///< of the next step: by the rate, or because the store could not be read
    bool is_step_sent = false; ///< the message for the next step is under way
  };

  caf::result<operation_answer> start(const start_operation& wanted);
  caf::result<operation_answer> control(const control_operation& wanted);
  void resume_interrupted();
  void step(const std::string& operation_id);
  void count_page(const std::string& operation_id);
  void read_page(const std::string& operation_id);
  void perform_page(const std::string& operation_id, const std::vector<order_ptr>& orders);
  void perform(const std::string& operation_id, const order_ptr& order);
  void read_listed(const std::string& operation_id, std::size_t from, std::size_t to);
  void add_result(const std::string& operation_id, store::operation_result result);
  void close_page(work& one);
  void refuse_control(const std::string& operation_id, operation_promise promise);
  void perform_control(work& one);
  void go_on(const std::string& operation_id);
  void try_again(const std::string& operation_id);
  void save_step(work& one);
  void save(const store::operation_record& record, std::vector<store::operation_result> results,
            const std::function<void(const expected<void>&)>& then);
  static int page_size(const store::operation_record& record);

  operations_actor::pointer self_;
  services with_;
  std::map<std::string, work> running_;
};

json operation_view(const store::operation_record& value);

} // namespace troupe::actors
