#pragma once

#include "actors/document_splitter.hpp"
#include "actors/submission.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <deque>
#include <memory>
#include <string>

namespace troupe::actors {

/// One bulk submission under way: reads a piece of the body, takes it apart into documents, keeps a window of
/// submissions in flight, and writes a result a line in the order of the documents. No more is read while the window is
/// full, so a body of any length takes bounded memory.
class bulk_state {
public:
  static inline const char* name = "bulk";
  bulk_state(bulk_actor::pointer self, services with, http_stream what, std::string caller, std::string group);
  bulk_actor::behavior_type make_behavior();

private:
  void read_more();
  void take(const expected<std::string>& bytes);
  void submit(document_splitter::document document);
  void append(std::size_t number, std::size_t line, const json& body);
  void stored(std::size_t number, std::size_t line, const prepared_submission& ready);
  void find_existing(std::size_t number, std::size_t line, const std::string& order_id, const std::string& request_hash,
                     const error& otherwise);
  void refuse_one(std::size_t number, std::size_t line, const error& reason);
  void put(std::size_t number, std::size_t line, int status, const std::string& order_id, json problem);
  void write_ready();
  void go_on();

  bulk_actor::pointer self_;
  services with_;
  std::shared_ptr<http::request> head_;
  std::shared_ptr<http::stream> body_;
  std::string caller_;
  std::string group_;
  document_splitter splitter_;
  std::deque<document_splitter::document> waiting_;
  std::deque<std::string> slots_; ///< results not written yet, empty until they are known
  std::size_t first_slot_ = 0;    ///< number of slots_.front()
  std::size_t in_flight_ = 0;
  bool reading_ = false;
  bool ended_ = false;
  bool broken_ = false;
};

} // namespace troupe::actors
