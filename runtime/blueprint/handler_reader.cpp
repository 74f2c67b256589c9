#include "runtime/blueprint/handler_reader.hpp"

#include "runtime/blueprint/request_body.hpp"

namespace troupe::blueprint {

namespace {

/// An action body that says where notifications go: they are its payload, and any 2xx is what is expected.
std::optional<webhook_body> read_target(const object_reader& owner, std::string_view name, compilation& work) {
  static constexpr auto known = std::to_array<std::string_view>({"type", "webhook"});
  static constexpr auto later =
      std::to_array<missing_field>({{"kafka", "a handler over `kafka`"}, {"file", "a handler over `file`"}});
  static constexpr auto types = std::to_array<std::string_view>({"webhook"});
  static constexpr auto webhook_fields = std::to_array<std::string_view>({"url", "method", "headers", "auth"});
  static constexpr auto webhook_later =
      std::to_array<missing_field>({{"payload", "sending anything but the notification itself"},
                                    {"expectedResponse", "expecting more than any 2xx"}});
  const json* written = owner.find(name);
  if (!written) return std::nullopt;
  object_reader reader(*written, owner.at(name), work.findings());
  if (!reader) return std::nullopt;
  reader.allow(known, later);
  reader.word("type", types);
  if (!reader.has("webhook")) {
    bool is_said = reader.has("kafka") || reader.has("file");
    if (!is_said) reader.require("webhook", "where it is told");
    return std::nullopt;
  }
  object_reader webhook(*reader.find("webhook"), reader.at("webhook"), work.findings());
  webhook.allow(webhook_fields, webhook_later);
  return webhook ? read_request(webhook, work, place::handler) : std::nullopt;
}

} // namespace

action_level read_handlers(definition& result, const object_reader& blueprint, compilation& work) {
  static constexpr auto known = std::to_array<std::string_view>({"onError", "onTimeout", "notify", "escalate"});
  action_level level;
  result.callback = read_target(blueprint, "globalCallbackHandler", work);
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
