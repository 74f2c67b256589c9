#pragma once

#include "runtime/base/json.hpp"
#include "runtime/base/time.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace troupe {

/// Every option there is, by the section of its name. Defaults, bounds and meanings are in one place: the table in
/// settings_options.cpp.
struct settings {
  struct http_section {
    std::string listen;
    std::int64_t threads = 0;
    std::int64_t connections = 0;
    std::int64_t pipeline = 0;
    std::int64_t body_limit = 0; ///< bytes, as all limits of memory
    std::int64_t header_limit = 0;
    std::int64_t drain_limit = 0;
    std::int64_t spool_memory = 0;
    std::int64_t spool_limit = 0;
    std::string spool_folder;
    duration header_timeout{};
    duration body_timeout{};
    duration idle_timeout{};
    duration write_timeout{};
  } http;

  struct store_section {
    std::string url;
    std::int64_t free_min = 0;
    std::int64_t readers = 0;
    std::int64_t group_limit = 0;
    std::int64_t kept_limit = 0;
  } store;

  struct batch_section {
    std::int64_t size = 0;
    std::int64_t lanes = 0;
    duration interval{};
    bool wake = false;
  } batch;

  struct order_section {
    duration park_after{};
    std::int64_t recoveries = 0;
  } order;

  struct orders_section {
    std::int64_t pending_limit = 0;
    std::int64_t awaits_limit = 0;
  } orders;

  struct expression_section {
    duration time{};
    std::int64_t memory = 0;
  } expression;

  struct webhook_section {
    std::int64_t connections_per_host = 0;
    std::int64_t waiting_limit = 0;
    std::int64_t response_limit = 0;
    duration idle{};
    std::vector<std::string> allow;
    std::string certificate_authorities;
  } webhook;

  struct outbox_section {
    std::int64_t attempts = 0;
    std::int64_t in_flight = 0;
  } outbox;

  struct shutdown_section {
    duration grace{};
  } shutdown;

  struct log_section {
    std::string level;
    std::string format;
  } log;

  struct node_section {
    std::string name;
  } node;

  json config = json::object();  ///< what templates may read as `config`
  json secrets = json::object(); ///< name to text: resolved, and hidden in logs
};

/// Where settings come from; what is further down wins.
struct settings_sources {
  std::string file;                               ///< JSON with comments; empty: none
  std::map<std::string, std::string> environment; ///< `TROUPE_HTTP_LISTEN` is `http.listen`; also what secrets name
  std::vector<std::string> assignments;           ///< `http.listen=127.0.0.1:0`
};

/// This process's environment variables.
std::map<std::string, std::string> process_environment();

/// Every option at its default, nothing in `config` and `secrets`.
settings default_settings();

/// Defaults, file, environment, assignments. Refuses with `invalid_request`, everything that is wrong at once: what
/// cannot be read, options that nobody knows (the nearest known one is named), wrong types and bounds, secrets that are
/// not there; the places in `violations` are a pointer into the file, a variable, or the assignment. Secrets are given
/// to `hide_in_logs`.
expected<settings> load_settings(const settings_sources& sources);

/// The file with every option at its default and a comment: config/troupe.json.
std::string settings_document();

} // namespace troupe
