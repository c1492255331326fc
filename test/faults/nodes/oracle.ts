/**
 * What is true when all is over: the clients' ledgers, the receiver's, the reader's and what the database saw of leases.
 */
import type { Client } from 'pg'
import type { Received } from '../receiver.js'
import type { Promised, Read } from './clients.js'

/** Written down by the database itself as it happens, whatever nodes believe. */
const WATCH = `CREATE SCHEMA watched;
CREATE TABLE watched.leases (sequence bigint, subscription text, attempt bigint, token bigint, node text);
CREATE INDEX ON watched.leases (sequence, subscription);
CREATE VIEW watched.attempts AS SELECT * FROM tocsin.attempts UNION ALL SELECT * FROM tocsin.attempt_history;
CREATE FUNCTION watched.lease() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO watched.leases VALUES (NEW.sequence, NEW.subscription, NEW.attempts, NEW.token, NEW.leased_by);
  RETURN NULL;
END $$;
CREATE TRIGGER leased AFTER UPDATE ON tocsin.tasks FOR EACH ROW
  WHEN (NEW.state = 'leased' AND NEW.attempts > OLD.attempts) EXECUTE FUNCTION watched.lease();
CREATE TRIGGER born_leased AFTER INSERT ON tocsin.tasks FOR EACH ROW
  WHEN (NEW.state = 'leased') EXECUTE FUNCTION watched.lease();`

export const watch = async (client: Client): Promise<void> => void (await client.query(WATCH))

/** Groups that have two heads in the moment of asking: what is leased is one if it is a run, of one node, and counted as such. */
const HEADS = `SELECT t.subscription || ' ' || t.group_key AS head FROM tocsin.tasks AS t
  LEFT JOIN tocsin.groups AS g ON g.tenant = t.tenant AND g.subscription = t.subscription AND g.key = t.group_key
  WHERE t.state IN ('due', 'leased') AND t.group_key IS NOT NULL GROUP BY t.tenant, t.subscription, t.group_key
  HAVING count(*) > 1 AND (count(DISTINCT t.leased_by) <> 1 OR count(*) IS DISTINCT FROM max(g.run) OR bool_or(t.state = 'due'))`

export async function twoHeads(client: Client): Promise<readonly string[]> {
  const { rows } = await client.query<{ head: string }>(HEADS)
  return rows.map(({ head }) => head)
}

/** An attempt on record that another node made than the one that had the lease: a late settlement that did not lose. */
const STOLEN = `SELECT a.sequence || ' ' || a.number || ' by ' || a.node || ' of ' || coalesce(l.node, 'nobody') AS stolen
  FROM watched.attempts AS a LEFT JOIN watched.leases AS l
    ON l.sequence = a.sequence AND l.subscription = a.subscription AND l.attempt = a.number
  WHERE l.node IS DISTINCT FROM a.node LIMIT 20`

/** Of each event and subscription: leases, and what is on record of attempts. */
const LEASES = `SELECT s.id AS subscription, e.id, count(l.attempt)::int AS leases,
    (SELECT string_agg(a.outcome || ' ' || coalesce(a.code, '-'), ', ' ORDER BY a.number) FROM watched.attempts AS a
      WHERE a.tenant = e.tenant AND a.sequence = e.sequence AND a.subscription = s.id) AS recorded
  FROM tocsin.events AS e CROSS JOIN tocsin.subscriptions AS s
  JOIN watched.leases AS l ON l.sequence = e.sequence AND l.subscription = s.id
  WHERE e.id = ANY ($1) GROUP BY s.id, e.id, e.sequence, e.tenant`

interface Leases {
  readonly subscription: string
  readonly id: string
  readonly leases: number
  /** Such as `retry 500, delivered 204`. */
  readonly recorded: string | null
}

/** Never finished, or gone. */
const OPEN = `SELECT count(*)::int AS open FROM tocsin.tasks AS t JOIN tocsin.events AS e USING (tenant, sequence)
  WHERE e.source = '/faults' AND t.state <> 'done'`

const LOG = `SELECT lpad(sequence::text, 20, '0') AS sequence, id FROM tocsin.events WHERE state = 'admitted' ORDER BY sequence`

export interface Verdict {
  /** Promised, and never acknowledged by the receiver of this path (P1 to P4). */
  readonly lost: readonly string[]
  /** Events that came under two ids of the header. */
  readonly renamed: readonly string[]
  /** First came after a later one of their subject (P6). */
  readonly disorder: readonly string[]
  /** Acknowledged more often than leases without a recorded end explain (P5). */
  readonly needless: readonly string[]
  readonly duplicates: number
}

export interface Path {
  readonly path: string
  readonly subscription: string
  readonly ordered: boolean
}

