import { describe, expect, it } from 'vitest'
import type { GraphFacts } from '../registry/graph.js'
import type { EventRow, TaskRow } from '../store/rows.js'
import { type ExplainInput, explain } from './explain.js'
import type { Subscription, SubscriptionSpec } from './subscription.js'

const ROW: EventRow = {
  ...{ tenant: 't', sequence: 7, source: '/s', id: 'e1', type: 'cms.20003', subject: 'card', partitionKey: 'card' },
  ...{ superOwner: null, transactionId: null, parentId: null, rootId: null, priority: 'normal', receivedAt: 0 },
  ...{ executeAt: null, expiresAt: null, state: 'admitted', processedOrder: null, hash: '', principal: 'p', body: '' },
  deed: null,
  operation: 7,
}
const SPEC: SubscriptionSpec = {
  ...{ name: 's', types: ['credential.*'], filters: [], notSelf: false, payload: 'full', redaction: 'none' },
  ...{ transport: 'log', target: {}, retry: { attempts: 10, firstDelay: 1000, maxDelay: 3_600_000 } },
  ...{
    timeout: 15_000,
    concurrency: 10,
    delivery: 'tasks',
    order: 'strict',
    duplicates: 'keep',
    scope: 'tenant',
    start: 'now',
  },
}
const SUBSCRIPTION: Subscription = {
  ...{ tenant: 't', id: 's1', state: 'active', owner: 'o', startSequence: 3, cursor: null, revision: 1, secrets: null },
  spec: SPEC,
}
const TASK: TaskRow = {
  ...{ tenant: 't', sequence: 7, subscription: 's1', groupKey: 'card', type: 'cms.20003', subject: 'card' },
  ...{ state: 'waiting', priority: 'normal', wakeAt: 9, expiresAt: null, attempts: 2, failures: 2, token: 2 },
  ...{ leasedBy: null, leasedUntil: null, createdAt: 0, endedAt: null, code: '503', message: 'Busy.' },
  ...{ superOwner: null, likeness: null, lockOwner: null, blockedBy: null, replayedAt: null },
}
const BLIND: GraphFacts = {
  ...{ subscriberOwner: 'ann', sourceOwner: 'bob', same: false, linked: false, ownerLinked: false },
}
const INPUT: ExplainInput = {
  row: ROW,
  event: { id: 'e1', source: '/s', type: 'cms.20003', subject: 'card', data: { pin: '1' } },
  subscription: SUBSCRIPTION,
  reason: null,
  types: {
    lineage: (type) => (type === 'cms.20003' ? [type, 'credential.revoked'] : [type]),
    get: () => ({ sensitive: ['pin'] }),
    implemented: (type) => [type, 'thing'],
  },
  resourceType: 'card-type',
  facts: [],
  task: TASK,
  wholeTenant: true,
}

const withSpec = (spec: Partial<SubscriptionSpec>, more: Partial<ExplainInput> = {}): ExplainInput => ({
  ...INPUT,
  ...more,
  subscription: { ...SUBSCRIPTION, spec: { ...SPEC, ...spec } },
})

const stepOf = (input: ExplainInput, step: string) => {
  const { passed, text } = explain(input).decisions.find((decision) => decision.step === step) ?? {}
  return [passed, text]
}

