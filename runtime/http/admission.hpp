#pragma once

#include "runtime/http/request_parser.hpp"
#include "runtime/http/server.hpp"

#include <string>

namespace troupe::http {

/// What becomes of a request whose head is complete and well-formed.
struct admission {
  enum class way { handle, stream, refuse };
  way to = way::handle;
  response answer = {};  ///< the server's own, for `refuse`
  bool is_head = false;  ///< answered without its body
  bool may_go_on = true; ///< false: the connection ends with this answer
};

/// Takes the target apart, gives the request its id, and decides what HTTP itself decides: methods, OPTIONS, Expect,
/// the announced length.
admission admit(const application& handler, const server_settings& settings, request_head& head);

/// A server's own answer.
response own_answer(const application& handler, const refusal& why);

} // namespace troupe::http
