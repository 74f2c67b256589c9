#include "runtime/http/message.hpp"

#include "runtime/http/characters.hpp"

namespace troupe::http {

const std::string* headers::find(std::string_view name) const {
  for (const auto& [known, value] : fields_)
    if (equal_without_case(known, name)) return &value;
  return nullptr;
}

} // namespace troupe::http
