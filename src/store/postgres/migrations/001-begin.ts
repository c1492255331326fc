import type { Migration } from './migration.js'

/**
 * A tenant's name begins every index, in three spellings: as it is in primary keys, `left(tenant, 200)` (all of it) where
 * people look for something, `tenant || ''` (and `subscription || ''`) where the queue does. A question is spelled like the index it is meant for, so
 * that no other fits: least of all one in whose order a planner with old figures hopes to find the first of a few soon.
 *
 * All text compares by bytes, as in the other stores. A name may be longer than an index takes (about 2,700 bytes): then
 * its beginning is indexed, and where the whole is the key, a digest stands for it (`brief.ts`).
 * Partial indexes hold only what a question is ever asked about; a finished task is in none of them.
 */
export const begin: Migration = {
  version: 1,
  oldest: 1,
  sql: `
CREATE TABLE tenant_heads (
  tenant text COLLATE "C" PRIMARY KEY,
  head bigint NOT NULL,
  version bigint NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE events (
  tenant text COLLATE "C" NOT NULL,
  sequence bigint NOT NULL,
  source text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  type text COLLATE "C" NOT NULL,
  subject text COLLATE "C",
  partition_key text COLLATE "C" NOT NULL,
  super_owner text COLLATE "C",
  transaction_id text COLLATE "C",
  parent_id text COLLATE "C",
  root_id text COLLATE "C",
  priority text COLLATE "C" NOT NULL,
  received_at bigint NOT NULL,
  execute_at bigint,
  expires_at bigint,
  state text COLLATE "C" NOT NULL,
  processed_order double precision,
  hash text COLLATE "C" NOT NULL,
  principal text COLLATE "C" NOT NULL,
  body text COLLATE "C" NOT NULL,
  deed text COLLATE "C",
  operation bigint NOT NULL,
  PRIMARY KEY (tenant, sequence)
);
CREATE INDEX events_by_age ON events (received_at, tenant, sequence);
CREATE INDEX events_by_type ON events (left(tenant, 200), left(type, 200), sequence);
CREATE INDEX events_by_subject ON events (left(tenant, 200), left(subject, 200), sequence) WHERE subject IS NOT NULL;
CREATE INDEX events_by_transaction ON events (left(tenant, 200), left(transaction_id, 200), sequence)
  WHERE transaction_id IS NOT NULL;
CREATE INDEX events_by_parent ON events ((tenant || ''), left(parent_id, 200), sequence) WHERE parent_id IS NOT NULL;
CREATE INDEX events_by_root ON events (left(tenant, 200), left(root_id, 200), sequence) WHERE root_id IS NOT NULL;
CREATE INDEX events_not_admitted ON events (left(tenant, 200), sequence) WHERE state <> 'admitted';

CREATE TABLE event_keys (
  tenant text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  source text COLLATE "C" NOT NULL,
  sequence bigint NOT NULL,
  PRIMARY KEY (tenant, id, source)
);

CREATE TABLE results (
  tenant text COLLATE "C" NOT NULL,
  sequence bigint NOT NULL,
  processor text COLLATE "C" NOT NULL,
  number bigint NOT NULL,
  kind text COLLATE "C" NOT NULL,
  position double precision NOT NULL,
  state text COLLATE "C" NOT NULL,
  verdict text COLLATE "C",
  code text COLLATE "C",
  message text COLLATE "C",
  cause text COLLATE "C",
  started_at bigint NOT NULL,
  ended_at bigint,
  PRIMARY KEY (tenant, sequence, processor, number)
);

CREATE TABLE tasks (
  tenant text COLLATE "C" NOT NULL,
  sequence bigint NOT NULL,
  subscription text COLLATE "C" NOT NULL,
  group_key text COLLATE "C",
  type text COLLATE "C" NOT NULL,
  subject text COLLATE "C",
  state text COLLATE "C" NOT NULL,
  priority bigint NOT NULL,
  wake_at bigint,
  expires_at bigint,
  attempts bigint NOT NULL,
  failures bigint NOT NULL,
  token bigint NOT NULL,
  leased_by text COLLATE "C",
  leased_until bigint,
  created_at bigint NOT NULL,
  ended_at bigint,
  code text COLLATE "C",
  message text COLLATE "C",
  super_owner text COLLATE "C",
  likeness text COLLATE "C",
  lock_owner text COLLATE "C",
  blocked_by text COLLATE "C",
  -- the priority at which it leaves: its own or that of its group
  rank bigint NOT NULL,
  PRIMARY KEY (tenant, sequence, subscription)
);
-- for lists alone: nothing else asks for the beginning of the name
CREATE INDEX tasks_by_subscription ON tasks (left(tenant, 200), left(subscription, 200), sequence);
CREATE INDEX tasks_ready ON tasks ((tenant || ''), (subscription || ''), rank, sequence) WHERE state = 'due';
CREATE INDEX tasks_behind ON tasks ((tenant || ''), (subscription || ''), left(group_key, 200), sequence)
  WHERE state = 'waiting' AND wake_at IS NULL AND blocked_by IS NULL;
CREATE INDEX tasks_behind_high ON tasks ((tenant || ''), (subscription || ''), left(group_key, 200), priority)
  WHERE state = 'waiting' AND wake_at IS NULL AND blocked_by IS NULL AND priority < 2;
CREATE INDEX tasks_asleep ON tasks (wake_at, tenant, sequence, subscription)
  WHERE state = 'waiting' AND wake_at IS NOT NULL;
CREATE INDEX tasks_leased ON tasks (leased_until, tenant, sequence, subscription) WHERE state = 'leased';
CREATE INDEX tasks_holding ON tasks ((tenant || '')) WHERE state = 'leased' AND lock_owner IS NOT NULL;
CREATE INDEX tasks_blocked ON tasks ((tenant || ''), left(blocked_by, 200), rank, sequence, subscription)
  WHERE blocked_by IS NOT NULL;
CREATE INDEX tasks_alike ON tasks ((tenant || ''), (subscription || ''), left(likeness, 200), sequence)
  WHERE likeness IS NOT NULL AND state IN ('due', 'waiting') AND (wake_at IS NULL OR attempts > 0);
CREATE INDEX tasks_failed ON tasks (left(tenant, 200), sequence, subscription) WHERE state IN ('refused', 'exhausted');
CREATE INDEX tasks_by_super_owner ON tasks (left(tenant, 200), left(super_owner, 200), sequence) WHERE super_owner IS NOT NULL;

-- one row for each group that has an unfinished task in its order
CREATE TABLE groups (
  tenant text COLLATE "C" NOT NULL,
  subscription text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  head bigint NOT NULL,
  rank bigint NOT NULL,
  PRIMARY KEY (tenant, subscription, key)
);

-- in slots, so that those who count at once do not wait for each other; the sum counts
CREATE TABLE task_counts (
  tenant text COLLATE "C" NOT NULL,
  subscription text COLLATE "C" NOT NULL,
  state text COLLATE "C" NOT NULL,
  slot bigint NOT NULL,
  count bigint NOT NULL,
  PRIMARY KEY (tenant, subscription, state, slot)
) WITH (fillfactor = 50);

CREATE TABLE attempts (
  tenant text COLLATE "C" NOT NULL,
  sequence bigint NOT NULL,
  subscription text COLLATE "C" NOT NULL,
  number bigint NOT NULL,
  started_at bigint NOT NULL,
  ended_at bigint NOT NULL,
  outcome text COLLATE "C" NOT NULL,
  code text COLLATE "C",
  message text COLLATE "C",
  response text COLLATE "C",
  node text COLLATE "C" NOT NULL,
  PRIMARY KEY (tenant, sequence, subscription, number)
);

CREATE TABLE subscriptions (
  tenant text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  state text COLLATE "C" NOT NULL,
  reason text COLLATE "C",
  spec text COLLATE "C" NOT NULL,
  secrets text COLLATE "C",
  owner text COLLATE "C" NOT NULL,
  revision bigint NOT NULL,
  start_sequence bigint NOT NULL,
  cursor bigint,
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  -- its transport is "pull": it is leased from outside only
  pulled smallint NOT NULL,
  PRIMARY KEY (tenant, id)
);

CREATE TABLE resources (
  tenant text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  type text COLLATE "C" NOT NULL,
  owner text COLLATE "C",
  status text COLLATE "C",
  revision bigint NOT NULL,
  properties text COLLATE "C" NOT NULL,
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  removed_at bigint,
  removed_sequence bigint,
  -- the id or its digest
  key text COLLATE "C" NOT NULL,
  -- people call a resource by its code
  code text COLLATE "C",
  PRIMARY KEY (tenant, key)
);
CREATE INDEX resources_by_type ON resources ((tenant || ''), left(type, 200), key) WHERE removed_at IS NULL;
CREATE INDEX resources_by_owner ON resources ((tenant || ''), left(owner, 200), key)
  WHERE removed_at IS NULL AND owner IS NOT NULL;
CREATE INDEX resources_by_code ON resources ((tenant || ''), left(code, 200), key)
  WHERE removed_at IS NULL AND code IS NOT NULL;

-- the resource is its id, or the digest of that
CREATE TABLE owners (
  tenant text COLLATE "C" NOT NULL,
  resource text COLLATE "C" NOT NULL,
  from_sequence bigint NOT NULL,
  until_sequence bigint,
  owner text COLLATE "C" NOT NULL,
  PRIMARY KEY (tenant, resource, from_sequence)
);

CREATE TABLE links (
  tenant text COLLATE "C" NOT NULL,
  from_id text COLLATE "C" NOT NULL,
  to_id text COLLATE "C" NOT NULL,
  relation text COLLATE "C" NOT NULL,
  strong smallint NOT NULL,
  from_sequence bigint NOT NULL,
  until_sequence bigint,
  -- what it links, and how, or a digest of that
  key text COLLATE "C" NOT NULL,
  PRIMARY KEY (tenant, key, from_sequence)
);
CREATE INDEX links_by_start ON links ((tenant || ''), left(from_id, 200));
CREATE INDEX links_by_end ON links (left(tenant, 200), left(to_id, 200));

CREATE TABLE tenants (
  id text COLLATE "C" PRIMARY KEY,
  name text COLLATE "C" NOT NULL,
  open_types smallint NOT NULL,
  created_at bigint NOT NULL,
  disabled_at bigint
);

CREATE TABLE keys (
  id text COLLATE "C" PRIMARY KEY,
  tenant text COLLATE "C" NOT NULL,
  hash text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  roles text COLLATE "C" NOT NULL,
  scopes text COLLATE "C" NOT NULL,
  resource text COLLATE "C",
  created_at bigint NOT NULL,
  expires_at bigint,
  revoked_at bigint
);
CREATE INDEX keys_by_tenant ON keys (tenant, id);

CREATE TABLE processor_settings (
  name text COLLATE "C" PRIMARY KEY,
  enabled smallint,
  position double precision,
  types text COLLATE "C",
  options text COLLATE "C",
  updated_at bigint NOT NULL,
  updated_by text COLLATE "C" NOT NULL
);

CREATE TABLE settings (
  name text COLLATE "C" PRIMARY KEY,
  value text COLLATE "C" NOT NULL,
  updated_at bigint NOT NULL,
  updated_by text COLLATE "C" NOT NULL
);

CREATE TABLE audit (
  tenant text COLLATE "C" NOT NULL,
  number bigint NOT NULL,
  at bigint NOT NULL,
  actor text COLLATE "C" NOT NULL,
  action text COLLATE "C" NOT NULL,
  object text COLLATE "C" NOT NULL,
  detail text COLLATE "C" NOT NULL,
  PRIMARY KEY (tenant, number)
);
`,
}
