#include "runtime/base/settings.hpp"

#include "runtime/base/json_comments.hpp"
#include "runtime/base/log.hpp"
#include "runtime/base/settings_options.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <fstream>
#include <set>
#include <sstream>
#include <unistd.h>

namespace troupe {

namespace {

constexpr std::size_t file_size_max = 1 << 20;
constexpr std::size_t secret_size_max = 64 << 10;
constexpr std::size_t secret_size_min = 4; // shorter ones could not be told from ordinary words in logs
constexpr std::string_view variable_prefix = "TROUPE_";
constexpr std::string_view secret_words = R"({ "env": NAME } or { "file": PATH })";

expected<std::string> read_file(const std::string& path, std::size_t size_max) {
  std::ifstream in{path, std::ios::binary};
  std::string text(size_max + 1, '\0');
  // Opening a folder succeeds, reading it does not.
  if (!in || (!in.read(text.data(), static_cast<std::streamsize>(text.size())) && in.bad()))
    return refuse(errc::invalid_request, fmt::format("{} ({})", path, std::strerror(errno)));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > size_max)
    return refuse(errc::invalid_request, fmt::format("{} (more than {} bytes)", path, size_max));
  return text;
}

std::string upper(std::string_view text) {
  std::string result{text};
  std::transform(result.begin(), result.end(), result.begin(), [](char c) {
    return c == '.' || c == '-' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c;
  });
  return result;
}

std::string lower(std::string_view text) {
  std::string result{text};
  std::transform(result.begin(), result.end(), result.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
  return result;
}

bool is_section(std::string_view name) {
  auto prefix = fmt::format("{}.", name);
  auto all = all_options();
  return std::any_of(all.begin(), all.end(), [&](const option& each) { return each.name.starts_with(prefix); });
}

/// A free value in a variable or an assignment: JSON if it is JSON, else a string.
json free_value(std::string_view text) {
  auto parsed = parse_exact_json(text);
  return parsed ? std::move(*parsed) : json(text);
}

/// Reads the sources one after the other over the defaults, and gathers what is wrong with them.
class settings_reader {
public:
  explicit settings_reader(const settings_sources& sources) : sources_(sources), result_(default_settings()) {}

  expected<settings> run() {
    if (!sources_.file.empty()) read_file_options();
    for (auto& [variable, value] : sources_.environment)
      read_variable(variable, value);
    for (auto& assignment : sources_.assignments)
      read_assignment(assignment);
    for (auto& [name, given] : secrets_)
      resolve_secret(name, given.value, given.place);
    if (findings_.empty()) return std::move(result_);
    std::string detail = "the configuration is refused";
    for (auto& each : findings_)
      detail += fmt::format("\n{}: expected {}, but found {}", each.pointer, each.expected, each.found);
    return refuse(errc::invalid_request, std::move(detail), std::move(findings_));
  }

private:
  struct given_secret {
    json value;
    std::string place;
  };

  void wrong(std::string place, std::string expected, std::string found) {
    findings_.push_back({std::move(place), std::move(expected), std::move(found)});
  }

  void unknown(std::string place, std::string_view name) {
    wrong(std::move(place), fmt::format("an option (the nearest is {})", nearest_option(name)),
          fmt::format("the unknown option {}", name.substr(0, 100)));
  }

  void read_file_options() {
    auto text = read_file(sources_.file, file_size_max);
    if (!text) return wrong(sources_.file, "a file that can be read", text.error().detail);
    auto parsed = parse_exact_json(without_comments(*text));
    if (!parsed) return wrong(sources_.file, "JSON with comments", parsed.error().detail);
    if (!parsed->is_object()) return wrong(sources_.file, "an object of options", describe(*parsed));
    for (auto& [name, value] : parsed->items())
      read_member(name, "/" + pointer_token(name), value);
  }

  /// An option or a section of the file; a name may also be written with its points.
  void read_member(const std::string& name, const std::string& pointer, const json& value) {
    auto place = fmt::format("{}: {}", sources_.file, pointer);
    if (name == "config") return read_config(value, place);
    if (name == "secrets") return read_secrets(value, place);
    if (auto* known = find_option(name)) {
      if (!seen_.insert(name).second) return wrong(place, "every option once", fmt::format("{} twice", name));
      if (!assign(result_, *known, value)) wrong(place, words_for(*known), describe(value));
      return;
    }
    if (!is_section(name)) return unknown(place, name);
    if (!value.is_object()) return wrong(place, "an object of options", describe(value));
    for (auto& [inner, inner_value] : value.items())
      read_member(fmt::format("{}.{}", name, inner), fmt::format("{}/{}", pointer, pointer_token(inner)), inner_value);
  }

  void read_config(const json& value, const std::string& place) {
    if (!value.is_object()) return wrong(place, "an object", describe(value));
    result_.config = value;
  }

  void read_secrets(const json& value, const std::string& place) {
    if (!value.is_object()) return wrong(place, fmt::format("an object of {}", secret_words), describe(value));
    for (auto& [name, secret] : value.items())
      secrets_[name] = {secret, fmt::format("{}/{}", place, pointer_token(name))};
  }

  void read_variable(const std::string& variable, const std::string& value) {
    if (!variable.starts_with(variable_prefix)) return;
    auto rest = std::string_view{variable}.substr(variable_prefix.size());
    for (auto& each : all_options()) {
      if (upper(each.name) == rest) return assign_text(each, value, variable);
    }
    constexpr std::string_view config = "CONFIG_", secrets = "SECRETS_";
    if (rest.starts_with(config) && rest != config) {
      result_.config[name_like(result_.config, rest.substr(config.size()))] = free_value(value);
    } else if (rest.starts_with(secrets) && rest != secrets) {
      json known = json::object();
      for (auto& [name, secret] : secrets_)
        known[name] = nullptr;
      secrets_[name_like(known, rest.substr(secrets.size()))] = {free_value(value), variable};
    } else if (is_section(lower(rest.substr(0, rest.find('_'))))) {
      // Of other names anybody may have their own: TROUPE_SERVER, or what an orchestrator sets for a service called
      // troupe.
      auto name = lower(rest);
      std::replace(name.begin(), name.begin() + static_cast<std::ptrdiff_t>(name.find('_') + 1), '_', '.');
      unknown(variable, name);
    }
  }

  /// A variable cannot say how the name is written: as it is known, else in small letters.
  static std::string name_like(const json& known, std::string_view wanted) {
    for (auto& [name, value] : known.items()) {
      if (upper(name) == wanted) return name;
    }
    return lower(wanted);
  }

  void read_assignment(const std::string& assignment) {
    auto place = fmt::format("--set {}", assignment.substr(0, assignment.find('=')));
    auto mark = assignment.find('=');
    if (mark == std::string::npos || mark == 0) return wrong(place, "key=value", "no value");
    auto name = assignment.substr(0, mark);
    auto value = assignment.substr(mark + 1);
    if (auto* known = find_option(name)) return assign_text(*known, value, place);
    if (name.starts_with("config.") && name.size() > 7) {
      set_config(name.substr(7), free_value(value), place);
    } else if (name.starts_with("secrets.") && name.size() > 8) {
      secrets_[name.substr(8)] = {free_value(value), place};
    } else {
      unknown(place, name);
    }
  }

  /// `config.bank.url=...` is a field of an object.
  void set_config(std::string_view path, json value, const std::string& place) {
    auto* at = &result_.config;
    for (;;) {
      auto point = path.find('.');
      auto& inner = (*at)[std::string{path.substr(0, point)}];
      if (point == std::string_view::npos) {
        inner = std::move(value);
        return;
      }
      if (inner.is_null()) inner = json::object();
      if (!inner.is_object()) return wrong(place, "an object to set a field of", describe(inner));
      path.remove_prefix(point + 1);
      at = &inner;
    }
  }

  void assign_text(const option& which, const std::string& text, const std::string& place) {
    auto value = value_from_text(which, text);
    if (!value || !assign(result_, which, *value)) wrong(place, words_for(which), describe(json(text)));
  }

  void resolve_secret(const std::string& name, const json& given, const std::string& place) {
    bool is_reference = given.is_object() && given.size() == 1 && given.begin()->is_string() &&
                        (given.contains("env") || given.contains("file"));
    // What was found may be the secret itself, written where it should not be.
    if (!is_reference)
      return wrong(place, std::string{secret_words}, given.is_object() ? "another object" : "another value");
    auto& source = given.begin()->get_ref<const std::string&>();
    std::string value;
    if (given.contains("env")) {
      auto variable = sources_.environment.find(source);
      if (variable == sources_.environment.end())
        return wrong(place, "an environment variable that is set", fmt::format("no {}", source));
      value = variable->second;
    } else {
      auto text = read_file(source, secret_size_max);
      if (!text) return wrong(place, "a file that can be read", text.error().detail);
      value = std::move(*text);
    }
    if (value.ends_with('\n')) value.pop_back();
    if (value.ends_with('\r')) value.pop_back();
    if (value.size() < secret_size_min)
      return wrong(place, fmt::format("a secret of at least {} characters", secret_size_min), "a shorter one");
    hide_in_logs(value);
    result_.secrets[name] = std::move(value);
  }

  const settings_sources& sources_;
  settings result_;
  std::set<std::string> seen_; ///< options of the file
  std::map<std::string, given_secret> secrets_;
  std::vector<violation> findings_;
};

} // namespace

std::map<std::string, std::string> process_environment() {
  std::map<std::string, std::string> result;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    std::string_view text = *entry;
    auto mark = text.find('=');
    if (mark != std::string_view::npos) result.emplace(text.substr(0, mark), text.substr(mark + 1));
  }
  return result;
}

settings default_settings() {
  settings result;
  for (auto& each : all_options()) {
    bool assigned = assign(result, each, json::parse(each.standard));
    TROUPE_ASSERT(assigned);
  }
  return result;
}

expected<settings> load_settings(const settings_sources& sources) {
  return settings_reader{sources}.run();
}

} // namespace troupe
