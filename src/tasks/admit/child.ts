/**
 * An event published from inside a processor is a child: it belongs to its parent's tree.
 */
import { InvalidInput } from '../../errors.js'
import type { AnyEvent, EventInput, Priority } from '../../event/envelope.js'

/** How deep a tree may grow; the count travels as a CloudEvents extension. */
const MOST = 16
const DEPTH = 'treedepth'

const RANK: Readonly<Record<Priority, number>> = { immediate: 0, high: 1, normal: 2 }

/**
 * Inherits parent, root and transaction id, the higher priority, and those extensions (properties) of its parent that it
 * does not have itself. What is its own stays: id, times, subject, super owner, partition key, tags.
 * @throws InvalidInput `too_deep`
 */
export function childOf(parent: AnyEvent, child: EventInput): EventInput {
  // A publisher may send anything under that name.
  const depth = Math.max(0, Number(parent.extensions?.[DEPTH] ?? 0) || 0) + 1
  if (depth > MOST) {
    throw new InvalidInput('too_deep', 'The event tree is too deep.', {
      field: 'parentid',
      expected: `at most ${MOST} generations`,
    })
  }
  const priority = higher(parent.priority, child.priority)
  return {
    source: parent.source,
    ...child,
    parentId: parent.id,
    parentType: child.parentType ?? parent.type,
    rootId: parent.rootId ?? parent.id,
    transactionId: parent.transactionId ?? parent.id,
    ...(priority && { priority }),
    extensions: { ...parent.extensions, ...child.extensions, [DEPTH]: depth },
  }
}

/** Votes only raise. */
export function higher(one: Priority | undefined, other: Priority | undefined): Priority | undefined {
  if (!one || !other) return one ?? other
  return RANK[one] < RANK[other] ? one : other
}
