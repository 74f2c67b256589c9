#define CAF_SUITE store_sqlite

#include "runtime/store/sqlite_schema.hpp"
#include "tests/store/contract.hpp"
#include "tests/store/faulty_disk.hpp"
#include "tests/support/skip.hpp"

#include <fstream>
#include <sqlite3.h>
#include <sys/mount.h>
#include <thread>

using namespace troupe;
using namespace troupe::testing;

namespace {

std::filesystem::path file_in(const temporary_folder& folder) {
  return folder.path() / "troupe.db";
}

expected<std::unique_ptr<store::writer>> writer_at(const std::filesystem::path& file) {
  const auto place = store::place::at("sqlite:" + file.string());
  if (!place) return tl::unexpected(place.error());
  return (*place)->open_writer();
}

expected<std::unique_ptr<store::reader>> reader_at(const std::filesystem::path& file) {
  const auto place = store::place::at("sqlite:" + file.string());
  if (!place) return tl::unexpected(place.error());
  return (*place)->open_reader();
}

/// As another program would.
void execute(const std::filesystem::path& file, const std::string& sql) {
  sqlite3* connection = nullptr;
  CAF_REQUIRE(sqlite3_open(file.c_str(), &connection) == SQLITE_OK);
  char* problem = nullptr;
  if (sqlite3_exec(connection, sql.c_str(), nullptr, nullptr, &problem) != SQLITE_OK) CAF_FAIL(problem);
  sqlite3_close(connection);
}

template <class Value>
void check_refused(const expected<Value>& outcome, const std::string& code, const std::string& text) {
  CAF_CHECK_EQUAL(code_of(outcome), code);
  if (!outcome)
    CAF_CHECK_EQUAL(outcome.error().detail.find(text) != std::string::npos ? text : outcome.error().detail, text);
}

const store_kind& sqlite() {
  return store_kinds().front();
}

/// Many orders in one group, big enough to take room.
std::vector<store::operation> load(const std::string& prefix, int count, std::size_t bytes) {
  submission wanted;
  wanted.bytes = bytes;
  std::vector<store::operation> group;
  for (int index = 0; index < count; ++index)
    group.emplace_back(submit(prefix + "-" + std::to_string(index), wanted));
  return group;
}

/// A file system of a few megabytes, or none where this process may not mount.
class small_disk {
public:
  small_disk() : is_mounted_(::mount("none", folder_.path().c_str(), "tmpfs", 0, "size=12m") == 0) {}
  ~small_disk() {
    if (is_mounted_) ::umount2(folder_.path().c_str(), MNT_DETACH);
  }
  bool is_mounted() const { return is_mounted_; }
  std::filesystem::path path() const { return folder_.path(); }

private:
  temporary_folder folder_;
  bool is_mounted_;
};

} // namespace

CAF_TEST("URLs that are not understood are refused, and no password is repeated") {
  for (const auto* url :
       {"", "troupe.db", "sqlite:", "sqlite::memory:", "sqlite://troupe.db", "mysql://user:secret@host/db"}) {
    const auto place = store::place::at(url);
    check_refused(place, "invalid_request", "expected");
    CAF_CHECK(place || place.error().detail.find("secret") == std::string::npos);
  }
}

