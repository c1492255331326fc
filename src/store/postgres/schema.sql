CREATE TABLE attempt_history (
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
  request text COLLATE "C",
  timing text COLLATE "C"
);

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
  request text COLLATE "C",
  timing text COLLATE "C"
);

CREATE TABLE audit (
  tenant text COLLATE "C" NOT NULL,
  number bigint NOT NULL,
  at bigint NOT NULL,
  actor text COLLATE "C" NOT NULL,
  action text COLLATE "C" NOT NULL,
  object text COLLATE "C" NOT NULL,
  detail text COLLATE "C" NOT NULL
);

CREATE TABLE breakers (
  tenant text COLLATE "C" NOT NULL,
  subscription text COLLATE "C" NOT NULL,
  failures bigint NOT NULL,
  open_until bigint NOT NULL
);

CREATE TABLE captured_rows (
  capture text COLLATE "C" NOT NULL,
  source_table text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  state text NOT NULL
);

CREATE TABLE event_keys (
  tenant text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  source text COLLATE "C" NOT NULL,
  sequence bigint NOT NULL
);

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
  operation bigint NOT NULL
);

CREATE TABLE groups (
  tenant text COLLATE "C" NOT NULL,
  subscription text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  head bigint NOT NULL,
  rank bigint NOT NULL,
  run bigint NOT NULL DEFAULT 0
);

CREATE TABLE import_ids (
  tenant text COLLATE "C" NOT NULL,
  import text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL
);

CREATE TABLE import_links (
  tenant text COLLATE "C" NOT NULL,
  import text COLLATE "C" NOT NULL,
  line bigint NOT NULL,
  place bigint NOT NULL,
  from_id text COLLATE "C" NOT NULL,
  relation text COLLATE "C" NOT NULL,
  to_id text COLLATE "C" NOT NULL,
  strong smallint NOT NULL
);

CREATE TABLE imports (
  tenant text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  state text COLLATE "C" NOT NULL,
  dry_run smallint NOT NULL,
  line bigint NOT NULL,
  created bigint NOT NULL,
  changed bigint NOT NULL,
  unchanged bigint NOT NULL,
  links bigint NOT NULL,
  refused bigint NOT NULL,
  started_at bigint NOT NULL,
  updated_at bigint NOT NULL
);

CREATE TABLE inbox (
  number bigint NOT NULL,
  tenant text COLLATE "C" NOT NULL,
  state text COLLATE "C" NOT NULL DEFAULT 'pending'::text,
  kind text COLLATE "C" NOT NULL,
  source text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  type text COLLATE "C" NOT NULL,
  subject text COLLATE "C",
  partition_key text COLLATE "C" NOT NULL,
  principal text COLLATE "C" NOT NULL,
  received_at bigint NOT NULL,
  content text COLLATE "C" NOT NULL,
  code text COLLATE "C",
  message text COLLATE "C",
  refused_at bigint
);

CREATE TABLE keys (
  id text COLLATE "C" NOT NULL,
  tenant text COLLATE "C" NOT NULL,
  hash text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  roles text COLLATE "C" NOT NULL,
  scopes text COLLATE "C" NOT NULL,
  resource text COLLATE "C",
  created_at bigint NOT NULL,
  expires_at bigint,
  revoked_at bigint,
  kind text COLLATE "C" NOT NULL DEFAULT 'bearer'::text,
  sealed text COLLATE "C"
);

CREATE TABLE links (
  tenant text COLLATE "C" NOT NULL,
  from_id text COLLATE "C" NOT NULL,
  to_id text COLLATE "C" NOT NULL,
  relation text COLLATE "C" NOT NULL,
  strong smallint NOT NULL,
  from_sequence bigint NOT NULL,
  until_sequence bigint,
  key text COLLATE "C" NOT NULL
);

CREATE TABLE mailed (
  tenant text COLLATE "C" NOT NULL,
  event text COLLATE "C" NOT NULL,
  person text COLLATE "C" NOT NULL,
  message text COLLATE "C" NOT NULL,
  until bigint,
  at bigint NOT NULL
);

CREATE TABLE meta (
  name text COLLATE "C" NOT NULL,
  value text COLLATE "C" NOT NULL
);

