/**
 * What the raw limit of a queue is asked for: jobs kept, leased, and their ends kept. No order of subjects, no retries, no dates, no
 * duplicates, no counts; nothing is matched and nobody is asked whether he may.
 */

import type { eventAt } from '../event.js'

/** A job with its event: id, source, type, subject, hash, body. Priority 0 goes before 1. */
export type RawJob = readonly [
  id: string,
  source: string,
  type: string,
  subject: string,
  hash: string,
  body: string,
  priority: number,
]

export interface RawLeased {
  readonly sequence: number
  readonly body: string
}

/** Each answers when it is on the disk. Who asks in the same turn shares a commit. */
export interface RawWork {
  /** Answers the job's sequence. */
  enqueue(job: RawJob): Promise<number>
  /** The best of those that wait, `most` at most. */
  lease(most: number): Promise<readonly RawLeased[]>
  finish(sequence: number): Promise<unknown>
  close(): Promise<void>
}

/** Its text is made by the caller, once, as a program would that has nothing but a table. */
export const rawJob = (event: RawEvent): RawJob => [
  event.id,
  event.source,
  event.type,
  event.subject,
  HASH,
  JSON.stringify(event),
  event.priority === 'high' ? 0 : 1,
]

type RawEvent = ReturnType<typeof eventAt> & { readonly priority?: 'high' | 'normal' }

const HASH = 'x'.repeat(43)
