#include "runtime/cli/command.hpp"

#include <fmt/format.h>

namespace troupe::cli {

namespace {

struct list_options {
  std::vector<std::pair<std::string, std::string>> filter;
  int limit = 100;
  bool all = false;
  bool ascending = false;
};

/// Goes through the pages until there are enough.
int each_page(connection& server, const output& out, const std::string& path, const list_options& given,
              const std::function<void(const json&)>& visit) {
  auto parameters = given.filter;
  parameters.emplace_back("limit", std::to_string(given.all ? 1000 : given.limit));
  if (given.ascending) parameters.emplace_back("order", "asc");
  std::string cursor;
  for (;;) {
    auto page = parameters;
    if (!cursor.empty()) page.emplace_back("cursor", cursor);
    cursor.clear();
    const auto status = show_answer(server, out, "GET", path + query_of(page), std::nullopt, [&](const json& found) {
      for (const auto& item : found["items"])
        visit(item);
      if (given.all && found["next"].is_string()) cursor = found["next"].get<std::string>();
      return static_cast<int>(done);
    });
    if (status != done || cursor.empty()) return status;
  }
}

/// A list as a table, or its items as JSON lines.
int show_list(command_context& context, const std::string& path, const list_options& given,
              const std::vector<std::string>& titles,
              const std::function<std::vector<std::string>(const output&, const json&)>& row_of) {
  connection server(context.server);
  const output out(context.as_json);
  std::vector<std::vector<std::string>> rows;
  const auto status = each_page(server, out, path, given, [&](const json& item) {
    if (out.is_json())
      out.line(to_text(item));
    else
      rows.push_back(row_of(out, item));
  });
  if (status == done && !out.is_json()) out.table(titles, rows);
  return status;
}

void add_paging(CLI::App* command, const std::shared_ptr<list_options>& given) {
  command->add_option("--limit", given->limit, "How many at most")->check(CLI::Range(1, 1000))->capture_default_str();
  command->add_flag("--all", given->all, "All of them, page by page");
  command->add_flag("--asc", given->ascending, "Oldest first");
}

void add_orders(CLI::App& app, command_context& context) {
  auto given = std::make_shared<list_options>();
  auto* command = app.add_subcommand("orders", "Lists orders, newest first.");
  const std::vector<std::pair<std::string, std::string>> filters = {{"--status", "status"},
                                                                    {"--workflow", "workflow"},
                                                                    {"--version", "version"},
                                                                    {"--state", "state"},
                                                                    {"--label", "label"},
                                                                    {"--group", "group"},
                                                                    {"--error", "error"},
                                                                    {"--created-after", "created_after"},
                                                                    {"--created-before", "created_before"},
                                                                    {"--updated-after", "updated_after"},
                                                                    {"--updated-before", "updated_before"}};
  for (const auto& [option, parameter] : filters)
    command
        ->add_option_function<std::vector<std::string>>(
            option,
            [given, name = parameter](const std::vector<std::string>& values) {
              for (const auto& value : values)
                given->filter.emplace_back(name, value);
            },
            "As in GET /v1/orders")
        ->allow_extra_args(false);
  add_paging(command, given);
  command->callback([given, &context] {
    context.status = show_list(
        context, "/v1/orders", *given, {"ORDER", "WORKFLOW", "STATUS", "STATE", "ERROR", "UPDATED"},
        [](const output& out, const json& order) {
          const auto& error = order["error"];
          return std::vector<std::string>{cell(order["order_id"]),
                                          fmt::format("{} {}", cell(order["workflow"]), cell(order["version"])),
                                          out.status(cell(order["status"])),
                                          cell(order["state"]),
                                          error.is_null() ? "-" : cell(error["code"]),
                                          cell(order["updated_at"])};
        });
  });
}

void add_order(CLI::App& app, command_context& context) {
  struct options {
    std::string order_id;
    bool wait = false;
    bool instance = false;
  };
  auto given = std::make_shared<options>();
  auto* command = app.add_subcommand("order", "Shows one order.");
  command->add_option("ID", given->order_id, "Its order_id")->required();
  command->add_flag("--wait", given->wait, "Waits until it has ended or is parked; ends with 4 if it did not complete");
  command->add_flag("--instance", given->instance, "Shows the instance document");
  command->callback([given, &context] {
    connection server(context.server);
    const output out(context.as_json || given->instance);
    std::vector<std::pair<std::string, std::string>> parameters;
    if (given->wait) parameters.emplace_back("wait", "PT5M");
    if (given->instance) parameters.emplace_back("view", "instance");
    context.status =
        show_answer(server, out, "GET", "/v1/orders/" + percent_encoded(given->order_id) + query_of(parameters),
                    std::nullopt, [&](const json& order) {
                      show_order(out, order);
                      return given->wait ? status_of_awaited(order) : static_cast<int>(done);
                    });
  });
}

void add_history(CLI::App& app, command_context& context) {
  auto order_id = std::make_shared<std::string>();
  auto given = std::make_shared<list_options>();
  given->all = true;
  auto* command = app.add_subcommand("history", "Shows every event of an order.");
  command->add_option("ID", *order_id, "Its order_id")->required();
  command->callback([given, order_id, &context] {
    context.status =
        show_list(context, "/v1/orders/" + percent_encoded(*order_id) + "/history", *given,
                  {"NO", "TIME", "EVENT", "BY", "DATA"}, [](const output& out, const json& event) {
                    auto data = cell(event["data"]);
                    if (out.is_terminal() && data.size() > 100) data = data.substr(0, 97) + "...";
                    return std::vector<std::string>{cell(event["sequence"]), cell(event["time"]), cell(event["type"]),
                                                    cell(event["by"]), std::move(data)};
                  });
  });
}

void add_batches(CLI::App& app, command_context& context) {
  auto given = std::make_shared<list_options>();
  auto batch_id = std::make_shared<std::string>();
  auto* command = app.add_subcommand("batches", "Lists the coordinators' batches, or shows one.");
  command->add_option("ID", *batch_id, "One batch");
  add_paging(command, given);
  command->callback([given, batch_id, &context] {
    if (!batch_id->empty()) {
      connection server(context.server);
      const output out(true);
      context.status = show_answer(server, out, "GET", "/v1/batches/" + percent_encoded(*batch_id), std::nullopt,
                                   [&](const json& batch) {
                                     out.value(batch);
                                     return static_cast<int>(done);
                                   });
      return;
    }
    context.status =
        show_list(context, "/v1/batches", *given, {"BATCH", "LANE", "SIZE", "STATUS", "STARTED", "ENDED", "SETTLED"},
                  [](const output& out, const json& batch) {
                    return std::vector<std::string>{cell(batch["batch_id"]),   cell(batch["lane"]),
                                                    cell(batch["size"]),       out.status(cell(batch["status"])),
                                                    cell(batch["started_at"]), cell(batch["ended_at"]),
                                                    cell(batch["settled"])};
                  });
  });
}

} // namespace

void show_order(const output& out, const json& order) {
  if (out.is_json()) return out.value(order);
  std::vector<std::pair<std::string, std::string>> fields;
  for (const auto* name : {"order_id", "workflow", "version", "status", "outcome", "state", "error", "created_at",
                           "started_at", "updated_at", "ended_at", "run", "visit", "by", "labels", "data", "variables"})
    fields.emplace_back(name, std::string(name) == "status" ? out.status(cell(order.value(name, json())))
                                                            : cell(order.value(name, json())));
  out.fields(fields);
}

void add_reading_commands(CLI::App& app, command_context& context) {
  add_orders(app, context);
  add_order(app, context);
  add_history(app, context);
  add_batches(app, context);
}

} // namespace troupe::cli
