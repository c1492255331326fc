/**
 * Those who are still to be told of an event.
 */
import type { Session } from './session.js'
import { statement } from './statement.js'

const DROP_EVENT = statement('DELETE FROM slices WHERE tenant = ? AND sequence = ? RETURNING count')

/** Nobody is told of the event any more. Answers how many would have been. */
export async function dropSlices(session: Session, tenant: string, sequence: number): Promise<number> {
  const gone = await session.all(DROP_EVENT, tenant, sequence)
  return gone.reduce((sum, [count]) => sum + Number(count), 0)
}
