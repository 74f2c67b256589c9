#include "runtime/blueprint/handler_reader.hpp"

#include "runtime/blueprint/request_body.hpp"

namespace troupe::blueprint {

namespace {

constexpr auto missing_bodies =
    std::to_array<missing_field>({{"kafka", "a handler over `kafka`"}, {"file", "a handler over `file`"}});

/// An action body that says where notifications go. Its payload is the notification itself.
std::optional<webhook_body> read_body(const object_reader& reader, compilation& work) {
  static constexpr auto known =
      std::to_array<std::string_view>({"url", "method", "headers", "auth", "expectedResponse"});
  const json* written = reader.find("webhook");
  if (!written) {
    bool is_later = reader.has("kafka") || reader.has("file");
    if (!is_later) reader.require("webhook", "where it is told");
    return std::nullopt;
  }
  object_reader inside(*written, reader.at("webhook"), work.findings());
  inside.allow(known);
  return inside ? read_request(inside, work, place::handler) : std::nullopt;
}

void read_callback(definition& result, const json& written, const std::string& pointer, compilation& work) {
  static constexpr auto known =
      std::to_array<std::string_view>({"type", "webhook", "timeout", "retryCount", "retryDelay", "retryBackoff",
                                       "retryMaxDelay", "retryJitter", "retryBudget", "retryOn", "noRetryOn"});
  static constexpr auto types = std::to_array<std::string_view>({"webhook"});
  object_reader reader(written, pointer, work.findings());
  if (!reader) return;
  reader.allow(known, missing_bodies);
  reader.word("type", types);
  result.callback = read_body(reader, work);
  retry_fields often{20, duration{1000}, 2.0, {}, {}, {}, std::vector<std::string>{"*"}, {}};
  auto own = read_retry(reader);
  const auto levels = std::to_array<const retry_fields*>({&own, &often});
  result.callback_retry = resolve_retry(levels);
  if (auto timeout = reader.span_of_time("timeout", true)) result.callback_timeout = *timeout;
}

std::optional<webhook_body> read_target(const object_reader& handler, std::string_view name, compilation& work) {
  static constexpr auto known = std::to_array<std::string_view>({"type", "webhook"});
  static constexpr auto types = std::to_array<std::string_view>({"webhook"});
  const json* written = handler.find(name);
  if (!written) return std::nullopt;
  object_reader reader(*written, handler.at(name), work.findings());
  if (!reader) return std::nullopt;
  reader.allow(known, missing_bodies);
  reader.word("type", types);
  return read_body(reader, work);
}

} // namespace

action_level read_handlers(definition& result, const object_reader& blueprint, compilation& work) {
  static constexpr auto known = std::to_array<std::string_view>({"onError", "onTimeout", "notify", "escalate"});
  action_level level;
  if (const json* callback = blueprint.find("globalCallbackHandler"))
    read_callback(result, *callback, blueprint.at("globalCallbackHandler"), work);
  const json* written = blueprint.find("globalErrorHandler");
  if (!written) return level;
  object_reader handler(*written, blueprint.at("globalErrorHandler"), work.findings());
  handler.allow(known);
  level.on_error = read_policies(handler, "onError");
  level.on_timeout = read_policies(handler, "onTimeout");
  result.notify_to = read_target(handler, "notify", work);
  result.escalate_to = read_target(handler, "escalate", work);
  return level;
}

} // namespace troupe::blueprint
