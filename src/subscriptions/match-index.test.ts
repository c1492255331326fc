import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AnyEvent } from '../event/envelope.js'
import { compileFilters } from './filter.js'
import { type About, fitsRelation, fitsSource, MatchIndex, type MatchTypes } from './match-index.js'
import { redact } from './redact.js'
import type { Subscription, SubscriptionSpec } from './subscription.js'
import { viewOf } from './wire-view.js'

const CASES: Readonly<Record<string, string>> = {
  'cms.20003': 'credential.revoked',
  'aps.linked': 'resource.linked',
  'http://aps/events/linked': 'resource.linked',
}
const SUPERTYPES: Readonly<Record<string, readonly string[]>> = {
  laptop: ['laptop', 'device'],
  device: ['device'],
}

const TYPES: MatchTypes = {
  lineage: (type) => (CASES[type] === undefined ? [type] : [type, CASES[type]]),
  get: () => ({ sensitive: ['pin'] }),
  implemented: (type) => SUPERTYPES[type] ?? [type],
}

const SPEC: SubscriptionSpec = {
  name: 's',
  types: ['*'],
  filters: [],
  notSelf: false,
  payload: 'full',
  redaction: 'none',
  transport: 'log',
  target: {},
  retry: { attempts: 10, firstDelay: 1000, maxDelay: 3_600_000 },
  timeout: 15_000,
  concurrency: 10,
  delivery: 'tasks',
  order: 'strict',
  duplicates: 'keep',
  scope: 'tenant',
  start: 'now',
}

type Change = Partial<SubscriptionSpec> & Partial<Pick<Subscription, 'state' | 'owner' | 'cursor'>>

const subscription = (id: string, { state = 'active', owner = 'o', cursor = null, ...spec }: Change): Subscription => ({
  ...{ tenant: 't', id, state, owner, startSequence: 0, cursor, revision: 1, secrets: null },
  spec: { ...SPEC, ...spec },
})

const event = (type: string, more: Partial<AnyEvent> = {}): AnyEvent => ({ id: '1', source: '/s', type, ...more })
const ABOUT: About = { principal: 'p', resourceType: null }

const hears = (change: Change, what: AnyEvent, about: About = ABOUT): boolean =>
  new MatchIndex([subscription('1', change)], TYPES).candidates(what, about).length === 1

describe('the match index', () => {
  it.each<[string, string, boolean]>([
    ['*', 'device.issued', true],
    ['credential.revoked', 'credential.revoked', true],
    ['credential.revoked', 'credential.revoked.late', false],
    ['credential.revoked', 'cms.20003', true],
    ['credential.*', 'cms.20003', true],
    ['cms.*', 'cms.20003', true],
    ['cms.20003', 'credential.revoked', false],
    ['credential.*', 'credential', false],
    ['credential.*', 'credentials.revoked', false],
    ['a.*', 'a.b.c', true],
    ['a.b.*', 'a.b.c', true],
    ['http://aps/events/linked', 'http://aps/events/linked', true],
    ['resource.*', 'http://aps/events/linked', true],
  ])('%s hears %s: %s', (pattern, type, expected) => {
    expect(hears({ types: [pattern] }, event(type))).toBe(expected)
  })

  it('asks for the resource by id, by type or by a type it implements, or both', () => {
    const about = { ...ABOUT, resourceType: 'laptop' }
    const what = event('a.b', { subject: 'r1' })
    expect(hears({ source: { id: 'r1' } }, what)).toBe(true)
    expect(hears({ source: { id: 'r2' } }, what)).toBe(false)
    expect(hears({ source: { type: 'device' } }, what, about)).toBe(true)
    expect(hears({ source: { type: 'laptop' } }, what, about)).toBe(true)
    expect(hears({ source: { type: 'laptop' } }, what, { ...ABOUT, resourceType: 'device' })).toBe(false)
    expect(hears({ source: { type: 'device' } }, what)).toBe(false)
    expect(hears({ source: { id: 'r1', type: 'card' } }, what, about)).toBe(false)
    expect(hears({ source: { id: 'r1', type: 'device' } }, what, about)).toBe(true)
  })

  it('says whether the resource’s type must be looked up', () => {
    const index = (change: Change) => new MatchIndex([subscription('1', change)], TYPES)
    expect(index({}).needsResourceType).toBe(false)
    expect(index({ source: { id: 'r' } }).needsResourceType).toBe(false)
    expect(index({ source: { type: 'device' } }).needsResourceType).toBe(true)
    expect(index({ source: { type: 'device' }, state: 'disabled' }).needsResourceType).toBe(false)
  })

  it('hears links of one relation only', () => {
    const change = { relation: 'offer' }
    expect(hears(change, event('resource.linked', { data: { relation: 'offer' } }))).toBe(true)
    expect(hears(change, event('aps.linked', { data: { relation: 'offer' } }))).toBe(true)
    expect(hears(change, event('resource.unlinked', { data: { relation: 'other' } }))).toBe(false)
    expect(hears(change, event('resource.changed', { data: { relation: 'offer' } }))).toBe(false)
    expect(hears(change, event('resource.linked'))).toBe(false)
  })

  it('leaves out what its own principal published, if asked', () => {
    expect(hears({ notSelf: true, owner: 'p' }, event('a'))).toBe(false)
    expect(hears({ notSelf: true, owner: 'q' }, event('a'))).toBe(true)
    expect(hears({ owner: 'p' }, event('a'))).toBe(true)
  })

  it('shows filters the redacted event', () => {
    const filters = [{ cel: 'data.pin == "1"' }]
    expect(hears({ filters }, event('a', { data: { pin: '1' } }))).toBe(true)
    expect(hears({ filters, redaction: 'sensitive' }, event('a', { data: { pin: '1' } }))).toBe(false)
  })

  it('reaches active and paused subscriptions, not disabled ones nor those behind the log', () => {
    expect(hears({ state: 'active' }, event('a'))).toBe(true)
    expect(hears({ state: 'paused' }, event('a'))).toBe(true)
    expect(hears({ state: 'paused', cursor: 4 }, event('a'))).toBe(false)
    expect(hears({ state: 'catching-up', cursor: 4 }, event('a'))).toBe(false)
    expect(hears({ state: 'disabled' }, event('a'))).toBe(false)
  })

  it('lets a stored filter that is refused today match nothing, and the others match', () => {
    const broken = subscription('1', { filters: [{ cel: 'data.a.matches("x")' }] })
    const index = new MatchIndex([broken, subscription('2', {})], TYPES)
    expect(index.candidates(event('a', { data: { a: 'x' } }), ABOUT).map(({ id }) => id)).toEqual(['2'])
  })

  it('names each subscription once, in the order given', () => {
    const index = new MatchIndex(
      [
        subscription('c', { types: ['credential.*', 'cms.*', 'credential.revoked'] }),
        subscription('a', { types: ['*', 'cms.20003'] }),
        subscription('b', { types: ['credential.revoked'], filters: [{ exact: { subject: 'r1' } }] }),
      ],
      TYPES,
    )
    expect(index.candidates(event('cms.20003', { subject: 'r1' }), ABOUT).map(({ id }) => id)).toEqual(['c', 'a', 'b'])
  })
})

