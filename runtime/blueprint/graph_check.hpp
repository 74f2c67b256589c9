#pragma once

#include "runtime/blueprint/finding_list.hpp"

namespace troupe::blueprint {

/// What hangs together in a normalised full form: ids that are there twice, targets that are missing, states that
/// cannot be reached or in which nothing can ever happen, final states that are left, automatic transitions that go
/// round.
void check_graph(const json& full, finding_list& findings);

/// What is doubtful about a definition that compiles: warnings.
void check_doubts(const definition& compiled, finding_list& findings);

} // namespace troupe::blueprint
