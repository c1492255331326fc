/**
 * Who takes part: ours, and the peers that are wanted and can be had. What a peer needs is started for it.
 */
import { rawPostgres, rawSqlite } from '../raw/contender.js'
import type { Contender, Field, Peer, Recipe } from './contender.js'
import { tocsin, tocsinOn } from './ours.js'
import { bullmq } from './peers/bullmq.js'
import { graphileWorker } from './peers/graphile-worker.js'
import { installPeers } from './peers/packages.js'
import { pgBoss } from './peers/pg-boss.js'
import { postgresOfBench } from './postgres.js'
import { type Sync, startRedis } from './redis.js'

export function contenderOf(recipe: Recipe): Contender {
  switch (recipe.queue) {
    case 'tocsin':
      return tocsin
    case 'tocsin-postgres':
      return tocsinOn(recipe.server)
    case 'raw':
      return rawSqlite
    case 'raw-postgres':
      return rawPostgres(recipe.server)
    case 'pg-boss':
      return pgBoss(recipe.server)
    case 'graphile-worker':
      return graphileWorker(recipe.server)
    case 'bullmq':
      return bullmq(recipe.server)
  }
}

/** Peers that share a server, and how they come by it. */
interface Group {
  readonly peers: readonly { readonly peer: Peer; readonly label: string }[]
  open(wanted: readonly Peer[]): Promise<{ readonly contenders: readonly Contender[]; close(): Promise<void> }>
}

const onPostgres: Group = {
  peers: [
    { peer: 'pg-boss', label: 'pg-boss' },
    { peer: 'graphile-worker', label: 'graphile-worker' },
  ],
  async open(wanted) {
    const { address, close } = await postgresOfBench()
    const recipes = wanted.map((queue) => ({ queue, server: address }) as Recipe)
    return { contenders: recipes.map(contenderOf), close }
  },
}

const onRedis = (sync: Sync): Group => ({
  peers: [{ peer: 'bullmq', label: `BullMQ, fsync ${sync}` }],
  async open() {
    const { address, close } = await startRedis(sync)
    return { contenders: [bullmq(address)], close }
  },
})

/** A peer that cannot be had is absent with the reason; the others go on. */
export async function openField(wanted: readonly Peer[]): Promise<Field & { close(): Promise<void> }> {
  const peers: Contender[] = []
  const absent: Record<string, string> = {}
  const closing: (() => Promise<void>)[] = []
  for (const group of [onPostgres, onRedis('always'), onRedis('everysec')]) {
    const theirs = group.peers.filter(({ peer }) => wanted.includes(peer))
    if (theirs.length === 0) continue
    try {
      installPeers()
      const { contenders, close } = await group.open(theirs.map(({ peer }) => peer))
      peers.push(...contenders)
      closing.push(close)
    } catch (error) {
      const [reason = ''] = String(error).split('\n')
      for (const { label } of theirs) absent[label] = reason
    }
  }
  const close = async () => void (await Promise.all(closing.map((each) => each())))
  return { ours: tocsin, peers, ...(wanted.includes('raw') && { limit: rawSqlite }), absent, close }
}
