/**
 * Who takes part on PostgreSQL: ours, and the peers that are wanted and can be had, all on one server.
 */
import type { PostgresAddress } from '../../test/services/postgres.js'
import type { Field, Peer } from '../queue/contender.js'
import { contenderOf } from '../queue/field.js'
import { tocsinOn } from '../queue/ours.js'
import { installPeers } from '../queue/peers/packages.js'
import { postgresOfBench } from '../queue/postgres.js'

const OF_POSTGRES = ['pg-boss', 'graphile-worker'] as const

export interface PostgresField extends Field {
  readonly server: PostgresAddress
  close(): Promise<void>
}

/** @throws Error if there is no PostgreSQL. */
export async function openPostgresField(wanted: readonly Peer[]): Promise<PostgresField> {
  const { address: server, close } = await postgresOfBench()
  const theirs = OF_POSTGRES.filter((peer) => wanted.includes(peer))
  const limit = wanted.includes('raw') && { limit: contenderOf({ queue: 'raw-postgres', server }) }
  const field = { server, ours: tocsinOn(server), ...limit, close }
  try {
    if (theirs.length > 0) installPeers()
    return { ...field, peers: theirs.map((queue) => contenderOf({ queue, server })), absent: {} }
  } catch (error) {
    const [reason = ''] = String(error).split('\n')
    return { ...field, peers: [], absent: Object.fromEntries(theirs.map((peer) => [peer, reason])) }
  }
}
