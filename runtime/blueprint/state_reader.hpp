#pragma once

#include "runtime/blueprint/action_reader.hpp"

namespace troupe::blueprint {

/// Reads one state of the full form, without its transitions. Nothing if it cannot stand for one (then there are
/// findings).
std::optional<state> read_state(const json& written, const std::string& pointer, compilation& work,
                                action_reader& actions);

} // namespace troupe::blueprint
