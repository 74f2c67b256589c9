#include "runtime/cli/command.hpp"
#include "runtime/cli/definition_files.hpp"
#include "runtime/store/store.hpp"

#include <fmt/format.h>

namespace troupe::cli {

namespace {

/// Makes what lies beside a blueprint known: the functions and API calls of its folder, or of the folders given.
void admit_neighbours(blueprint::catalogue& known, const std::vector<std::string>& folders) {
  std::vector<error> faults;
  for (const auto& file : read_definitions(folders, faults)) {
    if (file.kind == blueprint::published_kind::blueprint) continue;
    const auto document = file.kind == blueprint::published_kind::function ? expected<json>(json(file.text))
                                                                           : parse_exact_json(file.text);
    if (!document) continue;
    const auto ready = known.prepare(file.kind, file.id, *document, "validate", "", wall_clock_now());
    const auto admitted = ready ? known.admit(ready->record) : expected<void>(tl::unexpected<error>(ready.error()));
    if (!admitted) output::complain(fmt::format("{}: {}", file.path.string(), admitted.error().detail));
  }
}

int validate(const output& out, const std::string& name, std::vector<std::string> folders) {
  const auto text = read_text(name);
  if (!text) {
    output::complain(text.error().detail);
    return wrong_usage;
  }
  const auto document = parse_exact_json(*text);
  if (!document) {
    output::complain(fmt::format("{}: {}", name, document.error().detail));
    return refused;
  }
  blueprint::catalogue known;
  if (folders.empty() && name != "-") folders.push_back(std::filesystem::absolute(name).parent_path().string());
  admit_neighbours(known, folders);
  const auto findings = known.validate(*document);
  json shown = json::array();
  auto status = static_cast<int>(done);
  for (const auto& one : findings) {
    const auto is_error = one.level == blueprint::finding::severity::error;
    if (is_error) status = refused;
    shown.push_back(blueprint::to_json(one));
    if (!out.is_json())
      out.line(fmt::format("{} {}: {} (expected {}, but found {})", is_error ? "error" : "warning", one.pointer,
                           one.message, one.expected, one.found));
  }
  if (out.is_json())
    out.value({{"findings", std::move(shown)}});
  else if (findings.empty())
    out.line(name + ": no findings");
  return status;
}

int verify(const output& out, const std::string& url) {
  const auto place = store::place::at(url);
  const auto complain = [](const error& reason) {
    output::complain(reason.detail);
    return static_cast<int>(refused);
  };
  if (!place) return complain(place.error());
  const auto reader = (*place)->open_reader();
  if (!reader) return complain(reader.error());
  const auto found = store::verify(**reader);
  if (!found) return complain(found.error());
  if (out.is_json())
    out.value({{"orders", found->orders}, {"events", found->events}, {"findings", found->findings}});
  else
    out.line(fmt::format("{} orders, {} events: {}", found->orders, found->events,
                         found->findings.empty() ? "clean" : fmt::format("{} findings", found->findings.size())));
  for (const auto& finding : found->findings)
    output::complain(finding);
  return found->findings.empty() ? done : refused;
}

} // namespace

void add_offline_commands(CLI::App& app, command_context& context) {
  struct options {
    std::string file;
    std::vector<std::string> folders;
    std::string store;
  };
  auto given = std::make_shared<options>();
  auto* checking = app.add_subcommand(
      "validate",
      "Says everything that is wrong or doubtful about a blueprint; needs no server. Ends with 1 if there are errors.");
  checking->add_option("FILE", given->file, "The blueprint; - is standard input")->required();
  checking
      ->add_option("--with", given->folders,
                   "Folders with the API calls and functions that it uses (default: its own folder)")
      ->type_name("DIR")
      ->allow_extra_args(false);
  checking->callback(
      [given, &context] { context.status = validate(output(context.as_json), given->file, given->folders); });

  auto* verifying = app.add_subcommand(
      "verify", "Checks a store: every order's folded state must equal the fold of its events. Ends with 1 if not.");
  verifying->add_option("--store", given->store, "Where the orders are kept")->type_name("URL")->required();
  verifying->callback([given, &context] { context.status = verify(output(context.as_json), given->store); });
}

} // namespace troupe::cli
