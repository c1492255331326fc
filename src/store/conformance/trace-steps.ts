/**
 * The steps of a generated life. Each is chosen by a seeded random number from what the life has seen so far.
 */
import type { GraphStep } from '../../registry/graph.js'
import type {
  Admission,
  AdmissionResult,
  AdmittedEvent,
  Candidate,
  LeaseAnswer,
  SettleResult,
  Store,
  TaskFilter,
} from '../port.js'
import type { EventRow, SubscriptionState, TaskRow } from '../rows.js'
import {
  again,
  candidate,
  done,
  event,
  link,
  NOW,
  put,
  request,
  result,
  settlement,
  subscription,
  tenantRow,
  unlink,
} from './fixtures.js'

export const TENANTS = ['acme', 'other', 'third']
export const RESOURCES = ['ann', 'bob', 'card-1', 'card-2', 'app']
const TRANSACTIONS = ['t1', 't2']
const LANES = ['a', 'b', 'c', 'd', 'local.x', 'local.y'] as const
const ORDERS: Readonly<Record<string, Candidate['order']>> = {
  ...{ a: 'strict', b: 'strict', c: 'latest', d: 'none', 'local.y': 'strict' },
}

interface Life {
  readonly random: () => number
  now: number
  counter: number
  /** Tasks as they were leased, some of them long settled. */
  readonly held: TaskRow[]
}

interface Step {
  readonly name: string
  perform(store: Store): Promise<unknown>
  learn(answer: unknown): void
}

/** Mulberry32: small, seeded, the same everywhere. */
function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    const mixed = Math.imul(state ^ (state >>> 15), state | 1)
    const more = mixed ^ (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61))
    return ((more ^ (more >>> 14)) >>> 0) / 4_294_967_296
  }
}

export const startLife = (seed: number): Life => ({ random: seeded(seed), now: NOW, counter: 0, held: [] })

const upTo = (life: Life, count: number): number => Math.floor(life.random() * count)
const chance = (life: Life, share: number): boolean => life.random() < share
const pick = <Item>(life: Life, items: readonly Item[]): Item => items[upTo(life, items.length)] as Item
const tenantFor = (life: Life): string => (chance(life, 0.7) ? 'acme' : pick(life, ['other', 'third']))

export function nextStep(life: Life): Step {
  life.now += upTo(life, 40)
  return pick(life, WEIGHTED)(life)
}

const step = (name: string, perform: (store: Store) => Promise<unknown>, learn = (_: unknown): void => {}): Step => ({
  name,
  perform,
  learn,
})

// -------------------------------------------------------------------------------------------- publishing

function candidates(life: Life): readonly Candidate[] {
  const chosen = LANES.filter(() => chance(life, 0.5))
  return chosen.map((id) =>
    candidate({
      subscription: id,
      order: ORDERS[id] ?? 'none',
      priority: pick(life, ['normal', 'normal', 'high', 'immediate']),
      wakeAt: chance(life, 0.15) ? life.now + upTo(life, 300) : null,
      scope: chance(life, 0.4) ? { resource: pick(life, RESOURCES) } : 'tenant',
      lease: chance(life, 0.2),
      locks: chance(life, 0.8),
      likeness: chance(life, 0.6) ? pick(life, ['same', 'other']) : null,
      under: chance(life, 0.1) && life.held.length > 0 ? pick(life, life.held).lockOwner : null,
    }),
  )
}

function admittedEvent(life: Life, tenant: string): AdmittedEvent {
  const fresh = chance(life, 0.9)
  if (fresh) life.counter += 1
  const row = event(`e${fresh ? life.counter : upTo(life, life.counter + 1)}`, {
    tenant,
    type: pick(life, ['t.a', 't.b']),
    subject: chance(life, 0.95) ? pick(life, RESOURCES) : null,
    superOwner: chance(life, 0.4) ? pick(life, RESOURCES) : null,
    partitionKey: pick(life, ['p', 'q', 'r']),
    parentId: chance(life, 0.3) ? `e${upTo(life, life.counter + 1)}` : null,
    transactionId: chance(life, 0.5) ? pick(life, TRANSACTIONS) : null,
    receivedAt: life.now,
    state: pick(life, ['admitted', 'admitted', 'admitted', 'admitted', 'closed', 'suspended']),
  })
  const hash = chance(life, 0.05) ? 'another' : row.hash
  const results = chance(life, 0.3) ? [result(pick(life, ['j1', 'j2']))] : []
  return { event: { ...row, hash }, candidates: candidates(life), results }
}

