import { describe, expect, it } from 'vitest'
import { admission, candidate, event, NOW, T } from '../conformance/fixtures.js'
import type { AdmissionResult, LeasedTask, Settlement } from '../port.js'
import type { ResultRow, TaskRow } from '../rows.js'
import { leasedTask, newTask } from '../task-rules.js'
import type { Call, Outcome } from './calls.js'
import { packCall, packOutcome, unpackCall, unpackOutcome } from './wire.js'

const crossed = (call: Call): Call => unpackCall(structuredClone(packCall(call)))

/** What the caller gets when the store's thread answers this. */
function answered(call: Call, value: unknown): unknown {
  const outcome = unpackOutcome(call, structuredClone(packOutcome(crossed(call), { value })))
  if ('value' in outcome) return outcome.value
  return 'failure' in outcome ? outcome.failure : outcome
}

const grant = { node: 'n', now: NOW, until: NOW + 1 }
const result: ResultRow = {
  ...{ tenant: T, sequence: 1, processor: 'p', number: 0, kind: 'judge', order: 1, state: 'executed', verdict: null },
  ...{ code: null, message: null, cause: null, startedAt: NOW, endedAt: null },
}
const full = event('1', {
  ...{ superOwner: 'o', transactionId: 't', parentId: 'p', rootId: 'r', priority: 'high', executeAt: 1, expiresAt: 2 },
  ...{ processedOrder: 0.5, deed: '{}' },
})
const candidates = [
  candidate({
    scope: { resource: 'r' },
    lease: true,
    likeness: 'x',
    locks: true,
    under: '1.a',
    wakeAt: 5,
    expiresAt: 6,
  }),
  candidate({ subscription: 'b', order: 'none', priority: 'immediate' }),
]
const change = { expect: [], steps: [] }
const admissions = [
  admission(full, candidates, { change, subscriptionVersion: 3 }),
  {
    ...admission(event('2')),
    events: [event('2'), event('3')].map((each) => ({ event: each, candidates: [], results: [result] })),
  },
]
const row = { ...full, sequence: 7, operation: 6 }
const task: TaskRow = {
  ...leasedTask(newTask(row, candidate(), NOW), grant),
  code: 'c',
  message: 'm',
  lockOwner: '7.a',
}
const leased: LeasedTask = { task, event: row, gone: true }

describe('calls that cross to the store’s thread', () => {
  it('admit the same, whatever is in it', () => {
    expect(crossed({ name: 'admit', args: [admissions, grant] }).args).toMatchObject([admissions, grant])
  })

  it.each<Settlement['next']>([
    { state: 'done', code: '204', message: null },
    { state: 'waiting', wakeAt: NOW, failed: true, code: 'timeout', message: 'late' },
    { state: 'due', wakeAt: null, failed: false, code: null, message: null },
  ])('settle the same: $state', (next) => {
    const attempt = {
      startedAt: 1,
      endedAt: 2,
      outcome: 'retry',
      code: 'c',
      message: 'm',
      response: 'r',
      node: 'n',
      request: '{}',
      timing: '{}',
    } as const
    const settlement = { tenant: T, sequence: 7, subscription: 'a', token: 2, now: NOW, next, leaseNext: true }
    const settlements: Settlement[] = [
      { ...settlement, attempt, results: [result] },
      { ...settlement, attempt: null, results: [] },
    ]
    expect(crossed({ name: 'tasks.settle', args: [settlements, null] }).args).toEqual([settlements, null])
  })

  it('pass as they are when nothing packs them', () => {
    const call: Call = { name: 'log.get', args: [T, 1] }
    expect(crossed(call)).toEqual(call)
    expect(answered(call, row)).toEqual(row)
  })
})

describe('answers that cross back', () => {
  const admit: Call = { name: 'admit', args: [admissions, grant] }

  it('are receipts with the tasks that were born leased', () => {
    const receipt = { sequence: 7, tasks: ['a', 'b'], untold: 1, hidden: ['c'], leased: [leased] }
    const bare = { sequence: 8, tasks: [], untold: 0, hidden: [], leased: [] }
    const results: AdmissionResult[] = [
      { status: 'admitted', events: [receipt] },
      { status: 'admitted', events: [bare, bare] },
    ]
    expect(answered(admit, results)).toEqual(results)
  })

  it('are refusals', () => {
    const results: AdmissionResult[] = [
      { status: 'duplicate', event: row },
      { status: 'stale', version: 4 },
    ]
    expect(answered(admit, results)).toEqual(results)
  })

  it('are leased tasks', () => {
    const settled = [
      { status: 'settled', leased: [leased] },
      { status: 'lost', leased: [] },
    ]
    expect(answered({ name: 'tasks.settle', args: [[], null] }, settled)).toEqual(settled)
    const lease = { leased: [leased], last: { tenant: T, subscription: 'a' }, nextWakeAt: 9 }
    expect(answered({ name: 'tasks.lease', args: [] }, lease)).toEqual(lease)
  })

  it('are failures', () => {
    const failure: Outcome = { failure: { kind: 'fault', message: 'm' } }
    expect(unpackOutcome(admit, packOutcome(admit, failure))).toEqual(failure)
  })
})
