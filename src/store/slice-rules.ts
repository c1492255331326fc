/**
 * What every store decides alike about slices, as pure functions: what is kept of those who are still to be told, and what
 * becomes of each of them when its slice is told.
 */
import { childOf } from './child-of.js'
import type { AdmittedEvent, AdmittedReceipt, Candidate, LeasedTask, Told } from './port.js'
import type { EventRow, SliceRow, SubscriptionRow } from './rows.js'
import { isLocalLane, wanted } from './task-rules.js'

/** All of a candidate that its task is made of, but for the subscription; the same for most. */
type Terms = Pick<Candidate, 'order' | 'priority' | 'wakeAt' | 'expiresAt' | 'likeness'>

interface Alike extends Terms {
  readonly subscriptions: string[]
}

/** Who of an event's candidates sees it, and who does not. */
export interface Reach {
  readonly visible: readonly Candidate[]
  readonly hidden: readonly string[]
}

export function reachOf({ event, candidates }: AdmittedEvent, seeing: ReadonlySet<string>): Reach {
  const all = wanted(event, candidates)
  const hidden = all.filter(({ subscription }) => !seeing.has(subscription)).map(({ subscription }) => subscription)
  return { visible: hidden.length === 0 ? all : all.filter(({ subscription }) => seeing.has(subscription)), hidden }
}

const isSubscriber = ({ subscription }: Candidate): boolean => !isLocalLane(subscription)

/** @param reaches those of all events of an admission. */
export const isWide = (reaches: readonly Reach[], atOnce: number | undefined): boolean =>
  atOnce !== undefined && reaches.reduce((sum, { visible }) => sum + visible.filter(isSubscriber).length, 0) > atOnce

/** Who is told in the admission, and who by slices: all or none but the hub's own lanes. */
export const divided = ({ visible }: Reach, waits: boolean): Readonly<Record<'now' | 'later', readonly Candidate[]>> =>
  waits
    ? { now: visible.filter((each) => !isSubscriber(each)), later: visible.filter(isSubscriber) }
    : { now: visible, later: [] }

export const receiptOf = (
  { sequence }: EventRow,
  { visible, hidden }: Reach,
  untold: number,
  leased: readonly LeasedTask[],
): AdmittedReceipt => ({ sequence, tasks: visible.map(({ subscription }) => subscription), untold, hidden, leased })

export const slicesOf = (
  { tenant, sequence, partitionKey }: EventRow,
  later: readonly Candidate[],
  size = later.length,
): readonly SliceRow[] =>
  Array.from({ length: Math.ceil(later.length / size) }, (_, number) => {
    const slice = later.slice(number * size, (number + 1) * size)
    return { tenant, sequence, number, partitionKey, count: slice.length, candidates: written(slice) }
  })

function written(candidates: readonly Candidate[]): string {
  const all = new Map<string, Alike>()
  for (const { subscription, order, priority, wakeAt, expiresAt, likeness } of candidates) {
    const terms = { order, priority, wakeAt, expiresAt, likeness }
    childOf(all, JSON.stringify(terms), () => ({ ...terms, subscriptions: [] })).subscriptions.push(subscription)
  }
  return JSON.stringify([...all.values()])
}

/** They see the event: that has been decided. */
export const candidatesIn = ({ candidates }: SliceRow): readonly Candidate[] =>
  (JSON.parse(candidates) as readonly Alike[]).flatMap(({ subscriptions, ...terms }) =>
    subscriptions.map((subscription) => ({
      ...{ subscription, ...terms },
      ...({ scope: 'tenant', lease: false, locks: false, under: null } as const),
    })),
  )

/** A subscription as it is when the slice is told. */
export type Subscriber = Pick<SubscriptionRow, 'state' | 'startSequence'> & { readonly pulled: boolean }

/** What became of a candidate. */
export type Became = 'called' | 'pulled' | 'ended' | 'reading'

/**
 * Its task is one to be called or pulled; or its subscription was removed, perhaps to be made anew under its id, and the task
 * is an ended one; or what was made anew catches up with the log: there it will find the event itself, if it is not past it.
 */
export function becameOf(subscriber: Subscriber | undefined, { sequence }: Pick<SliceRow, 'sequence'>): Became {
  if (subscriber === undefined || subscriber.startSequence >= sequence) return 'ended'
  if (subscriber.state === 'catching-up') return 'reading'
  return subscriber.pulled ? 'pulled' : 'called'
}

export const toldOf = (tenant: string, all: readonly Became[]): Told => ({
  tenant,
  tasks: all.filter((became) => became !== 'reading').length,
  called: all.filter((became) => became === 'called').length,
})