CREATE TABLE nodes (
  id text COLLATE "C" NOT NULL,
  version text COLLATE "C" NOT NULL,
  host text COLLATE "C" NOT NULL,
  pid bigint NOT NULL,
  started_at bigint NOT NULL,
  beat_at bigint NOT NULL,
  running bigint NOT NULL,
  state text COLLATE "C" NOT NULL,
  processors text COLLATE "C" NOT NULL
);

CREATE TABLE nonces (
  "timestamp" bigint NOT NULL,
  consumer text COLLATE "C" NOT NULL,
  nonce text COLLATE "C" NOT NULL
);

CREATE TABLE owners (
  tenant text COLLATE "C" NOT NULL,
  resource text COLLATE "C" NOT NULL,
  from_sequence bigint NOT NULL,
  until_sequence bigint,
  owner text COLLATE "C" NOT NULL
);

CREATE TABLE processor_settings (
  name text COLLATE "C" NOT NULL,
  enabled smallint,
  "position" double precision,
  types text COLLATE "C",
  options text COLLATE "C",
  updated_at bigint NOT NULL,
  updated_by text COLLATE "C" NOT NULL
);

CREATE TABLE publishers (
  role text COLLATE "C" NOT NULL,
  tenant text COLLATE "C" NOT NULL,
  principal text COLLATE "C" NOT NULL
);

CREATE TABLE rates (
  tenant text COLLATE "C" NOT NULL,
  subscription text COLLATE "C" NOT NULL,
  next_at double precision NOT NULL,
  every double precision
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
  key text COLLATE "C" NOT NULL,
  code text COLLATE "C"
);

CREATE TABLE results (
  tenant text COLLATE "C" NOT NULL,
  sequence bigint NOT NULL,
  processor text COLLATE "C" NOT NULL,
  number bigint NOT NULL,
  kind text COLLATE "C" NOT NULL,
  "position" double precision NOT NULL,
  state text COLLATE "C" NOT NULL,
  verdict text COLLATE "C",
  code text COLLATE "C",
  message text COLLATE "C",
  cause text COLLATE "C",
  started_at bigint NOT NULL,
  ended_at bigint
);

CREATE TABLE settings (
  name text COLLATE "C" NOT NULL,
  value text COLLATE "C" NOT NULL,
  updated_at bigint NOT NULL,
  updated_by text COLLATE "C" NOT NULL
);

CREATE TABLE slices (
  tenant text COLLATE "C" NOT NULL,
  sequence bigint NOT NULL,
  number bigint NOT NULL,
  partition_key text COLLATE "C" NOT NULL,
  count bigint NOT NULL,
  candidates text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL
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
  pulled smallint NOT NULL
);

CREATE TABLE task_counts (
  tenant text COLLATE "C" NOT NULL,
  subscription text COLLATE "C" NOT NULL,
  state text COLLATE "C" NOT NULL,
  slot bigint NOT NULL,
  count bigint NOT NULL
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
  rank bigint NOT NULL,
  received_at bigint,
  replayed_at bigint
);

CREATE TABLE tenant_heads (
  tenant text COLLATE "C" NOT NULL,
  head bigint NOT NULL,
  version bigint NOT NULL
);

CREATE TABLE tenants (
  id text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  open_types smallint NOT NULL,
  created_at bigint NOT NULL,
  disabled_at bigint,
  weight integer NOT NULL DEFAULT 1,
  events_per_second integer,
  unfinished_tasks bigint
);

ALTER TABLE attempt_history ATTACH PARTITION attempt_history_kept FOR VALUES FROM (MINVALUE) TO (MIDNIGHT);

ALTER TABLE attempt_history ATTACH PARTITION attempt_history_rest FOR VALUES FROM (MIDNIGHT) TO (MAXVALUE);

ALTER TABLE attempt_history PARTITION BY RANGE (ended_at);

ALTER TABLE events ATTACH PARTITION events_first FOR VALUES FROM (MINVALUE) TO (MIDNIGHT);

ALTER TABLE events ATTACH PARTITION events_kept FOR VALUES FROM (MIDNIGHT) TO (MIDNIGHT);

ALTER TABLE events ATTACH PARTITION events_rest FOR VALUES FROM (MIDNIGHT) TO (MAXVALUE);

ALTER TABLE events PARTITION BY RANGE (received_at);

ALTER TABLE tasks ATTACH PARTITION tasks_kept FOR VALUES FROM (MIDNIGHT) TO (MIDNIGHT);

ALTER TABLE tasks ATTACH PARTITION tasks_live DEFAULT;

