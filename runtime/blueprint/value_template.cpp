#include "runtime/blueprint/value_template.hpp"

#include <algorithm>

namespace troupe::blueprint {
namespace {

constexpr int depth_max = 64;
constexpr int closing_attempts_max = 32;
constexpr std::size_t size_max = 16u << 20;

/// Inside a longer string: text as it is, or what an expression gives.
using text_part = std::variant<std::string, expression>;

} // namespace

struct value_template::node {
  struct member;
  /// A constant, one expression, text with expressions in it, elements, or members.
  std::variant<json, expression, std::vector<text_part>, std::vector<node>, std::vector<member>> content;
};

struct value_template::node::member {
  std::string name;
  node value;
};

namespace {

using node = value_template::node;
using member = value_template::node::member;

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

/// Expressions may contain `}}` themselves: the first one counts with which there is an expression before it. `at`
/// moves behind it.
expected<expression> compile_up_to_closing(std::string_view text, std::size_t& at,
                                           const std::shared_ptr<const library>& functions) {
  std::optional<error> first_failure;
  std::size_t closing = at;
  for (int attempt = 0; attempt < closing_attempts_max; ++attempt, ++closing) {
    closing = text.find("}}", closing);
    if (closing == std::string_view::npos) break;
    const auto source = text.substr(at, closing - at);
    auto compiled =
        is_blank(source)
            ? expected<expression>(refuse(errc::invalid_blueprint, "expected an expression, but found nothing"))
            : expression::compile(source, functions);
    if (compiled) {
      at = closing + 2;
      return compiled;
    }
    if (!first_failure) first_failure = compiled.error();
  }
  if (first_failure) return tl::unexpected(*std::move(first_failure));
  return refuse(errc::invalid_blueprint, "expected }} after {{, but found none");
}

expected<std::vector<text_part>> split(std::string_view text, const std::shared_ptr<const library>& functions) {
  std::vector<text_part> parts;
  std::string plain;
  std::size_t at = 0;
  while (at < text.size()) {
    const auto opening = std::min(text.find("{{", at), text.size());
    plain.append(text.substr(at, opening - at));
    at = opening;
    if (at == text.size()) break;
    if (text.substr(at).starts_with("{{{{")) {
      plain.append("{{");
      at += 4;
      continue;
    }
    at += 2;
    auto compiled = compile_up_to_closing(text, at, functions);
    if (!compiled) return tl::unexpected(std::move(compiled).error());
    if (!plain.empty()) parts.emplace_back(std::exchange(plain, {}));
    parts.emplace_back(*std::move(compiled));
  }
  if (!plain.empty()) parts.emplace_back(std::move(plain));
  return parts;
}

class compiler {
public:
  explicit compiler(std::shared_ptr<const library> functions) : functions_(std::move(functions)) {}

  node compile(const json& document, const std::string& pointer, int depth) {
    if (depth > depth_max) {
      violations_.push_back({pointer, "at most 64 levels", "more"});
      return {};
    }
    if (document.is_string()) return compile_text(document, pointer);
    if (document.is_array()) return compile_array(document, pointer, depth);
    if (document.is_object()) return compile_object(document, pointer, depth);
    return {document};
  }

  std::vector<violation> take_violations() { return std::move(violations_); }

private:
  node compile_text(const json& document, const std::string& pointer) {
    const auto& text = document.get_ref<const std::string&>();
    if (text.find("{{") == std::string::npos) return {document};
    auto parts = split(text, functions_);
    if (!parts) {
      violations_.push_back({pointer, "a template that compiles", parts.error().detail});
      return {};
    }
    if (parts->size() == 1) {
      auto& only = parts->front();
      if (auto* plain = std::get_if<std::string>(&only)) return {json(std::move(*plain))};
      return {std::get<expression>(std::move(only))};
    }
    return {*std::move(parts)};
  }

  node compile_array(const json& document, const std::string& pointer, int depth) {
    std::vector<node> elements;
    for (std::size_t index = 0; index < document.size(); ++index) {
      elements.push_back(compile(document[index], pointer + "/" + std::to_string(index), depth + 1));
    }
    const bool constant = std::all_of(elements.begin(), elements.end(), is_constant);
    if (constant) return {gathered(elements)};
    return {std::move(elements)};
  }

  node compile_object(const json& document, const std::string& pointer, int depth) {
    std::vector<member> members;
    for (const auto& [key, value] : document.items()) {
      members.push_back({key, compile(value, pointer + "/" + pointer_token(key), depth + 1)});
    }
    const bool constant =
        std::all_of(members.begin(), members.end(), [](const member& each) { return is_constant(each.value); });
    if (!constant) return {std::move(members)};
    json result = json::object();
    for (auto& each : members)
      result[each.name] = std::get<json>(std::move(each.value.content));
    return {std::move(result)};
  }

