#pragma once

#include "runtime/engine/engine.hpp"

#include <set>
#include <string>
#include <vector>

namespace troupe::engine {

/// What entering a state would bring: blueprint-format.md, "State data".
struct prepared_entry {
  json joined = json::object();      ///< what the payload templates add to the order's data
  json state_data;                   ///< the state's own
  std::vector<violation> violations; ///< pointers into the state's data
  std::size_t immutable_count = 0;   ///< so many of them, the first ones, are changes of immutable fields
  bool is_broken = false;            ///< a payload template could not be evaluated (it is among the violations)

  bool is_valid() const { return violations.empty(); }
  /// The error code of a state that fails for it.
  const char* code() const { return is_broken ? "expression_failed" : "validation_failed"; }
};

/// The order's data with `trigger_data` laid over it, the payload for what is missing, cut and validated. `event`, if
/// given, is the one being judged.
prepared_entry prepare_entry(const order& subject, const context& around, const blueprint::state& target,
                             const json& trigger_data, const json* event = nullptr);

/// The order's data cut to what is the state's own.
json cut(const blueprint::state& target, const json& data);

/// Members of `fields` that would change an immutable field of `data`; pointers begin with the field.
std::vector<violation> immutable_violations(const blueprint::definition& blueprint, const json& data,
                                            const json& fields);

/// Members of `fields` that a closed state does not declare.
std::vector<violation> undeclared_violations(const blueprint::state& target, const json& fields,
                                             const blueprint::schema* also);

/// Fields of the order's data that these actions may write.
std::set<std::string> written_by(const std::vector<blueprint::action>& actions);

/// Of the violations of a state that is entered only after actions that write `written`, those that these actions
/// cannot cure.
std::vector<violation> incurable(const prepared_entry& entry, const blueprint::state& target,
                                 const std::set<std::string>& written);

/// `text`: `/amount: expected ..., but found ...; ...`, the first few.
std::string summary(const std::vector<violation>& violations);

/// Each pointer with `prefix` before it.
std::vector<violation> below(std::string_view prefix, std::vector<violation> violations);

} // namespace troupe::engine
