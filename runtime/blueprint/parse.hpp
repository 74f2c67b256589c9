#pragma once

#include "runtime/blueprint/finding_list.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::blueprint {

inline constexpr std::size_t definition_size_max = 4u << 20; ///< as text
inline constexpr std::size_t definition_depth_max = 64;

using knows_api_call = std::function<bool(std::string_view id)>;

/// A blueprint in the full form with its short forms written out, and the way back to what was written.
struct full_form {
  json document;
  std::string form; ///< `full`, `compact` or `recipe`
  pointer_map pointers;
};

/// Reads any of the forms. Nothing if it cannot be told what was meant; `findings` has pointers into `written`.
std::optional<full_form> parse(const json& written, const knows_api_call& knows, finding_list& findings);

/// The full form with its short forms written out: triggers as objects, the types of actions, expected responses. What
/// is not as it should be stays as it is. Applied again it changes nothing.
json normalised(json full);

/// The compact form as the full form; `states` is an object.
std::optional<full_form> parse_compact(const json& written, finding_list& findings);

/// The recipe form as the full form.
std::optional<full_form> parse_recipe(const json& written, const knows_api_call& knows, finding_list& findings);

/// The field of a document that holds the id it is published under, as its form has it: `stateMachineId`, `id`,
/// `workflow`.
std::string_view id_field(const json& written);

} // namespace troupe::blueprint
