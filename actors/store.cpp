#include "actors/store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace troupe::actors {

namespace {

constexpr duration first_delay{50};
constexpr duration delay_max{2'000};
constexpr duration disk_interval{10}; ///< a burst writes a megabyte in that time
constexpr duration tick_interval{1'000};
constexpr duration forget_interval{60'000};
constexpr duration requests_kept{86'400'000};

bool is_new_order(const store::operation& one) {
  const auto* append = std::get_if<store::append>(&one);
  return append != nullptr && append->expected_sequence == 0;
}

/// Some caller waits for it and can ask again; nothing is under way that would be lost.
bool can_be_refused(const store::operation& one) {
  if (const auto* append = std::get_if<store::append>(&one)) return !append->live;
  return std::holds_alternative<store::publish>(one) || std::holds_alternative<store::save_operation>(one);
}

void refuse_one(store::operation& one, const error& reason) {
  std::visit([&](auto& refused) { refused.outcome = tl::unexpected<error>(reason); }, one);
}

} // namespace

store_state::store_state(store_actor::pointer self, services with, open_writer open)
    : self_(self), with_(std::move(with)), alive_(with_.metrics, name), open_(std::move(open)) {}

store_actor::behavior_type store_state::make_behavior() {
  expect_no_exceptions(self_, name);
  tick();
  return {
      [this](store_write& wanted) { return take(wanted); },
      [this](store_flush) {
        is_flush_sent_ = false;
        flush();
      },
  };
}

caf::result<store_write> store_state::take(store_write& wanted) {
  if (const auto reason = reason_to_refuse(*wanted.operation)) {
    refuse_one(*wanted.operation, *reason);
    return std::move(wanted);
  }
  if (is_new_order(*wanted.operation)) ++new_orders_;
  gathered_.push_back({std::move(wanted.operation), self_->make_response_promise<store_write>()});
  auto asked = gathered_.back().asked;
  if (is_away()) {
    if (!again_.is_set()) again_.set(self_, delay_, [this] { flush(); });
    return asked;
  }
  if (gathered_.size() >= static_cast<std::size_t>(with_.settings->group_limit)) {
    flush();
  } else if (!std::exchange(is_flush_sent_, true)) {
    // It arrives behind everything that is in the mailbox by now: so much is one group.
    tell(self_, caf::actor_cast<store_actor>(self_), store_flush{});
  }
  return asked;
}

std::optional<error> store_state::reason_to_refuse(const store::operation& wanted) {
  if (is_away()) {
    if (can_be_refused(wanted)) return error{errc::not_ready, "the store cannot be written at present", {}};
    if (gathered_.size() >= static_cast<std::size_t>(with_.settings->kept_limit))
      return error{errc::not_ready, "the store cannot be written, and too much waits for it", {}};
    return std::nullopt;
  }
  if (!is_new_order(wanted)) return std::nullopt;
  look_at_disk();
  if (!has_room_)
    return error{
        errc::not_ready,
        fmt::format("expected at least {} bytes free on the store's disk, but found fewer", with_.settings->free_min),
        {}};
  const auto pending = writer_ ? writer_->pending() + static_cast<std::int64_t>(new_orders_) : 0;
  if (pending < with_.settings->pending_limit) return std::nullopt;
  return error{
      errc::queue_full,
      fmt::format("expected fewer than {} pending orders, but found {}", with_.settings->pending_limit, pending),
      {}};
}

void store_state::flush() {
  if (gathered_.empty()) return;
  auto group = next_group();
  std::vector<store::operation> operations;
  operations.reserve(group.size());
  for (auto& one : group)
    operations.push_back(std::move(*one.operation));
  const auto begun = instant_of(self_);
  const auto outcome = commit(operations);
  with_.metrics->group_committed(group.size(), instant_of(self_) - begun, !outcome);
  if (outcome) {
    committed(group, operations);
  } else {
    for (std::size_t index = 0; index < group.size(); ++index)
      *group[index].operation = std::move(operations[index]);
    not_committed(group, outcome.error());
  }
  show_condition();
}

/// At most `group_limit` of those gathered, the earliest.
std::vector<store_state::request> store_state::next_group() {
  const auto limit = static_cast<std::ptrdiff_t>(with_.settings->group_limit);
  new_orders_ = 0;
  if (std::ssize(gathered_) <= limit) return std::exchange(gathered_, {});
  std::vector<request> group(std::make_move_iterator(gathered_.begin()),
                             std::make_move_iterator(gathered_.begin() + limit));
  gathered_.erase(gathered_.begin(), gathered_.begin() + limit);
  if (!std::exchange(is_flush_sent_, true)) tell(self_, caf::actor_cast<store_actor>(self_), store_flush{});
  return group;
}

expected<void> store_state::commit(std::vector<store::operation>& group) {
  if (!writer_) {
    auto opened = open_();
    if (!opened) return refuse(errc::not_ready, opened.error().detail);
    writer_ = std::move(*opened);
  }
  return writer_->commit(group);
}

void store_state::committed(std::vector<request>& group, std::vector<store::operation>& done) {
  if (is_away())
    log(log_level::info, "store_is_back", "the store can be written again", {{"kept", std::to_string(group.size())}});
  delay_ = duration{0};
  for (std::size_t index = 0; index < group.size(); ++index) {
    auto& one = *group[index].operation;
    one = std::move(done[index]);
    if (is_new_order(one))
      if (const auto& append = std::get<store::append>(one); append.outcome)
        with_.metrics->order_recorded(*append.after);
    group[index].asked.deliver(store_write{std::move(group[index].operation)});
  }
}

void store_state::not_committed(std::vector<request>& group, const error& reason) {
  const auto nothing_happened = reason.code == errc::not_ready;
  if (!is_away() || !nothing_happened)
    log(log_level::error, "commit_failed", reason.detail,
        {{"code", std::string(to_string(reason.code))}, {"operations", std::to_string(group.size())}});
  std::vector<request> kept;
  for (auto& one : group) {
    if (nothing_happened && !can_be_refused(*one.operation)) {
      kept.push_back(std::move(one));
    } else {
      refuse_one(*one.operation, nothing_happened ? reason : error{errc::outcome_unknown, reason.detail, {}});
      one.asked.deliver(store_write{std::move(one.operation)});
    }
  }
  gathered_.insert(gathered_.begin(), std::make_move_iterator(kept.begin()), std::make_move_iterator(kept.end()));
  if (!nothing_happened) return;
  delay_ = std::clamp(delay_ * 2, first_delay, delay_max);
  again_.set(self_, delay_, [this] { flush(); });
}

/// Whether the store answers is known every second even when nobody writes; with it go the requests that nobody will
/// repeat any more.
void store_state::tick() {
  tick_.set(self_, tick_interval, [this] { tick(); });
  look_at_disk();
  const auto now = with_.clock();
  if (!gathered_.empty()) return;
  if (!is_away() && writer_ && now - forgot_at_ < forget_interval) return show_condition();
  std::vector<store::operation> probe;
  probe.emplace_back(store::forget_requests{now - requests_kept, 1'000, {}});
  const auto outcome = commit(probe);
  if (outcome) {
    forgot_at_ = now;
    delay_ = duration{0};
  } else if (outcome.error().code == errc::not_ready) {
    if (!is_away()) log(log_level::error, "store_is_away", outcome.error().detail);
    delay_ = std::max(delay_, first_delay);
  }
  show_condition();
}

void store_state::look_at_disk() {
  const auto now = with_.clock();
  if (!writer_ || (now - looked_at_disk_ < disk_interval && now >= looked_at_disk_)) return;
  looked_at_disk_ = now;
  const auto free = writer_->free_bytes();
  const auto has_room = free < 0 || free >= with_.settings->free_min;
  if (has_room != has_room_)
    log(has_room ? log_level::info : log_level::error, "disk_space",
        has_room ? "there is room on the store's disk again"
                 : "the store's disk is nearly full: submissions are refused",
        {{"free", std::to_string(free)}});
  has_room_ = has_room;
}

void store_state::show_condition() {
  with_.condition->is_store_ready = !is_away() && has_room_ && writer_ != nullptr;
  with_.condition->pending = writer_ ? writer_->pending() : 0;
  with_.metrics->set_pending(with_.condition->pending);
  with_.metrics->store_waiting(gathered_.size());
}

} // namespace troupe::actors
