#pragma once

#include "runtime/blueprint/finding_list.hpp"
#include "runtime/blueprint/references.hpp"

namespace troupe::blueprint {

/// What hangs together in a normalised full form: ids that are there twice, targets that are missing, states that
/// cannot be reached or in which nothing can ever happen, final states that are left, automatic transitions that go
/// round.
void check_graph(const json& full, finding_list& findings);

/// What is doubtful about policies, retries and time-outs in a normalised full form: effects that a rollback would
/// leave behind, retries that cannot fit into their time, fields without effect. Warnings.
void check_policies(const json& full, const references& around, finding_list& findings);

/// Data that a state requires and that no path before it provides. Warnings.
void check_data_flow(const json& full, const references& around, finding_list& findings);

/// What is doubtful about a definition that compiles: warnings.
void check_doubts(const definition& compiled, finding_list& findings);

} // namespace troupe::blueprint
