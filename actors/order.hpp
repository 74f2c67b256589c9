#pragma once

#include "actors/caf_compat.hpp"
#include "actors/metrics.hpp"
#include "actors/services.hpp"

#include <deque>
#include <memory>
#include <optional>
#include <string>

namespace troupe::actors {

/// How a performer begins: with what its coordinator claimed.
struct order_start {
  store::claimed_order claimed;
  bool alone = false; ///< beyond its recoveries: nothing else is performed beside it
  batch_coordinator_actor parent;
};

/// Keeps one order going: decides what a command means, makes that durable, and only then acts on it. Everything it
/// knows can be read back from the store, so on any doubt it quits and is spawned afresh.
///
/// As a *performer* (spawned by a batch_coordinator, the order is claimed by its batch) it goes on until the order has
/// settled. *For commands* (spawned by the supervisor, the order is at rest) it decides and records those that are
/// there and quits: whoever claims the order then goes on with it.
class order_state {
public:
  static inline const char* name = "order";
  order_state(order_actor::pointer self, services with, order_start begun);
  order_state(order_actor::pointer self, services with, std::string order_id);
  ~order_state();
  order_actor::behavior_type make_behavior();

private:
  /// A command and who waits for its outcome; nobody, if it is the actor's own.
  struct wish {
    engine::command command;
    std::optional<store::request_record> request;
    std::optional<caf::typed_response_promise<command_result>> asked;
    int conflicts = 0;
  };
  struct write_under_way {
    std::shared_ptr<store::operation> operation;
    wish wanted;
    bool deferred;
    store::append& append() const { return std::get<store::append>(*operation); }
  };
  struct try_under_way {
    engine::perform_action action;
    bool answered = false;
  };

  // commands
  caf::result<command_result> execute(const execute_command& wanted);
  void execute(wish wanted);
  void start(wish wanted);
  void write(wish wanted, engine::decision decided, const engine::context& around);
  void written();
  void recorded();
  void not_recorded(const error& reason);
  void proceed();
  void answer(wish& wanted, command_result result);

  // what the store has
  void begin(const order_start& begun);
  void load();
  void loaded(const store::stored_order& stored);
  expected<blueprint::definition_ptr> definition_for(const engine::command& wanted) const;

  // effects
  void pursue();
  void follow(const engine::begin& todo);
  void follow(const engine::perform_action& todo);
  void follow(const engine::wait_until& todo);
  void follow(const engine::park& todo);
  void follow(const engine::rest& todo);
  void follow(const engine::cancel_when_free& todo);
  void follow(const engine::pause_when_free& todo);
  void follow(const engine::go_on& todo);
  void begin_try(const engine::perform_action& todo);
  void take_answer(call_done& done);
  void repeat_try();
  void hold(time_point due);

  // the end
  void settle();
  void leave();
  void quit(quit_reason reason, const error& why);

  bool is_performer() const { return static_cast<bool>(parent_); }

  order_actor::pointer self_;
  services with_;
  metrics::alive alive_;
  std::string by_;
  std::string order_id_;
  batch_coordinator_actor parent_; ///< empty: for commands
  std::optional<order_start> begun_;
  std::string batch_id_;
  bool is_claimed_ = false; ///< the store still has the claim that this actor came with
  bool is_leaving_ = false;
  order_ptr order_;
  blueprint::definition_ptr blueprint_;
  std::deque<wish> waiting_;
  std::optional<write_under_way> write_;
  std::optional<try_under_way> try_;
  std::optional<time_point> held_;
};

} // namespace troupe::actors
