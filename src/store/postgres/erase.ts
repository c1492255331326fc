import { blanked, ERASED, type Erased } from '../erase-rules.js'
import { TASK } from '../sql/shapes.js'
import { endedTask, isFinished } from '../task-rules.js'
import { brief } from './brief.js'
import { finish } from './leaving.js'
import { ATTEMPT_TABLES } from './partitions.js'
import type { Session } from './session.js'
import { dropSlices } from './slices.js'
import { statement } from './statement.js'

const OF_SUBJECT = 'tenant = ?1 AND (subject = ?2 OR super_owner = ?2)'
/** Our own events tell what a receiver said of one. */
const SEQUENCES = statement(`SELECT sequence FROM events WHERE ${OF_SUBJECT}
  UNION SELECT sequence FROM events WHERE tenant = ?1 AND source = '/tocsin'
    AND CASE WHEN source = '/tocsin' THEN body::json->'data'->>'eventId' END IN (SELECT id FROM events WHERE ${OF_SUBJECT})
  ORDER BY 1`)
const OF_EVENT = 'WHERE tenant = ? AND sequence = ?'
const ATTEMPTS = statement(`SELECT sum(n) FROM (
  ${ATTEMPT_TABLES.map((table) => `SELECT count(*) AS n FROM ${table} WHERE tenant = ?1 AND sequence = ?2`).join(' UNION ALL ')}) AS counted`)
const RESULTS = statement(`SELECT count(*) FROM results ${OF_EVENT}`)
const RESOURCES = statement("SELECT count(*) FROM resources WHERE tenant = ? AND key = ? AND properties <> '{}'")
const BLANK_RESOURCE =
  statement(`UPDATE resources SET properties = '{}', code = NULL, revision = revision + 1, updated_at = ?
  WHERE tenant = ? AND key = ? AND properties <> '{}'`)
const INBOX = statement('SELECT count(*) FROM inbox WHERE tenant = ? AND subject = ?')
const DROP_INBOX = statement('DELETE FROM inbox WHERE tenant = ? AND subject = ?')

export async function erase(
  session: Session,
  tenant: string,
  subject: string,
  at: number,
  dryRun: boolean,
): Promise<Erased> {
  const sequences = await session.all(SEQUENCES, tenant, subject)
  const counts = { events: sequences.length, tasks: 0, attempts: 0, results: 0 }
  for (const [value] of sequences) {
    const sequence = Number(value)
    counts.attempts += Number((await session.get(ATTEMPTS, tenant, sequence))?.[0])
    counts.results += Number((await session.get(RESULTS, tenant, sequence))?.[0])
    counts.tasks += await endTasks(session, tenant, sequence, at, dryRun)
    counts.tasks += await untold(session, tenant, sequence, dryRun)
    if (!dryRun) await blank(session, tenant, sequence)
  }
  const resources = Number((await session.get(RESOURCES, tenant, brief(subject)))?.[0])
  const inbox = Number((await session.get(INBOX, tenant, subject))?.[0])
  if (!dryRun) {
    await session.run(BLANK_RESOURCE, at, tenant, brief(subject))
    await session.run(DROP_INBOX, tenant, subject)
  }
  return { ...counts, inbox, resources }
}

const TASKS = statement(`SELECT ${TASK.columns} FROM tasks ${OF_EVENT}`)
const BLANK_TASKS = statement(`UPDATE tasks SET message = NULL ${OF_EVENT}`)

const UNTOLD = statement(`SELECT coalesce(sum(count), 0)::bigint FROM slices ${OF_EVENT}`)

const untold = async (session: Session, tenant: string, sequence: number, dryRun: boolean): Promise<number> =>
  dryRun ? Number((await session.get(UNTOLD, tenant, sequence))?.[0]) : dropSlices(session, tenant, sequence)

async function endTasks(
  session: Session,
  tenant: string,
  sequence: number,
  at: number,
  dryRun: boolean,
): Promise<number> {
  const rows = await session.all(TASKS, tenant, sequence)
  const unfinished = rows.map((row) => TASK.read(row)).filter(({ state }) => !isFinished(state))
  if (dryRun) return unfinished.length
  await session.run(BLANK_TASKS, tenant, sequence)
  for (const key of unfinished) {
    const task = await session.task(key)
    if (task !== undefined && !isFinished(task.state)) await finish(session, task, endedTask(task, ERASED, at))
  }
  return unfinished.length
}

const BODY = statement(`SELECT body FROM events ${OF_EVENT}`)
const BLANK = statement(`UPDATE events SET body = ?, deed = NULL,
  state = CASE state WHEN 'suspended' THEN 'refused' ELSE state END ${OF_EVENT}`)
const BLANK_ATTEMPTS = ATTEMPT_TABLES.map((table) =>
  statement(`UPDATE ${table} SET message = NULL, response = NULL, request = NULL ${OF_EVENT}`),
)
const BLANK_RESULTS = statement(`UPDATE results SET message = NULL, cause = NULL ${OF_EVENT}`)

async function blank(session: Session, tenant: string, sequence: number): Promise<void> {
  const [body] = (await session.get(BODY, tenant, sequence)) ?? []
  await session.run(BLANK, blanked(String(body)), tenant, sequence)
  for (const blanks of BLANK_ATTEMPTS) await session.run(blanks, tenant, sequence)
  await session.run(BLANK_RESULTS, tenant, sequence)
  session.forgetEvent(tenant, sequence)
}