function graphStep(life: Life): GraphStep {
  const id = pick(life, RESOURCES)
  const other = pick(life, RESOURCES)
  return pick<GraphStep>(life, [
    put(id, pick(life, ['ann', 'bob', null])),
    put(id, pick(life, ['ann', 'bob', null])),
    link(id, other),
    link(id, other),
    unlink(id, other),
    { do: 'remove', id },
  ])
}

function admissionOf(life: Life): Admission {
  const tenant = tenantFor(life)
  const events = Array.from({ length: chance(life, 0.2) ? 2 : 1 }, () => admittedEvent(life, tenant))
  const expect = chance(life, 0.3) ? [{ id: pick(life, RESOURCES), revision: pick(life, [null, 1, 2, 3]) }] : []
  const steps = Array.from({ length: 1 + upTo(life, 3) }, () => graphStep(life))
  const change = chance(life, 0.4) ? { expect, steps } : null
  const subscriptionVersion = chance(life, 0.1) ? upTo(life, 20) : null
  return { tenant, events, change, subscriptionVersion, ...sliced(life) }
}

const sliced = (life: Life): Pick<Admission, 'atOnce'> => (chance(life, 0.3) ? { atOnce: 1 + upTo(life, 3) } : {})

const grant = (life: Life) => ({ node: 'n1', now: life.now, until: life.now + 20 + upTo(life, 200) })

function admit(life: Life): Step {
  const admissions = Array.from({ length: 1 + upTo(life, 4) }, () => admissionOf(life))
  const lease = chance(life, 0.5) ? grant(life) : null
  return step(
    'admit',
    (store) => store.admit(admissions, lease),
    (answer) => {
      for (const outcome of answer as readonly AdmissionResult[]) learnReceipts(life, outcome)
    },
  )
}

function learnReceipts(life: Life, outcome: AdmissionResult): void {
  if (outcome.status !== 'admitted') return
  for (const { leased } of outcome.events) life.held.push(...leased.map(({ task }) => task))
}

const suspendedOf = async (store: Store, tenant: string): Promise<EventRow | undefined> =>
  (await store.log.list({ tenant, states: ['suspended'] }, { after: null, limit: 1, order: 'oldest' }))[0]

function resume(life: Life): Step {
  const tenant = tenantFor(life)
  const { candidates: hearing, results } = admittedEvent(life, tenant)
  const change = chance(life, 0.4) ? { expect: [], steps: [graphStep(life)] } : null
  const lease = grant(life)
  const others = chance(life, 0.3) ? [admittedEvent(life, tenant)] : []
  const some = sliced(life)
  const way = pick(life, ['release', 'release', 'suspend', 'refuse'] as const)
  return step(way, async (store) => {
    const row = await suspendedOf(store, tenant)
    if (row === undefined) return null
    const { sequence, operation: _, ...rest } = row
    const rows = results.map((one) => ({ ...one, tenant, sequence }))
    if (way === 'refuse') return store.log.refuse(tenant, sequence, rows)
    if (way === 'suspend') return store.log.suspend(tenant, sequence, { ...rest, body: '{"again":1}' }, rows)
    const entry = { event: { ...rest, state: 'admitted' as const }, candidates: hearing, results }
    return store.release({ tenant, sequence, event: entry, others, change, subscriptionVersion: null, ...some }, lease)
  })
}

function tellSlices(life: Life): Step {
  const asked = { after: pick(life, [null, 'acme', 'other']), limit: 1 + upTo(life, 3), now: life.now }
  return step('tell', (store) => store.slices.tell(asked))
}

