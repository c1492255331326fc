/**
 * A judged operation as JSON: all that its admission needs, so that no judge is asked again.
 */
import type { Principal } from '../../access/principal.js'
import { partitionKeyOf } from '../../event/envelope.js'
import { toBody } from '../../formats/cloudevents.js'
import { fromBody } from '../../formats/read-cloudevents.js'
import { type Run, startRun } from '../../pipeline/run.js'
import type { GraphChange } from '../../registry/graph.js'
import type { NewInboxRow } from '../../store/rows.js'
import type { Judged } from '../admit/plan.js'

/** An operation that was judged: its events with what judges published, and what it does to the graph. */
export interface JudgedOperation {
  readonly judged: readonly Judged[]
  readonly graph: GraphChange | null
  readonly caller: Principal
}

interface Kept {
  readonly caller: Principal
  readonly graph: GraphChange | null
  readonly judged: readonly (Omit<Judged, 'run' | 'caller' | 'principal' | 'under'> & {
    readonly body: string
    readonly run: Pick<Run, 'position' | 'outcomes' | 'end' | 'deed' | 'until'>
  })[]
}

/** Its first event gives it its names. */
export function rowOf({ judged, graph, caller }: JudgedOperation): NewInboxRow {
  const [first] = judged
  if (!first) throw new TypeError('There is nothing to admit.')
  const { event } = first.run
  const { source, id, type, subject = null } = event
  return {
    tenant: caller.tenant,
    kind: 'judged',
    ...{ source, id, type, subject },
    partitionKey: partitionKeyOf(event),
    principal: caller.id,
    receivedAt: first.receivedAt,
    content: JSON.stringify({ caller, graph, judged: judged.map(keep) } satisfies Kept),
  }
}

function keep({ run, hash, receivedAt, deed, resourceType, after }: Judged): Kept['judged'][number] {
  const { position, outcomes, end, deed: done, until } = run
  const body = toBody(run.event)
  return { body, run: { position, outcomes, end, deed: done, until }, hash, receivedAt, deed, resourceType, after }
}

/** The first event as CloudEvents JSON. */
export const bodyIn = (content: string): string => (JSON.parse(content) as Kept).judged[0]?.body ?? '{}'

export function readOperation(content: string): JudgedOperation {
  const { caller, graph, judged } = JSON.parse(content) as Kept
  return {
    caller,
    graph,
    judged: judged.map(({ body, run, ...kept }) => ({
      ...kept,
      run: { ...startRun(fromBody(body)), ...run },
      ...{ caller, principal: caller.id, under: null },
    })),
  }
}