  static bool is_constant(const node& each) { return std::holds_alternative<json>(each.content); }

  static json gathered(std::vector<node>& elements) {
    json result = json::array();
    for (auto& each : elements)
      result.push_back(std::get<json>(std::move(each.content)));
    return result;
  }

  std::shared_ptr<const library> functions_;
  std::vector<violation> violations_;
};

/// One rendering: counts what it makes.
class rendering {
public:
  explicit rendering(const scope& values) : values_(values) {}

  expected<json> render(const node& from) {
    return std::visit([this](const auto& content) { return this->render(content); }, from.content);
  }

  expected<std::string> text(const std::vector<text_part>& parts) {
    std::string result;
    for (const auto& part : parts) {
      if (const auto* plain = std::get_if<std::string>(&part)) {
        result += *plain;
        continue;
      }
      const auto value = render(std::get<expression>(part));
      if (!value) return tl::unexpected(value.error());
      result += as_text(*value);
      if (result.size() > size_max) return too_large();
    }
    return result;
  }

  static std::string as_text(const json& value) {
    if (value.is_null()) return {};
    return value.is_string() ? value.get<std::string>() : canonical(value);
  }

private:
  static tl::unexpected<error> too_large() { return refuse(errc::invalid_data, "expected a value of at most 16 MiB"); }

  expected<json> render(const json& constant) { return constant; }

  expected<json> render(const expression& from) {
    auto value = from.evaluate(values_);
    if (!value) return refuse(value.error().code, "{{" + from.source() + "}}: " + value.error().detail);
    count(*value);
    if (size_ > size_max) return too_large();
    return value;
  }

  expected<json> render(const std::vector<text_part>& parts) {
    auto result = text(parts);
    if (!result) return tl::unexpected(std::move(result).error());
    return json(*std::move(result));
  }

  expected<json> render(const std::vector<node>& elements) {
    json result = json::array();
    for (const auto& each : elements) {
      auto value = render(each);
      if (!value) return value;
      result.push_back(*std::move(value));
    }
    return result;
  }

  expected<json> render(const std::vector<member>& members) {
    json result = json::object();
    for (const auto& each : members) {
      auto value = render(each.value);
      if (!value) return value;
      result[each.name] = *std::move(value);
    }
    return result;
  }

  void count(const json& value) {
    size_ += value.is_string() ? value.get_ref<const std::string&>().size() : 4;
    if (!value.is_structured()) return;
    for (const auto& [key, inside] : value.items()) {
      size_ += value.is_object() ? key.size() : 0;
      count(inside);
    }
  }

  const scope& values_;
  std::size_t size_ = 0;
};

using visitor = std::function<void(const std::string&, const expression&)>;

void visit_all(const node& from, const std::string& pointer, const visitor& visit) {
  if (const auto* only = std::get_if<expression>(&from.content)) visit(pointer, *only);
  if (const auto* parts = std::get_if<std::vector<text_part>>(&from.content)) {
    for (const auto& part : *parts) {
      if (const auto* inside = std::get_if<expression>(&part)) visit(pointer, *inside);
    }
  }
  if (const auto* elements = std::get_if<std::vector<node>>(&from.content)) {
    for (std::size_t index = 0; index < elements->size(); ++index) {
      visit_all((*elements)[index], pointer + "/" + std::to_string(index), visit);
    }
  }
  if (const auto* members = std::get_if<std::vector<member>>(&from.content)) {
    for (const auto& each : *members)
      visit_all(each.value, pointer + "/" + pointer_token(each.name), visit);
  }
}

} // namespace

expected<value_template> value_template::compile(const json& document, std::shared_ptr<const library> functions) {
  compiler work(std::move(functions));
  auto root = std::make_shared<node>(work.compile(document, "", 0));
  auto violations = work.take_violations();
  if (!violations.empty()) {
    std::string detail = "expected a template, but found " + violations.front().found;
    return refuse(errc::invalid_blueprint, std::move(detail), std::move(violations));
  }
  return value_template(std::move(root));
}

expected<json> value_template::render(const scope& values) const {
  return rendering(values).render(*root_);
}

expected<std::string> value_template::render_text(const scope& values) const {
  rendering work(values);
  if (const auto* parts = std::get_if<std::vector<text_part>>(&root_->content)) return work.text(*parts);
  const auto value = work.render(*root_);
  if (!value) return tl::unexpected(value.error());
  return rendering::as_text(*value);
}

bool value_template::mentions(std::string_view name) const {
  if (is_constant()) return false;
  bool found = false;
  for_each_expression([&](const std::string&, const expression& each) { found = found || each.mentions(name); });
  return found;
}

bool value_template::is_constant() const {
  return std::holds_alternative<json>(root_->content);
}

void value_template::for_each_expression(const visitor& visit) const {
  visit_all(*root_, "", visit);
}

} // namespace troupe::blueprint
