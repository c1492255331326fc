import type { Migration } from './migration.js'

/** Whom a role publishes for is looked at when it is allowed to: for a tenant that is none, every event ended in an inbox of nobody. */
export const publishing: Migration = {
  version: 15,
  oldest: 1,
  sql: `
DO $migration$ BEGIN EXECUTE format($create$

CREATE OR REPLACE FUNCTION %1$I.allow_publishing(role name, tenant text, principal text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $allow$
DECLARE
  known text;
BEGIN
  IF NOT EXISTS (SELECT FROM %1$I.tenants AS t WHERE t.id = allow_publishing.tenant) THEN
    SELECT string_agg(t.id, ', ') INTO known FROM (SELECT id FROM %1$I.tenants ORDER BY id LIMIT 10) AS t;
    RAISE EXCEPTION 'There is no tenant %%.', coalesce(to_json(tenant)::text, 'null')
      USING ERRCODE = 'invalid_parameter_value', HINT = 'One that there is: ' || coalesce(known, 'none yet');
  END IF;
  IF principal IS NULL OR principal !~ '[^[:space:]]' THEN
    RAISE EXCEPTION 'The principal is empty.' USING ERRCODE = 'invalid_parameter_value',
      HINT = 'The id of a key, or a name of your own for who publishes.';
  END IF;
  INSERT INTO %1$I.publishers VALUES (role, tenant, principal)
    ON CONFLICT ON CONSTRAINT publishers_pkey DO UPDATE SET tenant = excluded.tenant, principal = excluded.principal;
  EXECUTE format('GRANT USAGE ON SCHEMA %%I TO %%I', %1$L, role);
  EXECUTE format('GRANT EXECUTE ON FUNCTION %%I.publish(jsonb) TO %%I', %1$L, role);
END $allow$;

$create$, current_schema()); END $migration$;
`,
}
