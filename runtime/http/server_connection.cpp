#include "runtime/http/server_connection.hpp"

#include "runtime/base/ids.hpp"

namespace troupe::http {

namespace {

constexpr std::size_t output_piece = 64u << 10;
constexpr std::size_t idle_input = 4u << 10;
constexpr std::size_t busy_input = 64u << 10;
/// How long a client may take to close after the last answer.
constexpr duration linger_time{2'000};

head_limits limits_of(const server_settings& settings) {
  head_limits limits;
  limits.head = settings.header_limit;
  limits.target = std::min(limits.target, settings.header_limit);
  return limits;
}

} // namespace

server_connection::server_connection(server_worker& worker, std::shared_ptr<server_core> core,
                                     std::unique_ptr<channel> socket, std::string peer)
    : worker_(worker), core_(std::move(core)), channel_(std::move(socket)), peer_(std::move(peer)),
      parser_(limits_of(core_->settings)) {}

server_connection::~server_connection() = default;

void server_connection::start() {
  channel_->set_events(weak_from_this());
  process();
}

void server_connection::refuse_busy() {
  is_served_ = false;
  channel_->set_events(weak_from_this());
  refuse({503, "expected fewer connections than there are"});
  process();
}

void server_connection::on_read(std::size_t count) {
  is_reading_ = false;
  if (count == 0) has_input_ended_ = true;
  if (waiting_ == waiting::linger) {
    body_size_ += count;
    if (has_input_ended_ || body_size_ > core_->settings.drain_limit) return close();
    input_.clear();
    return read_more();
  }
  input_.commit(count);
  process();
}

void server_connection::on_written(std::size_t count) {
  sent_ += count;
  write_deadline_ = steady_clock::now() + core_->settings.write_timeout;
  if (sent_ < sending_.size()) return channel_->write(std::string_view{sending_}.substr(sent_));
  sending_.clear();
  sent_ = 0;
  process();
}

void server_connection::on_broken(const std::string&) {
  close();
}

void server_connection::process() {
  if (is_processing_ || is_closed_ || waiting_ == waiting::linger) return;
  is_processing_ = true;
  bool was_blocked = false;
  do {
    while (may_parse() && parse_one()) {
    }
    was_blocked = !may_parse();
    for (auto& one : exchanges_)
      if (one.stream) serve_reader(one);
    flush();
  } while (was_blocked && may_parse());
  is_processing_ = false;
  if (is_closed_) return;
  bool is_over = is_final_ || (intake_ == intake::over && exchanges_.empty());
  if ((is_over || (core_->is_stopping && is_idle())) && sending_.empty()) return begin_linger();
  set_deadline(steady_clock::now());
  read_more();
}

bool server_connection::is_idle() const {
  return exchanges_.empty() && intake_ == intake::head && parser_.is_between_requests() && input_.empty() &&
         sending_.empty();
}

void server_connection::read_more() {
  if (is_reading_ || has_input_ended_ || is_closed_) return;
  if (waiting_ != waiting::linger && !may_parse()) return;
  input_.shrink(intake_ == intake::head ? idle_input : busy_input);
  is_reading_ = true;
  channel_->read(input_.prepare(intake_ == intake::head && input_.empty() ? idle_input : busy_input / 4));
}

void server_connection::flush() {
  while (!is_closed_) {
    while (!exchanges_.empty() && !is_final_ && out_.size() < output_piece && write_next()) {
    }
    if (is_closed_) return;
    if (is_continue_due_ && exchanges_.size() == 1) {
      is_continue_due_ = false;
      out_ += "HTTP/1.1 100 Continue\r\n\r\n";
    }
    if (out_.empty() || !sending_.empty()) return;
    send();
  }
}

/// True if the first exchange has been answered and has left.
bool server_connection::write_next() {
  auto& front = exchanges_.front();
  if (front.stream) {
    if (!write_stream(front)) return false;
  } else {
    if (!front.answer) return false;
    const auto& answer = *front.answer;
    bool is_last = core_->is_stopping && exchanges_.size() == 1 && intake_ == intake::head && input_.empty();
    front.keep_alive = front.keep_alive && !is_last;
    front.status = answer.status;
    answer_frame frame{body_framing::length, answer.body.size(), front.keep_alive, front.is_1_1};
    write_head(out_, answer, front.about.request_id, frame, worker_.date());
    if (!front.is_head && may_have_body(answer.status)) out_ += answer.body;
  }
  finish_front();
  return true;
}

/// True if the stream's answer has been written to its end.
bool server_connection::write_stream(exchange& front) {
  auto part = front.stream->take(output_piece);
  if (part.is_broken) {
    close();
    return false;
  }
  if (part.is_abandoned) {
    part.head = own_answer(*core_->handler, {500, "expected an answer, but found none"});
    part.bytes = part.head->body;
    part.has_ended = true;
  }
  if (part.head) write_stream_head(front, *part.head, part);
  if (!front.framing) return false;
  bool has_body = !front.is_head && may_have_body(front.status);
  if (has_body && *front.framing == body_framing::chunked)
    write_chunk(out_, part.bytes);
  else if (has_body)
    out_ += part.bytes;
  if (!part.has_ended && has_body) return false;
  if (has_body && *front.framing == body_framing::chunked) out_ += last_chunk;
  return true;
}

void server_connection::write_stream_head(exchange& front, const response& head, const stream_exchange::output& part) {
  is_continue_due_ = is_continue_due_ && exchanges_.size() > 1;
  bool is_whole = part.has_ended || !may_have_body(head.status);
  front.framing = is_whole ? body_framing::length : front.is_1_1 ? body_framing::chunked : body_framing::close;
  front.keep_alive = front.keep_alive && *front.framing != body_framing::close && !core_->is_stopping;
  front.status = head.status;
  answer_frame frame{*front.framing, part.bytes.size(), front.keep_alive, front.is_1_1};
  write_head(out_, head, front.about.request_id, frame, worker_.date());
}

void server_connection::finish_front() {
  auto front = std::move(exchanges_.front());
  if (front.stream && exchanges_.size() == 1 && intake_ == intake::stream) {
    intake_ = intake::discard; // nobody will read the rest
    body_size_ = 0;
    waiting_ = waiting::nothing;
  }
  exchanges_.pop_front();
  ++first_sequence_;
  if (!front.keep_alive) {
    is_final_ = true;
    intake_ = intake::over;
  }
  if (front.stream) {
    front.stream->close();
    front.stream->give(troupe::refuse(errc::unreachable, "expected a read before the end of the answer"));
  }
  core_->handler->answered(front.about, front.status, steady_clock::now() - front.began);
}

void server_connection::send() {
  auto taken = channel_->write_now(out_);
  if (taken == out_.size()) {
    out_.clear();
    if (out_.capacity() > 4 * output_piece) out_.shrink_to_fit();
    return;
  }
  std::swap(out_, sending_);
  sent_ = taken;
  write_deadline_ = steady_clock::now() + core_->settings.write_timeout;
  channel_->write(std::string_view{sending_}.substr(sent_));
}

/// Closing at once would throw away, with what the client has sent and nobody has read, the answer that it has not read
/// yet (RFC 9112, section 9.6): so first one half, then reading on until the client has closed too.
void server_connection::begin_linger() {
  if (has_input_ended_) return close();
  bool has_more = !parser_.is_between_requests() || !input_.empty();
  waiting_ = waiting::linger;
  read_deadline_ = steady_clock::now() + (has_more ? std::max(core_->settings.body_timeout, linger_time) : linger_time);
  body_size_ = 0;
  input_.clear();
  channel_->end_sending();
  read_more();
}

void server_connection::set_deadline(steady_clock::time_point now) {
  const auto& settings = core_->settings;
  auto next = waiting::nothing;
  auto length = duration{0};
  if (intake_ == intake::head && exchanges_.size() < settings.pipeline && !input_.empty()) {
    next = waiting::head;
    length = settings.header_timeout;
  } else if (intake_ == intake::head && exchanges_.empty()) {
    next = waiting::idle;
    length = settings.idle_timeout;
  } else if ((intake_ == intake::collect || intake_ == intake::discard) && !is_continue_due_) {
    next = waiting::body;
    length = settings.body_timeout;
  } else if (intake_ == intake::stream && may_parse()) {
    next = waiting::stream;
    length = settings.body_timeout;
  }
  bool has_streamed = std::exchange(has_progressed_, false) && intake_ == intake::stream;
  // A client that writes everything before it reads is served for as long as it writes.
  if (has_streamed && !sending_.empty()) write_deadline_ = now + settings.write_timeout;
  if (next == waiting_ && !(next == waiting::stream && has_streamed)) return;
  waiting_ = next;
  read_deadline_ = now + length;
}

void server_connection::check_deadlines(steady_clock::time_point now) {
  if (!sending_.empty() && now > write_deadline_) return close();
  if (waiting_ != waiting::nothing && now > read_deadline_) read_deadline_passed();
}

void server_connection::read_deadline_passed() {
  auto was = std::exchange(waiting_, waiting::nothing);
  switch (was) {
  case waiting::nothing: return;
  case waiting::idle:
  case waiting::linger: return close();
  case waiting::head: refuse({408, "expected the whole header sooner"}); break;
  case waiting::stream: refuse({408, "expected the body to go on sooner"}); break;
  case waiting::body:
    if (refused_with_) {
      intake_ = intake::over;
      exchanges_.back().keep_alive = false;
      exchanges_.back().answer = std::move(refused_with_);
      refused_with_.reset();
    } else {
      refuse({408, "expected the whole body sooner"});
    }
    break;
  }
  process();
}

void server_connection::begin_stop() {
  if (is_idle()) close();
}

void server_connection::close() {
  if (is_closed_) return;
  is_closed_ = true;
  intake_ = intake::over;
  auto kept = shared_from_this();
  channel_->close();
  auto left = std::exchange(exchanges_, {});
  first_sequence_ += left.size();
  worker_.forget(*this);
  for (auto& one : left) {
    if (!one.stream) continue;
    one.stream->close();
    one.stream->give(troupe::refuse(errc::unreachable, "the client has gone"));
  }
}

} // namespace troupe::http
