/**
 * A test event for one subscription, by the real path: format, payload, secrets, transport. It leaves no trace in the log.
 */
import type { LeasedTask } from '../store/port.js'
import type { EventRow, TaskRow } from '../store/rows.js'
import type { Subscription } from '../subscriptions/subscription.js'
import { type Answered, attemptRow } from './attempt.js'
import { type AttemptView, attemptView } from './views.js'

export interface SendTestDependencies {
  readonly node: string
  deliver(leased: LeasedTask, subscription: Subscription, signal: AbortSignal): Promise<Answered>
  toBody(event: { id: string; source: string; type: string; subject: string; time: string; data: unknown }): string
  newId(): string
  now(): number
}

/** Recorded whole. @throws a fault of ours; what the receiver does is in the answer. */
export async function sendTest(given: Subscription, dependencies: SendTestDependencies): Promise<AttemptView> {
  const { node, now, deliver } = dependencies
  const subscription: Subscription = { ...given, spec: { ...given.spec, record: 'all' } }
  const startedAt = now()
  const { timeout } = subscription.spec
  const signal = AbortSignal.timeout(timeout)
  const late = { outcome: 'retry', code: 'timeout', message: `No answer within ${timeout} ms.` } as const
  const answered = await deliver(testTask(subscription, dependencies, startedAt), subscription, signal)
  const outcome = answered.stopped ? { ...answered, ...late } : answered
  return attemptView({ number: 1, ...attemptRow(outcome, startedAt, now(), node) })
}

/** A row and a task as the store would give them, at sequence 0, which no event has. */
function testTask(
  { tenant, id: subscription, spec }: Subscription,
  { toBody, newId }: SendTestDependencies,
  now: number,
): LeasedTask {
  const about = { id: newId(), source: '/tocsin', type: 'tocsin.target.tested', subject: subscription }
  const body = toBody({ ...about, time: new Date(now).toISOString(), data: { subscription, name: spec.name } })
  const event: EventRow = {
    ...about,
    tenant,
    body,
    sequence: 0,
    operation: 0,
    partitionKey: subscription,
    superOwner: null,
    transactionId: null,
    parentId: null,
    rootId: null,
    priority: 'normal',
    receivedAt: now,
    executeAt: null,
    expiresAt: null,
    state: 'admitted',
    processedOrder: null,
    hash: '',
    principal: 'tocsin',
    deed: null,
  }
  const task: TaskRow = {
    tenant,
    subscription,
    sequence: 0,
    groupKey: null,
    type: about.type,
    subject: subscription,
    state: 'leased',
    priority: 'normal',
    wakeAt: null,
    expiresAt: null,
    attempts: 1,
    failures: 0,
    token: 0,
    leasedBy: null,
    leasedUntil: null,
    createdAt: now,
    endedAt: null,
    code: null,
    message: null,
    superOwner: null,
    likeness: null,
    lockOwner: null,
    blockedBy: null,
    replayedAt: null,
  }
  return { task, event, gone: false }
}