function weigh(life: Life): Step {
  const row = tenantRow(pick(life, TENANTS), { weight: 1 + upTo(life, 4) })
  return step('weigh', (store) => store.access.putTenant(row))
}

// -------------------------------------------------------------------------------------------- delivering

function lease(life: Life): Step {
  const subscription = pick(life, LANES)
  const probe = chance(life, 0.3) && !subscription.startsWith('local.')
  const deep = chance(life, 0.5) ? { free: upTo(life, 8), perGroup: upTo(life, 5) } : { free: upTo(life, 3) }
  const lanes = chance(life, 0.4) ? [{ tenant: 'acme', subscription, probe, ...deep }] : []
  const only = chance(life, 0.1) ? { tenant: 'acme', subscription: pick(life, LANES) } : null
  const run = chance(life, 0.3) ? { perGroup: 1 + upTo(life, 4) } : {}
  const limits = { limit: 1 + upTo(life, 8), perLane: 1 + upTo(life, 4), ...run, lanes, only }
  const closed = chance(life, 0.1) ? [pick(life, LANES)] : []
  const asked = request({ ...grant(life), ...limits, closed })
  return step(
    'lease',
    (store) => store.tasks.lease(asked),
    (answer) => {
      const { leased } = answer as LeaseAnswer
      life.held.push(...leased.map(({ task }) => task))
    },
  )
}

/** What one processor answered: up to three results. */
function processed(life: Life): ReturnType<typeof result>[] {
  const name = pick(life, ['j1', 'p1', 'p2'])
  const state = pick(life, ['running', 'executed', 'exception', 'blocked', 'cancelled'] as const)
  return Array.from({ length: 1 + upTo(life, 3) }, (_, number) => result(name, { kind: 'asynchronous', number, state }))
}

function settle(life: Life): Step {
  if (life.held.length === 0) return lease(life)
  const tasks = Array.from({ length: 1 + upTo(life, 4) }, () => pick(life, life.held.slice(-12)))
  const settlements = tasks.map((task) => {
    const next = pick(life, [
      done,
      done,
      done,
      again(life.now + upTo(life, 200)),
      { state: 'due', wakeAt: null, failed: false, code: null, message: null } as const,
      { state: 'refused', code: '400', message: 'No.' } as const,
    ])
    const { tenant, sequence } = task
    const results = chance(life, 0.3) ? processed(life).map((row) => ({ ...row, tenant, sequence })) : []
    return settlement(task, next, { now: life.now, leaseNext: chance(life, 0.5), results })
  })
  const next = chance(life, 0.7) ? grant(life) : null
  return step(
    'settle',
    (store) => store.tasks.settle(settlements, next),
    (answer) => {
      for (const { leased } of answer as readonly SettleResult[]) life.held.push(...leased.map(({ task }) => task))
    },
  )
}

function heartbeat(life: Life): Step {
  const keys = life.held.slice(-5)
  const { until } = grant(life)
  return step('heartbeat', (store) => store.tasks.heartbeat(keys, until))
}

function meddle(life: Life): Step {
  const tenant = tenantFor(life)
  const key = { tenant, sequence: 1 + upTo(life, life.counter + 5), subscription: pick(life, LANES) }
  const now = life.now
  const priority = pick(life, ['normal', 'high', 'immediate'] as const)
  return pick(life, [
    () => step('cancel', (store) => store.tasks.cancel(key, now, 'unwanted', 'By hand.')),
    () => step('retry', (store) => store.tasks.retry(key, now)),
    () => step('takeOver', (store) => store.tasks.takeOver(now)),
    () => step('prune', (store) => store.prune(now - 1_500, 3)),
    () => step('pruneTasks', (store) => store.pruneTasks(now - 500, 5)),
    () => step('reprioritise', (store) => store.tasks.reprioritise(key, priority)),
    () => step('remove', (store) => store.tasks.remove([key])),
    () => look(life, tenant),
    () =>
      step('audit', (store) =>
        store.audit.append({ tenant, at: now, actor: 'k', action: 'a', object: 'o', detail: '{}' }),
      ),
  ])()
}

