/**
 * The raw limit's queue on PostgreSQL. What waits while a connection is busy goes in its next statement, which is a commit of its own;
 * payloads are text. A job that is finished stays, with its end beside it.
 */
import { Pool } from 'pg'
import type { RawJob, RawLeased, RawWork } from './work.js'

const CONNECTIONS = 2

export async function rawOnPostgres(connectionString: string): Promise<RawWork> {
  const pool = new Pool({ connectionString, max: CONNECTIONS + 1 })
  await pool.query(TABLES)
  const enqueue = gathering(async (jobs: readonly RawJob[]) => {
    const columns = [0, 1, 2, 3, 4, 5, 6].map((column) => jobs.map((job) => job[column]))
    const { rows } = await pool.query<{ sequence: string }>({ name: 'enqueue', text: ENQUEUE, values: columns })
    return rows.map(({ sequence }) => Number(sequence))
  })
  const finish = gathering(async (sequences: readonly number[]) => {
    await pool.query({ name: 'finish', text: FINISH, values: [sequences, Date.now()] })
    return sequences
  })
  return {
    enqueue,
    async lease(most) {
      const text = LEASE.replace('$most', String(most))
      const { rows } = await pool.query<{ sequence: string; body: string }>({ name: `lease ${most}`, text })
      return rows.map(({ sequence, body }): RawLeased => ({ sequence: Number(sequence), body }))
    },
    finish,
    close: () => pool.end(),
  }
}

const TABLES = `
  CREATE TABLE events (sequence BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, id TEXT NOT NULL, source TEXT NOT NULL,
    type TEXT NOT NULL, subject TEXT NOT NULL, hash TEXT NOT NULL, body TEXT NOT NULL, UNIQUE (id, source));
  CREATE INDEX by_subject ON events (subject, sequence);
  CREATE INDEX by_type ON events (type, sequence);
  CREATE TABLE jobs (sequence BIGINT PRIMARY KEY, priority SMALLINT NOT NULL, state SMALLINT NOT NULL);
  CREATE INDEX waiting ON jobs (priority, sequence) WHERE state = 0;
  CREATE TABLE ends (sequence BIGINT PRIMARY KEY, ended_at BIGINT NOT NULL, outcome TEXT NOT NULL)`

const ENQUEUE = `WITH kept AS (
    INSERT INTO events (id, source, type, subject, hash, body)
    SELECT unnest($1::text[]), unnest($2::text[]), unnest($3::text[]), unnest($4::text[]), unnest($5::text[]), unnest($6::text[])
    RETURNING sequence
  ), numbered AS (SELECT sequence, row_number() OVER (ORDER BY sequence) AS place FROM kept)
  INSERT INTO jobs SELECT sequence, ($7::smallint[])[place], 0 FROM numbered RETURNING sequence`

const LEASE = `WITH best AS MATERIALIZED (
    SELECT sequence FROM jobs WHERE state = 0 ORDER BY priority, sequence LIMIT $most FOR UPDATE SKIP LOCKED
  ), leased AS (UPDATE jobs SET state = 1 FROM best WHERE jobs.sequence = best.sequence RETURNING jobs.sequence)
  SELECT sequence, body FROM leased JOIN events USING (sequence)`

const FINISH = `WITH ended AS (UPDATE jobs SET state = 2 WHERE sequence = ANY ($1::bigint[]) RETURNING sequence)
  INSERT INTO ends SELECT sequence, $2, 'done' FROM ended`

/** What waits goes together, as many calls at a time as there are connections. */
function gathering<Given, Answer>(
  call: (all: readonly Given[]) => Promise<readonly Answer[]>,
): (given: Given) => Promise<Answer> {
  interface Waiting {
    readonly given: Given
    done(answer: Answer): void
    failed(error: unknown): void
  }
  let waiting: Waiting[] = []
  let under = 0
  async function go(): Promise<void> {
    const group = waiting
    if (group.length === 0 || under === CONNECTIONS) return
    waiting = []
    under += 1
    try {
      const answers = await call(group.map(({ given }) => given))
      for (const [index, { done }] of group.entries()) done(answers[index] as Answer)
    } catch (error) {
      for (const { failed } of group) failed(error)
    }
    under -= 1
    void go()
  }
  return (given) =>
    new Promise((done, failed) => {
      if (waiting.length === 0) queueMicrotask(go)
      waiting.push({ given, done, failed })
    })
}
