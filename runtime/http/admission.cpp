#include "runtime/http/admission.hpp"

#include "runtime/base/ids.hpp"
#include "runtime/http/characters.hpp"
#include "runtime/http/target.hpp"

#include <algorithm>
#include <array>

namespace troupe::http {

namespace {

constexpr std::array<std::string_view, 7> known_methods{"GET", "POST", "PUT", "HEAD", "DELETE", "PATCH", "OPTIONS"};

/// Worth repeating in an answer and in logs.
bool is_request_id(std::string_view text) {
  return !text.empty() && text.size() <= 128 && std::all_of(text.begin(), text.end(), [](char c) {
    return is_letter(c) || is_digit(c) || std::string_view{"._~:/+=@-"}.find(c) != std::string_view::npos;
  });
}

bool contains(const std::vector<std::string>& methods, std::string_view method) {
  return std::find(methods.begin(), methods.end(), method) != methods.end();
}

std::string allow_text(const std::vector<std::string>& methods) {
  std::string result;
  auto add = [&](std::string_view method) { (result += result.empty() ? "" : ", ") += method; };
  for (const auto& method : methods)
    add(method);
  if (contains(methods, "GET") && !contains(methods, "HEAD")) add("HEAD");
  if (!contains(methods, "OPTIONS")) add("OPTIONS");
  return result;
}

response options_answer(std::string allow) {
  return {204, "", "", {{"Allow", std::move(allow)}}};
}

/// Methods of the path: nothing if the request may go on to the application.
std::optional<response> check_method(const application& handler, request& value, bool is_head) {
  if (value.path == "*") {
    std::string all;
    for (auto method : known_methods)
      (all += all.empty() ? "" : ", ") += method;
    return options_answer(std::move(all));
  }
  auto methods = handler.methods_of(value.path);
  if (is_head && !contains(methods, "HEAD")) value.method = "GET";
  if (methods.empty() || contains(methods, value.method)) return std::nullopt;
  if (value.method == "OPTIONS") return options_answer(allow_text(methods));
  auto answer = own_answer(handler, {405, "expected one of the methods " + allow_text(methods) + ", but found " +
                                              (is_head ? "HEAD" : value.method)});
  answer.fields.emplace_back("Allow", allow_text(methods));
  return answer;
}

} // namespace

response own_answer(const application& handler, const refusal& why) {
  return handler.problem(why.status, why.detail);
}

admission admit(const application& handler, const server_settings& settings, request_head& head) {
  auto& value = head.value;
  const auto* sent_id = value.fields.find("X-Request-Id");
  value.request_id = sent_id != nullptr && is_request_id(*sent_id) ? *sent_id : new_uuid_v7();

  admission result;
  result.is_head = value.method == "HEAD";
  auto refused = [&](const refusal& why, bool may_go_on) {
    result.to = admission::way::refuse;
    result.answer = own_answer(handler, why);
    result.may_go_on = may_go_on;
    return result;
  };
  bool is_known = std::find(known_methods.begin(), known_methods.end(), value.method) != known_methods.end();
  // CONNECT would turn the bytes that follow into something else; TRACE is refused as any method that a path does not
  // have.
  if (!is_known && value.method != "TRACE") return refused({501, "expected a method that this server knows"}, false);
  auto target = parse_target(value.method, value.target);
  if (!target) return refused(target.error(), true);
  value.path = std::move(target->path);
  value.query = std::move(target->query);
  if (head.frame.expects_unknown)
    return refused({417, "expected no Expect but 100-continue"}, false); // it waits with its body
  if (auto answer = check_method(handler, value, result.is_head)) {
    result.to = admission::way::refuse;
    result.answer = std::move(*answer);
    return result;
  }
  if (handler.is_streamed(value)) {
    result.to = admission::way::stream;
    return result;
  }
  if (head.frame.length > settings.body_limit)
    return refused({413, "expected a body of at most " + std::to_string(settings.body_limit) + " bytes"}, true);
  return result;
}

} // namespace troupe::http
