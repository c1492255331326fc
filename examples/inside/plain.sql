-- An application in any language publishes in plain SQL: psql -f plain.sql, as a role that may publish.
\set ON_ERROR_STOP on
CREATE TEMP TABLE people (id text PRIMARY KEY);

BEGIN;
INSERT INTO people VALUES ('ada');
SELECT tocsin.publish('{"type": "user.created", "id": "ada-1", "source": "/people", "subject": "ada", "data": {"name": "Ada"}}');
COMMIT;

BEGIN;
INSERT INTO people VALUES ('eve');
SELECT tocsin.publish(jsonb_build_object(
  'type', 'user.created', 'source', '/people', 'subject', id, 'data', jsonb_build_object('name', id)))
FROM people WHERE id = 'eve';
ROLLBACK;
