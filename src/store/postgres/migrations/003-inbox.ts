import type { Migration } from './migration.js'

/**
 * What hosts write inside their own transactions, and `publish(jsonb)` for hosts in any language. That runs as our owner, so
 * it names everything by its schema, and a role that calls it needs no right but to do so.
 */
export const inbox: Migration = {
  version: 3,
  oldest: 1,
  sql: `
CREATE TABLE inbox (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tenant text COLLATE "C" NOT NULL,
  state text COLLATE "C" NOT NULL DEFAULT 'pending',
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
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
CREATE INDEX inbox_pending ON inbox (number) WHERE state = 'pending';
CREATE INDEX inbox_refused ON inbox (refused_at) WHERE refused_at IS NOT NULL;

-- whom a role of the database publishes for
CREATE TABLE publishers (
  role text COLLATE "C" PRIMARY KEY,
  tenant text COLLATE "C" NOT NULL,
  principal text COLLATE "C" NOT NULL
);

DO $migration$ BEGIN EXECUTE format($create$

CREATE FUNCTION %1$I.publish(event jsonb) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $publish$
DECLARE
  whom record;
  told jsonb;
  attribute text;
BEGIN
  SELECT p.tenant, p.principal INTO whom FROM %1$I.publishers AS p WHERE p.role = session_user;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'The role %% publishes for nobody.', session_user USING ERRCODE = 'insufficient_privilege',
      HINT = 'As the owner of the schema: SELECT %1$I.allow_publishing(role, tenant, principal)';
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
      RAISE EXCEPTION 'The attribute %% is no text, or empty.', attribute USING ERRCODE = 'invalid_parameter_value';
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
  INSERT INTO %1$I.inbox (tenant, kind, source, id, type, subject, partition_key, principal, received_at, content)
  VALUES (whom.tenant, 'received', told ->> 'source', told ->> 'id', told ->> 'type', told ->> 'subject',
    coalesce(told ->> 'partitionkey', told ->> 'subject', told ->> 'id'), whom.principal,
    floor(extract(epoch FROM clock_timestamp()) * 1000), told::text);
  RETURN told ->> 'id';
END $publish$;

CREATE FUNCTION %1$I.allow_publishing(role name, tenant text, principal text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $allow$
BEGIN
  INSERT INTO %1$I.publishers VALUES (role, tenant, principal)
    ON CONFLICT ON CONSTRAINT publishers_pkey DO UPDATE SET tenant = excluded.tenant, principal = excluded.principal;
  EXECUTE format('GRANT USAGE ON SCHEMA %%I TO %%I', %1$L, role);
  EXECUTE format('GRANT EXECUTE ON FUNCTION %%I.publish(jsonb) TO %%I', %1$L, role);
END $allow$;

CREATE FUNCTION %1$I.forbid_publishing(role name) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $forbid$
BEGIN
  DELETE FROM %1$I.publishers AS p WHERE p.role = forbid_publishing.role;
  EXECUTE format('REVOKE EXECUTE ON FUNCTION %%I.publish(jsonb) FROM %%I', %1$L, role);
END $forbid$;

REVOKE ALL ON FUNCTION %1$I.publish(jsonb), %1$I.allow_publishing(name, text, text), %1$I.forbid_publishing(name)
  FROM PUBLIC;

$create$, current_schema()); END $migration$;
`,
}
