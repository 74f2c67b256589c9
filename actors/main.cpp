#include "actors/node.hpp"
#include "actors/tree.hpp"
#include "runtime/base/log.hpp"
#include "runtime/base/settings.hpp"
#include "runtime/cli/command_line.hpp"

#include <caf/init_global_meta_objects.hpp>

#include <csignal>
#include <ctime>
#include <iostream>

namespace {

/// Blocked in every thread, so that one place waits for them.
sigset_t ending_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

void report(const troupe::error& reason) {
  std::cerr << "troupe: " << reason.detail << '\n';
  for (const auto& one : reason.violations)
    std::cerr << "  " << one.pointer << ": expected " << one.expected << ", but found " << one.found << '\n';
}

int serve(const troupe::cli::serve_options& options) {
  const auto chosen = troupe::load_settings({options.config_file, troupe::process_environment(), options.set});
  if (!chosen) {
    report(chosen.error());
    return troupe::cli::wrong_usage;
  }
  troupe::start_log(chosen->log.level, chosen->log.format);
  const auto signals = ending_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  caf::core::init_global_meta_objects();
  troupe::actors::register_messages();
  auto node = troupe::actors::node::start(*chosen);
  if (!node) {
    report(node.error());
    return troupe::cli::refused;
  }
  std::cout << "troupe listens on http://" << (*node)->address() << std::endl;
  const timespec pause{0, 200'000'000};
  while (sigtimedwait(&signals, nullptr, &pause) < 0 && !(*node)->has_given_up()) {
  }
  const auto failed = (*node)->has_given_up();
  (*node)->stop();
  return failed ? troupe::cli::refused : troupe::cli::done;
}

} // namespace

int main(int argc, char** argv) {
  return troupe::cli::run_command_line(argc, argv, serve);
}
