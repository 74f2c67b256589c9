#include "runtime/blueprint/graph_check.hpp"

#include "runtime/blueprint/action_reader.hpp"
#include "runtime/blueprint/graph.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace troupe::blueprint {

namespace {

bool names_policy(const json& owner, std::string_view field, std::string_view policy) {
  if (text_of(owner, field) == policy) return true;
  const json& list = list_of(owner, field);
  return std::any_of(list.begin(), list.end(), [&](const json& each) { return each == policy; });
}

const json* field_of(const json& owner, std::string_view name) {
  if (!owner.is_object()) return nullptr;
  auto item = owner.find(name);
  return item == owner.end() ? nullptr : &*item;
}

std::optional<duration> duration_of(const json* value) {
  if (!value || !value->is_string()) return std::nullopt;
  auto parsed = parse_duration(value->get_ref<const std::string&>());
  return parsed ? std::optional(*parsed) : std::nullopt;
}

/// An action with what stands around it, the nearest first: itself, its API call, its state, the blueprint's handler.
struct placed_action {
  const json* action;
  const json* call;  ///< null: it makes none, or none that is known
  const json* state; ///< null: of a transition
  std::string pointer;

  const json* nearest(std::string_view name) const {
    for (const auto* level : {action, call, state})
      if (const json* value = level ? field_of(*level, name) : nullptr) return value;
    return nullptr;
  }
};

class policy_check {
public:
  policy_check(const json& full, const references& around, finding_list& findings)
      : full_(full), around_(around), findings_(findings) {
    collect();
  }

  void run() {
    check_compensation();
    for (const auto& each : actions_) {
      check_retries(each);
      check_unused(each);
    }
    check_timeouts();
  }

private:
  void collect() {
    const json& states = list_of(full_, "states");
    for (std::size_t i = 0; i < states.size(); ++i)
      for (std::string_view name : {"entryActions", "exitActions"})
        collect_list(list_of(states[i], name), fmt::format("/states/{}/{}", i, name), &states[i]);
    const json& transitions = list_of(full_, "transitions");
    for (std::size_t i = 0; i < transitions.size(); ++i)
      collect_list(list_of(transitions[i], "actions"), fmt::format("/transitions/{}/actions", i), nullptr);
  }

  void collect_list(const json& list, const std::string& pointer, const json* state) {
    for (std::size_t i = 0; i < list.size(); ++i)
      if (list[i].is_object())
        actions_.push_back({&list[i], call_of(list[i]), state, fmt::format("{}/{}", pointer, i)});
  }

  const json* call_of(const json& action) {
    const json* body = field_of(action, "apiCall");
    auto id = body ? text_of(*body, "api_call_id") : std::string_view();
    if (id.empty()) return nullptr;
    auto [known, is_new] = calls_.emplace(id, nullptr);
    if (is_new)
      if (auto found = around_.find_api_call(id)) known->second = found->document;
    return known->second.get();
  }

  // -- what a rollback would leave behind

  /// Where the blueprint says `rollback`; empty: nowhere.
  std::string place_of_rollback() const {
    const json* handler = field_of(full_, "globalErrorHandler");
    for (std::string_view name : {"onError", "onTimeout"}) {
      if (handler && names_policy(*handler, name, "rollback")) return fmt::format("/globalErrorHandler/{}", name);
      if (names_policy(full_, name, "rollback")) return fmt::format("/{}", name);
      const json& states = list_of(full_, "states");
      for (std::size_t i = 0; i < states.size(); ++i)
        if (names_policy(states[i], name, "rollback")) return fmt::format("/states/{}/{}", i, name);
      for (const auto& each : actions_) {
        if (names_policy(*each.action, name, "rollback")) return fmt::format("{}/{}", each.pointer, name);
        if (each.call && names_policy(*each.call, name, "rollback")) return each.pointer;
      }
    }
    return {};
  }

  static bool only_reads(std::string_view method) { return method == "GET" || method == "HEAD" || method == "OPTIONS"; }

  /// Whether it changes something outside that a rollback may have to undo.
  static bool has_effect(const placed_action& each) {
    auto type = type_of_action(*each.action);
    const json* body = field_of(*each.action, type);
    if (type == "webhook") return body && !only_reads(text_of(*body, "method"));
    if (type == "apiCall") return each.call && !only_reads(text_of(*each.call, "method"));
    if (type == "file") return body && text_of(*body, "operation") != "read" && text_of(*body, "operation") != "wait";
    return type == "kafka" || type == "order";
  }

  static bool is_compensated(const placed_action& each) {
    return field_of(*each.action, "compensate") || (each.call && field_of(*each.call, "compensate"));
  }

  void check_compensation() {
    auto place = place_of_rollback();
    if (place.empty()) return;
    const json* state = nullptr;
    std::vector<std::string> names;
    std::string pointer;
    auto report = [&] {
      if (!names.empty())
        findings_.warning(pointer, "no_compensation",
                          fmt::format("add `compensate` to {}: the blueprint rolls back, and nothing would undo it (a "
                                      "`log` will do where there is nothing to undo)",
                                      fmt::join(names, ", ")),
                          "an action to undo it", fmt::format("no `compensate` under the policy `rollback`"));
      names.clear();
    };
    for (const auto& each : actions_) {
      if (each.state != state) report();
      state = each.state;
      bool is_last =
          state && text_of(*state, "baseStateType") == "final"; // where nothing is left to be rolled back for
      if (is_last || !has_effect(each) || is_compensated(each)) continue;
      if (names.empty()) pointer = each.pointer;
      names.push_back(fmt::format("`{}`", text_of(*each.action, "actionId")));
    }
    report();
  }

