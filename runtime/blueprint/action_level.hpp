#pragma once

#include "runtime/blueprint/compilation.hpp"

#include <array>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace troupe::blueprint {

/// Retry fields as far as one level gives them.
struct retry_fields {
  std::optional<int> count;
  std::optional<duration> delay;
  std::optional<double> backoff;
  std::optional<duration> delay_max;
  std::optional<double> jitter;
  std::optional<duration> budget;
  std::optional<std::vector<std::string>> on;
  std::optional<std::vector<std::string>> not_on;

  bool is_any_given() const;
};

/// What one level (an action, its API call, its state, the blueprint) says about how actions are tried and saved.
struct action_level {
  retry_fields retry;
  std::optional<duration> timeout;
  std::optional<std::vector<policy>> on_error;
  std::optional<std::vector<policy>> on_timeout;
  std::vector<error_rule> errors;
  std::vector<save_rule> save;
};

inline constexpr auto retry_field_names =
    std::to_array<std::string_view>({"retryCount", "retryDelay", "retryBackoff", "retryMaxDelay", "retryJitter",
                                     "retryBudget", "retryOn", "noRetryOn"});

retry_fields read_retry(const object_reader& reader);
/// Field by field the nearest that says something, then the defaults.
retry_rule resolve_retry(std::span<const retry_fields* const> nearest_first);

/// `onError` or `onTimeout`: a policy or a list of them.
std::optional<std::vector<policy>> read_policies(const object_reader& reader, std::string_view name);
std::vector<error_rule> read_errors(const object_reader& reader, compilation& work);
/// `{ "field": "expression" }`; of `save` and of `set`.
std::vector<save_rule> read_saves(const json& fields, const std::string& pointer, compilation& work);
/// `effect`: only what is sent again after a crash is built.
void check_effect(const object_reader& reader);

/// retry fields, `timeout`, `onError`, `onTimeout`, `errors`, `save`.
action_level read_action_level(const object_reader& reader, compilation& work);

} // namespace troupe::blueprint
