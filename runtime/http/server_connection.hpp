#pragma once

#include "runtime/http/admission.hpp"
#include "runtime/http/byte_buffer.hpp"
#include "runtime/http/request_parser.hpp"
#include "runtime/http/server_stream.hpp"
#include "runtime/http/server_worker.hpp"

#include <deque>

namespace troupe::http {

/// One client's connection. Bytes come in and are taken apart into requests, each with a place in a queue; answers take
/// their places in whatever order they come, and leave in the queue's order.
///
///     read -> input_ -> parser_ -> exchanges_ -> out_ -> write
///                                    ^ answers
///
/// `process` moves everything on as far as it will go; every event ends with it. All of it on the worker's lane.
class server_connection final : public channel_events, public std::enable_shared_from_this<server_connection> {
public:
  server_connection(server_worker& worker, std::shared_ptr<server_core> core, std::unique_ptr<channel> socket,
                    std::string peer);
  ~server_connection() override;

  void start();
  /// There are too many connections: says so and closes.
  void refuse_busy();
  void process();
  void take_answer(std::uint64_t sequence, response value);
  void take_stream_news(std::uint64_t sequence, stream_exchange& about);
  void check_deadlines(steady_clock::time_point now);
  /// Closes if nothing is under way; else after the last answer.
  void begin_stop();
  void close();
  bool is_served() const { return is_served_; }

  void on_read(std::size_t count) override;
  void on_written(std::size_t count) override;
  void on_broken(const std::string& reason) override;

  std::size_t position = 0; ///< in the worker's list

private:
  /// What the next bytes are.
  enum class intake { head, collect, discard, stream, over };
  /// What a deadline is for.
  enum class waiting { nothing, idle, head, body, stream, linger };

  struct exchange {
    request about; ///< method, target, path and id
    steady_clock::time_point began;
    bool is_head = false;
    bool is_1_1 = true;
    bool keep_alive = true;
    std::optional<response> answer;
    std::shared_ptr<stream_exchange> stream;
    std::string input; ///< of the stream's body, not yet read by the application
    bool has_input_ended = false;
    bool is_end_given = false;
    std::optional<error> input_failure;
    std::optional<body_framing> framing; ///< of the stream's answer, once its head is written
    int status = 0;
  };

  // Requests in: server_intake.cpp.
  bool may_parse() const;
  bool parse_one();
  void take_head();
  void take_body(std::string_view bytes);
  void complete_request();
  void begin_stream();
  void hand_on();
  void end_input();
  void refuse(const refusal& why);
  void serve_reader(exchange& which);
  exchange* find(std::uint64_t sequence);

  // Answers out: server_connection.cpp.
  void flush();
  bool write_next();
  bool write_stream(exchange& front);
  void write_stream_head(exchange& front, const response& head, const stream_exchange::output& part);
  void finish_front();
  void send();
  void read_more();
  void begin_linger();
  void set_deadline(steady_clock::time_point now);
  void read_deadline_passed();
  bool is_idle() const;

  server_worker& worker_;
  std::shared_ptr<server_core> core_;
  std::unique_ptr<channel> channel_;
  std::string peer_;
  bool is_served_ = true;

  byte_buffer input_;
  request_parser parser_;
  intake intake_ = intake::head;
  request current_; ///< the one whose body is being collected
  std::size_t body_size_ = 0;
  std::optional<response> refused_with_; ///< the answer, once the body that nobody wants is over
  bool is_continue_due_ = false;
  bool is_reading_ = false;
  bool has_input_ended_ = false;

  std::deque<exchange> exchanges_;
  std::uint64_t first_sequence_ = 0;

  std::string out_;
  std::string sending_;
  std::size_t sent_ = 0;
  bool is_final_ = false; ///< the last answer of this connection is written
  bool is_processing_ = false;
  bool is_closed_ = false;

  waiting waiting_ = waiting::nothing;
  bool has_progressed_ = false; ///< of a streamed body, since the deadline was set
  steady_clock::time_point read_deadline_;
  steady_clock::time_point write_deadline_;
};

} // namespace troupe::http
