#include "runtime/blueprint/action_level.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace troupe::blueprint {

namespace {

constexpr std::size_t policies_max = 16;
constexpr std::size_t errors_max = 100;
constexpr std::size_t saves_max = 200;
constexpr std::int64_t retry_count_max = 1000;
constexpr duration delay_max_default{300'000};

constexpr auto worth_a_retry = std::to_array<std::string_view>(
    {"timeout", "connection_failed", "breaker_open", "http_408", "http_425", "http_429", "http_5xx", "kafka_failed"});

struct policy_word {
  std::string_view name;
  policy value;
  bool of_errors;
  bool of_timeouts;
  bool settles; ///< nothing after it in a list is ever reached
};
constexpr auto policy_words = std::to_array<policy_word>({{"abort", policy::abort, true, true, true},
                                                          {"rollback", policy::rollback, true, true, true},
                                                          {"retry", policy::retry, true, true, false},
                                                          {"ignore", policy::ignore, true, false, true},
                                                          {"proceed", policy::proceed, false, true, true},
                                                          {"notify", policy::notify, true, true, false},
                                                          {"log", policy::log, true, false, false},
                                                          {"escalate", policy::escalate, true, true, true}});

std::string possible_words(bool of_errors) {
  std::vector<std::string_view> names;
  for (const auto& each : policy_words)
    if (of_errors ? each.of_errors : each.of_timeouts) names.push_back(each.name);
  return fmt::format("one of {}", fmt::join(names, ", "));
}

const policy_word* read_policy(const json& value, const std::string& pointer, bool of_errors, finding_list& findings) {
  const auto* found =
      value.is_string()
          ? std::find_if(policy_words.begin(), policy_words.end(),
                         [&](const policy_word& each) { return each.name == value.get_ref<const std::string&>(); })
          : policy_words.end();
  if (found == policy_words.end() || !(of_errors ? found->of_errors : found->of_timeouts)) {
    findings.error(pointer, value.is_string() ? "invalid_value" : "wrong_type",
                   fmt::format("write {}", possible_words(of_errors)), possible_words(of_errors), describe(value));
    return nullptr;
  }
  return found;
}

template <class T>
const T* nearest_of(std::span<const retry_fields* const> nearest_first, std::optional<T> retry_fields::*field) {
  for (const auto* each : nearest_first)
    if (each->*field) return &*(each->*field);
  return nullptr;
}

template <class T, class Target>
void take_nearest(Target& target, std::span<const retry_fields* const> nearest_first,
                  std::optional<T> retry_fields::*field) {
  if (const T* value = nearest_of(nearest_first, field)) target = *value;
}

std::optional<error_rule> read_error_rule(const json& rule, const std::string& pointer, compilation& work) {
  static constexpr auto known = std::to_array<std::string_view>({"code", "when", "message"});
  object_reader reader(rule, pointer, work.findings());
  reader.allow(known);
  auto code = reader.required_text("code", "what the error is called");
  if (code && !is_local_id(*code)) reader.invalid("code", "invalid_id", "1 to 128 characters without `/`", json(*code));
  const json* when = reader.require("when", "the expression over `response` that tells the error");
  auto condition = when ? work.condition_of(reader, "when") : std::nullopt;
  std::optional<value_template> message;
  if (reader.text("message")) message = work.template_at(*reader.find("message"), reader.at("message"));
  if (!code || !condition) return std::nullopt;
  return error_rule{*code, *condition, message};
}

std::optional<save_rule> read_save(const std::string& name, const json& source, const std::string& pointer,
                                   compilation& work) {
  static constexpr std::string_view variables = "variables.";
  bool is_variable = name.starts_with(variables);
  std::string field = is_variable ? name.substr(variables.size()) : name;
  if (field.empty() || field.size() > 256 || field.find('.') != std::string::npos)
    work.findings().error(pointer, "invalid_value",
                          "save into a field of the order's data by its name alone, or into `variables.<name>`",
                          "the name of a field, or `variables.<name>`, without further dots", describe(json(name)));
  auto value = work.expression_at(source, pointer);
  if (!value) return std::nullopt;
  return save_rule{field, is_variable, *value};
}

} // namespace

bool retry_fields::is_any_given() const {
  return count || delay || backoff || delay_max || jitter || budget || on || not_on;
}

retry_fields read_retry(const object_reader& reader) {
  retry_fields result;
  if (auto count = reader.whole("retryCount", 0, retry_count_max)) result.count = static_cast<int>(*count);
  result.delay = reader.span_of_time("retryDelay", false);
  result.backoff = reader.number("retryBackoff", 1, 1000);
  result.delay_max = reader.span_of_time("retryMaxDelay", true);
  result.jitter = reader.number("retryJitter", 0, 1);
  result.budget = reader.span_of_time("retryBudget", true);
  result.on = reader.texts("retryOn", errors_max);
  result.not_on = reader.texts("noRetryOn", errors_max);
  return result;
}

retry_rule resolve_retry(std::span<const retry_fields* const> nearest_first) {
  retry_rule result;
  result.given = std::any_of(nearest_first.begin(), nearest_first.end(),
                             [](const retry_fields* each) { return each->is_any_given(); });
  result.on.assign(worth_a_retry.begin(), worth_a_retry.end());
  take_nearest(result.count, nearest_first, &retry_fields::count);
  take_nearest(result.delay, nearest_first, &retry_fields::delay);
  take_nearest(result.backoff, nearest_first, &retry_fields::backoff);
  result.delay_max = std::max(delay_max_default, result.delay);
  take_nearest(result.delay_max, nearest_first, &retry_fields::delay_max);
  take_nearest(result.jitter, nearest_first, &retry_fields::jitter);
  take_nearest(result.budget, nearest_first, &retry_fields::budget);
  take_nearest(result.on, nearest_first, &retry_fields::on);
  take_nearest(result.not_on, nearest_first, &retry_fields::not_on);
  return result;
}

std::optional<std::vector<policy>> read_policies(const object_reader& reader, std::string_view name) {
  const json* written = reader.find(name);
  if (!written) return std::nullopt;
  bool of_errors = name == "onError";
  if (written->is_array() && (written->empty() || written->size() > policies_max)) {
    reader.invalid(name, "invalid_value", fmt::format("a policy, or a list of 1 to {}", policies_max), *written);
    return std::nullopt;
  }
  std::vector<policy> result;
  bool is_settled = false;
  auto read = [&](const json& one, const std::string& pointer) {
    const auto* word = read_policy(one, pointer, of_errors, reader.findings());
    if (!word) return;
    if (is_settled)
      reader.findings().warning(
          pointer, "policy_never_reached",
          "the policy before it always settles the matter: remove this one, or change their order",
          "a policy that can be reached", describe(one));
    is_settled = is_settled || word->settles;
    result.push_back(word->value);
  };
  if (!written->is_array()) read(*written, reader.at(name));
  for (std::size_t i = 0; written->is_array() && i < written->size(); ++i)
    read((*written)[i], fmt::format("{}/{}", reader.at(name), i));
  return result.empty() ? std::nullopt : std::optional(result);
}

std::vector<error_rule> read_errors(const object_reader& reader, compilation& work) {
  std::vector<error_rule> result;
  const json* rules = reader.array("errors", errors_max);
  for (std::size_t i = 0; rules && i < rules->size(); ++i)
    if (auto rule = read_error_rule((*rules)[i], fmt::format("{}/{}", reader.at("errors"), i), work))
      result.push_back(std::move(*rule));
  return result;
}

std::vector<save_rule> read_saves(const json& fields, const std::string& pointer, compilation& work) {
  std::vector<save_rule> result;
  if (fields.size() > saves_max) {
    work.findings().error(pointer, "too_many", fmt::format("split it: at most {} are possible here", saves_max),
                          fmt::format("at most {} fields", saves_max), fmt::format("{}", fields.size()));
    return result;
  }
  for (auto item = fields.begin(); item != fields.end(); ++item)
    if (auto rule = read_save(item.key(), item.value(), pointer + "/" + pointer_token(item.key()), work))
      result.push_back(std::move(*rule));
  return result;
}

void check_effect(const object_reader& reader) {
  auto effect = reader.text("effect");
  if (!effect || *effect == "idempotent") return;
  if (*effect == "once")
    reader.findings().error(reader.at("effect"), "not_built_yet",
                            "`once` is not built yet: write `idempotent`, or leave `effect` out, and let the service "
                            "tell repeats by the Idempotency-Key",
                            "idempotent", "`once`");
  else
    reader.invalid("effect", "invalid_value", "idempotent or once", json(*effect));
}

action_level read_action_level(const object_reader& reader, compilation& work) {
  action_level result;
  result.retry = read_retry(reader);
  result.timeout = reader.span_of_time("timeout", true);
  result.on_error = read_policies(reader, "onError");
  result.on_timeout = read_policies(reader, "onTimeout");
  result.errors = read_errors(reader, work);
  if (const json* fields = reader.object("save")) result.save = read_saves(*fields, reader.at("save"), work);
  return result;
}

} // namespace troupe::blueprint