ALTER TABLE tasks ATTACH PARTITION tasks_rest FOR VALUES FROM (MIDNIGHT) TO (MAXVALUE);

ALTER TABLE tasks PARTITION BY RANGE (ended_at);

ALTER TABLE attempts ADD PRIMARY KEY (tenant, sequence, subscription, number);

ALTER TABLE audit ADD PRIMARY KEY (tenant, number);

ALTER TABLE breakers ADD PRIMARY KEY (tenant, subscription);

ALTER TABLE captured_rows ADD PRIMARY KEY (capture, source_table, id);

ALTER TABLE event_keys ADD PRIMARY KEY (tenant, id, source);

ALTER TABLE events_first ADD PRIMARY KEY (tenant, sequence);

ALTER TABLE events_kept ADD PRIMARY KEY (tenant, sequence);

ALTER TABLE events_rest ADD PRIMARY KEY (tenant, sequence);

ALTER TABLE groups ADD PRIMARY KEY (tenant, subscription, key);

ALTER TABLE import_ids ADD PRIMARY KEY (tenant, import, key);

ALTER TABLE import_links ADD PRIMARY KEY (tenant, import, line, place);

ALTER TABLE imports ADD PRIMARY KEY (tenant, id);

ALTER TABLE inbox ADD PRIMARY KEY (number);

ALTER TABLE keys ADD PRIMARY KEY (id);

ALTER TABLE links ADD PRIMARY KEY (tenant, key, from_sequence);

ALTER TABLE mailed ADD PRIMARY KEY (tenant, event, person);

ALTER TABLE meta ADD PRIMARY KEY (name);

ALTER TABLE nodes ADD PRIMARY KEY (id);

ALTER TABLE nonces ADD PRIMARY KEY ("timestamp", consumer, nonce);

ALTER TABLE owners ADD PRIMARY KEY (tenant, resource, from_sequence);

ALTER TABLE processor_settings ADD PRIMARY KEY (name);

ALTER TABLE publishers ADD PRIMARY KEY (role);

ALTER TABLE rates ADD PRIMARY KEY (tenant, subscription);

ALTER TABLE resources ADD PRIMARY KEY (tenant, key);

ALTER TABLE results ADD PRIMARY KEY (tenant, sequence, processor, number);

ALTER TABLE settings ADD PRIMARY KEY (name);

ALTER TABLE slices ADD PRIMARY KEY (tenant, sequence, number);

ALTER TABLE subscriptions ADD PRIMARY KEY (tenant, id);

ALTER TABLE task_counts ADD PRIMARY KEY (tenant, subscription, state, slot);

ALTER TABLE tasks_kept ADD CHECK ((state = ANY (ARRAY['done'::text, 'refused'::text, 'exhausted'::text, 'not-executed'::text, 'cancelled'::text])));

ALTER TABLE tasks_kept ADD PRIMARY KEY (tenant, sequence, subscription);

ALTER TABLE tasks_live ADD CHECK (((ended_at IS NULL) OR (ended_at < MIDNIGHT::bigint)));

ALTER TABLE tasks_live ADD PRIMARY KEY (tenant, sequence, subscription);

ALTER TABLE tasks_rest ADD CHECK ((state = ANY (ARRAY['done'::text, 'refused'::text, 'exhausted'::text, 'not-executed'::text, 'cancelled'::text])));

ALTER TABLE tasks_rest ADD PRIMARY KEY (tenant, sequence, subscription);

ALTER TABLE tenant_heads ADD PRIMARY KEY (tenant);

ALTER TABLE tenants ADD PRIMARY KEY (id);

CREATE INDEX attempt_history_kept_tenant_sequence_subscription_number_idx ON attempt_history_kept USING btree (tenant, sequence, subscription, number);

CREATE INDEX attempt_history_rest_tenant_sequence_subscription_number_idx ON attempt_history_rest USING btree (tenant, sequence, subscription, number);

CREATE INDEX attempts_of_task ON ONLY attempt_history USING btree (tenant, sequence, subscription, number);

CREATE INDEX events_by_age ON ONLY events USING btree (received_at, tenant, sequence);

CREATE INDEX events_by_parent ON ONLY events USING btree (((tenant || ''::text)), "left"(parent_id, 200), sequence) WHERE (parent_id IS NOT NULL);

CREATE INDEX events_by_root ON ONLY events USING btree ("left"(tenant, 200), "left"(root_id, 200), sequence) WHERE (root_id IS NOT NULL);

