#pragma once

#include "runtime/cli/command_line.hpp"
#include "runtime/cli/connection.hpp"
#include "runtime/cli/output.hpp"

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

namespace troupe::cli {

/// What every command is given: the options that stand before its name, and its exit status to fill in.
struct command_context {
  std::string server = "http://127.0.0.1:8180";
  bool as_json = false;
  int status = done;
};

// Each adds its commands to the command line; what a command does runs when it was named.
void add_submission_commands(CLI::App& app, command_context& context); // submit
void add_reading_commands(CLI::App& app, command_context& context);    // orders, order, history, batches
void add_order_commands(CLI::App& app, command_context& context); // event, cancel, pause, resume, resolve, reprocess
void add_definition_commands(CLI::App& app, command_context& context); // publish, blueprints
void add_offline_commands(CLI::App& app, command_context& context);    // validate, verify
void add_mock_command(CLI::App& app, command_context& context);        // mock
void add_bench_command(CLI::App& app, command_context& context);       // bench

/// Calls the server and hands a good answer on; otherwise prints the problem and gives the status for it.
template <class Show>
int show_answer(connection& server, const output& out, const std::string& method, const std::string& path,
                std::optional<std::string> body, Show show) {
  const auto reply = server.call(method, path, std::move(body));
  if (!reply) {
    output::complain(reply.error().detail);
    return no_server;
  }
  if (!reply->is_fine()) {
    out.problem(reply->body.is_null() ? json(reply->text) : reply->body);
    return refused;
  }
  return show(reply->body);
}

/// The file's text, `-` being standard input.
expected<std::string> read_text(const std::string& file);

/// An order as a list of fields.
void show_order(const output& out, const json& order);

/// 0 for a completed order, 4 for any other.
int status_of_awaited(const json& order);

} // namespace troupe::cli