function turn(life: Life): Step {
  const lane = { tenant: 'acme', subscription: pick(life, LANES) }
  const scope = chance(life, 0.5) ? { resource: pick(life, RESOURCES) } : ('tenant' as const)
  const wanted = candidate({ ...lane, order: ORDERS[lane.subscription] ?? 'none', scope })
  const [from, again_, last] = [upTo(life, life.counter + 1), chance(life, 0.3), chance(life, 0.5)]
  const { now } = life
  return step('turn', async (store) => {
    const rows = await store.log.read(lane.tenant, from, 4)
    const entries = rows.map((row) => ({ event: row, candidate: wanted }))
    return store.tasks.turn(lane, entries, {
      now,
      again: again_,
      cursor: rows.at(-1)?.sequence ?? from,
      from: null,
      last,
    })
  })
}

// -------------------------------------------------------------------------------------------- subscribing

function subscribe(life: Life): Step {
  const tenant = tenantFor(life)
  const id = pick(life, LANES.slice(0, 4))
  const state = pick<SubscriptionState>(life, ['active', 'active', 'active', 'paused', 'disabled', 'catching-up'])
  const spec = chance(life, 0.1) ? '{"transport":"pull"}' : '{"transport":"webhook"}'
  const row = subscription(id, { tenant, spec, startSequence: -1, state: 'active' })
  const revision = 2 + upTo(life, 2)
  const { now } = life
  return pick(life, [
    () => step('create', (store) => store.subscriptions.create(row)),
    () => step('create', (store) => store.subscriptions.create(row)),
    () => step('setState', (store) => store.subscriptions.setState(tenant, id, state, null, now)),
    () => step('update', (store) => store.subscriptions.update({ ...row, revision, state })),
    () => step(chance(life, 0.3) ? 'remove' : 'get', (store) => dropOrGet(store, tenant, id, now)),
  ])()
}

const dropOrGet = (store: Store, tenant: string, id: string, now: number): Promise<unknown> =>
  now % 3 === 0 ? store.subscriptions.remove(tenant, id, now) : store.subscriptions.get(tenant, id)

/** What is only read, by one of the filters. */
function look(life: Life, tenant: string): Step {
  const related = { transactionId: pick(life, TRANSACTIONS), parentId: `e${upTo(life, life.counter + 1)}` }
  const filter = pick<Omit<TaskFilter, 'tenant'>>(life, [
    { states: ['due', 'waiting'] },
    { local: chance(life, 0.5) },
    { local: true, states: ['done', 'cancelled'] },
    { superOwner: pick(life, RESOURCES) },
    { subject: pick(life, RESOURCES), types: ['t.a'] },
    { priorities: ['high', 'immediate'] },
    { codes: ['duplicate', '200', 'superseded'] },
    { createdFrom: life.now - 500, createdTill: life.now - 100 },
    { wakeFrom: life.now - 500, wakeTill: life.now + 5_000 },
    { partitionKey: pick(life, RESOURCES) },
    { text: pick(life, ['E1', 'card', '/CMS', 't.B']) },
    { subjectTypes: ['card'] },
    { transactionId: related.transactionId, local: true },
    { parentId: related.parentId },
  ])
  const order = pick(life, ['newest', 'oldest'] as const)
  const after = chance(life, 0.3) ? { sequence: upTo(life, life.counter + 1), subscription: 'c' } : null
  return step('look', async (store) => [
    await store.tasks.list({ tenant, ...filter }, { after, limit: 6, order }),
    await store.tasks.countsBy({ tenant, ...filter }),
    await store.log.transaction(tenant, related.transactionId),
    await store.log.children(tenant, related.parentId, 3),
  ])
}

const WEIGHTED: readonly ((life: Life) => Step)[] = [
  admit,
  admit,
  admit,
  admit,
  tellSlices,
  tellSlices,
  resume,
  lease,
  lease,
  lease,
  settle,
  settle,
  settle,
  heartbeat,
  meddle,
  meddle,
  turn,
  subscribe,
  subscribe,
  weigh,
]