describe('explain', () => {
  it('answers every decision in order', () => {
    const explanation = explain(INPUT)
    expect(explanation).toMatchObject({ event: 'e1', subscription: 's1', told: true })
    expect(explanation.decisions.map(({ step }) => step)).toEqual([
      ...[
        'tenant',
        'event',
        'state',
        'start',
        'type',
        'source',
        'relation',
        'notSelf',
        'filters',
        'visibility',
        'task',
      ],
    ])
    expect(explanation.decisions.every(({ passed }) => passed)).toBe(true)
    expect(stepOf(INPUT, 'type')).toEqual([true, 'cms.20003, a case of credential.revoked fits credential.*.'])
    expect(stepOf(INPUT, 'task')).toEqual([
      true,
      'There is a task, 2 attempts. It waits for its turn or its time. Last: 503, Busy.',
    ])
  })

  it.each<[string, ExplainInput, string, RegExp]>([
    ['another tenant', { ...INPUT, row: { ...ROW, tenant: 'u' } }, 'tenant', /different tenants/],
    ['a closed event', { ...INPUT, row: { ...ROW, state: 'closed' } }, 'event', /closed/],
    ['a suspended event', { ...INPUT, row: { ...ROW, state: 'suspended' } }, 'event', /suspended/],
    [
      'a disabled one',
      { ...INPUT, subscription: { ...SUBSCRIPTION, state: 'disabled' }, reason: '410' },
      'state',
      /: 410/,
    ],
    ['a later start', { ...INPUT, subscription: { ...SUBSCRIPTION, startSequence: 7 } }, 'start', /came before/],
    ['another type', withSpec({ types: ['device.*', 'a.b'] }), 'type', /fits none of device\.\*, a\.b/],
    [
      'another source',
      withSpec({ source: { id: 'x', type: 'y' } }),
      'source',
      /about card, of type card-type; asked for is x and any of type y/,
    ],
    ['no link', withSpec({ relation: 'offer' }), 'relation', /links by offer; the event tells of no link/],
    ['its own event', withSpec({ notSelf: true }, { row: { ...ROW, principal: 'o' } }), 'notSelf', /own owner/],
    ['a filter', withSpec({ filters: [{ exact: { subject: 'x' } }] }), 'filters', /subject is not "x" but is "card"/],
    [
      'a redacted filter',
      withSpec({ redaction: 'sensitive', filters: [{ cel: 'data.pin == "1"' }] }),
      'filters',
      /No such key: pin/,
    ],
    ['no task', { ...INPUT, task: null }, 'task', /no task/],
  ])('says why not: %s', (_, input, step, text) => {
    const [passed, words] = stepOf(input, step)
    expect(passed).toBe(false)
    expect(words).toMatch(text)
  })

  it('says what would hold and what is held', () => {
    expect(stepOf(withSpec({ source: { type: 'thing' } }), 'source')[0]).toBe(true)
    const paused = { ...INPUT, subscription: { ...SUBSCRIPTION, state: 'paused' as const } }
    expect(stepOf(paused, 'state')).toEqual([true, expect.stringMatching(/held/)])
    const behind = { ...INPUT, subscription: { ...SUBSCRIPTION, state: 'catching-up' as const, cursor: 5 } }
    expect(stepOf(behind, 'state')).toEqual([true, expect.stringMatching(/up to 00000000000000000005/)])
    expect(explain({ ...INPUT, row: { ...ROW, state: 'closed' }, task: null }).told).toBe(false)
  })

  describe('visibility', () => {
    const scope = { resource: 'sub' }

    it('is granted by the graph before the event or after it', () => {
      const facts = [BLIND, { ...BLIND, linked: true }]
      expect(stepOf(withSpec({ scope }, { facts }), 'visibility')).toEqual([true, 'sub sees card: they are linked.'])
      expect(stepOf(withSpec({ scope }, { facts: [BLIND] }), 'visibility')).toEqual([
        false,
        'sub did not see card: their owners were bob and ann, and neither the resource nor its owner was linked with it.',
      ])
      expect(stepOf(withSpec({ scope }), 'visibility')).toEqual([
        false,
        'The event is about no resource, so sub does not see it.',
      ])
    })

    it('is all that those who do not see the tenant learn of what they may not see', () => {
      const input = withSpec({ scope, types: ['other.*'] }, { facts: [BLIND], wholeTenant: false })
      expect(explain(input)).toEqual({
        event: 'e1',
        subscription: 's1',
        told: false,
        decisions: [{ step: 'visibility', passed: false, text: 'The event is not visible to this subscription.' }],
      })
      expect(explain({ ...INPUT, row: { ...ROW, tenant: 'u' }, wholeTenant: false }).decisions).toHaveLength(1)
      const seen = withSpec({ scope, types: ['other.*'] }, { facts: [{ ...BLIND, same: true }], wholeTenant: false })
      expect(explain(seen).decisions).toHaveLength(11)
    })
  })
})
