#pragma once

#include "runtime/engine/engine.hpp"
#include "runtime/store/store.hpp"

#include "caf/test/unit_test.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

/// The contract of runtime/store/{records,store}.hpp as tests: each promise runs against every kind of store.
namespace troupe::testing {

/// A kind of store. A new one is put under the whole suite by a line in `store_kinds`.
struct store_kind {
  std::string name;
  /// The URL of a store that is empty and nobody else's; files may lie in the folder.
  std::function<std::string(const std::filesystem::path& folder)> url;
};
const std::vector<store_kind>& store_kinds();

/// A folder that goes away with its owner.
class temporary_folder {
public:
  temporary_folder();
  ~temporary_folder();
  temporary_folder(const temporary_folder&) = delete;
  const std::filesystem::path& path() const { return path_; }

private:
  std::filesystem::path path_;
};

inline time_point at(std::int64_t seconds) {
  return time_point{duration{1'800'000'000'000 + seconds * 1000}};
}

/// What a submission says.
struct submission {
  std::string workflow = "transfer";
  std::string group;
  std::vector<std::pair<std::string, std::string>> labels;
  std::int64_t priority = 0;
  time_point now = at(0);
  std::optional<time_point> not_before;
  std::string request_hash = "0123";
  std::size_t bytes = 10; ///< of its data
};
store::append submit(const std::string& order_id, const submission& wanted = {});

/// Events that an order may meet with, as the engine records them.
struct happening {
  std::string type;
  json data = json::object();
};
happening entered(const std::string& state);
happening waits();
happening retries_at(time_point due);
happening fails(const std::string& code);
happening ends(const std::string& status);

/// An open store of one kind, in a folder of its own.
class workbench {
public:
  explicit workbench(const store_kind& kind);
  workbench(const workbench&) = delete;
  ~workbench();

  const std::string& url() const { return url_; }
  const std::filesystem::path& folder() const { return folder_.path(); }
  store::writer& writer() { return *writer_; }
  store::reader& reader() { return *reader_; }
  std::unique_ptr<store::reader> another_reader();
  /// As a new process would.
  void reopen();
  void close();
  store::lease lease_of(const std::string& order_id) const;

  /// Alone in its group, which goes through.
  template <class Operation> Operation commit(Operation wanted) {
    std::vector<store::operation> group;
    group.emplace_back(std::move(wanted));
    commit_group(group);
    return std::get<Operation>(std::move(group.front()));
  }
  void commit_group(std::vector<store::operation>& group);

  /// Submits an order that is accepted.
  engine::order submitted(const std::string& order_id, const submission& wanted = {});
  /// What follows on `before`, under the newest lease.
  store::append follow(const engine::order& before, const std::vector<happening>& happenings, bool live = false,
                       const std::vector<json>& notifications = {}, std::optional<time_point> now = {}) const;
  /// Appends it and gives the order after it.
  engine::order goes_on(const engine::order& before, const std::vector<happening>& happenings, bool live = false,
                        const std::vector<json>& notifications = {}, std::optional<time_point> now = {});
  /// Claims from a queue; the ids of what was taken.
  std::vector<std::string> claim(const std::string& batch_id, store::queue from = store::queue::pending,
                                 int limit = 100, bool open_batch = true);
  store::stored_order stored(const std::string& order_id);
  std::vector<engine::event> history(const std::string& order_id);
  /// What `verify` finds, which is nothing in a store that nobody has tampered with.
  std::vector<std::string> findings();

private:
  temporary_folder folder_;
  std::string url_;
  std::unique_ptr<store::place> place_;
  std::unique_ptr<store::writer> writer_;
  std::unique_ptr<store::reader> reader_;
  std::vector<store::lease> leases_;
};

/// The code of an outcome, `done` if it is none.
template <class Value> std::string code_of(const expected<Value>& outcome) {
  return outcome ? "done" : std::string(to_string(outcome.error().code));
}

} // namespace troupe::testing

/// A promise of the contract: the body runs once for each kind of store, on a new one, `in`.
#define STORE_TEST(sentence)                                                                                           \
  static void CAF_UNIQUE(promise)(troupe::testing::workbench & in);                                                    \
  CAF_TEST(sentence) {                                                                                                 \
    for (const auto& kind : troupe::testing::store_kinds()) {                                                          \
      CAF_MESSAGE("with " << kind.name);                                                                               \
      troupe::testing::workbench in(kind);                                                                             \
      CAF_UNIQUE(promise)(in);                                                                                         \
      CAF_CHECK_EQUAL(in.findings(), std::vector<std::string>{});                                                      \
    }                                                                                                                  \
  }                                                                                                                    \
  static void CAF_UNIQUE(promise)([[maybe_unused]] troupe::testing::workbench & in)
