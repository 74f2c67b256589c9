#pragma once

#include "runtime/blueprint/action_reader.hpp"

namespace troupe::blueprint {

/// Reads one transition of the full form; `*` in `from` stays as it is. Nothing if it cannot stand for one (then there
/// are findings).
std::optional<transition> read_transition(const json& written, const std::string& pointer, compilation& work,
                                          action_reader& actions);

} // namespace troupe::blueprint
