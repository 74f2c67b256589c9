#include "runtime/http/client_connection.hpp"

namespace troupe::http {

namespace {

constexpr std::size_t read_size = 8u << 10;
constexpr std::size_t kept_input = 16u << 10;

} // namespace

void client_connection::start() {
  channel_->set_events(weak_from_this());
  read_more();
}

void client_connection::read_more() {
  input_.shrink(kept_input);
  channel_->read(input_.prepare(read_size));
}

void client_connection::send(std::shared_ptr<pending_call> what) {
  current_ = std::move(what);
  current_->is_sent = true;
  current_->on = weak_from_this();
  parser_.begin(current_->is_head);
  written_ = channel_->write_now(current_->bytes);
  if (written_ == current_->bytes.size()) return;
  writing_ = current_;
  channel_->write(std::string_view{writing_->bytes}.substr(written_));
}

void client_connection::on_written(std::size_t count) {
  written_ += count;
  if (written_ < writing_->bytes.size()) return channel_->write(std::string_view{writing_->bytes}.substr(written_));
  writing_.reset();
}

void client_connection::on_read(std::size_t count) {
  if (!current_) return close(); // an end, or bytes that nobody asked for
  if (count == 0) return take(parser_.end());
  input_.commit(count);
  auto step = parser_.feed(input_.bytes());
  input_.consume(step.consumed);
  take(step.what);
}

void client_connection::take(answer_parser::outcome outcome) {
  switch (outcome) {
  case answer_parser::outcome::need_more: return read_more();
  case answer_parser::outcome::failed: return fail(call_failure::connection_failed, parser_.why());
  case answer_parser::outcome::too_large: return fail(call_failure::unexpected_response, parser_.why());
  case answer_parser::outcome::complete: break;
  }
  auto kept = shared_from_this();
  auto done = std::move(current_);
  auto value = std::move(parser_.value());
  bool goes_on = parser_.keep_alive() && input_.empty() && !writing_;
  // First the next call on its way, then the answer of this one to whoever waits.
  if (goes_on) {
    read_more();
    owner_->on_free(kept);
  } else {
    close();
  }
  owner_->on_done(std::move(done), std::move(value));
}

void client_connection::on_broken(const std::string& reason) {
  if (current_)
    fail(call_failure::connection_failed, "expected an answer, but found: " + reason);
  else
    close();
}

void client_connection::fail(call_failure why, std::string message) {
  auto kept = shared_from_this();
  auto failed = std::move(current_);
  close();
  owner_->on_done(std::move(failed), tl::unexpected(call_error{why, std::move(message), true}));
}

void client_connection::abandon() {
  current_.reset();
  close();
}

void client_connection::close() {
  if (is_closed_) return;
  is_closed_ = true;
  auto kept = shared_from_this();
  channel_->close();
  owner_->on_closed(*this);
}

} // namespace troupe::http
