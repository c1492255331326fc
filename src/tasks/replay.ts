/**
 * The log told again: to a subscription that starts in the past, or on request. Pages of the log become tasks;
 * a subscription sees again only what it saw then and may see now.
 */
import type { AnyEvent } from '../event/envelope.js'
import { seenThenAndNow } from '../registry/visibility.js'
import type { Candidate, Store, TurnOptions } from '../store/port.js'
import type { EventRow } from '../store/rows.js'
import { MatchIndex, type MatchTypes } from '../subscriptions/match-index.js'
import type { Subscription, SubscriptionSpec } from '../subscriptions/subscription.js'
import { candidateOf } from './admit/plan.js'

export interface ReplayDependencies {
  readonly store: Pick<Store, 'log' | 'tasks' | 'registry'>
  readonly types: MatchTypes
  fromBody(body: string): AnyEvent
  /** What two like events have in common; null: the event is like no other. */
  likeness(event: AnyEvent): string | null
  now(): number
}

export interface Range {
  /** After this sequence ... */
  readonly after: number
  /** ... up to and including this one. */
  readonly to: number
  readonly types?: readonly string[]
}

const PAGE = 500

/**
 * Tells a range again; finished tasks become due again under the same id.
 * @param most looks at about so many events of the log, in pages
 * @returns how many tasks, and the sequence after which it goes on; null: at the end of the range
 */
export async function replay(
  subscription: Subscription,
  range: Range,
  dependencies: ReplayDependencies,
  { dryRun, most = Number.POSITIVE_INFINITY }: { readonly dryRun: boolean; readonly most?: number | undefined },
): Promise<{ readonly count: number; readonly reached: number | null }> {
  let [count, looked] = [0, 0]
  for await (const { entries, rows, reached } of pages(subscription, range, dependencies)) {
    if (dryRun) count += entries.length
    else count += (await turn(subscription, entries.map(marked(dependencies.now())), dependencies, AGAIN)) ?? 0
    looked += rows
    if (looked >= most && reached !== null) return { count, reached }
  }
  return { count, reached: null }
}

/** What is told again says so, and is not held against the receiver. */
const marked =
  (replayedAt: number) =>
  ({ event, candidate }: Entry): Entry => ({ event, candidate: { ...candidate, replayedAt } })

const AGAIN = { again: true, cursor: null, from: null, last: false } as const

/** Turns the next page for a subscription that is catching up, unless another node has. @returns false when it has caught up. */
export async function catchUp(subscription: Subscription, dependencies: ReplayDependencies): Promise<boolean> {
  const { store } = dependencies
  const cursor = subscription.cursor ?? subscription.startSequence
  const rows = await store.log.read(subscription.tenant, cursor, PAGE)
  const entries = await entriesOf(subscription, rows, dependencies)
  const last = rows.length < PAGE
  const reached = rows.at(-1)?.sequence ?? cursor
  const turned = await turn(subscription, entries, dependencies, { again: false, cursor: reached, from: cursor, last })
  return !last || turned === null
}

type Entry = { readonly event: EventRow; readonly candidate: Candidate }

async function* pages(subscription: Subscription, { after, to, types }: Range, dependencies: ReplayDependencies) {
  let cursor = after
  while (cursor < to) {
    const rows = await dependencies.store.log.read(subscription.tenant, cursor, PAGE)
    const within = rows.filter((row) => row.sequence <= to && (types === undefined || types.includes(row.type)))
    cursor = rows.length < PAGE ? to : (rows.at(-1)?.sequence ?? to)
    const entries = await entriesOf(subscription, within, dependencies)
    yield { entries, rows: rows.length, reached: cursor < to ? cursor : null }
  }
}

function turn(
  { tenant, id }: Subscription,
  entries: readonly Entry[],
  { store, now }: ReplayDependencies,
  options: Omit<TurnOptions, 'now'>,
): Promise<number | null> {
  if (entries.length === 0 && options.cursor === null) return Promise.resolve(0)
  return store.tasks.turn({ tenant, subscription: id }, entries, { now: now(), ...options })
}

async function entriesOf(
  subscription: Subscription,
  rows: readonly EventRow[],
  dependencies: ReplayDependencies,
): Promise<readonly Entry[]> {
  const hears = hearing(subscription, dependencies)
  const heard = await Promise.all(rows.map(hears))
  const { now, likeness, fromBody } = dependencies
  const at = now()
  const isPicky = subscription.spec.duplicates === 'remove'
  const likenessOf = ({ body }: EventRow) => (isPicky ? likeness(fromBody(body)) : null)
  return rows
    .filter((_, index) => heard[index])
    .map((row) => ({ event: row, candidate: candidateOf(subscription, row, at, false, likenessOf(row)) }))
}

/** Whether an event of the past is for this subscription: as a live one would be matched, seen then, and still to be seen. */
export function hearing(
  subscription: Subscription,
  { store, types, fromBody }: Pick<ReplayDependencies, 'store' | 'types' | 'fromBody'>,
): (row: EventRow) => Promise<boolean> {
  const { spec } = subscription
  const index = new MatchIndex([{ ...subscription, state: 'active', spec: { ...spec, delivery: 'tasks' } }], types)
  const isHeard = async (row: EventRow) => {
    const resourceType = index.needsResourceType ? await typeOf(row, store) : null
    return index.candidates(fromBody(row.body), { principal: row.principal, resourceType }).length > 0
  }
  return async (row) => {
    // What no look into the event is needed for is not read: that is the greatest cost of most.
    if (!index.hears(row.type)) return false
    if (asksForMore(spec) && !(await isHeard(row))) return false
    return mayHear(subscription, row, store)
  }
}

/** Than the type. */
const asksForMore = ({ filters, source, relation, notSelf }: SubscriptionSpec): boolean =>
  filters.length > 0 || source !== undefined || relation !== undefined || notSelf

const typeOf = async ({ tenant, subject }: EventRow, store: ReplayDependencies['store']): Promise<string | null> =>
  subject === null ? null : ((await store.registry.get(tenant, subject))?.type ?? null)

async function mayHear(
  { spec, tenant }: Subscription,
  { subject, operation }: EventRow,
  store: ReplayDependencies['store'],
): Promise<boolean> {
  if (spec.scope === 'tenant') return true
  if (subject === null) return false
  const { resource } = spec.scope
  return seenThenAndNow((at) => store.registry.facts(tenant, resource, subject, at), operation)
}
