#include "runtime/base/ids.hpp"
#include "runtime/engine/fields.hpp"
#include "runtime/engine/submission.hpp"

#include <array>
#include <cmath>
#include <limits>
#include <utility>

namespace troupe::engine {

namespace {

constexpr std::size_t labels_max = 64;
constexpr std::size_t label_name_max = 128;  // bytes
constexpr std::size_t label_value_max = 512; // bytes
constexpr std::size_t workflow_max = 128;

class body_reader {
public:
  body_reader(const json& body, submission& result) : body_(body), result_(result) {}

  void read() {
    refuse_unknown();
    read_workflow();
    if (const json* value = given("order_id")) {
      if (value->is_string() && is_order_id(value->get_ref<const std::string&>()))
        result_.order_id = value->get<std::string>();
      else
        wrong("order_id", "an order id ([A-Za-z0-9][A-Za-z0-9._:-]{0,127})", *value);
    }
    if (const json* value = given("version"))
      result_.version = static_cast<int>(
          whole("version", *value, 1, std::numeric_limits<int>::max(), "a version: a whole number of at least 1"));
    if (const json* value = given("priority"))
      result_.priority = whole("priority", *value, std::numeric_limits<std::int32_t>::min(),
                               std::numeric_limits<std::int32_t>::max(), "a whole number of 32 bits");
    read_object("data", result_.data);
    read_object("metadata", result_.metadata);
    read_object("blueprint", result_.blueprint);
    read_not_before();
    read_labels();
  }

private:
  void wrong(const std::string& name, std::string wanted, const json& found) {
    result_.violations.push_back({"/" + name, std::move(wanted), describe(found)});
  }

  /// Null counts as not given: that is how the order's own shape writes what is absent.
  const json* given(const char* name) const {
    auto found = body_.find(name);
    return found == body_.end() || found->is_null() ? nullptr : &*found;
  }

  void refuse_unknown() {
    constexpr std::array<std::string_view, 10> known = {"order_id", "workflow",   "Workflow", "version",  "data",
                                                        "priority", "not_before", "labels",   "metadata", "blueprint"};
    for (const auto& [name, value] : body_.items())
      if (std::find(known.begin(), known.end(), name) == known.end())
        wrong(pointer_token(name),
              "no field but order_id, workflow, version, data, priority, not_before, labels, metadata, blueprint",
              value);
  }

  void read_workflow() {
    const json* lower = given("workflow");
    const json* upper = given("Workflow");
    const char* name = lower || !upper ? "workflow" : "Workflow";
    const json* value = lower ? lower : upper;
    if (lower && upper && *lower != *upper) wrong("Workflow", "the same as workflow, or nothing", *upper);
    if (!value) {
      if (!given("blueprint")) result_.violations.push_back({"/workflow", "the id of a blueprint", "nothing"});
      return;
    }
    if (value->is_string() && !value->get_ref<const std::string&>().empty() &&
        value->get_ref<const std::string&>().size() <= workflow_max)
      result_.workflow = value->get<std::string>();
    else
      wrong(name, "the id of a blueprint", *value);
  }

  std::int64_t whole(const char* name, const json& value, std::int64_t least, std::int64_t most, const char* wanted) {
    if (value.is_number_unsigned() && value.get<std::uint64_t>() <= static_cast<std::uint64_t>(most) &&
        (least <= 0 || value.get<std::uint64_t>() >= static_cast<std::uint64_t>(least)))
      return static_cast<std::int64_t>(value.get<std::uint64_t>());
    if (value.is_number_integer() && !value.is_number_unsigned() && value.get<std::int64_t>() >= least &&
        value.get<std::int64_t>() <= most)
      return value.get<std::int64_t>();
    if (value.is_number_float()) {
      const double number = value.get<double>();
      if (std::trunc(number) == number && number >= static_cast<double>(least) && number <= static_cast<double>(most))
        return static_cast<std::int64_t>(number);
    }
    wrong(name, wanted, value);
    return 0;
  }

  void read_object(const char* name, const json*& target) {
    const json* value = given(name);
    if (value && !value->is_object()) return wrong(name, "an object", *value);
    target = value;
  }

  void read_not_before() {
    const json* value = given("not_before");
    if (!value) return;
    if (value->is_string())
      if (auto parsed = parse_iso8601(value->get_ref<const std::string&>())) {
        result_.not_before = *parsed;
        return;
      }
    wrong("not_before", "an instant such as 2024-01-10T14:30:00Z", *value);
  }

  void read_labels() {
    read_object("labels", result_.labels);
    if (!result_.labels) return;
    if (result_.labels->size() > labels_max)
      wrong("labels", "at most " + std::to_string(labels_max) + " labels", json(result_.labels->size()));
    for (const auto& [name, value] : result_.labels->items()) {
      const std::string place = "labels/" + pointer_token(name);
      if (name.empty() || name.size() > label_name_max || name.find(':') != std::string::npos)
        wrong(place, "a label's name: 1 to " + std::to_string(label_name_max) + " bytes without a colon", json(name));
      if (!value.is_string() || value.get_ref<const std::string&>().size() > label_value_max)
        wrong(place, "a string of at most " + std::to_string(label_value_max) + " bytes", value);
    }
  }

  const json& body_;
  submission& result_;
};

} // namespace

submission read_submission(const json& request) {
  submission result;
  if (request.is_object())
    body_reader(request, result).read();
  else
    result.violations.push_back({"", "an object", describe(request)});
  return result;
}

} // namespace troupe::engine
