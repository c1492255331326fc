/**
 * What sample makers draw from a seeded `random`, a function that answers from 0 up to, not including, 1.
 */

export type Random = () => number

export const below = (random: Random, limit: number): number => Math.floor(random() * limit)

export function pick<T>(random: Random, values: readonly [T, ...T[]]): T {
  return values[below(random, values.length)] ?? values[0]
}

export const hex = (random: Random, digits: number): string =>
  Array.from({ length: digits }, () => below(random, 16).toString(16)).join('')

/** A version 4 UUID, in lower case. */
export const uuid = (random: Random): string =>
  `${hex(random, 8)}-${hex(random, 4)}-4${hex(random, 3)}-${pick(random, ['8', '9', 'a', 'b'])}${hex(random, 3)}-${hex(random, 12)}`

/** A moment of 2026, RFC 3339 in UTC. */
export const moment = (random: Random): string =>
  new Date(Date.UTC(2026, 0, 1) + below(random, 31_536_000) * 1000).toISOString()

/** `n` values, taking the makers in turn. */
export const inTurn = <T, K>(n: number, kinds: readonly K[], make: (kind: K) => T): readonly T[] =>
  Array.from({ length: n }, (_, index) => kinds[index % kinds.length]).flatMap((kind) =>
    kind === undefined ? [] : [make(kind)],
  )
