#include "runtime/cli/command.hpp"
#include "runtime/cli/definition_files.hpp"

#include <fmt/format.h>

namespace troupe::cli {

namespace {

std::string path_of(const definition_file& file) {
  switch (file.kind) {
  case blueprint::published_kind::function: return "/v1/functions/" + percent_encoded(file.id);
  case blueprint::published_kind::api_call: return "/v1/api-calls/" + percent_encoded(file.id);
  case blueprint::published_kind::blueprint: break;
  }
  return "/v1/blueprints/" + percent_encoded(file.id);
}

/// One file; a bad one among good ones is said and left out.
int publish_one(connection& server, const output& out, const definition_file& file, const std::string& comment) {
  const auto type = file.kind == blueprint::published_kind::function ? "text/javascript" : "application/json";
  const auto path = path_of(file) + (comment.empty() ? "" : query_of({{"comment", comment}}));
  const auto reply = server.call("PUT", path, file.text, type);
  if (!reply) {
    output::complain(reply.error().detail);
    return no_server;
  }
  if (!reply->is_fine()) {
    output::complain(fmt::format("{} was refused:", file.path.string()));
    out.problem(reply->body.is_null() ? json(reply->text) : reply->body);
    return refused;
  }
  const auto& published = reply->body;
  if (out.is_json())
    out.line(to_text(published));
  else
    out.line(fmt::format("{} {} version {}{}", to_string(file.kind), file.id, cell(published["version"]),
                         reply->status == 201 ? "" : " (unchanged)"));
  for (const auto& finding : published.value("findings", json::array()))
    output::complain(fmt::format("{}: {} {}: {}", file.path.string(), cell(finding["severity"]),
                                 cell(finding["pointer"]), cell(finding["message"])));
  return done;
}

void add_publish(CLI::App& app, command_context& context) {
  struct options {
    std::vector<std::string> paths;
    std::string comment;
  };
  auto given = std::make_shared<options>();
  auto* command = app.add_subcommand(
      "publish", "Publishes blueprints, API calls and functions: files, or folders of them, in the right order.");
  command->add_option("FILE|DIR", given->paths, "What to publish")->required()->check(CLI::ExistingPath);
  command->add_option("--comment", given->comment, "A word on the change");
  command->callback([given, &context] {
    connection server(context.server);
    const output out(context.as_json);
    std::vector<error> faults;
    const auto files = read_definitions(given->paths, faults);
    for (const auto& fault : faults)
      output::complain(fault.detail);
    if (!faults.empty()) context.status = refused;
    if (files.empty() && faults.empty()) {
      output::complain("expected something to publish, but found nothing");
      context.status = refused;
    }
    for (const auto& file : files) {
      const auto status = publish_one(server, out, file, given->comment);
      if (status != done) context.status = status;
      if (status == no_server) return;
    }
  });
}

void add_blueprints(CLI::App& app, command_context& context) {
  struct options {
    std::string id;
    int version = 0;
  };
  auto given = std::make_shared<options>();
  auto* command = app.add_subcommand("blueprints", "Lists what is published, or shows one blueprint's full form.");
  auto* one = command->add_option("ID", given->id, "One blueprint");
  command->add_option("--version", given->version, "One version of it")->needs(one);
  command->callback([given, &context] {
    connection server(context.server);
    const output out(context.as_json || !given->id.empty());
    auto path = std::string("/v1/blueprints");
    if (!given->id.empty())
      path += "/" + percent_encoded(given->id);
    else
      path += "?limit=1000";
    if (given->version > 0) path += "/versions/" + std::to_string(given->version);
    context.status = show_answer(server, out, "GET", path, std::nullopt, [&](const json& found) {
      if (out.is_json()) {
        out.value(found);
        return static_cast<int>(done);
      }
      std::vector<std::vector<std::string>> rows;
      for (const auto& item : found["items"])
        rows.push_back({cell(item["id"]), cell(item["version"]), cell(item["form"]), cell(item["published_at"]),
                        cell(item["by"]), cell(item["comment"])});
      out.table({"BLUEPRINT", "VERSION", "FORM", "PUBLISHED", "BY", "COMMENT"}, rows);
      return static_cast<int>(done);
    });
  });
}

} // namespace

void add_definition_commands(CLI::App& app, command_context& context) {
  add_publish(app, context);
  add_blueprints(app, context);
}

} // namespace troupe::cli
