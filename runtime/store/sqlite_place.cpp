#include "runtime/store/sqlite_place.hpp"

#include "runtime/store/sqlite_reader.hpp"
#include "runtime/store/sqlite_writer.hpp"

namespace troupe::store {

expected<std::unique_ptr<writer>> sqlite_place::open_writer() {
  return sqlite_writer::open(path_);
}

expected<std::unique_ptr<reader>> sqlite_place::open_reader() {
  return sqlite_reader::open(path_);
}

} // namespace troupe::store
