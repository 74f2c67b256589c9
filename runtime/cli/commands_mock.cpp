#include "runtime/cli/command.hpp"
#include "runtime/cli/mock.hpp"

#include <csignal>
#include <fmt/format.h>

namespace troupe::cli {

namespace {

expected<mock_script> read_script(const std::string& file) {
  const auto text = read_text(file);
  if (!text) return tl::unexpected<error>(text.error());
  const auto document = parse_exact_json(*text, {256});
  if (!document) return refuse(errc::malformed_json, fmt::format("{}: {}", file, document.error().detail));
  return read_mock_script(*document);
}

/// Serves until SIGINT or SIGTERM, which the caller has blocked in every thread.
int serve_mock(const mock_script& script, const std::string& listen, const sigset_t& ends) {
  http::io loop;
  http::server_settings settings;
  settings.listen = listen;
  settings.body_limit = std::size_t{16} << 20;
  auto server = http::server::start(loop, settings, std::make_shared<mock_application>(loop, script));
  if (!server) {
    output::complain(server.error().detail);
    return refused;
  }
  fmt::print("mock services listen on http://{}\n", (*server)->address());
  std::fflush(stdout);
  int signal = 0;
  sigwait(&ends, &signal);
  loop.stop();
  return done;
}

} // namespace

void add_mock_command(CLI::App& app, command_context& context) {
  struct options {
    std::string file;
    std::string listen = "127.0.0.1:9100";
  };
  auto given = std::make_shared<options>();
  auto* command = app.add_subcommand(
      "mock", "Services scripted by a JSON file, to try blueprints with: deploy/demo/README.md says how.");
  command->add_option("FILE", given->file, "The script")->required();
  command->add_option("--listen", given->listen, "Where to listen")->type_name("HOST:PORT")->capture_default_str();
  command->callback([given, &context] {
    const auto script = read_script(given->file);
    if (!script) {
      output::complain(script.error().detail);
      for (const auto& one : script.error().violations)
        output::complain(fmt::format("  {}: expected {}, but found {}", one.pointer, one.expected, one.found));
      context.status = refused;
      return;
    }
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &ends, nullptr);
    context.status = serve_mock(*script, given->listen, ends);
  });
}

} // namespace troupe::cli
