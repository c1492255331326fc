import type { Migration } from './migration.js'

/**
 * Events lie in partitions by the time they were received, ended tasks and the attempts from now on by the time they ended,
 * so that retention drops whole tables (`partitions.ts`). Each table has these parts:
 *
 * - `events_first`, `tasks_live`: the tables as they were. Nothing is copied; each is read through once, to see that nothing
 *   in it is younger than its bound, while nobody writes. `tasks_live` also holds all tasks that have not ended.
 * - `…_kept`: what was old and is still needed when its partition was dropped; its bound moves on.
 * - one partition a period, made ahead; and `…_rest`, for times beyond the last of them, so that nothing finds no place.
 *
 * An index over all parts cannot be unique by a key without the time; each part has a unique one of its own. Attempts
 * go to a table of a new name: programs of earlier versions name such a key in their statements.
 * Indexes for the queue are on `tasks_live` alone, and the check on the others tells a planner that it need not look there.
 */
export const partitions: Migration = {
  version: 6,
  oldest: 1,
  sql: `
ALTER TABLE tasks ADD COLUMN received_at bigint;

ALTER TABLE events RENAME TO events_first;
ALTER INDEX events_pkey RENAME TO events_first_pkey;
ALTER INDEX events_by_age RENAME TO events_first_by_age;
ALTER INDEX events_by_type RENAME TO events_first_by_type;
ALTER INDEX events_by_subject RENAME TO events_first_by_subject;
ALTER INDEX events_by_transaction RENAME TO events_first_by_transaction;
ALTER INDEX events_by_parent RENAME TO events_first_by_parent;
ALTER INDEX events_by_root RENAME TO events_first_by_root;
ALTER INDEX events_not_admitted RENAME TO events_first_not_admitted;

CREATE TABLE events (LIKE events_first) PARTITION BY RANGE (received_at);
CREATE INDEX events_by_age ON events (received_at, tenant, sequence);
CREATE INDEX events_by_type ON events (left(tenant, 200), left(type, 200), sequence);
CREATE INDEX events_by_subject ON events (left(tenant, 200), left(subject, 200), sequence) WHERE subject IS NOT NULL;
CREATE INDEX events_by_transaction ON events (left(tenant, 200), left(transaction_id, 200), sequence)
  WHERE transaction_id IS NOT NULL;
CREATE INDEX events_by_parent ON events ((tenant || ''), left(parent_id, 200), sequence) WHERE parent_id IS NOT NULL;
CREATE INDEX events_by_root ON events (left(tenant, 200), left(root_id, 200), sequence) WHERE root_id IS NOT NULL;
CREATE INDEX events_not_admitted ON events (left(tenant, 200), sequence) WHERE state <> 'admitted';

ALTER TABLE tasks RENAME TO tasks_live;
ALTER INDEX tasks_pkey RENAME TO tasks_live_pkey;
ALTER INDEX tasks_by_subscription RENAME TO tasks_live_by_subscription;
ALTER INDEX tasks_by_super_owner RENAME TO tasks_live_by_super_owner;
ALTER INDEX tasks_failed RENAME TO tasks_live_failed;
CREATE TABLE tasks (LIKE tasks_live) PARTITION BY RANGE (ended_at);
CREATE INDEX tasks_by_subscription ON tasks (left(tenant, 200), left(subscription, 200), sequence);
CREATE INDEX tasks_by_super_owner ON tasks (left(tenant, 200), left(super_owner, 200), sequence)
  WHERE super_owner IS NOT NULL;
CREATE INDEX tasks_failed ON tasks (left(tenant, 200), sequence, subscription) WHERE state IN ('refused', 'exhausted');

CREATE TABLE attempt_history (LIKE attempts) PARTITION BY RANGE (ended_at);
CREATE INDEX attempts_of_task ON attempt_history (tenant, sequence, subscription, number);

DO $migration$
DECLARE
  day CONSTANT bigint := 86400000;
  present CONSTANT bigint := floor(extract(epoch FROM clock_timestamp()) * 1000);
  youngest bigint;
  -- the next midnight: whole days are what retention counts in
  start bigint;
BEGIN
  SELECT greatest(max(received_at), present) INTO youngest FROM events_first;
  start := (youngest / day + 1) * day;
  EXECUTE format('ALTER TABLE events ATTACH PARTITION events_first FOR VALUES FROM (MINVALUE) TO (%s)', start - 1);
  EXECUTE format('CREATE TABLE events_kept PARTITION OF events FOR VALUES FROM (%s) TO (%s)', start - 1, start);
  EXECUTE format('CREATE TABLE events_rest PARTITION OF events FOR VALUES FROM (%s) TO (MAXVALUE)', start);

  SELECT greatest(max(ended_at), present) INTO youngest FROM tasks_live;
  start := (youngest / day + 1) * day;
  EXECUTE format('ALTER TABLE tasks_live ADD CONSTRAINT tasks_live_span CHECK (ended_at IS NULL OR ended_at < %s)', start - 1);
  ALTER TABLE tasks ATTACH PARTITION tasks_live DEFAULT;
  EXECUTE format('CREATE TABLE tasks_kept PARTITION OF tasks FOR VALUES FROM (%s) TO (%s)', start - 1, start);
  EXECUTE format('CREATE TABLE tasks_rest PARTITION OF tasks FOR VALUES FROM (%s) TO (MAXVALUE)', start);

  start := (present / day + 1) * day;
  EXECUTE format('CREATE TABLE attempt_history_kept PARTITION OF attempt_history FOR VALUES FROM (MINVALUE) TO (%s)', start);
  EXECUTE format('CREATE TABLE attempt_history_rest PARTITION OF attempt_history FOR VALUES FROM (%s) TO (MAXVALUE)', start);
END $migration$;

ALTER TABLE events_kept ADD PRIMARY KEY (tenant, sequence);
ALTER TABLE events_rest ADD PRIMARY KEY (tenant, sequence);
ALTER TABLE tasks_kept ADD PRIMARY KEY (tenant, sequence, subscription),
  ADD CONSTRAINT tasks_kept_ended CHECK (state IN ('done', 'refused', 'exhausted', 'not-executed', 'cancelled'));
ALTER TABLE tasks_rest ADD PRIMARY KEY (tenant, sequence, subscription),
  ADD CONSTRAINT tasks_rest_ended CHECK (state IN ('done', 'refused', 'exhausted', 'not-executed', 'cancelled'));
`,
}
