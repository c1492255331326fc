/**
 * Just enough of the Prometheus text format (0.0.4) to read a histogram.
 */

/** Upper bound in seconds, and how many observations so far were at most that; ascending. */
export type Buckets = readonly (readonly [bound: number, count: number])[]

/** The series of all labels added up. */
export function bucketsOf(text: string, name: string): Buckets {
  const line = new RegExp(`^${name}_bucket\\{[^}]*le="([^"]+)"[^}]*\\} (\\S+)$`, 'gm')
  const sums = new Map<number, number>()
  for (const [, le, count] of text.matchAll(line)) {
    const bound = le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le)
    sums.set(bound, (sums.get(bound) ?? 0) + Number(count))
  }
  return [...sums].sort(([one], [other]) => one - other)
}

/**
 * The upper bound of the bucket in which the quantile lies, of what was observed in between.
 * @returns seconds; null when nothing was
 */
export function quantile(share: number, now: Buckets, before: Buckets = []): number | null {
  const grown = now.map(([bound, count], index) => [bound, count - (before[index]?.[1] ?? 0)] as const)
  const all = grown.at(-1)?.[1] ?? 0
  if (all <= 0) return null
  const found = grown.find(([bound, count]) => count >= share * all && Number.isFinite(bound))
  return found?.[0] ?? grown.at(-2)?.[0] ?? null
}
