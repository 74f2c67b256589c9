#include "runtime/cli/command_line.hpp"

#include "runtime/base/log.hpp"
#include "runtime/cli/command.hpp"

#include <cstdlib>

namespace troupe::cli {

namespace {

void add_serve_command(CLI::App& app, command_context& context, const serve_function& serve) {
  struct options {
    serve_options given;
    std::string listen;
    std::string store;
  };
  auto given = std::make_shared<options>();
  auto* command =
      app.add_subcommand("serve", "Runs a node until SIGTERM or SIGINT. Prints where it listens once it is ready.");
  command
      ->add_option("--config", given->given.config_file, "A configuration file (config/troupe.json shows every option)")
      ->type_name("FILE");
  command->add_option("--listen", given->listen, "Where to listen, for http.listen")->type_name("HOST:PORT");
  command->add_option("--store", given->store, "Where orders are kept, for store.url")->type_name("URL");
  command->add_option("--set", given->given.set, "One option, e.g. --set batch.size=64; may be repeated")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  command->callback([given, serve, &context] {
    if (!given->listen.empty()) given->given.set.push_back("http.listen=" + given->listen);
    if (!given->store.empty()) given->given.set.push_back("store.url=" + given->store);
    context.status = serve(given->given);
  });
}

} // namespace

int run_command_line(int argc, char** argv, const serve_function& serve) {
  CLI::App app{"Troupe performs state orders: each is an actor that performs a blueprint.", "troupe"};
  command_context context;
  if (const char* server = std::getenv("TROUPE_SERVER"); server != nullptr) context.server = server;
  app.add_option("--server", context.server, "The server (or TROUPE_SERVER)")->type_name("URL")->capture_default_str();
  app.add_flag("--json", context.as_json, "Prints JSON");
  app.set_version_flag("--version", "troupe " TROUPE_VERSION);
  app.require_subcommand(1);
  app.fallthrough();
  add_serve_command(app, context, serve);
  add_submission_commands(app, context);
  add_reading_commands(app, context);
  add_order_commands(app, context);
  add_definition_commands(app, context);
  add_offline_commands(app, context);
  add_mock_command(app, context);
  add_bench_command(app, context);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& wrong) {
    return app.exit(wrong) == 0 ? done : wrong_usage;
  }
  return context.status;
}

} // namespace troupe::cli
