#include "tests/store/contract.hpp"

#include <atomic>
#include <unistd.h>

namespace troupe::testing {

const std::vector<store_kind>& store_kinds() {
  static const std::vector<store_kind> kinds = {
      {"SQLite", [](const std::filesystem::path& folder) { return "sqlite:" + (folder / "troupe.db").string(); }},
  };
  return kinds;
}

namespace {

/// In memory where there is room: what is killed here are processes, not machines, and a test need not wait for a disk.
std::filesystem::path temporary_root() {
  std::error_code failure;
  const auto room = std::filesystem::space("/dev/shm", failure);
  const auto is_roomy = !failure && room.available > 512u * 1024 * 1024 && ::access("/dev/shm", W_OK) == 0;
  return is_roomy ? std::filesystem::path("/dev/shm") : std::filesystem::temp_directory_path();
}

} // namespace

temporary_folder::temporary_folder() {
  static std::atomic<int> count = 0;
  path_ = temporary_root() / ("troupe-store-" + std::to_string(::getpid()) + "-" + std::to_string(++count));
  std::filesystem::create_directories(path_);
}

temporary_folder::~temporary_folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

namespace {

engine::event made(std::uint64_t sequence, time_point now, const happening& what) {
  return {sequence, now, what.type, "a \"tester\"", what.data};
}

} // namespace

store::append submit(const std::string& order_id, const submission& wanted) {
  json data = {{"order_id", order_id},
               {"workflow", wanted.workflow},
               {"version", 1},
               {"data", {{"amount", 1.5}, {"text", std::string(wanted.bytes, 'x')}}},
               {"labels", json::object()},
               {"metadata", json::object()},
               {"priority", wanted.priority},
               {"group", wanted.group},
               {"request_hash", wanted.request_hash}};
  for (const auto& [name, value] : wanted.labels)
    data["labels"][name] = value;
  if (wanted.not_before) data["not_before"] = to_iso8601(*wanted.not_before);
  engine::decision decided;
  decided.events.push_back(made(1, wanted.now, {"order_submitted", std::move(data)}));
  decided.after = engine::fold(decided.events);
  return store::make_append({shard_of(order_id), 0}, 0, std::move(decided), {}, false);
}

happening entered(const std::string& state) {
  return {"state_entered", {{"state", state}, {"visit", 1}, {"transition", nullptr}, {"data", json::object()}}};
}

happening waits() {
  return {"order_waiting", {{"for", "event"}}};
}

happening retries_at(time_point due) {
  return {"retry_scheduled", {{"action", "a"}, {"due", to_iso8601(due)}}};
}

happening fails(const std::string& code) {
  return {"state_failed", {{"error", {{"code", code}, {"message", "the test says so"}}}}};
}

happening ends(const std::string& status) {
  return {"order_ended", {{"status", status}, {"outcome", "success"}}};
}

workbench::workbench(const store_kind& kind) : url_(kind.url(folder_.path())) {
  reopen();
}

workbench::~workbench() {
  close();
}

void workbench::close() {
  reader_.reset();
  writer_.reset();
  place_.reset();
}

void workbench::reopen() {
  close();
  auto place = store::place::at(url_);
  if (!place) CAF_FAIL(place.error().detail);
  place_ = std::move(*place);
  auto writer = place_->open_writer();
  if (!writer) CAF_FAIL(writer.error().detail);
  writer_ = std::move(*writer);
  auto reader = place_->open_reader();
  if (!reader) CAF_FAIL(reader.error().detail);
  reader_ = std::move(*reader);
  auto leases = writer_->take_leases("tester");
  if (!leases) CAF_FAIL(leases.error().detail);
  leases_ = std::move(*leases);
}

std::unique_ptr<store::reader> workbench::another_reader() {
  auto reader = place_->open_reader();
  if (!reader) CAF_FAIL(reader.error().detail);
  return std::move(*reader);
}

store::lease workbench::lease_of(const std::string& order_id) const {
  return leases_.at(static_cast<std::size_t>(shard_of(order_id)));
}

void workbench::commit_group(std::vector<store::operation>& group) {
  if (const auto done = writer_->commit(group); !done) CAF_FAIL(done.error().detail);
}

engine::order workbench::submitted(const std::string& order_id, const submission& wanted) {
  const auto done = commit(submit(order_id, wanted));
  if (!done.outcome) CAF_FAIL(done.outcome.error().detail);
  return *done.after;
}

store::append workbench::follow(const engine::order& before, const std::vector<happening>& happenings, bool live,
                                const std::vector<json>& notifications, std::optional<time_point> now) const {
  engine::decision decided;
  decided.after = before;
  for (const auto& each : happenings) {
    decided.events.push_back(made(decided.after.sequence + 1, now.value_or(before.updated_at + duration{1}), each));
    engine::apply(decided.after, decided.events.back());
  }
  return store::make_append(lease_of(before.order_id), before.sequence, std::move(decided), notifications, live);
}

engine::order workbench::goes_on(const engine::order& before, const std::vector<happening>& happenings, bool live,
                                 const std::vector<json>& notifications, std::optional<time_point> now) {
  const auto done = commit(follow(before, happenings, live, notifications, now));
  if (!done.outcome) CAF_FAIL(done.outcome.error().detail);
  return *done.after;
}

std::vector<std::string> workbench::claim(const std::string& batch_id, store::queue from, int limit, bool open_batch) {
  store::claim_orders wanted;
  wanted.batch_id = batch_id;
  wanted.node = "tester";
  wanted.lane = "1";
  wanted.from = from;
  wanted.limit = limit;
  wanted.now = at(100);
  wanted.open_batch = open_batch;
  const auto done = commit(std::move(wanted));
  if (!done.outcome) CAF_FAIL(done.outcome.error().detail);
  std::vector<std::string> ids;
  for (const auto& taken : done.taken)
    ids.push_back(taken.order_id);
  return ids;
}

store::stored_order workbench::stored(const std::string& order_id) {
  auto found = reader_->order(order_id);
  if (!found) CAF_FAIL(found.error().detail);
  return std::move(*found);
}

std::vector<engine::event> workbench::history(const std::string& order_id) {
  std::vector<engine::event> all;
  store::page_request where{"", 1000, true};
  do {
    auto read = reader_->history(order_id, where);
    if (!read) CAF_FAIL(read.error().detail);
    all.insert(all.end(), read->items.begin(), read->items.end());
    where.cursor = read->next;
  } while (!where.cursor.empty());
  return all;
}

std::vector<std::string> workbench::findings() {
  if (!reader_) return {};
  auto found = store::verify(*reader_);
  if (!found) CAF_FAIL(found.error().detail);
  return found->findings;
}

} // namespace troupe::testing
