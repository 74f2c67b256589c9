#include "runtime/cli/mock.hpp"

#include <fmt/format.h>

namespace troupe::cli {

namespace {

/// Collects what is wrong while the script is read.
class script_reader {
public:
  mock_script read(const json& document) {
    mock_script script;
    script.otherwise.status = 404;
    if (!is_object(document, "")) return script;
    known(document, "", {"routes", "default"});
    const auto routes = document.value("routes", json::array());
    for (std::size_t i = 0; i < routes.size(); ++i)
      script.routes.push_back(route(routes[i], fmt::format("/routes/{}", i)));
    if (document.contains("default")) script.otherwise = answer(document["default"], "/default");
    return script;
  }

  std::vector<violation> faults;

private:
  bool is_object(const json& value, const std::string& at) {
    if (!value.is_object()) faults.push_back({at, "an object", describe(value)});
    return value.is_object();
  }

  void known(const json& value, const std::string& at, std::initializer_list<std::string_view> names) {
    for (const auto& [name, ignored] : value.items())
      if (std::ranges::find(names, name) == names.end())
        faults.push_back({at + "/" + pointer_token(name), "a field of the mock's script", "`" + name + "`"});
  }

  mock_route route(const json& value, const std::string& at) {
    mock_route read;
    if (!is_object(value, at)) return read;
    known(value, at, {"method", "path", "answers"});
    read.method = text(value, at, "method", "POST");
    read.path = text(value, at, "path", "");
    if (!read.path.starts_with('/')) faults.push_back({at + "/path", "a path that begins with /", read.path});
    for (std::size_t begin = read.path.find("/{"); begin != std::string::npos; begin = read.path.find("/{", begin + 1))
      read.parameters.push_back(read.path.substr(begin + 2, read.path.find('}', begin) - begin - 2));
    const auto answers = value.value("answers", json::array());
    for (std::size_t i = 0; i < answers.size(); ++i)
      read.answers.push_back(answer(answers[i], fmt::format("{}/answers/{}", at, i)));
    return read;
  }

  mock_answer answer(const json& value, const std::string& at) {
    mock_answer read;
    if (!is_object(value, at)) return read;
    known(value, at, {"when", "rate", "count", "delay", "status", "headers", "body", "hang", "drop"});
    if (value.contains("when"))
      read.when = compiled(blueprint::expression::compile(text(value, at, "when", "true"), functions_), at + "/when");
    if (value.contains("rate")) read.rate = number(value, at, "rate", 1);
    if (value.contains("count")) read.count = static_cast<std::int64_t>(number(value, at, "count", 1e15));
    if (value.contains("delay")) {
      if (const auto delay = parse_duration(text(value, at, "delay", "")))
        read.delay = *delay;
      else
        faults.push_back({at + "/delay", "an ISO 8601 duration", describe(value["delay"])});
    }
    read.status = static_cast<int>(value.contains("status") ? number(value, at, "status", 599) : 200);
    for (const auto& [name, one] : value.value("headers", json::object()).items())
      read.headers.emplace_back(name, one.is_string() ? one.get<std::string>() : to_text(one));
    if (value.contains("body"))
      read.body = compiled(blueprint::value_template::compile(value["body"], functions_), at + "/body");
    read.hang = value.value("hang", json(false)) == true;
    read.drop = value.value("drop", json(false)) == true;
    return read;
  }

  std::string text(const json& value, const std::string& at, const char* name, const char* otherwise) {
    const auto found = value.value(name, json(otherwise));
    if (!found.is_string()) faults.push_back({at + "/" + name, "a string", describe(found)});
    return found.is_string() ? found.get<std::string>() : otherwise;
  }

  double number(const json& value, const std::string& at, const char* name, double most) {
    const auto& found = value.at(name);
    if (found.is_number() && found.get<double>() >= 0 && found.get<double>() <= most) return found.get<double>();
    faults.push_back({at + "/" + name, fmt::format("a number from 0 to {}", most), describe(found)});
    return 0;
  }

  template <class T> std::optional<T> compiled(expected<T> result, const std::string& at) {
    if (result) return std::move(*result);
    faults.push_back({at, "an expression or template that compiles", result.error().detail});
    return std::nullopt;
  }

  std::shared_ptr<const blueprint::library> functions_ = blueprint::library::built_in();
};

} // namespace

expected<mock_script> read_mock_script(const json& document) {
  script_reader reader;
  auto script = reader.read(document);
  if (reader.faults.empty()) return script;
  const auto& first = reader.faults.front();
  auto detail = fmt::format("in the mock's script at `{}`: expected {}, but found {}", first.pointer, first.expected,
                            first.found);
  return refuse(errc::invalid_data, std::move(detail), std::move(reader.faults));
}

} // namespace troupe::cli
