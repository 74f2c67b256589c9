#pragma once

#include "runtime/blueprint/model.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace troupe::blueprint {

enum class published_kind { blueprint, api_call, function };
std::string_view to_string(published_kind kind);

/// One published version as the store keeps it and the API shows it.
struct published {
  published_kind kind = published_kind::blueprint;
  std::string id;
  int version = 1;
  time_point published_at{};
  std::string by;
  std::string comment;
  std::string form;
  json definition; ///< a blueprint's full form, an API call's document; of a function module `{ "source": text,
                   ///< "exports": [..] }`
  json pins = json::object();
};

struct publication {
  bool is_new = false; ///< false: the same as the newest, nothing happens
  published record;
  std::vector<finding> warnings;
};

/// All published blueprints, API calls and functions, compiled once. Reads are safe from every thread at any time and
/// cheap (one shared lock); writes are the registry's alone: `prepare`, make it durable, `admit`.
class catalogue {
public:
  catalogue();
  ~catalogue();

  /// Version 0: the newest. Null: no such.
  definition_ptr find(std::string_view id, int version = 0) const;
  /// Refuses with `unknown_blueprint|unknown_api_call|unknown_function`.
  expected<published> read(published_kind kind, std::string_view id, int version = 0) const;
  /// All versions of one, newest first.
  std::vector<published> versions(published_kind kind, std::string_view id) const;
  /// The newest version of each, by id.
  std::vector<published> list(published_kind kind) const;
  /// Built in and custom.
  std::vector<library::function> functions() const;

  /// Everything that would happen on publishing, short of doing it. `document` is the body (of a function: a JSON
  /// string with the module's source). Refuses with `invalid_blueprint` (violations are the findings; `findings_of` has
  /// them whole), `version_conflict` (that version exists and differs, or is not the next), `invalid_data` (the id
  /// inside is another).
  expected<publication> prepare(published_kind kind, const std::string& id, const json& document, const std::string& by,
                                const std::string& comment, time_point now) const;
  /// A record from the store or from `prepare`; in the order they were published. Refuses with `invalid_blueprint` (an
  /// unreadable record among good ones: the others are there).
  expected<void> admit(const published& record);

  /// All findings, errors and warnings, of a blueprint that is not published.
  std::vector<finding> validate(const json& document) const;
  /// The same of a document of any kind: what `prepare` refuses with `invalid_blueprint` for, whole, for the problem's
  /// `errors`.
  std::vector<finding> findings_of(published_kind kind, const std::string& id, const json& document) const;

  /// Compiles a definition that belongs to one order alone (`blueprint` inline); the few most recently used are kept
  /// compiled, by their hash. Its `source` has the pins under `x-pins`, so that compiling that again gives the same
  /// whatever has been published since: it is what an order keeps. Refuses with `invalid_blueprint`; with `forbidden`
  /// if it names secrets and may not.
  expected<definition_ptr> compile_inline(const json& document, bool may_name_secrets) const;

private:
  struct content;
  std::unique_ptr<content> content_;
};

} // namespace troupe::blueprint
