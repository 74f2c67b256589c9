#include "runtime/cli/command.hpp"

#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>

namespace troupe::cli {

namespace {

struct submit_options {
  std::string file;
  bool wait = false;
  std::string group;
};

int submit_document(connection& server, const output& out, const submit_options& given, std::string text) {
  const auto path = std::string("/v1/orders") + (given.wait ? "?wait=PT5M" : "");
  return show_answer(server, out, "POST", path, std::move(text), [&](const json& order) {
    if (out.is_json())
      out.value(order);
    else
      out.line(fmt::format("{}  {}", cell(order["order_id"]), out.status(cell(order["status"]))));
    return given.wait ? status_of_awaited(order) : static_cast<int>(done);
  });
}

/// Awaits one order of many; its end is what counts.
int await_order(connection& server, const output& out, const std::string& order_id) {
  return show_answer(server, out, "GET", "/v1/orders/" + percent_encoded(order_id) + "?wait=PT5M", std::nullopt,
                     [&](const json& order) {
                       if (!out.is_json()) out.line(fmt::format("{}  {}", order_id, out.status(cell(order["status"]))));
                       return status_of_awaited(order);
                     });
}

int submit_many(connection& server, const output& out, const submit_options& given, std::string text) {
  const auto path = "/v1/orders/bulk" + (given.group.empty() ? "" : query_of({{"group", given.group}}));
  const auto reply = server.call("POST", path, std::move(text), "application/x-ndjson");
  if (!reply) {
    output::complain(reply.error().detail);
    return no_server;
  }
  if (!reply->is_fine()) {
    out.problem(reply->body);
    return refused;
  }
  int status = done;
  std::istringstream lines(reply->text);
  for (std::string line; std::getline(lines, line);) {
    const auto result = json::parse(line, nullptr, false);
    if (out.is_json()) out.line(line);
    if (!result.is_object() || !result["problem"].is_null()) {
      if (!out.is_json())
        output::complain(fmt::format("line {}: {}", cell(result["line"]), cell(result["problem"]["detail"])));
      status = refused;
    } else if (given.wait) {
      status = std::max(status, await_order(server, out, result["order_id"].get<std::string>()));
    } else if (!out.is_json()) {
      out.line(cell(result["order_id"]));
    }
  }
  return status;
}

/// One object is one submission; an array, or more than one line, are many.
bool is_single_document(const std::string& text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string::npos || text[first] == '[') return false;
  return json::accept(text) || text.find('\n', first) == std::string::npos;
}

} // namespace

expected<std::string> read_text(const std::string& file) {
  if (file == "-") return std::string(std::istreambuf_iterator<char>(std::cin), {});
  std::error_code no_folder;
  std::ifstream from(file, std::ios::binary);
  if (!from || std::filesystem::is_directory(file, no_folder))
    return refuse(errc::invalid_request, fmt::format("expected a file that can be read, but found `{}`", file));
  return std::string(std::istreambuf_iterator<char>(from), {});
}

int status_of_awaited(const json& order) {
  return order.value("status", "") == "completed" ? done : not_completed;
}

void add_submission_commands(CLI::App& app, command_context& context) {
  auto given = std::make_shared<submit_options>();
  auto* command = app.add_subcommand("submit", "Submits one order, or many: an array or NDJSON.");
  command->add_option("FILE", given->file, "What to submit; - is standard input")->required();
  command->add_flag("--wait", given->wait, "Waits until it has ended or is parked; ends with 4 if it did not complete");
  command->add_option("--group", given->group, "Many orders: a name to follow them together");
  command->callback([given, &context] {
    auto text = read_text(given->file);
    if (!text) {
      output::complain(text.error().detail);
      context.status = wrong_usage;
      return;
    }
    connection server(context.server);
    const output out(context.as_json);
    context.status = is_single_document(*text) ? submit_document(server, out, *given, std::move(*text))
                                               : submit_many(server, out, *given, std::move(*text));
  });
}

} // namespace troupe::cli
