CREATE TABLE attempts (
  tenant TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  subscription TEXT NOT NULL,
  number INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  ended_at INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  code TEXT,
  message TEXT,
  response TEXT,
  node TEXT NOT NULL, request TEXT, timing TEXT,
  PRIMARY KEY (tenant, sequence, subscription, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
  tenant TEXT NOT NULL,
  number INTEGER NOT NULL,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  object TEXT NOT NULL,
  detail TEXT NOT NULL,
  PRIMARY KEY (tenant, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE captured_rows (
  capture TEXT NOT NULL,
  source_table TEXT NOT NULL,
  id TEXT NOT NULL,
  state TEXT NOT NULL,
  PRIMARY KEY (capture, source_table, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE event_keys (
  tenant TEXT NOT NULL,
  id TEXT NOT NULL,
  source TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  PRIMARY KEY (tenant, id, source)
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
  tenant TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  source TEXT NOT NULL,
  id TEXT NOT NULL,
  type TEXT NOT NULL,
  subject TEXT,
  partition_key TEXT NOT NULL,
  super_owner TEXT,
  transaction_id TEXT,
  parent_id TEXT,
  root_id TEXT,
  priority TEXT NOT NULL,
  received_at INTEGER NOT NULL,
  execute_at INTEGER,
  expires_at INTEGER,
  state TEXT NOT NULL,
  processed_order REAL,
  hash TEXT NOT NULL,
  principal TEXT NOT NULL,
  body TEXT NOT NULL,
  deed TEXT,
  operation INTEGER NOT NULL,
  PRIMARY KEY (tenant, sequence)
) STRICT;

CREATE INDEX events_by_age ON events (received_at, tenant, sequence);

CREATE INDEX events_by_parent ON events (tenant, parent_id, sequence) WHERE parent_id IS NOT NULL;

CREATE INDEX events_by_root ON events (tenant, root_id, sequence) WHERE root_id IS NOT NULL;

CREATE INDEX events_by_subject ON events (tenant, sequence >> 11, subject, sequence) WHERE subject IS NOT NULL;

CREATE INDEX events_by_transaction ON events (tenant, transaction_id, sequence) WHERE transaction_id IS NOT NULL;

CREATE INDEX events_by_type ON events (tenant, type, sequence);

CREATE INDEX events_rare ON events (tenant, sequence) WHERE state NOT IN ('admitted', 'addressed');

CREATE TABLE import_ids (
  tenant TEXT NOT NULL,
  import TEXT NOT NULL,
  id TEXT NOT NULL,
  PRIMARY KEY (tenant, import, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE import_links (
  tenant TEXT NOT NULL,
  import TEXT NOT NULL,
  line INTEGER NOT NULL,
  place INTEGER NOT NULL,
  from_id TEXT NOT NULL,
  relation TEXT NOT NULL,
  to_id TEXT NOT NULL,
  strong INTEGER NOT NULL,
  PRIMARY KEY (tenant, import, line, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE imports (
  tenant TEXT NOT NULL,
  id TEXT NOT NULL,
  state TEXT NOT NULL,
  dry_run INTEGER NOT NULL,
  line INTEGER NOT NULL,
  created INTEGER NOT NULL,
  changed INTEGER NOT NULL,
  unchanged INTEGER NOT NULL,
  links INTEGER NOT NULL,
  refused INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (tenant, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE inbox (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  tenant TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'pending',
  kind TEXT NOT NULL,
  source TEXT NOT NULL,
  id TEXT NOT NULL,
  type TEXT NOT NULL,
  subject TEXT,
  partition_key TEXT NOT NULL,
  principal TEXT NOT NULL,
  received_at INTEGER NOT NULL,
  content TEXT NOT NULL,
  code TEXT,
  message TEXT,
  refused_at INTEGER
) STRICT;

CREATE INDEX inbox_pending ON inbox (number) WHERE state = 'pending';

CREATE INDEX inbox_refused ON inbox (refused_at) WHERE refused_at IS NOT NULL;

CREATE TABLE keys (
  id TEXT NOT NULL PRIMARY KEY,
  tenant TEXT NOT NULL,
  hash TEXT NOT NULL,
  name TEXT NOT NULL,
  roles TEXT NOT NULL,
  scopes TEXT NOT NULL,
  resource TEXT,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  revoked_at INTEGER
, kind TEXT NOT NULL DEFAULT 'bearer', sealed TEXT) STRICT, WITHOUT ROWID;

CREATE INDEX keys_by_resource ON keys (tenant, resource) WHERE resource IS NOT NULL AND revoked_at IS NULL;

CREATE INDEX keys_by_tenant ON keys (tenant, id);

CREATE TABLE links (
  tenant TEXT NOT NULL,
  from_id TEXT NOT NULL,
  to_id TEXT NOT NULL,
  relation TEXT NOT NULL,
  strong INTEGER NOT NULL,
  from_sequence INTEGER NOT NULL,
  until_sequence INTEGER,
  PRIMARY KEY (tenant, from_id, to_id, relation, from_sequence)
) STRICT, WITHOUT ROWID;

CREATE INDEX links_by_end ON links (tenant, to_id);

CREATE TABLE mailed (
  tenant TEXT NOT NULL,
  event TEXT NOT NULL,
  person TEXT NOT NULL,
  message TEXT NOT NULL,
  until INTEGER,
  at INTEGER NOT NULL,
  PRIMARY KEY (tenant, event, person)
) STRICT, WITHOUT ROWID;

CREATE INDEX mailed_by_age ON mailed (at);

CREATE TABLE meta (
  name TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE nonces (
  timestamp INTEGER NOT NULL,
  consumer TEXT NOT NULL,
  nonce TEXT NOT NULL,
  PRIMARY KEY (timestamp, consumer, nonce)
) STRICT, WITHOUT ROWID;

CREATE TABLE owners (
  tenant TEXT NOT NULL,
  resource TEXT NOT NULL,
  from_sequence INTEGER NOT NULL,
  until_sequence INTEGER,
  owner TEXT NOT NULL,
  PRIMARY KEY (tenant, resource, from_sequence)
) STRICT, WITHOUT ROWID;

CREATE TABLE processor_settings (
  name TEXT NOT NULL PRIMARY KEY,
  enabled INTEGER,
  position REAL,
  types TEXT,
  options TEXT,
  updated_at INTEGER NOT NULL,
  updated_by TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE resources (
  tenant TEXT NOT NULL,
  id TEXT NOT NULL,
  type TEXT NOT NULL,
  owner TEXT,
  status TEXT,
  revision INTEGER NOT NULL,
  properties TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  removed_at INTEGER,
  removed_sequence INTEGER,
  PRIMARY KEY (tenant, id)
) STRICT;

CREATE INDEX resources_by_code ON resources (tenant, json_extract(properties, '$.code'), id)
  WHERE removed_at IS NULL AND json_extract(properties, '$.code') IS NOT NULL;

CREATE INDEX resources_by_owner ON resources (tenant, owner, id) WHERE removed_at IS NULL AND owner IS NOT NULL;

CREATE INDEX resources_by_type ON resources (tenant, type, id) WHERE removed_at IS NULL;

CREATE TABLE results (
  tenant TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  processor TEXT NOT NULL,
  number INTEGER NOT NULL,
  kind TEXT NOT NULL,
  position REAL NOT NULL,
  state TEXT NOT NULL,
  verdict TEXT,
  code TEXT,
  message TEXT,
  cause TEXT,
  started_at INTEGER NOT NULL,
  ended_at INTEGER,
  PRIMARY KEY (tenant, sequence, processor, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE settings (
  name TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL,
  updated_at INTEGER NOT NULL,
  updated_by TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE slices (
  tenant TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  number INTEGER NOT NULL,
  partition_key TEXT NOT NULL,
  count INTEGER NOT NULL,
  candidates TEXT NOT NULL,
  PRIMARY KEY (tenant, sequence, number)
) STRICT;

CREATE INDEX slices_by_key ON slices (tenant, partition_key);

CREATE TABLE sqlite_sequence(name,seq);

CREATE TABLE subscriptions (
  tenant TEXT NOT NULL,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  state TEXT NOT NULL,
  reason TEXT,
  spec TEXT NOT NULL,
  secrets TEXT,
  owner TEXT NOT NULL,
  revision INTEGER NOT NULL,
  start_sequence INTEGER NOT NULL,
  cursor INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  -- its transport is "pull": it is leased from outside only
  pulled INTEGER NOT NULL,
  PRIMARY KEY (tenant, id)
) STRICT;

CREATE TABLE task_counts (
  tenant TEXT NOT NULL,
  subscription TEXT NOT NULL,
  state TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (tenant, subscription, state)
) STRICT, WITHOUT ROWID;

CREATE TABLE tasks (
  tenant TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  subscription TEXT NOT NULL,
  group_key TEXT,
  type TEXT NOT NULL,
  subject TEXT,
  state TEXT NOT NULL,
  priority INTEGER NOT NULL,
  wake_at INTEGER,
  expires_at INTEGER,
  attempts INTEGER NOT NULL,
  failures INTEGER NOT NULL,
  token INTEGER NOT NULL,
  leased_by TEXT,
  leased_until INTEGER,
  created_at INTEGER NOT NULL,
  ended_at INTEGER,
  code TEXT,
  message TEXT,
  -- the priority at which it leaves: its own or that of its group
  rank INTEGER NOT NULL, super_owner TEXT, likeness TEXT, lock_owner TEXT, blocked_by TEXT, replayed_at INTEGER,
  PRIMARY KEY (tenant, sequence, subscription)
) STRICT, WITHOUT ROWID;

CREATE INDEX tasks_asleep ON tasks (wake_at, tenant, sequence, subscription)
  WHERE state = 'waiting' AND wake_at IS NOT NULL;

CREATE INDEX tasks_behind ON tasks (tenant, sequence, subscription)
  WHERE state = 'waiting' AND wake_at IS NULL AND blocked_by IS NULL;

CREATE INDEX tasks_blocked ON tasks (tenant, blocked_by, rank, sequence, subscription) WHERE blocked_by IS NOT NULL;

CREATE INDEX tasks_by_subscription ON tasks (tenant, subscription, sequence);

CREATE INDEX tasks_by_super_owner ON tasks (tenant, super_owner, sequence) WHERE super_owner IS NOT NULL;

CREATE INDEX tasks_failed ON tasks (tenant, sequence, subscription) WHERE state IN ('refused', 'exhausted');

CREATE INDEX tasks_leased ON tasks (leased_until, tenant, sequence, subscription) WHERE state = 'leased';

CREATE INDEX tasks_ready ON tasks (tenant, subscription, rank, sequence) WHERE state = 'due';

CREATE TABLE tenant_heads (
  tenant TEXT NOT NULL PRIMARY KEY,
  head INTEGER NOT NULL,
  version INTEGER NOT NULL
, keyed INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;

CREATE TABLE tenants (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  open_types INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  disabled_at INTEGER
, weight INTEGER NOT NULL DEFAULT 1, events_per_second INTEGER, unfinished_tasks INTEGER) STRICT, WITHOUT ROWID;