export async function judge(
  client: Client,
  { path, subscription, ordered }: Path,
  promised: readonly Promised[],
  ledger: readonly Received[],
): Promise<Verdict> {
  const received = ledger.filter((one) => one.path === path)
  const accepted = received.filter(({ status }) => status < 300)
  const times = new Map<string, number>()
  for (const { event } of accepted) times.set(event, (times.get(event) ?? 0) + 1)
  const twice = [...times].filter(([, count]) => count > 1)
  return {
    lost: promised.flatMap(({ id }) => (times.has(id) ? [] : [id])),
    renamed: renamedIn(received),
    disorder: ordered ? disorderIn(received) : [],
    needless: await needlessOf(client, subscription, twice),
    duplicates: accepted.length - times.size,
  }
}

async function needlessOf(client: Client, subscription: string, twice: readonly (readonly [string, number])[]) {
  const { rows } = await client.query<Leases>(LEASES, [twice.map(([id]) => id)])
  return twice.flatMap(([id, count]) => {
    const row = rows.find((each) => each.id === id && each.subscription === subscription)
    const recorded = row?.recorded?.split(', ') ?? []
    // The receiver's answer came: a 2xx, or a refusal. A line that broke is no answer.
    const answered = recorded.filter((attempt) => /^delivered| \d{3}$/.test(attempt)).length
    const unanswered = (row?.leases ?? 0) - answered
    return count <= 1 + unanswered ? [] : [`${id}: ${count} times, ${row?.leases} leases, on record: ${row?.recorded}`]
  })
}

function renamedIn(received: readonly Received[]): readonly string[] {
  const names = new Map<string, string>()
  return received.flatMap(({ event, webhookId }) => {
    const before = names.get(event) ?? webhookId
    names.set(event, before)
    return before === webhookId ? [] : [`${event}: ${before}, ${webhookId}`]
  })
}

/** By the log's sequence for each subject, and by the client's own count for each of its lines (`s3.17`). */
export function disorderIn(received: readonly Received[]): readonly string[] {
  const sequences = new Map<string, string>()
  const counts = new Map<string, number>()
  const seen = new Set<string>()
  return received.flatMap(({ event, subject, sequence }) => {
    if (seen.size === seen.add(event).size) return []
    const [line = '', number = '0'] = event.split('.')
    const before = [sequences.get(subject) ?? '', counts.get(line) ?? 0] as const
    sequences.set(subject, sequence)
    counts.set(line, Number(number))
    return sequence > before[0] && Number(number) > before[1]
      ? []
      : [`${event} (${sequence}) after ${before.join(', ')}`]
  })
}

export async function stolenIn(client: Client): Promise<readonly string[]> {
  return (await client.query<{ stolen: string }>(STOLEN)).rows.map(({ stolen }) => stolen)
}

export async function openIn(client: Client): Promise<number> {
  return (await client.query<{ open: number }>(OPEN)).rows[0]?.open ?? -1
}

/** The first tasks that are not done, and the seconds until something happens to them. */
const STUCK = `SELECT t.subscription, t.group_key AS group, g.head::int, g.run::int, min(t.sequence)::int AS first,
    string_agg(t.sequence || ' ' || t.state || ' ' || t.token || coalesce(' at ' || t.leased_by, '')
      || coalesce(' leased for ' || (t.leased_until / 1000 - extract(epoch FROM clock_timestamp()))::int, '')
      || coalesce(' asleep for ' || (t.wake_at / 1000 - extract(epoch FROM clock_timestamp()))::int, ''), ', ' ORDER BY t.sequence)
      FILTER (WHERE t.token > 0 OR t.state <> 'waiting' OR t.wake_at IS NOT NULL) AS begun
  FROM tocsin.tasks AS t
  LEFT JOIN tocsin.groups AS g ON g.tenant = t.tenant AND g.subscription = t.subscription AND g.key = t.group_key
  WHERE t.state NOT IN ('done', 'blocked') GROUP BY 1, 2, 3, 4 LIMIT 10`

export const stuckIn = async (client: Client): Promise<readonly unknown[]> => (await client.query(STUCK)).rows

/** What a reader of the log skipped, or read twice or too early: its reading must be the log. */
export async function misreadIn(client: Client, read: readonly Read[]): Promise<readonly string[]> {
  const { rows } = await client.query<Read>(LOG)
  const said = read.map(({ sequence, id }) => `${sequence.padStart(20, '0')} ${id}`)
  const log = rows.map(({ sequence, id }) => `${sequence} ${id}`)
  const [heard, kept] = [new Set(said), new Set(log)]
  return [
    ...log.filter((line) => !heard.has(line)).map((line) => `skipped ${line}`),
    ...said
      .filter((line, index) => !kept.has(line) || line <= (said[index - 1] ?? ''))
      .map((line) => `misread ${line}`),
  ]
}
