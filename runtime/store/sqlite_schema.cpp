#include "runtime/store/sqlite_schema.hpp"

#include "runtime/base/log.hpp"

#include <fmt/format.h>

namespace troupe::store {

namespace {

/// `PRAGMA application_id`: the letters TRUP.
constexpr std::int64_t application_id = 0x54525550;

} // namespace

expected<void> check_schema(sqlite_connection& connection, std::span<const migration> known, bool is_written) {
  const auto owner = connection.number("PRAGMA application_id");
  const auto version = connection.number("PRAGMA user_version");
  const auto newest = static_cast<std::int64_t>(known.size());
  const auto is_new = owner == 0 && version == 0 && connection.number("SELECT count(*) FROM sqlite_schema") == 0;
  if (!is_new && owner != application_id)
    return refuse(errc::not_ready, fmt::format("{}: expected a store of troupe, but found another program's database",
                                               connection.path()));
  if (version > newest)
    return refuse(errc::newer_schema, fmt::format("{}: expected a store of schema {} or older, but found schema {}: it "
                                                  "was written by a newer version of troupe",
                                                  connection.path(), newest, version));
  if (version < newest && !is_written)
    return refuse(errc::not_ready,
                  fmt::format("{}: expected a store of schema {}, but found schema {}: start a server on it once",
                              connection.path(), newest, version));
  return {};
}

expected<void> migrate(sqlite_connection& connection, std::span<const migration> known) {
  if (auto fine = check_schema(connection, known, true); !fine) return fine;
  const auto version = connection.number("PRAGMA user_version");
  for (const auto& step : known.subspan(static_cast<std::size_t>(version))) {
    TROUPE_ASSERT(&step - known.data() + 1 == step.number);
    connection.execute("BEGIN IMMEDIATE");
    connection.execute(step.sql);
    connection.execute(
        fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}; COMMIT", application_id, step.number));
    log(log_level::info, "schema_migrated", "the store was brought to a newer schema",
        {{"path", connection.path()}, {"migration", step.name}});
  }
  return {};
}

} // namespace troupe::store
