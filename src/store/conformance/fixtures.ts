/**
 * What the suite's cases are made of: rows with defaults, and the few verbs they repeat.
 */
import assert from 'node:assert/strict'
import type { GraphStep } from '../../registry/graph.js'
import type {
  Admission,
  AdmissionResult,
  AdmittedReceipt,
  Candidate,
  LeasedTask,
  LeaseRequest,
  Settlement,
  Store,
} from '../port.js'
import type { NewEvent, ResultRow, SubscriptionRow, TaskRow, TenantRow } from '../rows.js'

export interface ConformanceTools {
  describe(name: string, body: () => void): void
  test(name: string, body: () => Promise<void>): void
  /** A new, empty store; the suite closes it. */
  open(): Promise<Store>
}

export interface Suite {
  describe(name: string, body: () => void): void
  /** A case with a store of its own. */
  test(name: string, body: (store: Store) => Promise<void>): void
}

export const T = 'acme'
export const NOW = 1_700_000_000_000

export const event = (id: string, over: Partial<NewEvent> = {}): NewEvent => ({
  tenant: T,
  source: '/cms',
  id,
  type: 'credential.issued',
  subject: 'card-1',
  partitionKey: over.subject ?? 'card-1',
  superOwner: null,
  transactionId: null,
  parentId: null,
  rootId: null,
  priority: 'normal',
  receivedAt: NOW,
  executeAt: null,
  expiresAt: null,
  state: 'admitted',
  processedOrder: null,
  hash: `hash-${id}`,
  principal: 'key-1',
  body: `{"id":${JSON.stringify(id)}}`,
  deed: null,
  ...over,
})

export const candidate = (over: Partial<Candidate> = {}): Candidate => ({
  subscription: 'a',
  order: 'strict',
  priority: 'normal',
  wakeAt: null,
  expiresAt: null,
  scope: 'tenant',
  lease: false,
  likeness: null,
  locks: false,
  under: null,
  ...over,
})

export const admission = (
  first: NewEvent,
  candidates: readonly Candidate[] = [candidate()],
  over: Partial<Admission> = {},
): Admission => ({
  tenant: first.tenant,
  events: [{ event: first, candidates, results: [] }],
  change: null,
  subscriptionVersion: null,
  ...over,
})

/** Only a change, with an event that nobody hears. */
export const deed = (id: string, steps: readonly GraphStep[], over: Partial<NewEvent> = {}): Admission =>
  admission(event(id, over), [], { change: { expect: [], steps } })

export const put = (id: string, owner: string | null = null, type = 'card'): GraphStep => ({
  do: 'put',
  id,
  type,
  owner,
  status: null,
  properties: '{}',
})

export const link = (from: string, to: string): GraphStep => ({
  do: 'link',
  from,
  relation: 'holds',
  to,
  strong: false,
})
export const unlink = (from: string, to: string): GraphStep => ({ do: 'unlink', from, relation: 'holds', to })

export const subscription = (id: string, over: Partial<SubscriptionRow> = {}): SubscriptionRow => ({
  tenant: T,
  id,
  name: `Subscription ${id}`,
  state: 'active',
  reason: null,
  spec: '{"transport":"webhook"}',
  secrets: null,
  owner: 'key-1',
  revision: 1,
  startSequence: 0,
  cursor: null,
  createdAt: NOW,
  updatedAt: NOW,
  ...over,
})

export const result = (processor: string, over: Partial<ResultRow> = {}): Omit<ResultRow, 'tenant' | 'sequence'> => ({
  processor,
  number: 0,
  kind: 'judge',
  order: 10,
  state: 'executed',
  verdict: 'continue',
  code: null,
  message: null,
  cause: null,
  startedAt: NOW,
  endedAt: NOW + 1,
  ...over,
})

export const tenantRow = (id: string, over: Partial<TenantRow> = {}): TenantRow => ({
  id,
  name: id,
  openTypes: false,
  weight: 1,
  eventsPerSecond: null,
  unfinishedTasks: null,
  createdAt: NOW,
  disabledAt: null,
  ...over,
})

export const request = (over: Partial<LeaseRequest> = {}): LeaseRequest => ({
  node: 'n1',
  now: NOW,
  until: NOW + 30_000,
  limit: 100,
  perLane: 100,
  lanes: [],
  only: null,
  closed: [],
  ...over,
})

type Next = Settlement['next']
export const done: Next = { state: 'done', code: '200', message: null }
export const again = (wakeAt: number, failed = true): Next => ({
  state: 'waiting',
  wakeAt,
  failed,
  code: '503',
  message: 'Try later.',
})

export const settlement = (task: TaskRow, next: Next = done, over: Partial<Settlement> = {}): Settlement => ({
  tenant: task.tenant,
  sequence: task.sequence,
  subscription: task.subscription,
  token: task.token,
  now: NOW + 100,
  next,
  attempt: {
    startedAt: NOW,
    endedAt: NOW + 100,
    outcome: next.state === 'done' ? 'delivered' : 'retry',
    code: '200',
    message: null,
    response: 'ok',
    node: 'n1',
    ...(next.state === 'done'
      ? { request: null, timing: null }
      : { request: '{"target":"there"}', timing: '{"send":1}' }),
  },
  results: [],
  leaseNext: false,
  ...over,
})

// -------------------------------------------------------------------------------------------- verbs

export async function admitted(store: Store, one: Admission): Promise<readonly AdmittedReceipt[]> {
  const [outcome] = await store.admit([one], null)
  return receiptsOf(outcome)
}

export function receiptsOf(outcome: AdmissionResult | undefined): readonly AdmittedReceipt[] {
  assert.equal(outcome?.status, 'admitted')
  return outcome?.status === 'admitted' ? outcome.events : []
}

/** Admits one event a subject; answers the sequences. */
export async function admitSubjects(
  store: Store,
  subjects: readonly string[],
  over: Partial<Candidate> = {},
  tenant = T,
): Promise<readonly number[]> {
  const start = await store.log.head(tenant)
  const admissions = subjects.map((subject, index) =>
    admission(event(`${subject}-${start + index}`, { subject, tenant }), [candidate(over)], { tenant }),
  )
  const outcomes = await store.admit(admissions, null)
  return outcomes.flatMap(receiptsOf).map(({ sequence }) => sequence)
}

export async function leased(store: Store, over: Partial<LeaseRequest> = {}): Promise<readonly LeasedTask[]> {
  const answer = await store.tasks.lease(request(over))
  return answer.leased
}

export const sequencesOf = (tasks: readonly LeasedTask[]): readonly number[] => tasks.map(({ task }) => task.sequence)

export const stateOf = async (store: Store, sequence: number, subscriptionId = 'a'): Promise<string | undefined> =>
  (await store.tasks.get({ tenant: T, sequence, subscription: subscriptionId }))?.state

export function one<Item>(items: readonly Item[]): Item {
  assert.equal(items.length, 1)
  const [item] = items
  if (item === undefined) throw new assert.AssertionError({ message: 'There is none.' })
  return item
}
