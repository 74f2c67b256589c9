#pragma once

#include "runtime/blueprint/catalogue.hpp"
#include "runtime/blueprint/compile.hpp"

#include <array>
#include <list>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <unordered_map>

namespace troupe::blueprint {

inline constexpr std::size_t module_size_max = 256u << 10;

/// What the catalogue holds. `mutex` guards `versions` alone; compiling is done outside of it.
struct catalogue::content {
  struct entry {
    published record;
    bool is_readable = true;
    definition_ptr compiled;              ///< of a blueprint that is readable
    std::shared_ptr<const json> document; ///< of an API call
  };
  using entries = std::map<int, entry>;

  mutable std::shared_mutex mutex;
  std::array<std::map<std::string, entries, std::less<>>, 3> versions;

  const std::map<std::string, entries, std::less<>>& of(published_kind kind) const {
    return versions[static_cast<std::size_t>(kind)];
  }
  std::map<std::string, entries, std::less<>>& of(published_kind kind) {
    return versions[static_cast<std::size_t>(kind)];
  }
  /// Under the lock. Null: no such. Version 0: the newest.
  const entry* find(published_kind kind, std::string_view id, int version) const;

  /// The newest version of everything.
  references newest() const;
  /// Exactly these versions. Refuses with `invalid_blueprint` if a module is not there or does not compile.
  expected<references> pinned(const json& pins) const;

  /// The modules at these versions as one library, kept while somebody uses it.
  expected<std::shared_ptr<const library>> library_of(const std::map<std::string, int>& modules) const;
  /// With one module's source replaced or added: what publishing it would give.
  expected<std::shared_ptr<const library>> library_with(const std::string& module, const std::string& source) const;

  /// Compiles a blueprint with the newest of everything; the pins are then all that it needs, and the definition's
  /// library holds no more than that.
  compiled_blueprint compile(const json& written) const;

  /// What a document would be published as, its version aside. `definition` is null if there are errors among the
  /// findings.
  struct candidate {
    json definition;
    json pins = json::object();
    std::string form;
    finding_list findings;
  };
  candidate read(published_kind kind, const std::string& id, const json& document) const;

  std::optional<definition_ptr> find_inline(const std::string& hash) const;
  void keep_inline(const std::string& hash, definition_ptr compiled) const;
  void forget_inline() const;

private:
  candidate read_blueprint(const json& document) const;
  candidate read_call(const json& document) const;
  candidate read_module(const std::string& id, const json& document) const;
  std::map<std::string, int> newest_modules() const;
  expected<std::vector<library::module_source>> sources_of(const std::map<std::string, int>& modules) const;

  mutable std::mutex library_mutex_;
  mutable std::map<std::string, std::weak_ptr<const library>> libraries_;
  mutable std::shared_ptr<const library> newest_;

  static constexpr std::size_t inline_max = 64;
  mutable std::mutex inline_mutex_;
  mutable std::list<std::pair<std::string, definition_ptr>> inline_; ///< most recently used first
};

/// A name that expressions know already: no module may export it.
bool is_reserved_name(std::string_view name);

} // namespace troupe::blueprint
