/**
 * What a transaction is going to ask about events, asked for many at once.
 */
import type { Admission } from '../port.js'
import type { EventRow } from '../rows.js'
import { EVENT } from '../sql/shapes.js'
import { arraysOf, rowsOf } from './arrays.js'
import { brief } from './brief.js'
import { keyOf } from './changes.js'
import type { Session } from './session.js'
import { statement } from './statement.js'
import { unique } from './unique.js'

const FIND_EVENTS = statement(`SELECT ${EVENT.of('e')} FROM ${rowsOf({ tenant: 'text', sequence: 'int8' })}
  JOIN events AS e ON e.tenant = v.tenant AND e.sequence = v.sequence`)

export async function learnEvents(
  session: Session,
  events: readonly Pick<EventRow, 'tenant' | 'sequence'>[],
): Promise<void> {
  const asked = unique(events, ({ tenant, sequence }) => keyOf(tenant, sequence))
  if (asked.length === 0) return
  const keys = asked.map(({ tenant, sequence }) => [tenant, sequence])
  for (const row of await session.all(FIND_EVENTS, ...arraysOf(['text', 'int8'], keys)))
    session.learnEvent(EVENT.read(row))
}

const FIND_KEYS = statement(`SELECT v.tenant, v.id, v.source, k.sequence
  FROM ${rowsOf({ tenant: 'text', id: 'text', source: 'text' })}
  CROSS JOIN LATERAL (SELECT sequence FROM event_keys AS k
    WHERE k.tenant = v.tenant AND k.id = v.id AND k.source = v.source OFFSET 0) AS k`)

/** Which of their keys are known. */
export async function learnKeys(session: Session, admissions: readonly Admission[]): Promise<void> {
  const asked = admissions.flatMap(({ tenant, events }) =>
    events.map(({ event: { id, source } }) => [tenant, brief(id), brief(source)] as const),
  )
  const rows = await session.all(FIND_KEYS, ...arraysOf(['text', 'text', 'text'], asked))
  for (const [tenant, id, source] of asked) session.learnKey(tenant, id, source, null)
  for (const row of rows) session.learnKey(String(row[0]), String(row[1]), String(row[2]), Number(row[3]))
}