CREATE INDEX events_by_subject ON ONLY events USING btree ("left"(tenant, 200), "left"(subject, 200), sequence) WHERE (subject IS NOT NULL);

CREATE INDEX events_by_transaction ON ONLY events USING btree ("left"(tenant, 200), "left"(transaction_id, 200), sequence) WHERE (transaction_id IS NOT NULL);

CREATE INDEX events_by_type ON ONLY events USING btree ("left"(tenant, 200), "left"(type, 200), sequence);

CREATE INDEX events_first_by_age ON events_first USING btree (received_at, tenant, sequence);

CREATE INDEX events_first_by_parent ON events_first USING btree (((tenant || ''::text)), "left"(parent_id, 200), sequence) WHERE (parent_id IS NOT NULL);

CREATE INDEX events_first_by_root ON events_first USING btree ("left"(tenant, 200), "left"(root_id, 200), sequence) WHERE (root_id IS NOT NULL);

CREATE INDEX events_first_by_subject ON events_first USING btree ("left"(tenant, 200), "left"(subject, 200), sequence) WHERE (subject IS NOT NULL);

CREATE INDEX events_first_by_transaction ON events_first USING btree ("left"(tenant, 200), "left"(transaction_id, 200), sequence) WHERE (transaction_id IS NOT NULL);

CREATE INDEX events_first_by_type ON events_first USING btree ("left"(tenant, 200), "left"(type, 200), sequence);

CREATE INDEX events_first_left_sequence_idx ON events_first USING btree ("left"(tenant, 200), sequence) WHERE (state <> ALL (ARRAY['admitted'::text, 'addressed'::text]));

CREATE INDEX events_kept_expr_left_sequence_idx ON events_kept USING btree (((tenant || ''::text)), "left"(parent_id, 200), sequence) WHERE (parent_id IS NOT NULL);

CREATE INDEX events_kept_left_left1_sequence_idx ON events_kept USING btree ("left"(tenant, 200), "left"(type, 200), sequence);

CREATE INDEX events_kept_left_left1_sequence_idx1 ON events_kept USING btree ("left"(tenant, 200), "left"(subject, 200), sequence) WHERE (subject IS NOT NULL);

CREATE INDEX events_kept_left_left1_sequence_idx2 ON events_kept USING btree ("left"(tenant, 200), "left"(transaction_id, 200), sequence) WHERE (transaction_id IS NOT NULL);

CREATE INDEX events_kept_left_left1_sequence_idx3 ON events_kept USING btree ("left"(tenant, 200), "left"(root_id, 200), sequence) WHERE (root_id IS NOT NULL);

CREATE INDEX events_kept_left_sequence_idx ON events_kept USING btree ("left"(tenant, 200), sequence) WHERE (state <> ALL (ARRAY['admitted'::text, 'addressed'::text]));

CREATE INDEX events_kept_received_at_tenant_sequence_idx ON events_kept USING btree (received_at, tenant, sequence);

CREATE INDEX events_rare ON ONLY events USING btree ("left"(tenant, 200), sequence) WHERE (state <> ALL (ARRAY['admitted'::text, 'addressed'::text]));

CREATE INDEX events_rest_expr_left_sequence_idx ON events_rest USING btree (((tenant || ''::text)), "left"(parent_id, 200), sequence) WHERE (parent_id IS NOT NULL);

CREATE INDEX events_rest_left_left1_sequence_idx ON events_rest USING btree ("left"(tenant, 200), "left"(type, 200), sequence);

CREATE INDEX events_rest_left_left1_sequence_idx1 ON events_rest USING btree ("left"(tenant, 200), "left"(subject, 200), sequence) WHERE (subject IS NOT NULL);

CREATE INDEX events_rest_left_left1_sequence_idx2 ON events_rest USING btree ("left"(tenant, 200), "left"(transaction_id, 200), sequence) WHERE (transaction_id IS NOT NULL);

CREATE INDEX events_rest_left_left1_sequence_idx3 ON events_rest USING btree ("left"(tenant, 200), "left"(root_id, 200), sequence) WHERE (root_id IS NOT NULL);

CREATE INDEX events_rest_left_sequence_idx ON events_rest USING btree ("left"(tenant, 200), sequence) WHERE (state <> ALL (ARRAY['admitted'::text, 'addressed'::text]));

CREATE INDEX events_rest_received_at_tenant_sequence_idx ON events_rest USING btree (received_at, tenant, sequence);

