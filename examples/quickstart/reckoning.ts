/**
 * The two ledgers compared: what was accepted and should have been heard, with what arrived and was acknowledged. Pure.
 */
import { type Entry, keyOf, type Ledger } from './ledger.js'
import type { Arrival } from './receiver.js'
import { SYSTEMS, type System } from './story.js'
import { SUBSCRIBERS } from './subscribers.js'

export interface Row {
  readonly published: number
  readonly delivered: number
  readonly filtered: number
  readonly notVisible: number
  readonly orderKept: boolean
  /** Milliseconds from before the publisher's call to the receiver; null when nothing arrived. */
  readonly p50: number | null
  readonly p99: number | null
}

export interface Reckoning {
  readonly events: number
  readonly deliveries: number
  readonly perSystem: Readonly<Record<System, Row>>
  /** Should have arrived and did not. */
  readonly lost: number
  /** Arrived again although it had been acknowledged. */
  readonly duplicates: number
  /** Arrived after a later event about the same thing. */
  readonly outOfOrder: number
  /** Arrived where it should not have. */
  readonly unexpected: number
  /** Attempts after one that was not acknowledged. */
  readonly retries: number
  readonly elapsedMs: number
}

/** An acknowledged request and the accepted event it tells of. */
interface Delivery {
  readonly arrival: Arrival
  readonly entry: Entry
}

export function reckon(ledger: Ledger, arrivals: readonly Arrival[], elapsedMs: number): Reckoning {
  const acknowledged = arrivals.filter(({ status }) => status === 204)
  const first = firsts(acknowledged)
  const entries = new Map(ledger.entries.map((entry) => [keyOf(entry), entry]))
  const heard = first.flatMap((arrival) => {
    const entry = entries.get(keyOf(arrival))
    return entry ? [{ arrival, entry }] : []
  })
  const due = heard.filter(isDue)
  const late = [...overtaken(due), ...misnumbered(ledger)]
  return {
    events: ledger.entries.length,
    deliveries: due.length,
    perSystem: bySystem((system) => rowOf(system, ledger, due, late)),
    lost: ledger.expected - due.length,
    duplicates: acknowledged.length - first.length,
    outOfOrder: late.length,
    unexpected: first.filter((arrival) => !isOwn(arrival)).length - due.length,
    retries: retriesIn(arrivals),
    elapsedMs,
  }
}

/** To whom, and of what. */
const placeOf = (arrival: Arrival): string => `${arrival.subscriber} ${keyOf(arrival)}`

const firsts = (arrivals: readonly Arrival[]): readonly Arrival[] => {
  const byPlace = new Map<string, Arrival>()
  for (const arrival of arrivals) if (!byPlace.has(placeOf(arrival))) byPlace.set(placeOf(arrival), arrival)
  return [...byPlace.values()]
}

const isDue = ({ arrival, entry }: Delivery): boolean =>
  SUBSCRIBERS.some((name) => name === arrival.subscriber && entry.fates[name] === 'delivered')

/** Tocsin reports on itself to who sees the whole tenant: a target is failing, it has recovered. */
const isOwn = ({ subscriber, type }: Arrival): boolean => subscriber === 'siem' && type.startsWith('tocsin.')

/** The types of those reports, each once. */
export const reportsIn = (arrivals: readonly Arrival[]): readonly string[] => [
  ...new Set(arrivals.filter(isOwn).map(({ type }) => type)),
]

/** Deliveries that came after a later one of the same thing to the same subscriber. What is about nothing has no order. */
function overtaken(deliveries: readonly Delivery[]): readonly Entry[] {
  const latest = new Map<string, string>()
  return deliveries.flatMap(({ arrival: { subscriber, subject }, entry }) => {
    if (subject === null) return []
    const group = `${subscriber} ${subject}`
    const before = latest.get(group) ?? ''
    if (entry.sequence < before) return [entry]
    latest.set(group, entry.sequence)
    return []
  })
}

/** Events of one story whose sequence does not follow the order in which they were published. */
function misnumbered({ entries }: Ledger): readonly Entry[] {
  const latest = new Map<Entry['story'], string>()
  return entries.filter(({ story, sequence }) => {
    const before = latest.get(story) ?? ''
    latest.set(story, sequence)
    return sequence <= before
  })
}

function retriesIn(arrivals: readonly Arrival[]): number {
  const refused = new Set<string>()
  return arrivals.filter((arrival) => {
    const again = refused.has(placeOf(arrival))
    if (arrival.status === 503) refused.add(placeOf(arrival))
    return again
  }).length
}

function rowOf(system: System, ledger: Ledger, deliveries: readonly Delivery[], late: readonly Entry[]): Row {
  const entries = ledger.entries.filter((entry) => entry.system === system)
  const fates = entries.flatMap((entry) => Object.values(entry.fates))
  const own = deliveries.filter(({ entry }) => entry.system === system)
  const latencies = own.map(({ arrival, entry }) => arrival.at - entry.sentAt).sort((a, b) => a - b)
  return {
    published: entries.length,
    delivered: own.length,
    filtered: fates.filter((fate) => fate === 'filtered').length,
    notVisible: fates.filter((fate) => fate === 'not visible').length,
    orderKept: !late.some((entry) => entry.system === system),
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
  }
}

/** The nearest rank. */
const percentile = (sorted: readonly number[], share: number): number | null =>
  sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? null

const bySystem = (make: (system: System) => Row): Readonly<Record<System, Row>> =>
  Object.fromEntries(SYSTEMS.map((system) => [system, make(system)])) as Record<System, Row>
