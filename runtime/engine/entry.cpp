#include "runtime/engine/entry.hpp"

#include "runtime/engine/fields.hpp"
#include "runtime/engine/values.hpp"

#include <algorithm>
#include <utility>

namespace troupe::engine {

namespace {

constexpr std::size_t summary_max = 5;

/// The first reference token of a pointer, unescaped; empty for the whole.
std::string first_token(const std::string& pointer) {
  if (pointer.empty()) return {};
  std::string token = pointer.substr(1, pointer.find('/', 1) - 1);
  for (std::size_t at = token.find('~'); at != std::string::npos && at + 1 < token.size(); at = token.find('~', at + 1))
    token.replace(at, 2, token[at + 1] == '1' ? "/" : "~");
  return token;
}

void append(std::vector<violation>& target, std::vector<violation> more) {
  std::move(more.begin(), more.end(), std::back_inserter(target));
}

} // namespace

json cut(const blueprint::state& target, const json& data) {
  if (!target.data || !target.data->is_closed()) return data;
  json result = json::object();
  for (const auto& [name, value] : data.items())
    if (target.data->declares(name)) result[name] = value;
  return result;
}

std::vector<violation> immutable_violations(const blueprint::definition& blueprint, const json& data,
                                            const json& fields) {
  std::vector<violation> result;
  for (const auto& name : blueprint.immutable) {
    const json& before = member(data, name);
    auto after = fields.find(name);
    if (before.is_null() || after == fields.end() || *after == before) continue;
    result.push_back({"/" + pointer_token(name), "the value it was set to once (immutable)", describe(*after)});
  }
  return result;
}

std::vector<violation> undeclared_violations(const blueprint::state& target, const json& fields,
                                             const blueprint::schema* also) {
  std::vector<violation> result;
  if (!target.data || !target.data->is_closed()) return result;
  for (const auto& [name, value] : fields.items()) {
    if (target.data->declares(name) || (also && also->declares(name))) continue;
    result.push_back(
        {"/" + pointer_token(name), "no field but those that the state " + target.id + " declares", describe(value)});
  }
  return result;
}

prepared_entry prepare_entry(const order& subject, const context& around, const blueprint::state& target,
                             const json& trigger_data, const json* event) {
  prepared_entry result;
  json merged;
  const json* data = &*subject.data;
  if (!trigger_data.empty()) {
    result.violations = immutable_violations(around.blueprint, *subject.data, trigger_data);
    result.immutable_count = result.violations.size();
    merged = *subject.data;
    for (const auto& [name, value] : trigger_data.items())
      merged[name] = value;
    data = &merged;
  }
  std::optional<visible_values> values;
  for (const auto& [name, source] : target.payload) {
    if (data->contains(name)) continue;
    if (!values) {
      values.emplace(subject, around).entering(target.id).with("data", *data);
      if (event) values->with("event", *event);
    }
    if (auto value = source.render(values->seen_by(source))) {
      result.joined[name] = std::move(*value);
    } else {
      result.is_broken = true;
      result.violations.push_back({"/" + pointer_token(name), "a value from the state's payload",
                                   recorded_text(value.error().detail, around, "an expression that fails")});
    }
  }
  const bool is_closed = target.data && target.data->is_closed();
  result.state_data = !is_closed && data == &merged ? std::move(merged) : cut(target, *data);
  for (const auto& [name, value] : result.joined.items())
    if (!is_closed || target.data->declares(name)) result.state_data[name] = value;
  if (target.data) append(result.violations, target.data->validate(result.state_data));
  return result;
}

std::set<std::string> written_by(const std::vector<blueprint::action>& actions) {
  std::set<std::string> result;
  auto add = [&](const std::vector<blueprint::save_rule>& rules) {
    for (const auto& rule : rules)
      if (!rule.variable) result.insert(rule.field);
  };
  for (const auto& action : actions) {
    add(action.save);
    if (const auto* body = std::get_if<blueprint::set_body>(&action.body)) add(body->fields);
  }
  return result;
}

std::vector<violation> incurable(const prepared_entry& entry, const blueprint::state& target,
                                 const std::set<std::string>& written) {
  if (written.empty()) return entry.violations;
  std::vector<violation> result;
  for (std::size_t index = 0; index < entry.violations.size(); ++index) {
    const auto& each = entry.violations[index];
    std::string field = first_token(each.pointer);
    bool is_there = index < entry.immutable_count || entry.state_data.contains(field);
    if (is_there && !written.contains(field)) result.push_back(each);
  }
  if (!target.data || entry.is_broken) return result; // what a template lacks now the actions may bring
  for (const auto& name : target.data->required())
    if (!entry.state_data.contains(name) && !written.contains(name))
      result.push_back({"/" + pointer_token(name), "a value (it is required)", "nothing"});
  return result;
}

std::string summary(const std::vector<violation>& violations) {
  std::string result;
  for (std::size_t index = 0; index < violations.size() && index < summary_max; ++index) {
    const auto& each = violations[index];
    if (index > 0) result += "; ";
    if (!each.pointer.empty()) result += each.pointer + ": ";
    result += "expected " + each.expected + ", but found " + each.found;
  }
  if (violations.size() > summary_max) result += "; and " + std::to_string(violations.size() - summary_max) + " more";
  return result;
}

std::vector<violation> below(std::string_view prefix, std::vector<violation> violations) {
  for (auto& each : violations)
    each.pointer.insert(0, prefix);
  return violations;
}

} // namespace troupe::engine
