#pragma once

#include "runtime/blueprint/finding_list.hpp"
#include "runtime/blueprint/references.hpp"

#include <memory>

namespace troupe::blueprint {

/// A blueprint read in whatever form it was written, checked and compiled.
struct compiled_blueprint {
  std::shared_ptr<definition> compiled; ///< null if any finding is an error
  json full;                            ///< the full form, normalised; null if it could not be told what was meant
  finding_list findings;                ///< pointers into what was written
};

compiled_blueprint compile_blueprint(const json& written, const references& around);

} // namespace troupe::blueprint