CAF_TEST("what cannot be opened is refused with its path and the reason") {
  temporary_folder folder;
  check_refused(writer_at(folder.path() / "none" / "troupe.db"), "not_ready", "none/troupe.db");
  check_refused(reader_at(folder.path() / "none.db"), "not_ready", "none.db");
  check_refused(writer_at(folder.path()), "not_ready", folder.path().string());
  std::ofstream(file_in(folder)) << std::string(10'000, 'x');
  check_refused(writer_at(file_in(folder)), "not_ready", "troupe.db: file is not a database");
  check_refused(reader_at(file_in(folder)), "not_ready", "troupe.db: file is not a database");
}

CAF_TEST("another program's database is left alone") {
  temporary_folder folder;
  execute(file_in(folder), "CREATE TABLE recipes (name TEXT)");
  check_refused(writer_at(file_in(folder)), "not_ready", "another program's database");
  check_refused(reader_at(file_in(folder)), "not_ready", "another program's database");
}

CAF_TEST("an empty file becomes a store; a reader alone makes none") {
  temporary_folder folder;
  std::ofstream(file_in(folder)).close();
  check_refused(reader_at(file_in(folder)), "not_ready", "start a server on it once");
  CAF_CHECK(writer_at(file_in(folder)).has_value());
  CAF_CHECK(reader_at(file_in(folder)).has_value());
}

CAF_TEST("a store of a newer version is refused") {
  temporary_folder folder;
  CAF_CHECK(writer_at(file_in(folder)).has_value());
  execute(file_in(folder), "PRAGMA user_version = 99");
  check_refused(writer_at(file_in(folder)), "newer_schema", "schema 99");
  check_refused(reader_at(file_in(folder)), "newer_schema", "newer version of troupe");
}

CAF_TEST("migrations are applied once, each whole or not at all") {
  temporary_folder folder;
  store::sqlite_connection connection(file_in(folder).string(), store::sqlite_connection::access::write, 1 << 20);
  const store::migration steps[] = {{1, "0001_a.sql", "CREATE TABLE a (x); INSERT INTO a VALUES (1);"},
                                    {2, "0002_b.sql", "CREATE TABLE b (x);"},
                                    {3, "0003_c.sql", "CREATE TABLE c (x); nonsense"}};
  const auto known = std::span(steps);
  CAF_CHECK(store::migrate(connection, known.first(1)));
  CAF_CHECK(store::migrate(connection, known.first(1)));
  CAF_CHECK_EQUAL(connection.number("SELECT count(*) FROM a"), 1);
  CAF_CHECK_EQUAL(code_of(store::check_schema(connection, known.first(2), false)), "not_ready");
  CAF_CHECK(store::migrate(connection, known.first(2)));
  CAF_CHECK_EQUAL(connection.number("PRAGMA user_version"), 2);
  CAF_CHECK_EQUAL(code_of(store::migrate(connection, known.first(1))), "newer_schema");
  CAF_CHECK_THROWS_AS(store::migrate(connection, known), store::sqlite_failure);
  connection.roll_back();
  CAF_CHECK_EQUAL(connection.number("PRAGMA user_version"), 2);
  CAF_CHECK_EQUAL(connection.number("SELECT count(*) FROM sqlite_schema WHERE name = 'c'"), 0);
}

CAF_TEST("the migrations of the binary are numbered without gaps") {
  int number = 0;
  for (const auto& each : store::sqlite_migrations())
    CAF_CHECK_EQUAL(each.number, ++number);
  CAF_CHECK(number >= 1);
}

CAF_TEST("a second writer is refused while the first is there; readers are not") {
  temporary_folder folder;
  auto first = writer_at(file_in(folder));
  CAF_REQUIRE(first);
  check_refused(writer_at(file_in(folder)), "not_ready",
                "expected to be its only writer, but found that process " + std::to_string(::getpid()));
  CAF_CHECK(reader_at(file_in(folder)).has_value());
  first->reset();
  CAF_CHECK(writer_at(file_in(folder)).has_value());
}

CAF_TEST("while another program has locked the file nothing is done, and it goes on after that") {
  workbench in(sqlite());
  sqlite3* other = nullptr;
  CAF_REQUIRE(sqlite3_open((in.folder() / "troupe.db").c_str(), &other) == SQLITE_OK);
  CAF_REQUIRE(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK);
  auto group = load("a", 2, 10);
  const auto done = in.writer().commit(group);
  CAF_CHECK_EQUAL(code_of(done), "not_ready");
  CAF_CHECK_EQUAL(code_of(std::get<store::append>(group[1]).outcome), "not_ready");
  sqlite3_close(other);
  in.commit_group(group);
  CAF_CHECK_EQUAL(in.writer().pending(), 2);
}

CAF_TEST("a full disk refuses groups and corrupts nothing, and it goes on when there is room") {
  small_disk disk;
  if (!disk.is_mounted()) return troupe::test::skip("mounting a small file system is not permitted here");
  const auto ballast = disk.path() / "ballast";
  workbench in({"SQLite on a small disk",
                [&disk](const std::filesystem::path&) { return "sqlite:" + (disk.path() / "troupe.db").string(); }});
  std::vector<std::string> accepted;
  for (int round = 0; round < 4; ++round) {
    std::ofstream(ballast) << std::string(6'000'000, 'x');
    int refused = 0;
    for (int number = 0; refused < 5; ++number) {
      CAF_REQUIRE(number < 2000);
      auto group = load("r" + std::to_string(round) + "-" + std::to_string(number), 10, 1500);
      const auto done = in.writer().commit(group);
      for (const auto& each : group) {
        const auto& append = std::get<store::append>(each);
        CAF_CHECK_EQUAL(code_of(append.outcome), code_of(done));
        if (append.outcome) accepted.push_back(append.after->order_id);
      }
      if (!done) {
        CAF_CHECK(done.error().code == errc::not_ready || done.error().code == errc::outcome_unknown);
        ++refused;
      }
    }
    std::filesystem::remove(ballast);
    auto group = load("after-" + std::to_string(round), 1, 100);
    CAF_CHECK_EQUAL(code_of(in.writer().commit(group)), "done");
    CAF_CHECK_EQUAL(in.findings(), std::vector<std::string>{});
    if (round % 2 == 1) in.reopen();
  }
  for (const auto& name : accepted)
    CAF_CHECK(in.reader().order(name).has_value());
  CAF_CHECK_EQUAL(in.writer().pending(), static_cast<std::int64_t>(accepted.size()) + 4);
  in.close();
}

CAF_TEST("a sync that fails leaves the outcome unknown until the store has made it certain") {
  workbench in(sqlite());
  in.submitted("before");
  {
    faulty_disk faults;
    bool is_over = false;
    faulty_disk::on_sync = [&is_over](int descriptor) {
      return !std::exchange(is_over, true) && is_file(descriptor, "-wal") ? EIO : 0;
    };
    auto group = load("a", 3, 100);
    const auto done = in.writer().commit(group);
    CAF_CHECK(is_over);
    CAF_CHECK_EQUAL(code_of(done), "outcome_unknown");
    CAF_CHECK_EQUAL(code_of(std::get<store::append>(group[0]).outcome), "outcome_unknown");
  }
  // What is there now is what a crash would leave.
  const auto is_there = in.reader().order("a-0").has_value();
  temporary_folder elsewhere;
  for (const auto* ending : {"", "-wal"})
    std::filesystem::copy_file(in.folder() / ("troupe.db" + std::string(ending)),
                               elsewhere.path() / ("troupe.db" + std::string(ending)));
  const auto after_crash = reader_at(file_in(elsewhere));
  CAF_REQUIRE(after_crash);
  CAF_CHECK((*after_crash)->order("before").has_value());
  CAF_CHECK_EQUAL((*after_crash)->order("a-0").has_value(), is_there);
  CAF_CHECK_EQUAL((*after_crash)->order("a-2").has_value(), is_there);
  if (!is_there) in.submitted("a-0");
  CAF_CHECK_EQUAL(in.findings(), std::vector<std::string>{});
}

CAF_TEST("while nothing can be synced nothing is done, and it goes on after that") {
  workbench in(sqlite());
  {
    faulty_disk faults;
    faulty_disk::on_sync = [](int descriptor) { return is_file(descriptor, "-wal") ? EIO : 0; };
    auto group = load("a", 3, 100);
    CAF_CHECK_EQUAL(code_of(in.writer().commit(group)), "outcome_unknown");
    for (int round = 0; round < 3; ++round) {
      auto next = load("b", 3, 100);
      CAF_CHECK_EQUAL(code_of(in.writer().commit(next)), "not_ready");
    }
    CAF_CHECK_EQUAL(code_of(in.writer().take_leases("tester")), "not_ready");
  }
  in.submitted("c");
  CAF_CHECK(!in.reader().order("b-0").has_value());
  CAF_CHECK_EQUAL(in.findings(), std::vector<std::string>{});
}

CAF_TEST("whichever write fails, the group is there whole or not at all") {
  workbench in(sqlite());
  auto order = in.submitted("a");
  for (int failing = 1; failing < 60; ++failing) {
    int count = 0;
    auto append = in.follow(order, {entered("s" + std::to_string(failing))}, false, {{{"id", "n"}}});
    std::vector<store::operation> group = load("o" + std::to_string(failing), 5, 3000);
    group.emplace_back(append);
    expected<void> done;
    {
      faulty_disk faults;
      faulty_disk::on_write = [&](int) { return ++count == failing ? (failing % 2 == 0 ? EIO : ENOSPC) : 0; };
      done = in.writer().commit(group);
    }
    const auto is_there = in.reader().order("o" + std::to_string(failing) + "-4").has_value();
    CAF_CHECK_EQUAL(in.stored("a").value.sequence, order.sequence + (is_there ? 1 : 0));
    if (done)
      CAF_CHECK(is_there);
    else if (done.error().code == errc::not_ready)
      CAF_CHECK(!is_there);
    order = in.stored("a").value;
  }
  CAF_CHECK_EQUAL(in.findings(), std::vector<std::string>{});
}

CAF_TEST("the write-ahead log stays short while readers read all the time") {
  workbench in(sqlite());
  std::atomic<bool> is_over = false;
  std::vector<std::thread> threads;
  for (int index = 0; index < 2; ++index)
    threads.emplace_back([&is_over, reader = in.another_reader()] {
      while (!is_over)
        static_cast<void>(reader->orders({}, {"", 300, true}));
    });
  std::uintmax_t longest = 0;
  for (int number = 0; number < 50; ++number) {
    auto group = load("g" + std::to_string(number), 50, 12'000);
    in.commit_group(group);
    longest = std::max(longest, std::filesystem::file_size(in.folder() / "troupe.db-wal"));
  }
  is_over = true;
  for (auto& thread : threads)
    thread.join();
  CAF_MESSAGE("at most " << longest / 1024 / 1024 << " MiB of "
                         << std::filesystem::file_size(in.folder() / "troupe.db") / 1024 / 1024);
  CAF_CHECK(longest < 48u * 1024 * 1024);
}

CAF_TEST("verify finds what has been tampered with") {
  const auto findings_after = [](const std::string& sql) {
    workbench in(sqlite());
    auto order = in.submitted("a");
    in.claim("b1");
    order = in.goes_on(order, {entered("one")}, true, {{{"id", "n1"}}, {{"id", "n2"}}});
    in.goes_on(in.submitted("b"), {entered("one"), ends("completed")});
    in.submitted("c");
    CAF_CHECK_EQUAL(in.findings(), std::vector<std::string>{});
    execute(in.folder() / "troupe.db", sql);
    return in.findings();
  };
  const std::pair<const char*, const char*> cases[] = {
      {"UPDATE events SET history = replace(history, 'one', 'two') WHERE number = 1 AND sequence = 2",
       "order a: expected the fold of its 2 events"},
      {"DELETE FROM events WHERE number = 2 AND sequence = 1", "order b: expected event 1, but found 2"},
      {"UPDATE events SET sequence = 3 WHERE number = 1 AND sequence = 2", "order a: expected event 2, but found 3"},
      {"INSERT INTO events (number, sequence, history) VALUES (2, 4, '[[1,\"state_entered\",\"x\",{}]]')",
       "order b: expected nothing but a reprocessing after its end"},
      {"UPDATE orders SET folded = '{\"status' WHERE number = 1", "order a: expected its column folded"},
      {"UPDATE events SET history = 'x' WHERE number = 1 AND sequence = 2",
       "order a: expected a history that can be read"},
      {"UPDATE orders SET status = 'failed' WHERE number = 2", "order b: expected its column status"},
      {"UPDATE orders SET sequence = 7 WHERE number = 2", "order b: expected its column sequence"},
      {"DELETE FROM places WHERE number = 3", "order c: expected it in a queue"},
      {"UPDATE batches SET status = 'settled'", "order a: expected it claimed by a batch that is running"},
      {"UPDATE outbox SET head = 0", "order a: expected the first of its messages out"},
      {"UPDATE outbox SET head = 1", "order a: expected the first of its messages out"},
      {"UPDATE order_counts SET count = count + 1 WHERE status = 'pending'",
       "transfer pending: expected as many orders as are counted"},
      {"INSERT INTO events (number, sequence, history) VALUES (99, 1, '[]')",
       "number 99: expected an order with these events"},
      {"INSERT INTO places VALUES (98, 0, 0, 0, 0, NULL, 1)", "number 98: expected an order in its place"},
  };
  for (const auto& [sql, finding] : cases) {
    const auto found = findings_after(sql);
    const auto is_found =
        std::ranges::any_of(found, [text = finding](const auto& each) { return each.find(text) != std::string::npos; });
    CAF_MESSAGE(sql);
    if (!is_found) CAF_ERROR("expected: " << finding << ", but found: " << caf::deep_to_string(found));
  }
}
