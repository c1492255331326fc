/**
 * A registry that is written into while the hub that captures it, and the registry's own server, are killed again and again.
 */

import { mappingOf, openClient, TABLES } from '../capture-world.js'
import { initInstance, makeFolder, removeFolder, serve } from '../faults/instance.js'
import { pause, randomFrom, until } from '../faults/random.js'
import { createDatabase, startPostgres } from '../services/postgres.js'
import { programs, type Version } from '../services/programs.js'
import { expectSameHistory, type Told } from './compare.js'
import { writeHistory } from './history.js'

export interface KillOptions {
  readonly version: Version
  readonly method: 'logical' | 'triggers'
  readonly seed: number
  readonly changes: number
  /** Of the hub, spread over the changes; as often the source. */
  readonly kills: number
}

const AT_ONCE = 4
/** Milliseconds; a busy machine takes its time. */
const PATIENCE = 600_000

/** @throws as `expectSameHistory`; answers how many events there were. */
export async function killedHistory({ version, method, seed, changes, kills }: KillOptions): Promise<number> {
  const folder = programs(version)
  if (folder === null) throw new Error(`There is no PostgreSQL ${version} here.`)
  const source = await startPostgres(folder, { wal_level: 'logical', max_connections: 40 })
  const place = makeFolder()
  try {
    const { url } = await createDatabase(source.address)
    await inSource(url, TABLES)
    const instance = await initInstance(place)
    let hub = await serve(instance)
    const call = async (verb: string, path: string, body?: unknown) => {
      const headers = { authorization: `Bearer ${instance.key}`, 'content-type': 'application/json' }
      const answer = await fetch(hub.url + path, {
        method: verb,
        headers,
        ...(body ? { body: JSON.stringify(body) } : {}),
      })
      if (!answer.ok) throw new Error(await answer.text())
      return (await answer.json()) as Page
    }
    await call('PUT', '/v1/captures/people', mappingOf(url, { method }))
    const newest = async () => {
      // Whoever asks all the time leaves those asked no time to work.
      await pause(100)
      return Number((await call('GET', '/v1/events?source=/registry&limit=1')).items[0]?.event.sequence ?? 0)
    }
    const random = randomFrom(seed)
    let isDown = false
    /** Each time so much was told since the last; so neither dies before it has done anything. */
    const killing = async () => {
      for (let killed = 0; killed < 2 * kills; killed++) {
        const told = await newest()
        await until('something is told', async () => (await newest()) > told + changes / (2 * kills + 1), PATIENCE)
        await pause(50 * random())
        isDown = true
        if (killed % 2 === 0) {
          await hub.kill()
          hub = await serve(instance)
        } else {
          await source.stop('SIGQUIT')
          await source.start()
        }
        isDown = false
      }
    }
    let isOver = false
    let before = 0
    const goOn = async (written: number) => {
      if (!isDown) before = written
      // While one is down a part is written, so that there is something to catch up with.
      while (isDown && written > before + changes / 10) await pause(20)
      return !isOver || written < changes
    }
    const killed = killing().finally(() => {
      isOver = true
      // Nobody waits for one that did not come up again: what it said is thrown below.
      isDown = false
    })
    const committed = await writeHistory(url, { seed, writers: AT_ONCE, goOn })
    await killed
    const wanted = committed.flat().length
    let events: readonly Told[] = []
    await until(
      `${wanted} events`,
      async () => {
        if ((await newest()) < wanted) return false
        events = await eventsIn(call)
        return events.length >= wanted
      },
      PATIENCE,
    )
    await expectSameHistory(url, events, committed, `seed ${seed}`)
    await hub.stop()
    return events.length
  } finally {
    await source.close()
    removeFolder(place)
  }
}

async function inSource(url: string, sql: string): Promise<void> {
  const client = await openClient(url)
  await client.query(sql)
  await client.end()
}

interface Page {
  readonly items: readonly { readonly event: Told }[]
  readonly next: string | null
}

async function eventsIn(call: (verb: string, path: string) => Promise<Page>): Promise<readonly Told[]> {
  const found: Told[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: Page = await call(
      'GET',
      `/v1/events?source=/registry&limit=1000${cursor && `&cursor=${encodeURIComponent(cursor)}`}`,
    )
    found.push(...page.items.map(({ event }) => event))
    cursor = page.next
  }
  return found.reverse()
}
