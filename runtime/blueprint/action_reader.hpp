#pragma once

#include "runtime/blueprint/api_call.hpp"

#include <map>

namespace troupe::blueprint {

/// Reads the actions of one blueprint: resolves for each what action, API call, state and blueprint say (the nearest
/// wins), and compiles API calls into requests.
class action_reader {
public:
  action_reader(compilation& work, const action_level& blueprint_level)
      : work_(work), blueprint_level_(blueprint_level) {}

  /// A list of actions. `state_level` null: those of a transition.
  std::vector<action> read_list(const object_reader& owner, std::string_view name, const action_level* state_level);

  /// API calls that were used, and their versions: for the pins.
  const std::map<std::string, int>& used_api_calls() const { return used_api_calls_; }

private:
  /// `undone`: it is what undoes the action of that id.
  std::optional<action> read(const json& written, const std::string& pointer, const action_level* state_level,
                             const std::string* undone = nullptr);
  std::shared_ptr<const action> read_compensation(const object_reader& owner, const std::string* owner_id,
                                                  const action_level* state_level, bool is_one);
  std::optional<action_body> read_body(const object_reader& reader, const std::string& type, const api_call*& call);
  std::optional<action_body> read_webhook(const object_reader& reader);
  std::optional<action_body> read_call(const object_reader& reader, const api_call*& call);
  std::optional<action_body> read_set(const object_reader& reader);
  std::optional<action_body> read_log(const object_reader& reader);
  std::optional<action_body> read_notify(const object_reader& reader);
  const api_call* find_call(const std::string& id, const std::string& pointer);
  std::optional<value_template> payload_over(const api_call& call, const json& own, const std::string& pointer);

  compilation& work_;
  const action_level& blueprint_level_;
  std::map<std::string, std::optional<api_call>> calls_;
  std::map<std::string, int> used_api_calls_;
  std::size_t payload_size_ = 0;
};

/// The type of an action: as written, else the body that is there. Empty if there is none or it cannot be told.
std::string type_of_action(const json& written);

} // namespace troupe::blueprint
