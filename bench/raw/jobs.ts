/**
 * The raw limit on SQLite: the table of events, a narrow row for each job with an index of those that wait, a row for each end.
 */
import { eventsOf, openTuned } from '../spine/raw-table.js'
import type { RawJob, RawLeased } from './work.js'

export interface Jobs {
  enqueue(job: RawJob): number
  lease(most: number): readonly RawLeased[]
  finish(sequence: number): void
  /** One commit. */
  together(work: () => void): void
  close(): void
}

export function openJobs(path: string): Jobs {
  const connection = openTuned(path)
  const insertEvent = eventsOf(connection)
  connection.exec(
    'CREATE TABLE jobs (sequence INTEGER PRIMARY KEY, priority INTEGER NOT NULL, state INTEGER NOT NULL) STRICT',
  )
  connection.exec('CREATE INDEX waiting ON jobs (priority, sequence) WHERE state = 0')
  connection.exec(
    'CREATE TABLE ends (sequence INTEGER PRIMARY KEY, ended_at INTEGER NOT NULL, outcome TEXT NOT NULL) STRICT',
  )
  const insertJob = connection.prepare('INSERT INTO jobs VALUES (?, ?, 0)')
  const best = connection.prepare(`SELECT job.sequence, event.body FROM jobs AS job
    JOIN events AS event ON event.tenant = 'default' AND event.sequence = job.sequence
    WHERE job.state = 0 ORDER BY job.priority, job.sequence LIMIT ?`)
  const setState = connection.prepare('UPDATE jobs SET state = ? WHERE sequence = ?')
  const insertEnd = connection.prepare(`INSERT INTO ends VALUES (?, ?, 'done')`)
  return {
    enqueue([id, source, type, subject, hash, body, priority]) {
      const sequence = insertEvent([id, source, type, subject, hash, body])
      insertJob.run(sequence, priority)
      return sequence
    },
    lease(most) {
      const leased = best.all(most) as unknown as readonly RawLeased[]
      for (const { sequence } of leased) setState.run(1, sequence)
      return leased
    },
    finish(sequence) {
      setState.run(2, sequence)
      insertEnd.run(sequence, Date.now())
    },
    together(work) {
      connection.exec('BEGIN IMMEDIATE')
      work()
      connection.exec('COMMIT')
    },
    close: () => connection.close(),
  }
}
