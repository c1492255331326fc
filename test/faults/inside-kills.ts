/**
 * kill -9 of a host and its hub, again and again over one database, and what is there afterwards.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createHub } from '../../src/index.js'
import { compiled } from './compiled.js'
import type { Orders } from './inside-host.js'
import { pause, randomFrom, until } from './random.js'

const HOST = new URL('inside-host.ts', import.meta.url)
/** Milliseconds from its first commit on. */
const LATEST_KILL = 300

/** One life; ends by kill -9, if not by its own hand before. */
async function live(orders: Orders, after: number): Promise<void> {
  const child = spawn(process.execPath, [await compiled(HOST), JSON.stringify(orders)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  try {
    await Promise.race([once(child.stdout, 'data'), ended])
    await (orders.dieAfter === undefined ? pause(after) : ended)
  } finally {
    child.kill('SIGKILL')
    await ended
  }
  if (child.signalCode !== 'SIGKILL') throw new Error(`The host ended by itself with ${child.exitCode}.`)
}

export interface After {
  /** What was pending when the last life had ended. */
  readonly pending: number
  /** Ids of events, by sequence. */
  readonly events: readonly string[]
  /** Those that a witness of the last hub heard of. */
  readonly heard: readonly string[]
}

/** @param kills how many lives; one dies between its commit and the admission of what it committed if `betweenTheTwo`. */
export async function killHosts(database: string, kills: number, seed: number, betweenTheTwo: boolean): Promise<After> {
  const random = randomFrom(seed)
  for (let life = 1; life <= kills; life++) {
    const orders = { database, life, seed: seed + life }
    await live(betweenTheTwo ? { ...orders, dieAfter: 1 } : orders, random() * LATEST_KILL)
  }
  return afterwards(database)
}

async function afterwards(database: string): Promise<After> {
  const heard: string[] = []
  const hub = await createHub({
    database,
    config: {
      log: { level: 'silent' },
      ...(!database.startsWith('postgres:') && { store: { thread: 'main' as const } }),
      sealing: { key: Buffer.alloc(32, 'k7').toString('base64') },
    },
    plugins: [
      {
        name: 'faults',
        processors: [{ name: 'f:1', kind: 'witness', types: ['user.*'], run: ({ id }) => void heard.push(id) }],
      },
    ],
  })
  try {
    const pending = (await hub.inbox.measure())?.pending ?? 0
    await until('the inbox is empty', async () => (await hub.inbox.measure())?.pending === 0)
    const events: string[] = []
    for (let cursor: string | undefined; ; ) {
      const page = await hub.events.list(hub.local, {}, { limit: 1_000, ...(cursor !== undefined && { cursor }) })
      events.push(...page.items.map(({ event }) => String(event.id)))
      if (page.next === null) return { pending, events: events.reverse(), heard }
      cursor = page.next
    }
  } finally {
    await hub.close()
  }
}
