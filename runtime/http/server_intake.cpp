#include "runtime/base/ids.hpp"
#include "runtime/http/server_connection.hpp"

namespace troupe::http {

namespace {

/// So much of a streamed body waits for the application before no more is read.
constexpr std::size_t stream_input_max = 64u << 10;
/// So many bytes of answers wait for the client before no more requests are taken.
constexpr std::size_t output_max = 256u << 10;

class pending_answer final : public responder {
public:
  pending_answer(server_worker& worker, std::shared_ptr<server_core> core, std::weak_ptr<server_connection> to,
                 std::uint64_t sequence)
      : worker_(worker), core_(std::move(core)), to_(std::move(to)), sequence_(sequence) {}
  ~pending_answer() override {
    if (!is_used_) answer(own_answer(*core_->handler, {500, "expected an answer, but found none"}));
  }
  pending_answer(const pending_answer&) = delete;
  pending_answer& operator=(const pending_answer&) = delete;

  void answer(response value) override {
    if (!is_used_.exchange(true)) worker_.deliver({to_, sequence_, std::move(value), nullptr}, core_);
  }
  void drop() override {
    if (!is_used_.exchange(true)) worker_.deliver({to_, sequence_, std::nullopt, nullptr}, core_);
  }

private:
  server_worker& worker_;
  std::shared_ptr<server_core> core_; ///< keeps the worker
  std::weak_ptr<server_connection> to_;
  std::uint64_t sequence_;
  std::atomic<bool> is_used_ = false;
};

} // namespace

bool server_connection::may_parse() const {
  if (is_closed_) return false;
  switch (intake_) {
  case intake::head:
    return exchanges_.size() < core_->settings.pipeline && out_.size() + sending_.size() - sent_ < output_max;
  case intake::collect:
  case intake::discard: return true;
  case intake::stream: return exchanges_.back().input.size() < stream_input_max;
  case intake::over: break;
  }
  return false;
}

/// False if more bytes are needed.
bool server_connection::parse_one() {
  auto piece = parser_.feed(input_.bytes());
  switch (piece.what) {
  case request_parser::event::head: take_head(); break;
  case request_parser::event::body: take_body(piece.body); break;
  case request_parser::event::complete: complete_request(); break;
  case request_parser::event::refused: refuse(parser_.why()); break;
  case request_parser::event::need_more: break;
  }
  input_.consume(piece.consumed);
  if (piece.what == request_parser::event::need_more && has_input_ended_) end_input();
  return piece.what != request_parser::event::need_more;
}

void server_connection::take_head() {
  auto& head = parser_.head();
  head.value.peer = peer_;
  auto& added = exchanges_.emplace_back();
  added.began = steady_clock::now();
  added.is_1_1 = head.is_1_1;
  added.keep_alive = head.frame.keep_alive;
  added.about.method = head.value.method;
  auto admitted = admit(*core_->handler, core_->settings, head);
  added.about.target = head.value.target;
  added.about.path = head.value.path;
  added.about.request_id = head.value.request_id;
  added.is_head = admitted.is_head;
  waiting_ = waiting::nothing;
  body_size_ = 0;
  is_continue_due_ = head.frame.expects_continue && head.frame.has_body();
  switch (admitted.to) {
  case admission::way::handle:
    current_ = std::move(head.value);
    if (!head.frame.chunked) current_.body.reserve(std::min<std::size_t>(head.frame.length, 64u << 10));
    intake_ = intake::collect;
    break;
  case admission::way::stream: begin_stream(); break;
  case admission::way::refuse:
    // A client that asks first is told no; one that would send more than is worth reading is told so at once.
    if (!admitted.may_go_on || is_continue_due_ || head.frame.length > core_->settings.drain_limit) {
      added.keep_alive = false;
      added.answer = std::move(admitted.answer);
      is_continue_due_ = false;
      intake_ = intake::over;
    } else {
      refused_with_ = std::move(admitted.answer);
      intake_ = intake::discard;
    }
  }
}

void server_connection::begin_stream() {
  auto& added = exchanges_.back();
  auto sequence = first_sequence_ + exchanges_.size() - 1;
  const auto& settings = core_->settings;
  auto notify = [to = weak_from_this(), sequence, &worker = worker_,
                 core = core_](std::shared_ptr<stream_exchange> about) {
    worker.deliver({to, sequence, std::nullopt, std::move(about)}, core);
  };
  added.stream = std::make_shared<stream_exchange>(
      spool_limits{settings.spool_memory, settings.spool_limit, settings.spool_folder}, std::move(notify));
  intake_ = intake::stream;
  core_->handler->handle_stream(std::move(parser_.head().value), std::make_shared<stream_handle>(added.stream));
}

void server_connection::take_body(std::string_view bytes) {
  is_continue_due_ = false;
  has_progressed_ = true;
  body_size_ += bytes.size();
  const auto& settings = core_->settings;
  if (intake_ == intake::stream) {
    exchanges_.back().input += bytes;
    return;
  }
  if (intake_ == intake::collect) {
    if (body_size_ <= settings.body_limit) {
      current_.body += bytes;
      return;
    }
    current_ = {};
    refused_with_ = own_answer(*core_->handler,
                               {413, "expected a body of at most " + std::to_string(settings.body_limit) + " bytes"});
    intake_ = intake::discard;
  }
  if (body_size_ <= settings.body_limit + settings.drain_limit) return;
  intake_ = intake::over;
  if (!refused_with_) return; // the rest of a stream that has been answered
  exchanges_.back().keep_alive = false;
  exchanges_.back().answer = std::move(refused_with_);
  refused_with_.reset();
}

void server_connection::complete_request() {
  auto was = intake_;
  bool keep_alive = exchanges_.empty() ? !is_final_ : exchanges_.back().keep_alive;
  intake_ = keep_alive ? intake::head : intake::over;
  waiting_ = waiting::nothing;
  is_continue_due_ = false;
  if (was == intake::collect) return hand_on();
  if (was == intake::stream) {
    exchanges_.back().has_input_ended = true;
  } else if (refused_with_) {
    exchanges_.back().answer = std::move(refused_with_);
    refused_with_.reset();
  }
}

void server_connection::hand_on() {
  auto sequence = first_sequence_ + exchanges_.size() - 1;
  core_->handler->handle(std::move(current_),
                         std::make_shared<pending_answer>(worker_, core_, weak_from_this(), sequence));
  current_ = {};
}

/// The client has ended its side, and all that came has been looked at.
void server_connection::end_input() {
  if (intake_ == intake::head && parser_.is_between_requests() && input_.empty()) {
    intake_ = intake::over;
  } else if (intake_ == intake::stream) {
    exchanges_.back().input_failure = error{errc::unreachable, "the client ended before its request did"};
    exchanges_.back().keep_alive = false;
    intake_ = intake::over;
  } else {
    refuse({400, "expected a whole request, but found its end"});
  }
}

/// What comes from here on cannot be understood, or is not waited for.
void server_connection::refuse(const refusal& why) {
  bool is_in_body = intake_ != intake::head;
  bool is_stream = intake_ == intake::stream;
  bool is_answered = intake_ == intake::discard && !refused_with_;
  intake_ = intake::over;
  is_continue_due_ = false;
  current_ = {};
  if (is_answered) return; // the rest of a stream's body
  if (!is_in_body) {
    auto& added = exchanges_.emplace_back();
    added.began = steady_clock::now();
    added.about.method = std::move(parser_.head().value.method);
    added.about.target = std::move(parser_.head().value.target);
    added.about.request_id = new_uuid_v7();
  }
  auto& last = exchanges_.back();
  last.keep_alive = false;
  if (is_stream)
    last.input_failure = error{errc::invalid_request, why.detail};
  else
    last.answer = own_answer(*core_->handler, why);
}

server_connection::exchange* server_connection::find(std::uint64_t sequence) {
  // Sequences of exchanges that have left are below the first: the difference is then beyond any size.
  auto index = sequence - first_sequence_;
  return index < exchanges_.size() ? &exchanges_[index] : nullptr;
}

void server_connection::serve_reader(exchange& which) {
  if (!which.stream->has_reader()) return;
  if (!which.input.empty()) {
    which.stream->give(std::exchange(which.input, {}));
  } else if (which.input_failure) {
    which.stream->give(tl::unexpected(*which.input_failure));
  } else if (which.has_input_ended && !which.is_end_given) {
    which.is_end_given = true;
    which.stream->give(std::string{});
  } else if (which.is_end_given && has_input_ended_) {
    which.stream->give(troupe::refuse(errc::unreachable, "the client has ended"));
  }
}

void server_connection::take_answer(std::uint64_t sequence, response value) {
  auto* found = find(sequence);
  if (found != nullptr && !found->answer) found->answer = std::move(value);
}

void server_connection::take_stream_news(std::uint64_t sequence, stream_exchange& about) {
  if (find(sequence) != nullptr) {
    if (about.is_broken()) close();
  } else {
    about.give(troupe::refuse(errc::unreachable, "expected a read before the end of the answer"));
  }
}

} // namespace troupe::http