CREATE INDEX inbox_pending ON inbox USING btree (number) WHERE (state = 'pending'::text);

CREATE INDEX inbox_refused ON inbox USING btree (refused_at) WHERE (refused_at IS NOT NULL);

CREATE INDEX keys_by_resource ON keys USING btree (tenant, "left"(resource, 200)) WHERE ((resource IS NOT NULL) AND (revoked_at IS NULL));

CREATE INDEX keys_by_tenant ON keys USING btree (tenant, id);

CREATE INDEX links_by_end ON links USING btree ("left"(tenant, 200), "left"(to_id, 200));

CREATE INDEX links_by_start ON links USING btree (((tenant || ''::text)), "left"(from_id, 200), "left"(to_id, 200));

CREATE INDEX mailed_by_age ON mailed USING btree (at);

CREATE INDEX resources_by_code ON resources USING btree (((tenant || ''::text)), "left"(code, 200), key) WHERE ((removed_at IS NULL) AND (code IS NOT NULL));

CREATE INDEX resources_by_owner ON resources USING btree (((tenant || ''::text)), "left"(owner, 200), key) WHERE ((removed_at IS NULL) AND (owner IS NOT NULL));

CREATE INDEX resources_by_type ON resources USING btree (((tenant || ''::text)), "left"(type, 200), key) WHERE (removed_at IS NULL);

CREATE INDEX slices_by_key ON slices USING btree (tenant, key);

CREATE INDEX tasks_alike ON tasks_live USING btree (((tenant || ''::text)), ((subscription || ''::text)), "left"(likeness, 200), sequence) WHERE ((likeness IS NOT NULL) AND (state = ANY (ARRAY['due'::text, 'waiting'::text])) AND ((wake_at IS NULL) OR (attempts > 0)));

CREATE INDEX tasks_asleep ON tasks_live USING btree (wake_at, tenant, sequence, subscription) WHERE ((state = 'waiting'::text) AND (wake_at IS NOT NULL));

CREATE INDEX tasks_behind ON tasks_live USING btree (((tenant || ''::text)), ((subscription || ''::text)), "left"(group_key, 200), sequence) WHERE ((state = 'waiting'::text) AND (wake_at IS NULL) AND (blocked_by IS NULL));

CREATE INDEX tasks_behind_high ON tasks_live USING btree (((tenant || ''::text)), ((subscription || ''::text)), "left"(group_key, 200), priority) WHERE ((state = 'waiting'::text) AND (wake_at IS NULL) AND (blocked_by IS NULL) AND (priority < 2));

CREATE INDEX tasks_blocked ON tasks_live USING btree (((tenant || ''::text)), "left"(blocked_by, 200), rank, sequence, subscription) WHERE (blocked_by IS NOT NULL);

CREATE INDEX tasks_by_subscription ON ONLY tasks USING btree ("left"(tenant, 200), "left"(subscription, 200), sequence);

CREATE INDEX tasks_by_super_owner ON ONLY tasks USING btree ("left"(tenant, 200), "left"(super_owner, 200), sequence) WHERE (super_owner IS NOT NULL);

CREATE INDEX tasks_failed ON ONLY tasks USING btree ("left"(tenant, 200), sequence, subscription) WHERE (state = ANY (ARRAY['refused'::text, 'exhausted'::text]));

CREATE INDEX tasks_holding ON tasks_live USING btree (((tenant || ''::text))) WHERE ((state = 'leased'::text) AND (lock_owner IS NOT NULL));

CREATE INDEX tasks_kept_left_left1_sequence_idx ON tasks_kept USING btree ("left"(tenant, 200), "left"(subscription, 200), sequence);

CREATE INDEX tasks_kept_left_left1_sequence_idx1 ON tasks_kept USING btree ("left"(tenant, 200), "left"(super_owner, 200), sequence) WHERE (super_owner IS NOT NULL);

CREATE INDEX tasks_kept_left_sequence_subscription_idx ON tasks_kept USING btree ("left"(tenant, 200), sequence, subscription) WHERE (state = ANY (ARRAY['refused'::text, 'exhausted'::text]));

CREATE INDEX tasks_leased ON tasks_live USING btree (leased_until, tenant, sequence, subscription) WHERE (state = 'leased'::text);

CREATE INDEX tasks_live_by_subscription ON tasks_live USING btree ("left"(tenant, 200), "left"(subscription, 200), sequence);

