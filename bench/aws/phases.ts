/**
 * A backlog sent, received and removed, ten messages a request, by clients that each wait for their answer.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Figures } from '../contest.js'
import { perSecond } from '../place.js'
import { CLIENTS, type Queue } from './client.js'

const BATCH = 10
const FILL = 'x'.repeat(1_000)

/** Messages a second: `send`, `receive`, `remove`. @param count a multiple of ten */
export async function phases(queue: Queue, count: number): Promise<Figures> {
  const batches = count / BATCH
  const send = BATCH * (await perSecond(batches, CLIENTS, () => queue.send(bodies())))
  const { rate: receive, handles } = await received(queue, count)
  const removing = (index: number) => queue.remove(handles.slice(index * BATCH, (index + 1) * BATCH))
  const remove = BATCH * (await perSecond(batches, CLIENTS, removing))
  return { send, receive, remove }
}

const bodies = (): readonly string[] => Array.from({ length: BATCH }, () => `${randomUUID()} ${FILL}`)

/** Until the last has come: who finds nothing any more does not count. */
async function received(queue: Queue, count: number) {
  const handles: string[] = []
  const started = performance.now()
  let last = started
  const client = async () => {
    while (handles.length < count) {
      const found = await queue.receive()
      handles.push(...found.map(({ handle }) => handle))
      if (found.length > 0) last = performance.now()
      else await sleep(1)
    }
  }
  await Promise.all(Array.from({ length: CLIENTS }, client))
  return { rate: (count / (last - started)) * 1_000, handles }
}
