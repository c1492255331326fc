import { blanked, ERASED, type Erased } from '../erase-rules.js'
import { TASK } from '../sql/shapes.js'
import { endedTask, isFinished } from '../task-rules.js'
import { finish } from './leaving.js'
import type { Session } from './session.js'
import { dropSlices } from './slices.js'

const OF_SUBJECT = 'tenant = ?1 AND (subject = ?2 OR super_owner = ?2)'
/** Our own events tell what a receiver said of one. */
const SEQUENCES = `SELECT sequence FROM events WHERE ${OF_SUBJECT}
  UNION SELECT sequence FROM events WHERE tenant = ?1 AND source = '/tocsin'
    AND json_extract(body, '$.data.eventId') IN (SELECT id FROM events WHERE ${OF_SUBJECT})`
const OF_EVENT = 'WHERE tenant = ? AND sequence = ?'

export function erase(session: Session, tenant: string, subject: string, at: number, dryRun: boolean): Erased {
  // What is overwritten is overwritten with zeros.
  if (!dryRun) session.get('PRAGMA secure_delete = ON')
  const sequences = session.all(SEQUENCES, tenant, subject)
  const counts = { events: sequences.length, tasks: 0, attempts: 0, results: 0 }
  for (const [sequence] of sequences) {
    const of = [tenant, Number(sequence)] as const
    counts.attempts += countOf(session, 'attempts', ...of)
    counts.results += countOf(session, 'results', ...of)
    counts.tasks += endTasks(session, ...of, at, dryRun) + untold(session, ...of, dryRun)
    if (!dryRun) blank(session, ...of)
  }
  const resources = Number(session.get(HAS_RESOURCE, tenant, subject)?.[0])
  const inbox = Number(session.get('SELECT COUNT(*) FROM inbox WHERE tenant = ? AND subject = ?', tenant, subject)?.[0])
  if (!dryRun) {
    session.run(BLANK_RESOURCE, at, tenant, subject)
    session.run('DELETE FROM inbox WHERE tenant = ? AND subject = ?', tenant, subject)
    session.get('PRAGMA secure_delete = OFF')
  }
  return { ...counts, inbox, resources }
}

const HAS_RESOURCE = "SELECT COUNT(*) FROM resources WHERE tenant = ? AND id = ? AND properties <> '{}'"
const BLANK_RESOURCE = `UPDATE resources SET properties = '{}', revision = revision + 1, updated_at = ?
  WHERE tenant = ? AND id = ? AND properties <> '{}'`

const countOf = (session: Session, table: string, tenant: string, sequence: number): number =>
  Number(session.get(`SELECT COUNT(*) FROM ${table} ${OF_EVENT}`, tenant, sequence)?.[0])

const untold = (session: Session, tenant: string, sequence: number, dryRun: boolean): number =>
  dryRun
    ? Number(session.get(`SELECT COALESCE(SUM(count), 0) FROM slices ${OF_EVENT}`, tenant, sequence)?.[0])
    : dropSlices(session, tenant, sequence)

function endTasks(session: Session, tenant: string, sequence: number, at: number, dryRun: boolean): number {
  const rows = session.all(`SELECT ${TASK.columns} FROM tasks ${OF_EVENT}`, tenant, sequence)
  const unfinished = rows.map((row) => TASK.read(row)).filter(({ state }) => !isFinished(state))
  if (!dryRun) {
    session.run(`UPDATE tasks SET message = NULL ${OF_EVENT}`, tenant, sequence)
    for (const task of unfinished) finish(session, task, endedTask(task, ERASED, at))
  }
  return unfinished.length
}

function blank(session: Session, tenant: string, sequence: number): void {
  const body = String(session.get(`SELECT body FROM events ${OF_EVENT}`, tenant, sequence)?.[0])
  const state = "CASE state WHEN 'suspended' THEN 'refused' ELSE state END"
  session.run(`UPDATE events SET body = ?, deed = NULL, state = ${state} ${OF_EVENT}`, blanked(body), tenant, sequence)
  session.run(`UPDATE attempts SET message = NULL, response = NULL, request = NULL ${OF_EVENT}`, tenant, sequence)
  session.run(`UPDATE results SET message = NULL, cause = NULL ${OF_EVENT}`, tenant, sequence)
}

/** Rewrites the file, so that no free page holds what was erased. Outside of any transaction. */
export function vacuum(session: Session): void {
  // In memory it would need as much of it as the file has.
  session.get('PRAGMA temp_store = FILE')
  try {
    session.run('VACUUM')
  } finally {
    session.get('PRAGMA temp_store = MEMORY')
  }
}

/** Moves the WAL into the file and empties it; false: somebody still reads from it. */
export const truncateWal = (session: Session): boolean => session.get('PRAGMA wal_checkpoint(TRUNCATE)')?.[0] === 0
