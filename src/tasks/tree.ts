/**
 * An event with everything its processors published, as a tree.
 */
import type { Principal } from '../access/principal.js'
import type { Store } from '../store/port.js'
import type { EventRow } from '../store/rows.js'
import type { Events, EventView } from './events.js'

export interface EventTree extends EventView {
  readonly children: readonly EventTree[]
  /** There are more below than are shown: the tree ends at 1,000 events. */
  readonly truncated?: true
}

export interface TreeDependencies {
  readonly store: Pick<Store, 'log'>
  readonly events: Pick<Events, 'row' | 'visible' | 'view'>
}

const MOST = 1_000
/** As deep as events may be nested, and one more. */
const DEPTH = 17

/** @throws NotFound; Conflict `conflict` when several sources used the id and none is named */
export async function treeOf(
  caller: Principal,
  id: string,
  source: string | undefined,
  { store, events }: TreeDependencies,
): Promise<EventTree> {
  const root = await events.row(caller, id, source)
  let left = MOST - 1
  const childrenOf = async (row: EventRow): Promise<{ rows: readonly EventRow[]; more: boolean }> => {
    const rows = await store.log.children(row.tenant, row.id, left + 1)
    // Another event's child may name the same parent id: parents are found by the publisher's id alone.
    const own = (await events.visible(caller, rows)).filter(({ sequence }) => sequence !== row.sequence)
    const taken = own.slice(0, left)
    left -= taken.length
    return { rows: taken, more: own.length > taken.length }
  }
  const grow = async (row: EventRow, depth: number): Promise<EventTree> => {
    if (depth === DEPTH) return { ...(await events.view(caller, row)), children: [] }
    const { rows, more } = await childrenOf(row)
    const children: EventTree[] = []
    for (const child of rows) children.push(await grow(child, depth + 1))
    return { ...(await events.view(caller, row)), children, ...(more && { truncated: true as const }) }
  }
  return grow(root, 1)
}
