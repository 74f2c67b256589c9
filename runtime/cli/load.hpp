#pragma once

#include "runtime/base/json.hpp"

#include <string>
#include <vector>

namespace troupe::cli {

/// One order of a load, and how it is to end.
struct load_order {
  std::string workflow;
  std::string case_name;
  json submission;
  json expect; ///< { status, outcome, error? } or null
};

/// Expands a load document (deploy/demo/README.md, "load.json") into its orders, all cases mixed by a shuffle with a
/// fixed seed. Refuses with `invalid_data`.
expected<std::vector<load_order>> expand_load(const json& document);

/// `count` orders of one workflow with the same data.
std::vector<load_order> uniform_load(const std::string& workflow, std::size_t count, const json& data);

/// What differs between how an order ended and how it was to end; empty: nothing.
std::string difference(const load_order& wanted, const json& order);

} // namespace troupe::cli
