/**
 * What can befall nodes and their database. Each begins, lasts for a moment and is over when it answers.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Client } from 'pg'
import { pause, until } from '../random.js'
import { type Ground, LEASE, type Node } from './ground.js'
import { setClock } from './wrong-clock.js'

export type Fault = (ground: Ground, random: () => number) => Promise<void>

const oneOf = <Item>(items: readonly Item[], random: () => number): Item =>
  items[Math.floor(random() * items.length)] as Item

/** kill -9 of a node at work, which is started again. */
const kill: Fault = async (ground, random) => {
  const node = oneOf(ground.nodes, random)
  await node.server.kill()
  await pause(random() * 200)
  await ground.revive(node)
}

/** A node stands still past its leases and wakes: what it was at is another's by then. */
const standstill: Fault = async ({ nodes }, random) => {
  const { server } = oneOf(nodes, random)
  server.signal('SIGSTOP')
  await pause(LEASE + 300 + random() * 700)
  server.signal('SIGCONT')
}

/** SIGTERM: a node leaves in order while others work, and comes back, as in a rolling upgrade. */
const roll: Fault = async (ground, random) => {
  const node = oneOf(ground.nodes, random)
  const code = await node.server.stop()
  if (code !== 0) throw new Error(`${node.name} ended with ${code}: ${node.server.heard().err}`)
  await ground.revive(node)
}

const restart =
  (signal: 'SIGINT' | 'SIGQUIT' | 'SIGKILL'): Fault =>
  async ({ postgres }, random) => {
    await postgres.stop(signal)
    await pause(random() * 300)
    await postgres.start()
  }

const onLines =
  (begin: (node: Node) => void, end: (node: Node) => void): Fault =>
  async ({ nodes }, random) => {
    const some = random() < 0.3 ? nodes : [oneOf(nodes, random)]
    some.forEach(begin)
    await pause(300 + random() * (LEASE + 500))
    some.forEach(end)
  }

/** Packets of a line vanish for a while, and what was on it never comes. */
const swallow = onLines(
  ({ line }) => {
    line.mood = 'swallow'
  },
  ({ line }) => {
    line.mood = 'pass'
    line.cut()
  },
)

const slow = onLines(
  ({ line }) => {
    line.delay = 150
  },
  ({ line }) => {
    line.delay = 0
  },
)

const cut = onLines(
  ({ line }) => {
    line.mood = 'refuse'
    line.cut()
  },
  ({ line }) => {
    line.mood = 'pass'
  },
)

const halfClose = onLines(
  ({ line }) => line.halfClose(),
  () => undefined,
)

/** Somebody else takes every connection there is, just as the nodes have lost theirs. */
const exhaust: Fault = async ({ nodes, connect }) => {
  const taken: Client[] = []
  for (const { line } of nodes) line.cut()
  const take = async () => {
    for (;;) taken.push(await connect())
  }
  await take().catch(() => undefined)
  await pause(1_000)
  await Promise.all(taken.map((client) => client.end().catch(() => undefined)))
}

const HOUR = 3_600_000

export const SERVER_CLOCK = 'server clock' as const

/** The wall clock of a node jumps ahead or back. */
const clock: Fault = async ({ nodes }, random) => {
  const { folder } = oneOf(nodes, random)
  const skew = oneOf([-HOUR, HOUR, 48 * HOUR, -LEASE, LEASE], random)
  writeFileSync(join(folder, 'skew'), String(skew))
  await pause(LEASE + random() * 500)
  writeFileSync(join(folder, 'skew'), '0')
}

/**
 * The wall clock of the server jumps ahead, so that every lease is over, or back, so that what waits for a time waits longer:
 * not by an hour, which the test would have to wait too. Later it jumps to where it was.
 */
const serverClock: Fault = async ({ postgres }, random) => {
  setClock(postgres.folder, oneOf([-8_000, -LEASE, LEASE, 8_000, HOUR], random))
  await pause(2_500 + random() * LEASE)
  setClock(postgres.folder, 0)
}

export const FAULTS = {
  // The first few are tried on every Node.
  kill,
  standstill,
  'restart immediate': restart('SIGQUIT'),
  roll,
  'restart fast': restart('SIGINT'),
  'server killed': restart('SIGKILL'),
  swallow,
  slow,
  cut,
  'half close': halfClose,
  exhaust,
  clock,
  [SERVER_CLOCK]: serverClock,
} as const satisfies Readonly<Record<string, Fault>>

export type FaultName = keyof typeof FAULTS

/** On a server whose clock is its own. */
export const USUAL = (Object.keys(FAULTS) as FaultName[]).filter((name) => name !== SERVER_CLOCK)

/** All nodes answer, and accept. */
export const healed = ({ nodes }: Ground): Promise<void> =>
  until(
    'every node is ready again',
    async () => {
      const ready = await Promise.all(
        nodes.map((node) =>
          fetch(`${node.server.url}/readyz`, { signal: AbortSignal.timeout(1_000) }).then(
            ({ ok }) => ok,
            () => false,
          ),
        ),
      )
      return ready.every((each) => each)
    },
    // How long it took is judged in the end.
    60_000,
  )
