/**
 * A registry with a hub beside it, for one test: when that is over, nothing is left in the source.
 */
import { onTestFinished } from 'vitest'
import type { Hub } from '../../src/index.js'
import { eventsOf, openClient, openHub, TABLES } from '../capture-world.js'
import { until } from '../faults/random.js'

type Row = Readonly<Record<string, unknown>>

/** An event as a capture tells it. */
interface Told extends Row {
  readonly data: { readonly operation: string; readonly before?: Row; readonly after?: Row; readonly changes?: object }
}

/** @param url of an empty database @param tables SQL that makes them */
export async function hubAndSource(url: string, tables = TABLES) {
  const client = await openClient(url)
  await client.query(tables)
  const hub = await openHub()
  onTestFinished(async () => {
    for (const { name } of await hub.captures.list(hub.local)) await hub.captures.remove(hub.local, name)
    await hub.close()
    await client.end()
  })
  return { url, client, hub }
}

export const toldBy = async (hub: Hub): Promise<readonly Told[]> =>
  (await eventsOf(hub)).map(({ event }) => event as Told)

/** Waits until so many events were told. */
export async function toldAll(hub: Hub, count: number, patience?: number): Promise<readonly Told[]> {
  await until(`${count} events`, async () => (await eventsOf(hub)).length >= count, patience)
  return toldBy(hub)
}
