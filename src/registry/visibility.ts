/**
 * Who may see what: the APS rule. A subscriber resource sees an event about a source resource if they
 * share an owner, are linked, or the source's owner is linked to the subscriber. Each resource sees itself.
 * Two missing owners are not the same owner. Decided at admission, on the graph before or after the change,
 * whichever grants.
 */
import type { GraphFacts } from './graph.js'

export type VisibilityReason = 'itself' | 'same owner' | 'linked' | 'owner linked'

/** Why the subscriber sees the source, or null if it does not. */
export function visibleBecause(facts: GraphFacts): VisibilityReason | null {
  if (facts.same) return 'itself'
  if (facts.sourceOwner !== null && facts.sourceOwner === facts.subscriberOwner) return 'same owner'
  if (facts.linked) return 'linked'
  if (facts.ownerLinked) return 'owner linked'
  return null
}

/**
 * Whether an event of the past may be told (again): it was visible at its admission, before or after its change,
 * and it is visible now. A removed resource's now is its last graph.
 * @param facts answers at a sequence, or now (null).
 * @param operation the sequence at which the event's operation changed the graph.
 */
export async function seenThenAndNow(
  facts: (at: number | null) => Promise<GraphFacts>,
  operation: number,
): Promise<boolean> {
  const [now, after, before] = (await Promise.all([facts(null), facts(operation), facts(operation - 1)])).map(
    visibleBecause,
  )
  return now !== null && (after !== null || before !== null)
}
