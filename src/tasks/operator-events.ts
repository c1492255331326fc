/**
 * Tocsin's own events, for operators: what became of targets and tasks. They go down the journey like any other event,
 * and never raise further ones.
 */
import type { Principal } from '../access/principal.js'
import { type AnyEvent, type EventInput, formatSequence } from '../event/envelope.js'
import type { Processor } from '../pipeline/processor.js'
import type { Rejection } from '../pipeline/run.js'
import type { LeasedTask } from '../store/port.js'
import type { EventRow, InboxRow } from '../store/rows.js'
import type { Subscription } from '../subscriptions/subscription.js'
import { taskId } from './views.js'

const SOURCE = '/tocsin'

/** Who publishes them. */
export const operatorPrincipal = (tenant: string): Principal => ({
  id: 'tocsin',
  name: 'tocsin',
  tenant,
  roles: ['operator'],
  scopes: [],
  resource: null,
})

/** An event of ours says nothing about its own delivery. */
export const isOwn = ({ type }: Pick<EventRow, 'type'>): boolean => type.startsWith('tocsin.')

const aboutEvent = (row: EventRow) => ({
  sequence: formatSequence(row.sequence),
  eventId: row.id,
  eventSource: row.source,
  eventType: row.type,
  ...(row.subject !== null && { subject: row.subject }),
})

const aboutTarget = ({ id, spec }: Subscription) => ({ subscription: id, name: spec.name, transport: spec.transport })

export interface Failure {
  readonly code: string
  readonly message: string
  /** Of what could not be told: what a receiver said of it goes when it is erased. */
  readonly eventId?: string
  readonly eventType?: string
}

export const exhausted = (subscription: Subscription, { task, event }: LeasedTask, failure: Failure): EventInput => ({
  type: 'tocsin.task.exhausted',
  source: SOURCE,
  subject: subscription.id,
  data: { ...aboutTarget(subscription), ...aboutEvent(event), ...failure, task: taskId(task), attempts: task.attempts },
})

export const disabled = (subscription: Subscription, reason: string, failure: Failure): EventInput => ({
  type: 'tocsin.target.disabled',
  source: SOURCE,
  subject: subscription.id,
  data: { ...aboutTarget(subscription), ...failure, reason },
})

/** @param percent of the way to being disabled, where it is worth a word. */
export const failing = (
  subscription: Subscription,
  failures: number,
  failure: Failure,
  percent: number | null = null,
): EventInput => ({
  type: 'tocsin.target.failing',
  source: SOURCE,
  subject: subscription.id,
  data: { ...aboutTarget(subscription), ...failure, failures, ...(percent !== null && { percent }) },
})

export const recovered = (subscription: Subscription): EventInput => ({
  type: 'tocsin.target.recovered',
  source: SOURCE,
  subject: subscription.id,
  data: aboutTarget(subscription),
})

export const caughtUp = (subscription: Subscription): EventInput => ({
  type: 'tocsin.subscription.caught-up',
  source: SOURCE,
  subject: subscription.id,
  data: {
    subscription: subscription.id,
    name: subscription.spec.name,
    fromSequence: formatSequence(subscription.startSequence),
    toSequence: formatSequence(subscription.cursor ?? subscription.startSequence),
  },
})

/** It reads the log itself, and stays before this event. */
export const stopped = (subscription: Subscription, row: EventRow, failure: Failure, attempts: number): EventInput => ({
  type: 'tocsin.subscription.stopped',
  source: SOURCE,
  subject: subscription.id,
  data: { ...aboutTarget(subscription), ...aboutEvent(row), ...failure, attempts },
})

export const overtaken = (
  { id, spec }: Subscription,
  { after, oldest }: { readonly after: number; readonly oldest: number },
): EventInput => ({
  type: 'tocsin.subscription.overtaken',
  source: SOURCE,
  subject: id,
  data: {
    subscription: id,
    name: spec.name,
    fromSequence: formatSequence(after),
    toSequence: formatSequence(oldest),
  },
})

export const refused = (row: EventRow, { processor, code, message }: Rejection): EventInput => ({
  type: 'tocsin.event.refused',
  source: SOURCE,
  subject: row.subject ?? row.id,
  data: { ...aboutEvent(row), processor, code, message },
})

/** Something of the inbox cannot become an event. */
export const refusedInInbox = (
  { number, id, source, type, subject }: InboxRow,
  { processor, code, message }: Failure & { readonly processor?: string },
): EventInput => ({
  type: 'tocsin.event.refused',
  source: SOURCE,
  subject: subject ?? id,
  data: {
    inbox: String(number),
    ...{ eventId: id, eventSource: source, eventType: type },
    ...(subject !== null && { subject }),
    ...(processor !== undefined && { processor }),
    ...{ code, message },
  },
})

export const processingFailed = (
  { event, task }: LeasedTask,
  failure: Failure,
  processor: string | undefined,
): EventInput => ({
  type: 'tocsin.processing.failed',
  source: SOURCE,
  subject: event.subject ?? event.id,
  actor: event.principal,
  data: {
    ...aboutEvent(event),
    ...failure,
    attempts: task.attempts,
    principal: event.principal,
    ...(processor !== undefined && { processor }),
  },
})

export const QUEUED = 'tocsin.processing.queued'

/** What is told when asynchronous processors will work on an event. */
export const processingQueued = (
  event: AnyEvent,
  sequence: number,
  principal: string,
  processors: readonly Pick<Processor, 'name' | 'titles'>[],
): EventInput => ({
  type: QUEUED,
  source: SOURCE,
  subject: event.subject ?? event.id,
  actor: principal,
  data: {
    sequence: formatSequence(sequence),
    eventId: event.id,
    eventSource: event.source,
    eventType: event.type,
    ...(event.subject !== undefined && { subject: event.subject }),
    principal,
    processors: processors.map(({ name }) => name),
    ...titlesOf(processors),
  },
})

/** The processors' names for people, by language: each that one of them speaks lists all, by their own name where there is no other. */
function titlesOf(processors: readonly Pick<Processor, 'name' | 'titles'>[]): { titles?: Record<string, string[]> } {
  const languages = [...new Set(processors.flatMap(({ titles }) => Object.keys(titles ?? {})))]
  if (languages.length === 0) return {}
  const named = (language: string) => processors.map(({ name, titles }) => titles?.[language] ?? name)
  return { titles: Object.fromEntries(languages.map((language) => [language, named(language)])) }
}
