#include "runtime/cli/command.hpp"

#include <fmt/format.h>
#include <thread>

namespace troupe::cli {

namespace {

/// A JSON value out of an option; what does not parse is wrong usage.
json json_option(const std::string& option, const std::string& text) {
  auto value = parse_exact_json(text);
  if (!value) throw CLI::ValidationError(option, value.error().detail);
  return std::move(*value);
}

int post_to_order(command_context& context, const std::string& order_id, const std::string& verb, const json& body) {
  connection server(context.server);
  const output out(context.as_json);
  return show_answer(server, out, "POST", "/v1/orders/" + percent_encoded(order_id) + "/" + verb, to_text(body),
                     [&](const json& order) {
                       show_order(out, order);
                       return static_cast<int>(done);
                     });
}

void add_event(CLI::App& app, command_context& context) {
  struct options {
    std::string order_id, event, data, comment;
  };
  auto given = std::make_shared<options>();
  auto* command = app.add_subcommand("event", "Sends an order an event: a manual trigger.");
  command->add_option("ID", given->order_id, "Its order_id")->required();
  command->add_option("NAME", given->event, "The event")->required();
  command->add_option("--data", given->data, "Its data")->type_name("JSON");
  command->add_option("--comment", given->comment, "A word on it, for the history");
  command->callback([given, &context] {
    json body = {{"event", given->event}};
    if (!given->data.empty()) body["data"] = json_option("--data", given->data);
    if (!given->comment.empty()) body["comment"] = given->comment;
    context.status = post_to_order(context, given->order_id, "events", body);
  });
}

void add_cancel(CLI::App& app, command_context& context) {
  struct options {
    std::string order_id;
    bool rollback = false;
  };
  auto given = std::make_shared<options>();
  auto* command = app.add_subcommand("cancel", "Ends an order.");
  command->add_option("ID", given->order_id, "Its order_id")->required();
  command->add_flag("--rollback", given->rollback, "Undoes what was done");
  command->callback([given, &context] {
    json body = json::object();
    if (given->rollback) body["rollback"] = true;
    context.status = post_to_order(context, given->order_id, "cancel", body);
  });
}

void add_pause(CLI::App& app, command_context& context, const std::string& verb, const std::string& description) {
  auto order_id = std::make_shared<std::string>();
  auto* command = app.add_subcommand(verb, description);
  command->add_option("ID", *order_id, "Its order_id")->required();
  command->callback(
      [order_id, verb, &context] { context.status = post_to_order(context, *order_id, verb, json::object()); });
}

void add_resolve(CLI::App& app, command_context& context) {
  struct options {
    std::string order_id, decision, state, comment;
  };
  auto given = std::make_shared<options>();
  auto* command = app.add_subcommand("resolve", "Answers an escalated order.");
  command->add_option("ID", given->order_id, "Its order_id")->required();
  command->add_option("DECISION", given->decision, "retry, proceed, goto, rollback or abort")->required();
  command->add_option("--state", given->state, "Where `goto` goes to");
  command->add_option("--comment", given->comment, "Why, for the history")->required();
  command->callback([given, &context] {
    json body = {{"decision", given->decision}, {"comment", given->comment}};
    if (!given->state.empty()) body["state"] = given->state;
    context.status = post_to_order(context, given->order_id, "resolve", body);
  });
}

struct reprocess_options {
  std::string order_id, from, version, patch;
  std::vector<std::string> filter;
  double rate = 0;
  bool dry_run = false;
  bool wait = false;
};

json reprocess_body(const reprocess_options& given) {
  json body = json::object();
  if (!given.from.empty()) body["from"] = given.from;
  if (!given.version.empty()) body["version"] = given.version;
  if (!given.patch.empty()) body["data_patch"] = json_option("--patch", given.patch);
  return body;
}

/// `status=failed` and so on, as in GET /v1/orders.
json filter_of(const std::vector<std::string>& given) {
  json filter = json::object();
  for (const auto& one : given) {
    const auto equals = one.find('=');
    if (equals == std::string::npos) throw CLI::ValidationError("--filter", "expected NAME=VALUE, but found " + one);
    filter[one.substr(0, equals)].push_back(one.substr(equals + 1));
  }
  for (auto& [name, values] : filter.items())
    if (values.size() == 1) values = json(values[0]);
  return filter;
}

/// Asks until the operation has ended, then for what became of each order.
int follow_operation(connection& server, const output& out, const json& operation) {
  const auto path = "/v1/operations/" + operation["operation_id"].get<std::string>();
  json latest = operation;
  while (latest["ended_at"].is_null() && latest["status"] != "paused") {
    std::this_thread::sleep_for(duration{200});
    const auto status = show_answer(server, out, "GET", path, std::nullopt, [&](const json& found) {
      latest = found;
      return static_cast<int>(done);
    });
    if (status != done) return status;
  }
  if (out.is_json())
    out.value(latest);
  else
    out.line(fmt::format("{}: {} done, {} refused of {}", out.status(cell(latest["status"])), cell(latest["done"]),
                         cell(latest["refused"]), cell(latest["total"])));
  return done;
}

int reprocess_many(command_context& context, const reprocess_options& given) {
  auto body = reprocess_body(given);
  body["filter"] = filter_of(given.filter);
  if (given.rate > 0) body["rate"] = given.rate;
  if (given.dry_run) body["dry_run"] = true;
  connection server(context.server);
  const output out(context.as_json);
  return show_answer(server, out, "POST", "/v1/orders/reprocess", to_text(body), [&](const json& operation) {
    if (given.wait) return follow_operation(server, out, operation);
    if (out.is_json())
      out.value(operation);
    else
      out.line(fmt::format("operation {}", cell(operation["operation_id"])));
    return static_cast<int>(done);
  });
}

void add_reprocess(CLI::App& app, command_context& context) {
  auto given = std::make_shared<reprocess_options>();
  auto* command =
      app.add_subcommand("reprocess", "Performs an ended or escalated order again, or all that a filter finds.");
  auto* one = command->add_option("ID", given->order_id, "One order");
  auto* many =
      command->add_option("--filter", given->filter, "All orders with NAME=VALUE (as in `orders`); may be repeated")
          ->type_name("NAME=VALUE")
          ->allow_extra_args(false);
  one->excludes(many);
  command->add_option("--from", given->from, "start (default), failure, or a state");
  command->add_option("--version", given->version, "same (default), latest, or a number");
  command->add_option("--patch", given->patch, "A change of its data, RFC 6902")->type_name("JSON");
  command->add_option("--rate", given->rate, "With --filter: orders a second")->needs(many);
  command->add_flag("--dry-run", given->dry_run, "With --filter: says what would happen")->needs(many);
  command->add_flag("--wait", given->wait, "With --filter: waits until the operation has ended")->needs(many);
  command->callback([given, &context] {
    if (given->order_id.empty() && given->filter.empty()) throw CLI::RequiredError("ID or --filter");
    context.status = given->filter.empty()
                         ? post_to_order(context, given->order_id, "reprocess", reprocess_body(*given))
                         : reprocess_many(context, *given);
  });
}

} // namespace

void add_order_commands(CLI::App& app, command_context& context) {
  add_event(app, context);
  add_cancel(app, context);
  add_pause(app, context, "pause", "Holds an order until it is resumed.");
  add_pause(app, context, "resume", "Lets a paused order go on.");
  add_resolve(app, context);
  add_reprocess(app, context);
}

} // namespace troupe::cli
