#pragma once

#include "actors/interfaces.hpp"
#include "runtime/base/log.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/disposable.hpp>
#include <caf/exit_reason.hpp>
#include <caf/sec.hpp>
#include <caf/send.hpp>
#include <caf/spawn_options.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/system_messages.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <string>
#include <utility>

/// The one place where CAF's way of saying things is written down, so that a move to CAF 1.x is made here: sending,
/// asking, watching, waiting, spawning.
namespace troupe::actors {

/// To nobody (an empty handle) nothing is sent: who is not there yet reads the store when it starts.
template <class Self, class Handle, class Message> void tell(Self* self, const Handle& whom, Message what) {
  if (whom) self->send(whom, std::move(what));
}

/// From a thread that is no actor's.
template <class Handle, class Message> void tell_from_outside(const Handle& whom, Message what) {
  if (whom) caf::anon_send(whom, std::move(what));
}

/// Local requests have no time-out: CAF's clock does not carry so many. The receiver bounds its own work, and if it
/// dies `otherwise` is called.
template <class Self, class Handle, class Message, class Then, class Otherwise>
void ask(Self* self, const Handle& whom, Message what, Then then, Otherwise otherwise) {
  if (whom) {
    self->request(whom, caf::infinite, std::move(what)).then(std::move(then), std::move(otherwise));
  } else {
    auto nobody = caf::make_error(caf::sec::request_receiver_down);
    otherwise(nobody);
  }
}

/// True if the message was certainly never handled: its receiver was gone before.
inline bool was_never_handled(const caf::error& reason) {
  return reason == caf::sec::request_receiver_down;
}

/// `then(actor_id, reason)` for every watched actor that ends.
template <class Self, class Then> void on_down(Self* self, Then then) {
  self->set_down_handler([then](caf::down_msg& down) { then(down.source.id(), down.reason); });
}

template <class Self, class Handle> void watch(Self* self, const Handle& whom) {
  self->monitor(whom);
}

/// Children do not die with their parent, nor the parent with them: it watches them.
template <class State, class Handle, class Self, class... Arguments>
Handle spawn_watched(Self* self, Arguments&&... arguments) {
  return self->template spawn<typename Handle::template stateful_impl<State>, caf::monitored>(
      std::forward<Arguments>(arguments)...);
}
/// One that blocks: on a thread of its own, if there are threads.
template <class State, class Handle, class Self, class... Arguments>
Handle spawn_watched_thread(Self* self, bool threads, Arguments&&... arguments) {
  if (threads)
    return self->template spawn<typename Handle::template stateful_impl<State>, caf::monitored + caf::detached>(
        std::forward<Arguments>(arguments)...);
  return spawn_watched<State, Handle>(self, std::forward<Arguments>(arguments)...);
}

template <class Self, class Handle>
void end(Self* self, const Handle& whom, caf::exit_reason reason = caf::exit_reason::user_shutdown) {
  if (whom) self->send_exit(caf::actor_cast<caf::actor>(whom), reason);
}

template <class Self, class Then> void on_exit(Self* self, Then then) {
  self->set_exit_handler([then](caf::exit_msg& exit) { then(exit.reason); });
}

/// An exception is a bug: written down here, and the parent learns that its child crashed.
template <class Self> void expect_no_exceptions(Self* self, const char* kind) {
  self->set_exception_handler([kind](std::exception_ptr& caught) -> caf::error {
    std::string text = "unknown";
    try {
      std::rethrow_exception(caught);
    } catch (const std::exception& reason) {
      text = reason.what();
    } catch (...) {
      text = "an exception of no known type";
    }
    log(log_level::error, "actor_crashed", "an actor ended with an exception: " + text, {{"kind", kind}});
    return caf::make_error(quit_reason::crashed, std::move(text));
  });
}

/// At most one call of an actor to itself that is still to come; setting it again forgets the earlier one. Not for one
/// a live order: that is more than CAF's clock carries.
class alarm {
public:
  static constexpr duration granularity{5};

  alarm() = default;
  alarm(const alarm&) = delete;
  alarm& operator=(const alarm&) = delete;
  ~alarm() { cancel(); }

  template <class Self, class Then> void set(Self* self, duration after, Then then) {
    cancel();
    pending_ = self->run_delayed(std::max(after, granularity), [this, then] {
      pending_ = {};
      then();
    });
  }
  void cancel() {
    if (pending_.valid()) pending_.dispose();
    pending_ = {};
  }
  bool is_set() const { return pending_.valid(); }

private:
  caf::disposable pending_;
};

/// Once, soon, behind the messages that are already there.
template <class Self, class Then> void later(Self* self, Then then) {
  self->run_delayed(std::chrono::milliseconds{0}, std::move(then));
}

/// The actor's own steady clock, for measuring; under the tests' scheduler it stands still.
template <class Self> auto instant_of(Self* self) {
  return self->clock().now();
}

} // namespace troupe::actors
