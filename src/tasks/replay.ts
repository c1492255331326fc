/**
 * The log told again: to a subscription that starts in the past, or on request. Pages of the log become tasks;
 * a subscription sees again only what it saw then and may see now.
 */
import type { AnyEvent } from '../event/envelope.js'
import { seenThenAndNow } from '../registry/visibility.js'
import type { Candidate, Store, TurnOptions } from '../store/port.js'
import type { EventRow } from '../store/rows.js'
import { type About, MatchIndex, type MatchTypes } from '../subscriptions/match-index.js'
import type { Subscription } from '../subscriptions/subscription.js'
import { candidateOf } from './admit/plan.js'

export interface ReplayDependencies {
  readonly store: Pick<Store, 'log' | 'tasks' | 'registry'>
  readonly types: MatchTypes
  fromBody(body: string): AnyEvent
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

/** Tells a range again; finished tasks become due again under the same id. @returns how many tasks. */
export async function replay(
  subscription: Subscription,
  range: Range,
  dependencies: ReplayDependencies,
  dryRun: boolean,
): Promise<number> {
  let count = 0
  for await (const { entries } of pages(subscription, range, dependencies)) {
    if (dryRun) count += entries.length
    else count += (await turn(subscription, entries, dependencies, AGAIN)) ?? 0
  }
  return count
}

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
    yield { entries: await entriesOf(subscription, within, dependencies) }
    if (rows.length < PAGE) return
    cursor = rows.at(-1)?.sequence ?? to
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
  const entries = await Promise.all(rows.map((row) => entryOf(subscription, row, dependencies)))
  return entries.filter((entry) => entry !== null)
}

async function entryOf(
  subscription: Subscription,
  row: EventRow,
  dependencies: ReplayDependencies,
): Promise<Entry | null> {
  const { store, types, fromBody, now } = dependencies
  const { source } = subscription.spec
  const resourceType = source?.type !== undefined && row.subject !== null ? await typeOf(row, store) : null
  if (!wants(subscription, types, fromBody(row.body), { principal: row.principal, resourceType })) return null
  if (!(await mayHear(subscription, row, store))) return null
  return { event: row, candidate: candidateOf(subscription, row, now(), false) }
}

/** As a live event would be matched, whatever state the subscription is in. */
const wants = (subscription: Subscription, types: MatchTypes, event: AnyEvent, about: About): boolean =>
  new MatchIndex([{ ...subscription, state: 'active' }], types).candidates(event, about).length > 0

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
