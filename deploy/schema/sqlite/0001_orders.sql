-- Times are milliseconds since 1970, UTC. Texts named folded, history, content, ... are JSON that no statement looks into.

-- One row an order, rewritten by every append: so as few indexes as the lists can do with, and none on what changes each time.
CREATE TABLE orders (
  number INTEGER PRIMARY KEY, -- the order of submission; what all other tables know an order by
  order_id TEXT NOT NULL UNIQUE,
  sequence INTEGER NOT NULL, -- of its last event
  version INTEGER NOT NULL,
  status TEXT NOT NULL,
  workflow TEXT NOT NULL,
  state TEXT NOT NULL,
  group_name TEXT, -- NULL: none; likewise error
  error TEXT, -- its code
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  folded TEXT NOT NULL -- the whole state; last, so that what is looked for is found without reading it
) STRICT;
-- Most orders are completed, and a list of those needs no index.
CREATE INDEX orders_by_status ON orders (status, number) WHERE status <> 'completed';
CREATE INDEX orders_by_group ON orders (group_name, number) WHERE group_name IS NOT NULL;
CREATE INDEX orders_by_error ON orders (error, number) WHERE error IS NOT NULL;

CREATE TABLE order_labels (
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  number INTEGER NOT NULL,
  PRIMARY KEY (name, value, number)
) STRICT, WITHOUT ROWID;

-- How many orders there are of each kind, kept with every commit: counting a million rows takes too long for metrics.
CREATE TABLE order_counts (
  workflow TEXT NOT NULL,
  status TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (workflow, status)
) STRICT, WITHOUT ROWID;

-- Orders that something is to happen to: waiting in a queue, claimed by a batch, or due at an instant. Apart from the wide rows of `orders`,
-- because claiming 256 orders must not rewrite them. No row: at rest.
CREATE TABLE places (
  number INTEGER PRIMARY KEY,
  shard INTEGER NOT NULL,
  place INTEGER NOT NULL, -- 0 none, 1 pending, 2 runnable, 3 alone; of a claimed order where it was taken from
  priority INTEGER NOT NULL,
  recoveries INTEGER NOT NULL,
  batch INTEGER, -- the number of the batch that has claimed it
  due INTEGER
) STRICT;
CREATE INDEX places_queued ON places (place, priority DESC, number) WHERE batch IS NULL AND place > 0;
CREATE INDEX places_claimed ON places (batch) WHERE batch IS NOT NULL;
CREATE INDEX places_due ON places (due) WHERE due IS NOT NULL;

-- The history, append-only: one row an append, in the order of recording, with all its events. Keyed by the order instead, every append would
-- rewrite a page of its own.
CREATE TABLE events (
  entry INTEGER PRIMARY KEY,
  number INTEGER NOT NULL, -- of the order
  sequence INTEGER NOT NULL, -- of its first event
  history TEXT NOT NULL -- [[time, type, by, data], ...]
) STRICT;
CREATE UNIQUE INDEX events_of_order ON events (number, sequence);

CREATE TABLE batches (
  number INTEGER PRIMARY KEY,
  batch_id TEXT NOT NULL UNIQUE,
  node TEXT NOT NULL,
  lane TEXT NOT NULL,
  status TEXT NOT NULL, -- running, settled, interrupted
  size INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  ended_at INTEGER,
  settled TEXT NOT NULL
) STRICT;
CREATE INDEX batches_running ON batches (number) WHERE status = 'running';

-- What was published, in the order of publishing: blueprints, API calls and functions.
CREATE TABLE published (
  number INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  version INTEGER NOT NULL,
  published_at INTEGER NOT NULL,
  published_by TEXT NOT NULL,
  comment TEXT NOT NULL,
  form TEXT NOT NULL,
  definition TEXT NOT NULL,
  pins TEXT NOT NULL,
  UNIQUE (kind, id, version)
) STRICT;

-- Messages out. Only the first of each order may go: the others have head 0.
CREATE TABLE outbox (
  id INTEGER PRIMARY KEY,
  number INTEGER NOT NULL, -- of the order
  workflow TEXT NOT NULL,
  version INTEGER NOT NULL,
  target TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  due INTEGER NOT NULL,
  head INTEGER NOT NULL,
  notification TEXT NOT NULL,
  inline_blueprint TEXT NOT NULL
) STRICT;
CREATE INDEX outbox_heads ON outbox (due, id) WHERE head = 1;
CREATE INDEX outbox_lines ON outbox (number, id);

-- Messages in: written with the offset or claim that they came from, consumed with what they cause.
CREATE TABLE inbox (
  id INTEGER PRIMARY KEY,
  shard INTEGER NOT NULL,
  order_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  source TEXT NOT NULL,
  message_id TEXT NOT NULL,
  content TEXT NOT NULL,
  recorded_at INTEGER NOT NULL,
  UNIQUE (source, message_id)
) STRICT;

CREATE TABLE dead_letters (
  id INTEGER PRIMARY KEY,
  source TEXT NOT NULL, -- outbox, ...
  source_id INTEGER NOT NULL, -- its id there
  order_id TEXT NOT NULL,
  workflow TEXT NOT NULL,
  version INTEGER NOT NULL,
  target TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  cause TEXT NOT NULL,
  content TEXT NOT NULL,
  inline_blueprint TEXT NOT NULL,
  recorded_at INTEGER NOT NULL
) STRICT;

-- First answers to writes with an Idempotency-Key, oldest first.
CREATE TABLE requests (
  number INTEGER PRIMARY KEY,
  caller TEXT NOT NULL,
  route TEXT NOT NULL,
  key TEXT NOT NULL,
  body_hash TEXT NOT NULL,
  status INTEGER NOT NULL,
  answer TEXT NOT NULL,
  location TEXT NOT NULL,
  at INTEGER NOT NULL,
  UNIQUE (caller, route, key)
) STRICT;

-- Who may append to the orders of a shard: the node that took it last, under its epoch.
CREATE TABLE leases (
  shard INTEGER PRIMARY KEY,
  epoch INTEGER NOT NULL,
  node TEXT NOT NULL
) STRICT;
WITH RECURSIVE every (shard) AS (SELECT 0 UNION ALL SELECT shard + 1 FROM every WHERE shard < 255)
INSERT INTO leases SELECT shard, 0, '' FROM every;

CREATE TABLE nodes (
  name TEXT PRIMARY KEY,
  started_at INTEGER NOT NULL,
  seen_at INTEGER NOT NULL,
  facts TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE operations (
  number INTEGER PRIMARY KEY,
  operation_id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  status TEXT NOT NULL,
  total INTEGER NOT NULL,
  done INTEGER NOT NULL,
  refused INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  ended_at INTEGER,
  dry_run INTEGER NOT NULL,
  requested_by TEXT NOT NULL,
  work TEXT NOT NULL,
  cursor TEXT NOT NULL
) STRICT;
CREATE INDEX operations_open ON operations (number) WHERE ended_at IS NULL;

CREATE TABLE operation_results (
  operation INTEGER NOT NULL,
  position INTEGER NOT NULL,
  order_id TEXT NOT NULL,
  result TEXT NOT NULL,
  problem TEXT NOT NULL,
  PRIMARY KEY (operation, position)
) STRICT, WITHOUT ROWID;

-- Numbers about the whole store. created_disorder: by how many milliseconds an order was ever created before an earlier one.
-- fences: how often a commit of unknown outcome was written over.
CREATE TABLE facts (
  name TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO facts VALUES ('created_disorder', 0), ('fences', 0);
