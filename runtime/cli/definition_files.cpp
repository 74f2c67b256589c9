#include "runtime/cli/definition_files.hpp"

#include "runtime/cli/command.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace troupe::cli {

namespace {

namespace fs = std::filesystem;

std::string id_inside(const json& document, std::initializer_list<const char*> names) {
  for (const auto* name : names)
    if (const auto found = document.find(name); found != document.end() && found->is_string())
      return found->get<std::string>();
  return {};
}

std::vector<fs::path> files_of(const fs::path& folder, std::string_view extension) {
  std::vector<fs::path> found;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(folder, none))
    if (entry.is_regular_file() && entry.path().extension() == extension &&
        !entry.path().filename().string().ends_with(".schema.json"))
      found.push_back(entry.path());
  std::ranges::sort(found);
  return found;
}

int rank_of(const definition_file& file) {
  switch (file.kind) {
  case blueprint::published_kind::function: return 0;
  case blueprint::published_kind::api_call: return 1;
  case blueprint::published_kind::blueprint: return 2;
  }
  return 2;
}

} // namespace

expected<definition_file> read_definition(const fs::path& path) {
  auto text = read_text(path.string());
  if (!text) return tl::unexpected<error>(text.error());
  if (path.extension() == ".js")
    return definition_file{path, blueprint::published_kind::function, path.stem().string(), std::move(*text)};
  const auto document = parse_exact_json(*text);
  if (!document) return refuse(errc::invalid_request, fmt::format("{}: {}", path.string(), document.error().detail));
  const auto call = document->is_object() ? id_inside(*document, {"api_call_id"}) : "";
  if (!call.empty()) return definition_file{path, blueprint::published_kind::api_call, call, std::move(*text)};
  auto id = document->is_object() ? id_inside(*document, {"stateMachineId", "id", "workflow"}) : "";
  if (id.empty())
    return refuse(errc::invalid_request, fmt::format("{}: expected a blueprint with `stateMachineId` or `workflow`, or "
                                                     "an API call with `api_call_id`, but found neither",
                                                     path.string()));
  return definition_file{path, blueprint::published_kind::blueprint, std::move(id), std::move(*text)};
}

std::vector<definition_file> read_definitions(const std::vector<std::string>& paths, std::vector<error>& faults) {
  std::vector<fs::path> files;
  for (const fs::path path : paths) {
    if (!fs::is_directory(path)) {
      files.push_back(path);
      continue;
    }
    for (const auto& [folder, extension] :
         {std::pair{path / "functions", ".js"}, {path, ".js"}, {path / "api_calls", ".json"}, {path, ".json"}})
      for (auto& file : files_of(folder, extension))
        files.push_back(std::move(file));
  }
  std::vector<definition_file> read;
  for (const auto& file : files) {
    if (auto one = read_definition(file))
      read.push_back(std::move(*one));
    else
      faults.push_back(one.error());
  }
  std::ranges::stable_sort(read, {}, rank_of);
  return read;
}

} // namespace troupe::cli
