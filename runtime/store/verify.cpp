#include "runtime/store/store.hpp"

#include <fmt/format.h>

namespace troupe::store {

namespace {

constexpr std::size_t findings_max = 1000;

class checker {
public:
  explicit checker(verification& found) : found_(found) {}

  void check(const engine::order& stored, const std::vector<engine::event>& history) {
    ++found_.orders;
    found_.events += static_cast<std::int64_t>(history.size());
    engine::order folded;
    std::uint64_t sequence = 0;
    for (const auto& event : history) {
      ++sequence;
      if (event.sequence != sequence)
        return report(stored, fmt::format("expected event {}, but found {}", sequence, event.sequence));
      if (sequence > 1 && engine::is_final(folded.status) && event.type != "reprocessed")
        report(stored, fmt::format("expected nothing but a reprocessing after its end, but found {} as event {}",
                                   event.type, sequence));
      engine::apply(folded, event);
    }
    if (folded == stored) return;
    const auto left = engine::to_json(folded);
    const auto right = engine::to_json(stored);
    report(stored, fmt::format("expected the fold of its {} events, but found a state that differs: {}", sequence,
                               to_text(json::diff(left, right)).substr(0, 300)));
  }

  void report(const engine::order& stored, const std::string& text) {
    report(fmt::format("order {}: {}", stored.order_id, text));
  }

  void report(std::string text) {
    if (found_.findings.size() < findings_max) found_.findings.push_back(std::move(text));
  }

private:
  verification& found_;
};

} // namespace

expected<verification> verify(reader& from) {
  verification found;
  checker judge(found);
  auto wrong = from.inconsistencies();
  if (!wrong) return tl::unexpected(wrong.error());
  for (auto& each : *wrong)
    judge.report(std::move(each));
  const auto read = from.each_order([&judge](const engine::order& stored, const std::vector<engine::event>& history) {
    judge.check(stored, history);
  });
  if (!read) return tl::unexpected(read.error());
  return found;
}

} // namespace troupe::store
