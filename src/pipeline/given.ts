/**
 * The event as processors are given it: a copy of its own that nobody can change. What a judge wants otherwise it answers, so that it
 * is checked; what another does to it reaches neither the next processor, nor the store, nor whoever published it.
 */
import type { AnyEvent } from '../event/envelope.js'

/** Each event is copied once, however many processors hear it. */
const copies = new WeakMap<AnyEvent, AnyEvent>()

export function given(event: AnyEvent): AnyEvent {
  const known = copies.get(event)
  if (known) return known
  const copy = frozenCopy(event)
  copies.set(event, copy)
  // A judge may answer it as it is.
  copies.set(copy, copy)
  return copy
}

/** Bytes cannot be frozen, and are copied alone. Loops, not lists of entries: every event that a processor hears passes here. */
function frozenCopy<T extends object>(value: T): T
function frozenCopy(value: object): unknown {
  if (value instanceof Uint8Array) return value.slice()
  if (Array.isArray(value)) return Object.freeze(value.map(frozenIn))
  const copy: Record<string, unknown> = { ...value }
  for (const name in copy) {
    const each = copy[name]
    if (typeof each === 'object' && each !== null) copy[name] = frozenCopy(each)
  }
  return Object.freeze(copy)
}

const frozenIn = (item: unknown): unknown => (typeof item === 'object' && item !== null ? frozenCopy(item) : item)
