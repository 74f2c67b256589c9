#pragma once

#include "runtime/blueprint/finding_list.hpp"
#include "runtime/blueprint/references.hpp"

#include <memory>

namespace troupe::blueprint {

inline constexpr std::size_t states_max = 1000;
inline constexpr std::size_t transitions_max = 10'000;
inline constexpr std::size_t edges_max = 100'000; ///< from-to pairs of all transitions, `*` counted out

/// Compiles a normalised full form, with findings at pointers into it. What hangs together (targets, ways, duplicates)
/// is `check_graph`'s. Null if anything is an error, here or already in `findings`. The pins are what was used, at the
/// versions that `around` has.
std::shared_ptr<definition> read_definition(const json& full, const references& around, finding_list& findings);

} // namespace troupe::blueprint
