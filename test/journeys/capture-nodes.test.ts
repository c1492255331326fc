/**
 * A capture that several nodes could lead: whoever leads it is killed, another goes on.
 */
import { describe, it } from 'vitest'
import { expectSameHistory, type Told } from '../capture/compare.js'
import { writeHistory } from '../capture/history.js'
import { mappingOf, openClient, TABLES } from '../capture-world.js'
import { type Ground, openGround } from '../faults/nodes/ground.js'
import { pause, seedOfRun, until } from '../faults/random.js'
import { isLacking, named } from '../faults/tools.js'
import { createDatabase } from '../services/postgres.js'
import { POSTGRES } from '../services.js'

/** Milliseconds; a busy machine takes its time. */
const PATIENCE = 120_000
const CHANGES = 600

interface Page {
  readonly items: readonly { readonly event: Told }[]
  readonly next: string | null
}

describe.skipIf(isLacking(POSTGRES))(named('a capture on two nodes', POSTGRES), () => {
  it('loses and doubles nothing when its leader is killed', { timeout: 400_000 }, async () => {
    const ground = await openGround({ nodes: 2, settings: { wal_level: 'logical' } })
    try {
      await killLeaders(ground)
    } finally {
      await ground.close()
    }
  })
})

async function killLeaders(ground: Ground): Promise<void> {
  const { url } = await createDatabase(ground.postgres.address)
  const client = await openClient(url)
  await client.query(TABLES)
  const [first, second] = ground.nodes
  if (!first || !second) throw new TypeError('Two nodes were asked for.')
  const call = async (verb: string, path: string, body?: unknown) => {
    const alive = isDown === first ? second : first
    const headers = { authorization: `Bearer ${ground.key}`, 'content-type': 'application/json' }
    const answer = await fetch(alive.server.url + path, {
      method: verb,
      headers,
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
    if (!answer.ok) throw new Error(await answer.text())
    return answer.json()
  }
  let isDown: unknown = null
  await call('PUT', '/v1/captures/people', mappingOf(url, { method: 'logical' }))
  const leader = async () => ((await call('GET', '/v1/captures/people')) as { readonly node: string | null }).node
  const newest = async () => Number(((await call('GET', '/v1/events?source=/registry&limit=1')) as Page).items.length)
  let isOver = false
  const killing = (async () => {
    await until('something is told', async () => (await newest()) > 0, PATIENCE)
    for (let killed = 0; killed < 1; killed++) {
      const name = await leader()
      const node = ground.nodes.find((each) => each.name === name) ?? first
      isDown = node
      await node.server.kill()
      await until('another leads', async () => (await leader()) !== name, PATIENCE)
      await ground.revive(node)
      isDown = null
    }
  })().finally(() => {
    isOver = true
  })
  const seed = seedOfRun()
  const goOn = async (written: number) => {
    if (written > CHANGES) await pause(50)
    return !isOver || written < CHANGES
  }
  const committed = await writeHistory(url, { seed, writers: 2, goOn })
  await killing
  const wanted = committed.flat().length
  let events: readonly Told[] = []
  await until(
    `${wanted} events`,
    async () => {
      events = await eventsIn(call)
      return events.length >= wanted
    },
    PATIENCE,
  )
  await expectSameHistory(url, events, committed, `seed ${seed}`)
  await client.end()
  await call('DELETE', '/v1/captures/people')
}

async function eventsIn(call: (verb: string, path: string) => Promise<unknown>): Promise<readonly Told[]> {
  const found: Told[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const after: string = cursor && `&cursor=${encodeURIComponent(cursor)}`
    const page = (await call('GET', `/v1/events?source=/registry&limit=1000${after}`)) as Page
    found.push(...page.items.map(({ event }) => event))
    cursor = page.next
  }
  return found.reverse()
}
