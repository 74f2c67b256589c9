#pragma once

#include "runtime/engine/order.hpp"

#include <string_view>
#include <unordered_map>

/// What events change in an order: parts of `apply`.
namespace troupe::engine {

using change = void (*)(order& current, const event& happened);
using change_table = std::unordered_map<std::string_view, change>;

/// Events about how the order goes on, waits, is stopped, answered, undone, ended or begun again.
const change_table& changes_of_control();

/// No try of the action at hand has been made.
void forget_tries(position& where);
/// The action at hand is over.
void next_action(order& current);
/// The event's `error` becomes the order's.
void remember_failure(order& current, const event& happened);

} // namespace troupe::engine
