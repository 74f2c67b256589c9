#pragma once

#include "runtime/base/json.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::blueprint {

/// The states of a normalised full form and the ways between them, as far as they can be read: what is broken is left
/// out. Refers to the document, which must outlive it.
class graph {
public:
  struct node {
    std::string_view id;
    std::string pointer;
    std::string_view kind;            ///< baseStateType
    std::string_view on_failed;       ///< as written, empty: none
    bool is_bounded = false;          ///< has a time-out
    bool awaits = false;              ///< an entry or exit action that waits for an answer from outside
    std::vector<std::size_t> leaving; ///< edges, in order of writing
  };
  struct edge {
    std::string pointer;
    std::size_t transition = 0; ///< its place in the list
    std::size_t to = 0;
    std::string_view trigger;
    bool is_conditional = false;
    bool awaits = false;
    std::int64_t priority = 0;
  };

  explicit graph(const json& full);

  const std::vector<node>& nodes() const { return nodes_; }
  const std::vector<edge>& edges() const { return edges_; }
  std::optional<std::size_t> find(std::string_view state_id) const;
  /// The automatic transitions out of a state in the order they are tried: highest priority first, then by order of
  /// writing.
  std::vector<std::size_t> automatic(std::size_t from) const;
  /// Which states can be reached from those of kind `initial`, over transitions and `onFailed`.
  std::vector<bool> reachable() const;

private:
  std::vector<node> nodes_;
  std::vector<edge> edges_;
  std::map<std::string_view, std::size_t> by_id_;
};

/// A text field of an object, empty if there is none.
std::string_view text_of(const json& object, std::string_view name);
/// A list field of an object; empty if there is none.
const json& list_of(const json& object, std::string_view name);

} // namespace troupe::blueprint
