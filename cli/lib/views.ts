/**
 * The columns in which the API's answers are shown to people.
 */
import { at, type Column, isRecord } from './table.js'

export const EVENTS: readonly Column[] = [
  ['sequence', (item) => shortSequence(at(item, 'sequence'))],
  ['state', 'state'],
  ['received', 'receivedAt'],
  ['type', 'event.type'],
  ['subject', 'event.subject'],
  ['source', 'event.source'],
  ['id', 'event.id'],
]

export const TASKS: readonly Column[] = [
  ['task', 'id'],
  ['state', 'state'],
  ['priority', 'priority'],
  ['type', 'type'],
  ['subject', 'subject'],
  ['attempts', 'attempts'],
  ['next', 'wakeAt'],
  ['code', 'code'],
  ['message', 'message'],
]

/** One alone has room for all. */
export const TASK: readonly Column[] = [
  ...TASKS,
  ['super owner', 'superOwner'],
  ['waits for', 'blockedBy'],
  ['leased by', 'leasedBy'],
  ['created', 'createdAt'],
  ['ended', 'endedAt'],
  ['replayed', 'replayedAt'],
]

export const ATTEMPTS: readonly Column[] = [
  ['attempt', 'number'],
  ['outcome', 'outcome'],
  ['started', 'startedAt'],
  ['ended', 'endedAt'],
  ['class', 'errorClass'],
  ['code', 'code'],
  ['message', 'message'],
]

/** One attempt, whole. */
export const ATTEMPT: readonly Column[] = [
  ...ATTEMPTS,
  ['node', 'node'],
  ['request', (item) => [at(item, 'request.method'), at(item, 'request.target')].filter(Boolean).join(' ')],
  ['headers', (item) => pairsOf(at(item, 'request.headers'), ': ')],
  ['bytes', 'request.bytes'],
  ['sha-256', 'request.digest'],
  ['ms', (item) => pairsOf(at(item, 'timing'), ' ')],
  ['response', 'response'],
]

const pairsOf = (value: unknown, between: string): readonly string[] =>
  isRecord(value) ? Object.entries(value).map(([name, each]) => `${name}${between}${each}`) : []

export const RESULTS: readonly Column[] = [
  ['order', 'order'],
  ['processor', 'processor'],
  ['kind', 'kind'],
  ['state', 'state'],
  ['verdict', 'verdict'],
  ['code', 'code'],
  ['message', 'message'],
  ['cause', 'cause'],
]

export const RECEIPT: readonly Column[] = [
  ['state', 'state'],
  ['duplicate', (item) => (at(item, 'duplicate') === true ? 'yes' : null)],
  ['sequence', (item) => shortSequence(at(item, 'sequence'))],
  ['type', 'type'],
  ['source', 'source'],
  ['id', 'id'],
  ['tenant', 'tenant'],
  ['tasks', 'tasks'],
  ['queued', 'queued'],
]

/** A sequence is zero-padded so that it sorts as text; people read it without. */
export const shortSequence = (sequence: unknown): unknown =>
  typeof sequence === 'string' ? sequence.replace(/^0+(?=\d)/, '') : sequence
