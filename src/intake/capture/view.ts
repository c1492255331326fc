/**
 * A capture as its operators see it.
 */
import type { Client } from 'pg'
import type { CaptureSpec, Method } from './mapping.js'
import { askBacklog, type Backlog } from './measure.js'
import { type Egress, withSource } from './source.js'
import {
  type CaptureStore,
  type Counts,
  objectOf,
  type Progress,
  type Reconciliation,
  type Stored,
  sourceOf,
} from './stored.js'

/** A capture as its operators see it; never its password. Times in RFC 3339, sizes in bytes. */
export interface CaptureView {
  readonly name: string
  readonly tenant: string
  readonly source: string
  readonly method: Method
  readonly state: Progress['state'] | 'beginning'
  readonly code: string | null
  readonly message: string | null
  readonly field: string | null
  /** The node that last said how it is doing, and when. */
  readonly node: string | null
  readonly at: string | null
  readonly admitted: number
  readonly skipped: number
  /** What waits in the source, if it answers. */
  readonly backlog: Backlog | null
  readonly schema: readonly object[]
  /** The last that was asked for. */
  readonly reconciliation: ReconciliationView | null
  readonly begunAt: string
  readonly mapping: CaptureSpec
  readonly hasPassword: boolean
}

/** A look for what was missed. Times in RFC 3339. */
export interface ReconciliationView {
  readonly id: string
  readonly state: Reconciliation['state']
  readonly dryRun: boolean
  readonly code: string | null
  readonly message: string | null
  readonly field: string | null
  readonly askedAt: string
  readonly endedAt: string | null
  /** In the order of the tables; none until it is done. */
  readonly tables: readonly ({ readonly table: string } & Counts)[]
}

export async function viewOf(
  stored: Stored,
  { store, egress }: { readonly store: CaptureStore; readonly egress: Egress },
): Promise<CaptureView> {
  const { name, tenant, method, spec, sealed, begunAt } = stored
  const [progress, reconciliation, backlog] = await Promise.all([
    store.progress(name),
    store.reconciliation(name),
    backlogOf(stored, store, egress),
  ])
  const { code = null, message = null, field = null, node = null, admitted = 0, skipped = 0 } = progress ?? {}
  return {
    ...{ name, tenant, source: sourceOf(stored), method, state: stateOf(stored, progress), code, message, field, node },
    at: progress ? timeOf(progress.at) : null,
    ...{ admitted, skipped, backlog },
    schema: (progress?.schema ?? []).map(({ at, ...change }) => ({ ...change, at: timeOf(at) })),
    reconciliation: reconciliation && reconciliationView(reconciliation),
    begunAt: timeOf(begunAt),
    mapping: spec,
    hasPassword: sealed !== null,
  }
}

export const reconciliationView = ({
  tables,
  counts,
  askedAt,
  endedAt,
  ...rest
}: Reconciliation): ReconciliationView => ({
  ...rest,
  askedAt: timeOf(askedAt),
  endedAt: endedAt === null ? null : timeOf(endedAt),
  tables: tables.flatMap((table) => {
    const counted = counts[table]
    return counted === undefined ? [] : [{ table, ...counted }]
  }),
})

const stateOf = ({ phase }: Stored, progress: Progress | null): CaptureView['state'] =>
  phase === 'ended' || phase === 'beginning' ? phase : (progress?.state ?? 'waiting')

const timeOf = (milliseconds: number): string => new Date(milliseconds).toISOString()

/** Null: the source does not answer. */
function backlogOf(stored: Stored, store: CaptureStore, egress: Egress): Promise<Backlog | null> {
  const ask = (client: Client) => askBacklog(client, objectOf(stored), stored.method)
  return withSource(store.connection(stored), egress, ask).catch(() => null)
}
