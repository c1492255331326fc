/**
 * Several processes at one queue: all of them publish, or all of them work off.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { inDatabase } from '../../test/services/postgres.js'
import { type Child, child } from '../child.js'
import type { Contest, Figures } from '../contest.js'
import { type Contender, perSecondIn } from '../queue/contender.js'
import { fill } from '../queue/job.js'
import type { PostgresField } from './field.js'
import type { Order } from './node-process.js'

const CALLERS = 50

type Ask = (order: Order) => Promise<number>

/** Publishes by all nodes together, while nothing is worked off. */
export const publishing = (field: PostgresField, nodes: number, count: number): Contest =>
  amongNodes(field, `enqueue one by one, ${CALLERS} callers, ${nodes} nodes`, async (contender, url) =>
    withNodes(contender, url, nodes, async (asks) => {
      const share = Math.ceil(count / nodes)
      const callers = Math.ceil(CALLERS / nodes)
      const publish = (from: number) =>
        Promise.all(asks.map((ask, index) => ask({ do: 'publish', from: from + index * share, count: share, callers })))
      // Each node is a new process: the first are for its code to be compiled.
      await publish(0)
      return { rate: (await publish(nodes * share)).reduce((sum, rate) => sum + rate, 0) }
    }),
  )

/** A backlog, worked off by all nodes, until the last is finished for good. */
export const draining = (field: PostgresField, nodes: number, count: number): Contest =>
  amongNodes(field, `drain of a backlog, ${nodes} nodes`, async (contender, url) => {
    await contender.use((queue) => fill(queue, 0, count), url)
    return withNodes(contender, url, nodes, async (asks) => {
      const started = performance.now()
      await Promise.all(asks.map((ask) => ask({ do: 'work' })))
      while ((await total(asks)) < count) await sleep(5)
      const [ask] = asks
      while (ask !== undefined && (await ask({ do: 'unfinished' })) > 0) await sleep(2)
      return { rate: perSecondIn(count, performance.now() - started) }
    })
  })

const total = async (asks: readonly Ask[]): Promise<number> =>
  (await Promise.all(asks.map((ask) => ask({ do: 'count' })))).reduce((sum, count) => sum + count, 0)

function amongNodes(
  { ours, peers, absent, server }: PostgresField,
  work: string,
  measure: (contender: Contender, url: string) => Promise<Figures>,
): Contest {
  const inOne = (contender: Contender) => () => inDatabase(server, (url) => measure(contender, url))
  return {
    lines: [{ work, unit: '1/s', figure: 'rate', goal: 1 }],
    ours: inOne(ours),
    against: Object.fromEntries(peers.map((peer) => [peer.name, inOne(peer)])),
    absent,
  }
}

/** The first opens alone: whoever comes to an empty database makes its tables. */
async function withNodes<Result>(
  { recipe }: Contender,
  url: string,
  count: number,
  work: (asks: readonly Ask[]) => Promise<Result>,
): Promise<Result> {
  const nodes: Child[] = []
  try {
    for (let index = 0; index < count; index++) {
      const node = await child(new URL('./node-process.ts', import.meta.url))
      nodes.push(node)
      await node.ask({ do: 'open', recipe, url } satisfies Order)
    }
    return await work(nodes.map((node) => async (order) => Number(await node.ask(order))))
  } finally {
    await Promise.all(nodes.map((node) => node.close()))
  }
}
