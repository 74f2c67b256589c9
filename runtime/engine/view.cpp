#include "runtime/engine/engine.hpp"
#include "runtime/engine/fields.hpp"

namespace troupe::engine {

json order_view(const order& value, bool whole) {
  json result = json::object();
  result["order_id"] = value.order_id;
  result["workflow"] = value.workflow;
  result["version"] = value.version;
  result["status"] = to_string(value.status);
  result["outcome"] = value.outcome ? json(*value.outcome) : json(nullptr);
  result["state"] = or_null(value.state);
  if (whole) {
    result["data"] = *value.data;
    result["variables"] = *value.variables;
  }
  result["labels"] = *value.labels;
  result["metadata"] = *value.metadata;
  result["priority"] = value.priority;
  result["group"] = or_null(value.group);
  result["error"] = value.error ? to_json(*value.error) : json(nullptr);
  result["created_at"] = to_iso8601(value.created_at);
  result["started_at"] = or_null(value.started_at);
  result["updated_at"] = to_iso8601(value.updated_at);
  result["ended_at"] = or_null(value.ended_at);
  result["not_before"] = or_null(value.not_before);
  result["run"] = value.run;
  result["visit"] = value.visit;
  result["sequence"] = value.sequence;
  result["by"] = value.by;
  return result;
}

} // namespace troupe::engine
