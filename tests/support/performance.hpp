#pragma once

#include "runtime/blueprint/catalogue.hpp"
#include "runtime/engine/engine.hpp"

#include <map>
#include <string>
#include <vector>

namespace troupe::test {

/// Compiles a blueprint; says what is wrong with it and ends the process if it is not one.
blueprint::definition_ptr compiled(const json& document);

/// A call as it would have been sent.
struct sent_call {
  std::string action;
  int visit;
  int attempt;
  engine::rendered_call call;
  time_point at;
  std::string key() const; ///< its Idempotency-Key
};

/// One order performed in memory, without a clock, a store or a network: commands are decided, effects are carried out
/// with scripted answers, the time goes on to whatever is waited for. After every decision it is checked that the
/// events fold to the order, that both survive JSON, and that the sequences have no gap; the process ends if not.
class performance {
public:
  explicit performance(blueprint::definition_ptr definition);
  explicit performance(const json& document) : performance(compiled(document)) {}

  /// What the tries of this action come to, in this order; the last for all that follow. Without any: 200 and an empty
  /// object.
  performance& answer(const std::string& action, int status, json body = json::object(), json headers = json::object());
  performance& fail(const std::string& action, const std::string& code, const std::string& message = "scripted");

  expected<engine::decision> give(const engine::command& wanted);
  /// `more` has the other fields of the body.
  expected<engine::decision> submit(const json& data = json::object(), const json& more = json::object());
  expected<engine::decision> send(const std::string& event, const json& data = json::object());
  expected<engine::decision> cancel();
  expected<engine::decision> reprocess(const std::string& from, const json& data_patch = nullptr);

  /// Pursues what is due until the order parks or ends; retries are waited for, long ones too.
  void perform();
  /// Carries out one effect; false if there is none that needs no one else.
  bool step();
  /// The effect that is due.
  engine::effect due() const;
  /// Submits and performs.
  performance& run(const json& data = json::object(), const json& more = json::object());

  /// The types of all events, separated by blanks.
  std::string told() const;
  /// The events of one type.
  std::vector<engine::event> events(const std::string& type) const;
  /// The data of the last event of that type, or null.
  json last(const std::string& type) const;
  std::string status() const { return std::string(engine::to_string(order.status)); }
  engine::context around() const { return {*definition, surroundings, now, park_after}; }

  blueprint::definition_ptr definition;
  engine::environment surroundings;
  time_point now{duration{1'767'225'600'000}}; ///< 2026-01-01
  duration park_after{1000};
  engine::order order;
  std::vector<engine::event> history;
  std::vector<sent_call> calls;
  std::vector<json> notifications;
  duration call_time{10}; ///< how long each try takes

private:
  engine::complete_action outcome_of(const engine::perform_action& wanted);
  void check(const engine::decision& made) const;

  engine::order folded_; ///< the fold of the events as they come out of JSON
  std::map<std::string, std::vector<engine::complete_action>> script_;
};

/// `[ { "from": .., "to": .., ... } ]` and states in short: a blueprint around the entry actions of one state `work`,
/// with the final states `done` and `error` (outcome error, for any error).
json around_actions(const json& entry_actions);
/// A webhook action that posts to `http://service/<id>`; `more` is laid over it.
json webhook(const std::string& id, const json& more = json::object());

} // namespace troupe::test
