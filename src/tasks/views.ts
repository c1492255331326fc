/**
 * Tasks and attempts as callers see them: times in RFC 3339, ids as text.
 */

import { InvalidInput } from '../errors.js'
import { formatSequence } from '../event/envelope.js'
import type { TaskKey } from '../store/port.js'
import type { AttemptRow, Phases, ResultRow, SentRequest, TaskRow, TaskState } from '../store/rows.js'
import { type ErrorClass, errorClassOf } from './error-class.js'

export interface TaskView {
  /** `<sequence>.<subscription>` */
  readonly id: string
  readonly sequence: string
  readonly subscription: string
  readonly type: string
  readonly subject: string | null
  readonly superOwner: string | null
  readonly state: TaskState
  readonly priority: TaskRow['priority']
  readonly attempts: number
  /** Attempts that count towards exhaustion. */
  readonly failures: number
  /** When it is tried next; null when it is due, waits for its group or is finished. */
  readonly wakeAt: string | null
  /** The resource whose lock it waits for. */
  readonly blockedBy: string | null
  readonly expiresAt: string | null
  readonly leasedBy: string | null
  readonly leasedUntil: string | null
  readonly createdAt: string
  readonly endedAt: string | null
  readonly code: string | null
  readonly message: string | null
  /** When a replay told the event again; such an attempt says nothing of the receiver's health. */
  readonly replayedAt: string | null
}

export interface AttemptView {
  readonly number: number
  readonly outcome: AttemptRow['outcome']
  readonly code: string | null
  readonly message: string | null
  /** What kind of failure it was; null: none. */
  readonly errorClass: ErrorClass | null
  /** What came back, at most 64 KiB. */
  readonly response: string | null
  /** What was sent; null of what was delivered, unless the subscription records all. */
  readonly request: SentRequest | null
  /** Milliseconds by phase; null like the request. */
  readonly timing: Phases | null
  readonly startedAt: string
  readonly endedAt: string
  readonly milliseconds: number
  readonly node: string
}

export interface ResultView {
  readonly processor: string
  /** 0 and up: which of the processor's results. */
  readonly number: number
  readonly kind: ResultRow['kind']
  readonly order: number
  readonly state: ResultRow['state']
  readonly verdict: string | null
  readonly code: string | null
  readonly message: string | null
  /** The chain of causes, a line each. */
  readonly cause: string | null
  readonly startedAt: string
  readonly endedAt: string | null
}

export const taskView = (row: TaskRow): TaskView => ({
  id: taskId(row),
  sequence: formatSequence(row.sequence),
  subscription: row.subscription,
  type: row.type,
  subject: row.subject,
  superOwner: row.superOwner,
  state: row.state,
  priority: row.priority,
  attempts: row.attempts,
  failures: row.failures,
  wakeAt: timeText(row.wakeAt),
  blockedBy: row.blockedBy,
  expiresAt: timeText(row.expiresAt),
  leasedBy: row.leasedBy,
  leasedUntil: timeText(row.leasedUntil),
  createdAt: new Date(row.createdAt).toISOString(),
  endedAt: timeText(row.endedAt),
  code: row.code,
  message: row.message,
  replayedAt: timeText(row.replayedAt),
})

export const attemptView = (row: Omit<AttemptRow, keyof TaskKey>): AttemptView => ({
  number: row.number,
  outcome: row.outcome,
  code: row.code,
  message: row.message,
  errorClass: errorClassOf(row),
  response: row.response,
  request: parsed(row.request),
  timing: parsed(row.timing),
  startedAt: new Date(row.startedAt).toISOString(),
  endedAt: new Date(row.endedAt).toISOString(),
  milliseconds: row.endedAt - row.startedAt,
  node: row.node,
})

export const resultView = ({ tenant: _, sequence: __, startedAt, endedAt, ...row }: ResultRow): ResultView => ({
  ...row,
  startedAt: new Date(startedAt).toISOString(),
  endedAt: timeText(endedAt),
})

export const taskId = ({ sequence, subscription }: Pick<TaskRow, 'sequence' | 'subscription'>): string =>
  `${sequence}.${subscription}`

/** @throws InvalidInput `invalid_request` */
export function parseTaskId(tenant: string, id: string): TaskKey {
  const [, digits = '', subscription = ''] = /^(\d{1,16})\.(.{1,128})$/.exec(id) ?? []
  const sequence = Number(digits)
  if (subscription !== '' && Number.isSafeInteger(sequence)) return { tenant, sequence, subscription }
  throw new InvalidInput('invalid_request', `This is no task id: ${JSON.stringify(id)}.`, {
    field: 'id',
    expected: '<sequence>.<subscription>',
  })
}

const parsed = <Value>(text: string | null): Value | null => (text === null ? null : (JSON.parse(text) as Value))

const timeText = (time: number | null): string | null => (time === null ? null : new Date(time).toISOString())
