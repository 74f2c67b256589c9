#include "runtime/blueprint/action_reader.hpp"

#include "runtime/blueprint/request_body.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace troupe::blueprint {

namespace {

constexpr std::size_t actions_max = 100;
constexpr std::size_t payload_size_max = 4u << 20; ///< of all API calls' payloads in one blueprint, as text

constexpr auto built_types = std::to_array<std::string_view>({"webhook", "apiCall", "set", "log", "notify"});
constexpr auto all_types = std::to_array<std::string_view>(
    {"webhook", "kafka", "file", "apiCall", "function", "set", "log", "notify", "wait", "order"});

constexpr auto known_fields = std::to_array<std::string_view>(
    {"actionId", "type",       "name",       "description",  "metadata",      "condition",   "errors",
     "save",     "retryCount", "retryDelay", "retryBackoff", "retryMaxDelay", "retryJitter", "retryBudget",
     "retryOn",  "noRetryOn",  "timeout",    "onError",      "onTimeout",     "effect",      "webhook",
     "apiCall",  "set",        "log",        "notify",       "compensate"});
constexpr auto missing_fields = std::to_array<missing_field>({{"kafka", "the action `kafka`"},
                                                              {"file", "the action `file`"},
                                                              {"function", "the action `function`"},
                                                              {"wait", "the action `wait`"},
                                                              {"order", "the action `order`"},
                                                              {"onDoubt", "settling doubts with `onDoubt`"}});

template <class Names> bool is_one_of(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

template <class T> const T* nearest(std::initializer_list<const std::optional<T>*> nearest_first) {
  for (const auto* each : nearest_first)
    if (each && *each) return &**each;
  return nullptr;
}

/// What undoes an action has no policies but its own: if they do not help it escalates.
action with_policies_of_compensation(action result, const action_level& own, const action_level& called) {
  static const std::vector<policy> usual{policy::escalate};
  const auto* on_error = nearest({&own.on_error, &called.on_error});
  const auto* on_timeout = nearest({&own.on_timeout, &called.on_timeout});
  result.on_error = on_error ? *on_error : usual;
  result.on_timeout = on_timeout ? *on_timeout : usual;
  return result;
}

/// Checks `type` and which bodies are there. Empty: something is wrong, and said.
std::string checked_type(const object_reader& reader) {
  auto type = reader.word("type", all_types);
  if (reader.has("type") && !type) return {};
  if (type && !is_one_of(built_types, *type)) {
    if (!reader.has(*type))
      reader.findings().error(reader.at("type"), "not_built_yet",
                              fmt::format("the action `{}` is not built yet: use another", *type),
                              fmt::format("one of {}", fmt::join(built_types, ", ")), describe(json(*type)));
    return {};
  }
  std::vector<std::string_view> bodies;
  for (auto each : all_types)
    if (reader.has(each)) bodies.push_back(each);
  if (bodies.size() > 1) {
    reader.findings().error(reader.pointer(), "several_bodies", "make an action of each", "one body",
                            fmt::format("{}", fmt::join(bodies, ", ")));
    return {};
  }
  if (bodies.empty()) {
    reader.findings().error(
        reader.pointer(), "missing_field",
        fmt::format("say what it does: add `{}`", type ? *type : fmt::format("{}", fmt::join(built_types, "` or `"))),
        type ? fmt::format("the field `{}`", *type) : fmt::format("one of {}", fmt::join(built_types, ", ")),
        "nothing");
    return {};
  }
  if (type && bodies.front() != *type) {
    reader.findings().error(reader.at("type"), "invalid_value",
                            "let `type` name the body that is there, or leave it out", std::string(bodies.front()),
                            describe(json(*type)));
    return {};
  }
  return is_one_of(built_types, bodies.front()) ? std::string(bodies.front()) : std::string();
}

} // namespace

std::vector<action> action_reader::read_list(const object_reader& owner, std::string_view name,
                                             const action_level* state_level) {
  std::vector<action> result;
  const json* list = owner.array(name, actions_max);
  for (std::size_t i = 0; list && i < list->size(); ++i)
    if (auto one = read((*list)[i], fmt::format("{}/{}", owner.at(name), i), state_level))
      result.push_back(std::move(*one));
  return result;
}

std::shared_ptr<const action> action_reader::read_compensation(const object_reader& owner, const std::string* owner_id,
                                                               const action_level* state_level, bool is_one) {
  const json* written = owner.find("compensate");
  if (!written) return nullptr;
  if (is_one) {
    owner.findings().error(owner.at("compensate"), "nested_compensation",
                           "remove it: what undoes an action is tried until it has, or escalated",
                           "an action without `compensate`", describe(*written));
    return nullptr;
  }
  static const std::string nameless = "action"; // it is read all the same, for its findings
  auto made = read(*written, owner.at("compensate"), state_level, owner_id ? owner_id : &nameless);
  return made ? std::make_shared<const action>(std::move(*made)) : nullptr;
}

std::optional<action> action_reader::read(const json& written, const std::string& pointer,
                                          const action_level* state_level, const std::string* undone) {
  object_reader reader(written, pointer, work_.findings());
  if (!reader) return std::nullopt;
  reader.allow(known_fields, missing_fields);
  reader.check_descriptive();
  auto id = undone ? reader.text("actionId")
                   : reader.required_text("actionId", "the name that history and idempotency keys call it by");
  if (id && !is_local_id(*id)) reader.invalid("actionId", "invalid_id", "1 to 128 characters without `/`", json(*id));
  check_effect(reader);
  auto condition = work_.condition_of(reader, "condition");
  auto own = read_action_level(reader, work_);
  auto type = checked_type(reader);
  const api_call* call = nullptr;
  auto body = type.empty() ? std::nullopt : read_body(reader, type, call);
  if (body && !std::holds_alternative<webhook_body>(*body))
    for (std::string_view name : {"save", "errors"})
      if (reader.has(name))
        reader.findings().error(reader.at(name), "no_response",
                                fmt::format("remove `{}`: the action `{}` has no response", name, type),
                                "an action that has a response", type);
  auto compensate = read_compensation(reader, id ? &*id : nullptr, state_level, undone != nullptr);
  if (undone) id = *undone;
  if (!id || !body) return std::nullopt;

  static const action_level nothing;
  const auto& called = call ? call->level : nothing;
  const auto& state = state_level ? *state_level : nothing;
  action result{*id,
                type,
                condition,
                own.errors,
                called.save,
                {},
                duration{30'000},
                {policy::abort},
                {policy::abort},
                std::move(*body),
                std::move(compensate)};
  result.errors.insert(result.errors.end(), called.errors.begin(), called.errors.end());
  result.errors.insert(result.errors.end(), state.errors.begin(), state.errors.end());
  result.save.insert(result.save.end(), own.save.begin(), own.save.end());
  const auto levels = std::to_array<const retry_fields*>({&own.retry, &called.retry, &state.retry});
  result.retry = resolve_retry(levels);
  if (const auto* timeout = nearest({&own.timeout, &called.timeout})) result.timeout = *timeout;
  if (undone) return with_policies_of_compensation(std::move(result), own, called);
  if (const auto* list = nearest({&own.on_error, &called.on_error, &state.on_error, &blueprint_level_.on_error}))
    result.on_error = *list;
  if (const auto* list = nearest({&own.on_timeout, &called.on_timeout, &blueprint_level_.on_timeout}))
    result.on_timeout = *list;
  return result;
}

std::optional<action_body> action_reader::read_body(const object_reader& reader, const std::string& type,
                                                    const api_call*& call) {
  if (type == "webhook") return read_webhook(reader);
  if (type == "apiCall") return read_call(reader, call);
  if (type == "set") return read_set(reader);
  if (type == "log") return read_log(reader);
  return read_notify(reader);
}

std::optional<action_body> action_reader::read_webhook(const object_reader& reader) {
  static constexpr auto known =
      std::to_array<std::string_view>({"url", "method", "headers", "auth", "expectedResponse", "payload"});
  static constexpr auto missing = std::to_array<missing_field>({{"callback", "waiting for a callback"}});
  object_reader inside(*reader.find("webhook"), reader.at("webhook"), work_.findings());
  if (!inside) return std::nullopt;
  inside.allow(known, missing);
  auto request = read_request(inside, work_, place::request);
  if (const json* payload = inside.find("payload")) {
    auto compiled = work_.template_at(*payload, inside.at("payload"), place::request);
    if (request) request->payload = compiled;
  }
  if (!request) return std::nullopt;
  return std::move(*request);
}

std::optional<action_body> action_reader::read_call(const object_reader& reader, const api_call*& call) {
  static constexpr auto known = std::to_array<std::string_view>({"api_call_id", "data"});
  object_reader inside(*reader.find("apiCall"), reader.at("apiCall"), work_.findings());
  if (!inside) return std::nullopt;
  inside.allow(known);
  auto id = inside.required_text("api_call_id", "which API call is made");
  const json* data = inside.object("data");
  if (id) call = find_call(*id, inside.at("api_call_id"));
  if (!call) {
    if (data) work_.template_at(*data, inside.at("data"), place::request);
    return std::nullopt;
  }
  webhook_body result = call->request;
  if (data) result.payload = payload_over(*call, *data, inside.at("data"));
  return result;
}

std::optional<action_body> action_reader::read_set(const object_reader& reader) {
  const json* fields = reader.object("set");
  if (!fields) return std::nullopt;
  if (fields->empty()) reader.invalid("set", "invalid_value", "at least one field and its expression", *fields);
  return set_body{read_saves(*fields, reader.at("set"), work_)};
}

std::optional<action_body> action_reader::read_log(const object_reader& reader) {
  static constexpr auto known = std::to_array<std::string_view>({"level", "message"});
  static constexpr auto levels = std::to_array<std::string_view>({"trace", "debug", "info", "warning", "error"});
  object_reader inside(*reader.find("log"), reader.at("log"), work_.findings());
  if (!inside) return std::nullopt;
  inside.allow(known);
  auto level = inside.word("level", levels);
  auto message = inside.required_text("message", "what is logged");
  auto compiled = message ? work_.template_at(json(*message), inside.at("message")) : std::nullopt;
  if (!compiled) return std::nullopt;
  return log_body{level.value_or("info"), *compiled};
}

std::optional<action_body> action_reader::read_notify(const object_reader& reader) {
  static constexpr auto known = std::to_array<std::string_view>({"message", "data"});
  object_reader inside(*reader.find("notify"), reader.at("notify"), work_.findings());
  if (!inside) return std::nullopt;
  inside.allow(known);
  auto message = inside.required_text("message", "what is told");
  auto compiled = message ? work_.template_at(json(*message), inside.at("message")) : std::nullopt;
  std::optional<value_template> data;
  if (const json* written = inside.object("data")) data = work_.template_at(*written, inside.at("data"));
  if (!compiled) return std::nullopt;
  return notify_body{*compiled, data};
}

const api_call* action_reader::find_call(const std::string& id, const std::string& pointer) {
  auto published = work_.around().find_api_call(id);
  if (!published) {
    work_.findings().error(pointer, "unknown_api_call", "publish that API call first, or name one that is there",
                           "the id of a published API call", describe(json(id)));
    return nullptr;
  }
  auto known = calls_.find(id);
  if (known == calls_.end()) {
    finding_list inside;
    auto compiled = read_api_call(*published->document, work_.around(), inside);
    if (!compiled)
      work_.findings().error(pointer, "broken_api_call",
                             fmt::format("publish `{}` again: at \"{}\" of version {}: {}", id,
                                         inside.errors().front().pointer, published->version,
                                         inside.errors().front().message),
                             "an API call that compiles", describe(json(id)));
    else
      compiled->version = published->version;
    known = calls_.emplace(id, std::move(compiled)).first;
  }
  if (!known->second) return nullptr;
  used_api_calls_[id] = published->version;
  work_.use_modules(known->second->modules);
  return &*known->second;
}

std::optional<value_template> action_reader::payload_over(const api_call& call, const json& own,
                                                          const std::string& pointer) {
  if (!work_.template_at(own, pointer, place::request)) return std::nullopt;
  json merged = call.data.is_object() ? call.data : json::object();
  for (auto item = own.begin(); item != own.end(); ++item)
    merged[item.key()] = item.value();
  payload_size_ += to_text(merged).size();
  if (payload_size_ > payload_size_max) {
    work_.findings().error(pointer, "too_large", "let the API calls themselves send less",
                           fmt::format("at most {} bytes of payload in all steps together", payload_size_max), "more");
    return std::nullopt;
  }
  auto compiled = value_template::compile(merged, work_.around().functions);
  return compiled ? std::optional(*compiled) : std::nullopt;
}

std::string type_of_action(const json& written) {
  if (!written.is_object()) return {};
  if (auto type = written.find("type"); type != written.end())
    return type->is_string() ? type->get<std::string>() : std::string();
  std::vector<std::string_view> bodies;
  for (auto each : all_types)
    if (written.contains(each)) bodies.push_back(each);
  return bodies.size() == 1 ? std::string(bodies.front()) : std::string();
}

} // namespace troupe::blueprint
