#pragma once

#include "runtime/store/store.hpp"

namespace troupe::store {

/// A file, with `-wal`, `-shm` and `.lock` beside it.
class sqlite_place : public place {
public:
  explicit sqlite_place(std::string path) : path_(std::move(path)) {}
  expected<std::unique_ptr<writer>> open_writer() override;
  expected<std::unique_ptr<reader>> open_reader() override;

private:
  const std::string path_;
};

} // namespace troupe::store