/** The same decisions, one after the other, over all. */
function naive(subscriptions: readonly Subscription[], what: AnyEvent, about: About): readonly Subscription[] {
  const lineage = TYPES.lineage(what.type)
  const resourceTypes = about.resourceType === null ? [] : TYPES.implemented(about.resourceType)
  return subscriptions.filter(({ spec, state, cursor, owner }) => {
    if (state === 'disabled' || state === 'catching-up' || (state === 'paused' && cursor !== null)) return false
    const fits = (pattern: string) =>
      pattern === '*' ||
      lineage.includes(pattern) ||
      (pattern.endsWith('.*') && lineage.some((name) => name.startsWith(pattern.slice(0, -1))))
    if (!spec.types.some(fits) || (spec.notSelf && owner === about.principal)) return false
    if (spec.source && !fitsSource(spec.source, what, resourceTypes)) return false
    if (spec.relation !== undefined && !fitsRelation(spec.relation, what, lineage)) return false
    return compileFilters(spec.filters)(viewOf(redact(what, spec.redaction, TYPES)))
  })
}

const aType = fc.constantFrom(
  'a',
  'a.b',
  'a.b.c',
  'a.c',
  'cms.20003',
  'credential.revoked',
  'aps.linked',
  'resource.linked',
)
const aPattern = fc.oneof(aType, fc.constantFrom('*', 'a.*', 'a.b.*', 'cms.*', 'credential.*', 'resource.*'))
const anId = fc.constantFrom('r1', 'r2')
const aRelation = fc.constantFrom('offer', 'other')
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
const aSource = fc
  .record({ id: optional(anId), type: optional(fc.constantFrom('device', 'laptop')) })
  .map(({ id, type }) => ({
    ...(id !== undefined && { id }),
    ...(type !== undefined && { type }),
  }))
const aFilter = fc.oneof(
  anId.map((subject) => ({ exact: { subject } })),
  anId.map((subject) => ({ not: { exact: { subject } } })),
  fc.constantFrom({ cel: 'data.pin == "1"' }, { cel: 'data.relation == "offer"' }, { prefix: { type: 'a.' } }),
)
const aSubscription = fc.record({
  types: fc.array(aPattern, { minLength: 1, maxLength: 3 }),
  source: optional(aSource),
  relation: fc.option(aRelation, { nil: undefined, freq: 1 }),
  filters: fc.array(aFilter, { maxLength: 2 }),
  notSelf: fc.boolean(),
  redaction: fc.constantFrom('none' as const, 'sensitive' as const),
  owner: fc.constantFrom('p', 'q'),
  state: fc.constantFrom('active' as const, 'paused' as const, 'disabled' as const, 'catching-up' as const),
  cursor: fc.constantFrom(null, 3),
})
const anEvent = fc.record({
  type: aType,
  subject: optional(anId),
  data: optional(fc.record({ pin: fc.constantFrom('1', '2'), relation: aRelation })),
})

const present = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as T

describe('the match index, as a property', () => {
  it('finds what a look at every subscription finds', () => {
    fc.assert(
      fc.property(
        fc.array(aSubscription, { maxLength: 40 }),
        fc.array(anEvent, { minLength: 1, maxLength: 5 }),
        fc.constantFrom('p', 'q', 'z'),
        fc.constantFrom(null, 'device', 'laptop', 'card'),
        (changes, events, principal, resourceType) => {
          const all = changes.map((change, index) => subscription(String(index), present(change) as Change))
          const index = new MatchIndex(all, TYPES)
          for (const each of events) {
            const what = event(each.type, present(each))
            const about = { principal, resourceType }
            expect(index.candidates(what, about)).toEqual(naive(all, what, about))
          }
        },
      ),
      { numRuns: 500 },
    )
  })
})