  // -- whether tries fit into their time

  struct tries {
    std::int64_t count = 0;
    duration delay{1000};
    double backoff = 1;
    duration delay_max{300'000};
    double jitter = 0;
  };

  static bool gives_retries(const placed_action& each) {
    return std::any_of(retry_field_names.begin(), retry_field_names.end(),
                       [&](std::string_view name) { return each.nearest(name) != nullptr; });
  }

  bool retries_by_policy(const placed_action& each) const {
    for (const auto* level : {each.action, each.call, each.state, field_of(full_, "globalErrorHandler")})
      if (level && field_of(*level, "onError")) return names_policy(*level, "onError", "retry");
    return false;
  }

  tries tries_of(const placed_action& each) const {
    tries result;
    if (!gives_retries(each) && retries_by_policy(each)) {
      result.count = 3;
      result.backoff = 2;
      return result;
    }
    if (const json* count = each.nearest("retryCount"); count && count->is_number_integer())
      result.count = std::clamp<std::int64_t>(count->get<std::int64_t>(), 0, 1000);
    if (auto delay = duration_of(each.nearest("retryDelay"))) result.delay = *delay;
    if (const json* backoff = each.nearest("retryBackoff"); backoff && backoff->is_number())
      result.backoff = backoff->get<double>();
    result.delay_max = duration_of(each.nearest("retryMaxDelay")).value_or(std::max(result.delay_max, result.delay));
    if (const json* jitter = each.nearest("retryJitter"); jitter && jitter->is_number())
      result.jitter = std::clamp(jitter->get<double>(), 0.0, 1.0);
    return result;
  }

  /// What the delays alone take, at least.
  static duration least_of(const tries& wanted) {
    double total = 0;
    double delay = static_cast<double>(wanted.delay.count());
    const double most = static_cast<double>(wanted.delay_max.count());
    for (std::int64_t i = 0; i < wanted.count; ++i) {
      total += std::min(delay, most) * (1 - wanted.jitter);
      delay = std::min(delay * wanted.backoff, most);
    }
    return duration{static_cast<std::int64_t>(std::min(total, 1e15))};
  }

  void check_retries(const placed_action& each) {
    auto wanted = tries_of(each);
    auto least = least_of(wanted);
    auto own = field_of(*each.action, "retryCount") ? each.pointer + "/retryCount" : each.pointer;
    auto compare = [&](std::optional<duration> bound, std::string_view what) {
      if (!bound || least <= *bound) return false;
      findings_.warning(own, "retries_cannot_fit",
                        fmt::format("let it be tried less often or sooner, or make {} longer: the delays between the "
                                    "tries alone take {}",
                                    what, to_iso8601(least)),
                        fmt::format("retries within {}", to_iso8601(*bound)),
                        fmt::format("{} retries that take {}", wanted.count, to_iso8601(least)));
      return true;
    };
    compare(duration_of(each.nearest("retryBudget")), "`retryBudget`") ||
        (each.state && compare(duration_of(field_of(*each.state, "timeout")), "the state's `timeout`")) ||
        compare(duration_of(field_of(full_, "timeout")), "the blueprint's `timeout`");
  }

  // -- what is written and never used

  void never_used(const std::string& pointer, std::string_view name, std::string_view what_to_do) {
    findings_.warning(fmt::format("{}/{}", pointer, name), "never_used", std::string(what_to_do),
                      "a field that has an effect", fmt::format("`{}`", name));
  }

  void check_unused(const placed_action& each) {
    if (gives_retries(each) && tries_of(each).count == 0)
      for (auto name : retry_field_names)
        if (name != "retryCount" && field_of(*each.action, name)) {
          never_used(each.pointer, name, "add a `retryCount`: without one nothing is tried again");
          break;
        }
    const json* effect = each.nearest("effect");
    if (field_of(*each.action, "onDoubt") && !(effect && *effect == "once"))
      never_used(each.pointer, "onDoubt", "add `\"effect\": \"once\"`, or remove it: else there are no doubts");
  }

  void check_timeouts() {
    constexpr std::string_view advice = "add a `timeout`, or remove it: there is none that it could be for";
    if (field_of(full_, "onTimeout") && !field_of(full_, "timeout")) never_used("", "onTimeout", advice);
    const json& states = list_of(full_, "states");
    for (std::size_t i = 0; i < states.size(); ++i)
      if (field_of(states[i], "onTimeout") && !field_of(states[i], "timeout"))
        never_used(fmt::format("/states/{}", i), "onTimeout", advice);
  }

  const json& full_;
  const references& around_;
  finding_list& findings_;
  std::map<std::string, std::shared_ptr<const json>, std::less<>> calls_;
  std::vector<placed_action> actions_;
};

} // namespace

void check_policies(const json& full, const references& around, finding_list& findings) {
  policy_check(full, around, findings).run();
}

} // namespace troupe::blueprint