CREATE INDEX tasks_live_by_super_owner ON tasks_live USING btree ("left"(tenant, 200), "left"(super_owner, 200), sequence) WHERE (super_owner IS NOT NULL);

CREATE INDEX tasks_live_failed ON tasks_live USING btree ("left"(tenant, 200), sequence, subscription) WHERE (state = ANY (ARRAY['refused'::text, 'exhausted'::text]));

CREATE INDEX tasks_ready ON tasks_live USING btree (((tenant || ''::text)), ((subscription || ''::text)), rank, sequence) WHERE (state = 'due'::text);

CREATE INDEX tasks_rest_left_left1_sequence_idx ON tasks_rest USING btree ("left"(tenant, 200), "left"(subscription, 200), sequence);

CREATE INDEX tasks_rest_left_left1_sequence_idx1 ON tasks_rest USING btree ("left"(tenant, 200), "left"(super_owner, 200), sequence) WHERE (super_owner IS NOT NULL);

CREATE INDEX tasks_rest_left_sequence_subscription_idx ON tasks_rest USING btree ("left"(tenant, 200), sequence, subscription) WHERE (state = ANY (ARRAY['refused'::text, 'exhausted'::text]));

CREATE UNIQUE INDEX attempts_pkey ON attempts USING btree (tenant, sequence, subscription, number);

CREATE UNIQUE INDEX audit_pkey ON audit USING btree (tenant, number);

CREATE UNIQUE INDEX breakers_pkey ON breakers USING btree (tenant, subscription);

CREATE UNIQUE INDEX captured_rows_pkey ON captured_rows USING btree (capture, source_table, id);

CREATE UNIQUE INDEX event_keys_pkey ON event_keys USING btree (tenant, id, source);

CREATE UNIQUE INDEX events_first_pkey ON events_first USING btree (tenant, sequence);

CREATE UNIQUE INDEX events_kept_pkey ON events_kept USING btree (tenant, sequence);

CREATE UNIQUE INDEX events_rest_pkey ON events_rest USING btree (tenant, sequence);

CREATE UNIQUE INDEX groups_pkey ON groups USING btree (tenant, subscription, key);

CREATE UNIQUE INDEX import_ids_pkey ON import_ids USING btree (tenant, import, key);

CREATE UNIQUE INDEX import_links_pkey ON import_links USING btree (tenant, import, line, place);

CREATE UNIQUE INDEX imports_pkey ON imports USING btree (tenant, id);

CREATE UNIQUE INDEX inbox_pkey ON inbox USING btree (number);

CREATE UNIQUE INDEX keys_pkey ON keys USING btree (id);

CREATE UNIQUE INDEX links_pkey ON links USING btree (tenant, key, from_sequence);

CREATE UNIQUE INDEX mailed_pkey ON mailed USING btree (tenant, event, person);

CREATE UNIQUE INDEX meta_pkey ON meta USING btree (name);

CREATE UNIQUE INDEX nodes_pkey ON nodes USING btree (id);

CREATE UNIQUE INDEX nonces_pkey ON nonces USING btree ("timestamp", consumer, nonce);

CREATE UNIQUE INDEX owners_pkey ON owners USING btree (tenant, resource, from_sequence);

CREATE UNIQUE INDEX processor_settings_pkey ON processor_settings USING btree (name);

CREATE UNIQUE INDEX publishers_pkey ON publishers USING btree (role);

CREATE UNIQUE INDEX rates_pkey ON rates USING btree (tenant, subscription);

CREATE UNIQUE INDEX resources_pkey ON resources USING btree (tenant, key);

CREATE UNIQUE INDEX results_pkey ON results USING btree (tenant, sequence, processor, number);

CREATE UNIQUE INDEX settings_pkey ON settings USING btree (name);

CREATE UNIQUE INDEX slices_pkey ON slices USING btree (tenant, sequence, number);

CREATE UNIQUE INDEX subscriptions_pkey ON subscriptions USING btree (tenant, id);

CREATE UNIQUE INDEX task_counts_pkey ON task_counts USING btree (tenant, subscription, state, slot);

CREATE UNIQUE INDEX tasks_kept_pkey ON tasks_kept USING btree (tenant, sequence, subscription);

CREATE UNIQUE INDEX tasks_live_pkey ON tasks_live USING btree (tenant, sequence, subscription);

