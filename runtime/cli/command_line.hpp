#pragma once

#include <functional>
#include <string>
#include <vector>

namespace troupe::cli {

/// What `troupe serve` was started with: `set` holds `key=value`, with `--listen` and `--store` among them.
struct serve_options {
  std::string config_file; ///< empty: none
  std::vector<std::string> set;
};

/// Runs a node until it is told to end; the process's exit status.
using serve_function = std::function<int(const serve_options&)>;

/// Exit statuses of every command: http-api.md, "The command line".
enum exit_status { done = 0, refused = 1, wrong_usage = 2, no_server = 3, not_completed = 4 };

/// Everything that `troupe` can do: takes the arguments apart, does it, and says with what status to end. `serve` is
/// handed in, for only main knows the node.
int run_command_line(int argc, char** argv, const serve_function& serve);

} // namespace troupe::cli
