#pragma once

#include "actors/interfaces.hpp"
#include "runtime/http/problem.hpp"

#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::actors {

/// One HTTP request on its way through the gateway: what it asks, and the one answer it gets.
class exchange {
public:
  exchange(http_call call, std::vector<std::string> parameters)
      : request_(std::move(call.request)), responder_(std::move(call.answer)), parameters_(std::move(parameters)) {}

  const http::request& request() const { return *request_; }
  /// The path's n-th `{parameter}`.
  const std::string& parameter(std::size_t index) const { return parameters_.at(index); }
  /// Who asks.
  std::string caller() const { return "anonymous"; }

  void answer(int status, json body, std::vector<std::pair<std::string, std::string>> fields = {}) const;
  void answer(http::response value) const { responder_->answer(std::move(value)); }
  void refuse(const error& reason) const { responder_->answer(http::problem_response(reason, request_->path)); }

  /// The body as JSON. Refuses with `malformed_json` or `invalid_data`. `empty_as_object`: no body means `{}`.
  expected<json> body(bool empty_as_object = false) const;

private:
  std::shared_ptr<http::request> request_;
  std::shared_ptr<http::responder> responder_;
  std::vector<std::string> parameters_;
};

/// A whole number from `least` to `most`, written with digits alone; nothing for anything else.
std::optional<int> whole_number_of(std::string_view text, int least, int most);

/// The query's parameters, each taken by name; what is left over at the end is a refusal, as is a value that cannot be
/// (`invalid_request`). Collects the first fault.
class query_reader {
public:
  explicit query_reader(const http::request& from);

  std::optional<std::string> text(std::string_view name);
  /// Empty: not given; an empty value is a fault.
  std::string word(std::string_view name);
  std::vector<std::string> texts(std::string_view name);
  std::optional<int> whole_number(std::string_view name, int least, int most);
  std::optional<time_point> instant(std::string_view name);
  /// At most `most`.
  std::optional<duration> length(std::string_view name, duration most);
  /// One of these words.
  std::optional<std::string> word(std::string_view name, std::initializer_list<std::string_view> words);
  /// `cursor`, `limit` and `order`.
  store::page_request page(bool ascending);

  void fault(std::string_view name, std::string_view expected_text, std::string_view found);
  /// Refuses with the first fault, or with the first parameter that nobody asked for.
  expected<void> finish() const;

private:
  struct entry {
    std::string name;
    std::string value;
    bool taken = false;
  };
  std::vector<entry> entries_;
  std::optional<error> fault_;
};

/// The fields of a JSON body, each taken by name: unknown fields, wrong types and missing ones become violations, all
/// at once (`invalid_data`).
class body_reader {
public:
  explicit body_reader(const json& body);

  const json* any(std::string_view name);
  const json* object(std::string_view name);
  const json* array(std::string_view name);
  std::optional<std::string> text(std::string_view name, std::size_t most = 4096);
  std::optional<bool> truth(std::string_view name);
  /// A positive number of any kind.
  std::optional<double> positive(std::string_view name);

  void fault(std::string_view name, std::string_view expected_text, std::string_view found);
  expected<void> finish() const;

private:
  const json* take(std::string_view name, std::string_view expected_text, bool (json::*is)() const noexcept);

  const json& body_;
  std::vector<std::string> taken_;
  std::vector<violation> violations_;
};

} // namespace troupe::actors