CREATE UNIQUE INDEX tasks_rest_pkey ON tasks_rest USING btree (tenant, sequence, subscription);

CREATE UNIQUE INDEX tenant_heads_pkey ON tenant_heads USING btree (tenant);

CREATE UNIQUE INDEX tenants_pkey ON tenants USING btree (id);

CREATE OR REPLACE FUNCTION allow_publishing(role name, tenant text, principal text)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  known text;
BEGIN
  IF NOT EXISTS (SELECT FROM tenants AS t WHERE t.id = allow_publishing.tenant) THEN
    SELECT string_agg(t.id, ', ') INTO known FROM (SELECT id FROM tenants ORDER BY id LIMIT 10) AS t;
    RAISE EXCEPTION 'There is no tenant %.', coalesce(to_json(tenant)::text, 'null')
      USING ERRCODE = 'invalid_parameter_value', HINT = 'One that there is: ' || coalesce(known, 'none yet');
  END IF;
  IF principal IS NULL OR principal !~ '[^[:space:]]' THEN
    RAISE EXCEPTION 'The principal is empty.' USING ERRCODE = 'invalid_parameter_value',
      HINT = 'The id of a key, or a name of your own for who publishes.';
  END IF;
  INSERT INTO publishers VALUES (role, tenant, principal)
    ON CONFLICT ON CONSTRAINT publishers_pkey DO UPDATE SET tenant = excluded.tenant, principal = excluded.principal;
  EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', 'tocsin', role);
  EXECUTE format('GRANT EXECUTE ON FUNCTION %I.publish(jsonb) TO %I', 'tocsin', role);
END $function$
;

CREATE OR REPLACE FUNCTION forbid_publishing(role name)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
  DELETE FROM publishers AS p WHERE p.role = forbid_publishing.role;
  EXECUTE format('REVOKE EXECUTE ON FUNCTION %I.publish(jsonb) FROM %I', 'tocsin', role);
END $function$
;

CREATE OR REPLACE FUNCTION publish(event jsonb)
 RETURNS text
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
  whom record;
  told jsonb;
  attribute text;
BEGIN
  SELECT p.tenant, p.principal INTO whom FROM publishers AS p WHERE p.role = session_user;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'The role % publishes for nobody.', session_user USING ERRCODE = 'insufficient_privilege',
      HINT = 'As the owner of the schema: SELECT allow_publishing(role, tenant, principal)';
  END IF;
  IF event IS NULL OR jsonb_typeof(event) <> 'object' THEN
    RAISE EXCEPTION 'The event is no JSON object.' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF octet_length(event::text) > 1048576 THEN
    RAISE EXCEPTION 'The event is too large.' USING ERRCODE = 'invalid_parameter_value', HINT = 'At most 1 MiB.';
  END IF;
  -- a null is an absent one (CloudEvents JSON format, 3.1); of data it is a value
  SELECT coalesce(jsonb_object_agg(each.key, each.value), '{}') INTO told FROM jsonb_each(event) AS each
    WHERE each.key = 'data' OR jsonb_typeof(each.value) <> 'null';
  FOREACH attribute IN ARRAY ARRAY['specversion', 'id', 'source', 'type', 'subject', 'partitionkey', 'tenant'] LOOP
    IF told ? attribute AND (jsonb_typeof(told -> attribute) <> 'string' OR told ->> attribute = '') THEN
      RAISE EXCEPTION 'The attribute % is no text, or empty.', attribute USING ERRCODE = 'invalid_parameter_value';
    END IF;
  END LOOP;
  IF NOT told ? 'type' THEN
    RAISE EXCEPTION 'The attribute type is missing.' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF told ? 'sequence' OR (told ->> 'tenant') <> whom.tenant THEN
    RAISE EXCEPTION 'An event is not given a sequence or another tenant.' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  told := jsonb_build_object(
    'specversion', '1.0', 'id', gen_random_uuid(), 'source', '/' || whom.principal,
    'time', to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) || told;
  INSERT INTO inbox (tenant, kind, source, id, type, subject, partition_key, principal, received_at, content)
  VALUES (whom.tenant, 'received', told ->> 'source', told ->> 'id', told ->> 'type', told ->> 'subject',
    coalesce(told ->> 'partitionkey', told ->> 'subject', told ->> 'id'), whom.principal,
    floor(extract(epoch FROM clock_timestamp()) * 1000), told::text);
  RETURN told ->> 'id';
END $function$
;
