#include "tests/simulation/simulation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

/// What must hold after every step, and at the end.
namespace troupe::test {

namespace {

std::string key_of(const std::string& order_id, int visit, const engine::event& happened) {
  return fmt::format("{}/{}/{}", order_id, visit, happened.data["action"].get<std::string>());
}

/// Of every event the visit in which it happened.
std::vector<int> visits(const std::vector<engine::event>& history) {
  std::vector<int> result;
  engine::order current;
  for (const auto& happened : history) {
    result.push_back(current.visit);
    engine::apply(current, happened);
  }
  return result;
}

} // namespace

void simulation::check_all() {
  for (const auto& [order_id, row] : world_->store.content().orders) {
    auto& checked = checked_[order_id];
    if (row.value->sequence < checked)
      violated(fmt::format("{} went back from event {} to {}", order_id, checked, row.value->sequence));
    if (row.value->sequence == checked) continue;
    checked = row.value->sequence;
    check_order(order_id, row);
  }
  check_performers();
}

void simulation::check_order(const std::string& order_id, const stored_content::order_row& row) {
  if (!(engine::fold(row.history) == *row.value))
    violated(order_id + ": the folded state is not the fold of the events");
  std::uint64_t sequence = 0;
  auto has_ended = false;
  for (const auto& event : row.history) {
    if (event.sequence != ++sequence)
      violated(fmt::format("{}: event {} stands at place {}", order_id, event.sequence, sequence));
    if (has_ended && event.type != "reprocessed") violated(fmt::format("{}: {} after the end", order_id, event.type));
    has_ended = event.type == "order_ended";
  }
  check_outcomes(order_id, row.history);
}

/// Each outcome is recorded once, and it is one that the other side has given.
void simulation::check_outcomes(const std::string& order_id, const std::vector<engine::event>& history) {
  const auto visit_of = visits(history);
  std::set<std::tuple<std::string, int>> recorded;
  for (std::size_t index = 0; index < history.size(); ++index) {
    const auto& happened = history[index];
    if (happened.type == "reprocessed") recorded.clear(); // the tries are counted anew
    if (happened.type != "action_completed" && happened.type != "action_failed") continue;
    const auto key = key_of(order_id, visit_of[index], happened);
    const auto attempt = happened.data["attempt"].get<int>();
    if (!recorded.emplace(key, attempt).second)
      violated(fmt::format("{}: the outcome of try {} was recorded twice", key, attempt));
    if (happened.type == "action_failed") continue;
    const auto& saved = happened.data["saved"];
    const auto is_given = saved.size() == 1 && saved.begin()->contains("number") &&
                          answered_[key].contains((*saved.begin())["number"].get<int>());
    if (!is_given) violated(fmt::format("{} is completed with an answer that was not given: {}", key, to_text(saved)));
  }
}

/// Two that perform one order at once would do its effects twice.
void simulation::check_performers() {
  std::map<std::string, caf::actor_id> performer;
  for (const auto& one : world_->transport.inside().calls) {
    const auto who = caf::actor_cast<caf::strong_actor_ptr>(one.call.reply_to);
    if (!who || who->get()->getf(caf::abstract_actor::is_terminated_flag)) continue;
    const auto order_id = one.key.substr(0, one.key.find('/'));
    const auto [known, is_first] = performer.emplace(order_id, who->id());
    if (!is_first && known->second != who->id()) violated(order_id + " is performed by two actors at once");
  }
}

void simulation::check_the_end() {
  const auto& content = world_->store.content();
  for (const auto& [order_id, client] : clients_)
    check_end_of(order_id, client);
  for (const auto& [order_id, row] : content.orders)
    if (!row.batch_id.empty()) violated(order_id + " is still claimed");
  for (const auto& [batch_id, batch] : content.batches)
    if (batch.status == "running") violated("a batch is still running");
  check_notifications();
}

void simulation::check_end_of(const std::string& order_id, const client_order& client) {
  const auto& orders = world_->store.content().orders;
  const auto found = orders.find(order_id);
  if (found == orders.end()) {
    if (client.submission.is_acknowledged) violated(order_id + " was acknowledged and is lost");
    return;
  }
  if (!client.submission.is_possible()) violated(order_id + " was refused and exists");
  const auto& row = found->second;
  const auto& value = *row.value;
  const auto status = value.status;
  const auto is_at_rest = client.kind == plan::waiting && status == engine::status::waiting;
  if (status == engine::status::escalated && settings_.nobody_dies())
    violated(order_id + " is escalated, and nothing has crashed");
  if (row.recoveries > 0 && settings_.nobody_dies()) violated(order_id + " is blamed, and nothing has crashed");
  if (!engine::is_final(status) && !is_at_rest && status != engine::status::escalated)
    violated(fmt::format("{} has come to no end: {} in {}, place {}, batch `{}`", order_id, to_string(status),
                         value.state, static_cast<int>(row.place), row.batch_id));
  const auto is_begun_anew = client.reprocessing.is_possible();
  if (is_at_rest && client.event.is_acknowledged && !is_begun_anew)
    violated(order_id + ": an acknowledged event is lost");
  if (client.kind == plan::waiting && status == engine::status::completed && !client.event.is_possible())
    violated(order_id + " is completed, and nobody sent an event");
  if (client.cancel.is_acknowledged && status != engine::status::cancelled && !is_begun_anew)
    violated(fmt::format("{}: cancelled, and {} all the same", order_id, to_string(status)));
  if (status == engine::status::cancelled && !client.cancel.is_possible())
    violated(order_id + " is cancelled, and nobody wanted it");
  check_calls(order_id, row.history);
}

/// A try is repeated only where somebody died or nobody knows. A cancellation that is decided beside a performer of
/// which nobody knew yet may end the order without the outcome of its try.
void simulation::check_calls(const std::string& order_id, const std::vector<engine::event>& history) {
  const auto visit_of = visits(history);
  std::map<std::string, int> outcomes;
  for (std::size_t index = 0; index < history.size(); ++index)
    if (history[index].type == "action_completed" || history[index].type == "action_failed")
      ++outcomes[key_of(order_id, visit_of[index], history[index])];
  const auto& seen = world_->transport.inside().seen;
  const auto is_cancelled = clients_[order_id].cancel.is_possible();
  for (const auto& [key, count] : outcomes) {
    const auto found = seen.find(key);
    const auto sent = found == seen.end() ? 0 : found->second;
    if (sent < count) violated(fmt::format("{}: {} outcomes of {} tries", key, count, sent));
    if (sent > count && settings_.nobody_dies() && settings_.store_is_sound() && !is_cancelled)
      violated(fmt::format("{}: {} tries for {} outcomes", key, sent, count));
  }
}

void simulation::check_notifications() {
  const auto& content = world_->store.content();
  if (!content.outbox.empty()) violated("notifications are left in the outbox");
  for (std::int64_t id = 1; id <= content.last_outbox; ++id) {
    const auto is_dead = std::ranges::any_of(content.dead_letters, [id](const auto& one) { return one.id == id; });
    if (!is_dead && !told_.contains(id)) violated(fmt::format("notification {} was never delivered", id));
  }
}

} // namespace troupe::test
