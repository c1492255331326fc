/**
 * Nodes on one PostgreSQL: LISTEN and NOTIFY on a channel named like the schema, advisory locks, and two small tables.
 * No NOTIFY is part of a transaction that writes events: those would take turns at the commit.
 */
import { randomUUID } from 'node:crypto'
import type { Client } from 'pg'
import type { Cluster, Signal } from '../cluster.js'
import { failureOf } from './failures.js'
import { Link } from './link.js'
import { breakersIn, forgetBefore, leave, nodesIn, putBreaker, putNode, takeTurns } from './nodes.js'
import { clientsOf, DEFAULT_SCHEMA, type PostgresOptions } from './pool.js'
import { mendIfSetBack } from './set-back.js'
import { Outbox, signalsIn } from './signals.js'

/**
 * What a crash of the server loses is told anew. A node that was stopped leads no more after a while: its connection is
 * ended, and its locks with it.
 */
const SETTINGS = "SET synchronous_commit = off; SET idle_session_timeout = '15s'"

/** Milliseconds until a connection that does not answer is given up: half of a broken one looks whole. */
const PATIENCE = 5_000

/** Milliseconds a turn may be away: a longer wait is none for an attempt that has begun. */
const NEAR = 1_000

/** @throws Unavailable when the server cannot be reached */
export async function openPostgresCluster(options: PostgresOptions): Promise<Cluster> {
  const schema = options.schema ?? DEFAULT_SCHEMA
  const self = randomUUID()
  const listeners = new Set<(signal: Signal) => void>()
  let hasBeaten = false
  const tell = (signal: Signal) => {
    for (const heard of listeners) heard(signal)
  }
  const link = new Link({
    client: await clientsOf(options, PATIENCE),
    begin: async (opened) => void (await opened.query(`${SETTINGS}; LISTEN "${schema}"`)),
    heard: (text) => signalsIn(text, self).forEach(tell),
    restored() {
      tell({ of: 'unknown' })
      outbox.add({ of: 'unknown' })
    },
  })
  const asked = <Answer>(ask: (client: Client) => Promise<Answer>) => inTime(link, ask)
  const outbox = new Outbox(self, (text) =>
    asked(async (opened) => void (await opened.query('SELECT pg_notify($1, $2)', [schema, text]))),
  )
  await link.open().catch((error) => {
    throw failureOf(error)
  })
  return {
    tell: (signal) => outbox.add(signal),
    listen(heard) {
      listeners.add(heard)
      return () => void listeners.delete(heard)
    },
    lead: leading(schema, link, asked),
    beat: (node, taken) =>
      asked(async (opened) => {
        const now = await putNode(opened, node)
        // Until the first answer a node goes by its own clock, and that may be wrong.
        if (hasBeaten) await mendIfSetBack(opened, schema, taken, now)
        hasBeaten = true
        return now
      }),
    nodes: () => asked(nodesIn),
    leave: (id) => asked((opened) => leave(opened, id)),
    forget: (before) => asked((opened) => forgetBefore(opened, before)),
    breakers: () => asked(breakersIn),
    putBreaker: (breaker) => asked((opened) => putBreaker(opened, breaker)),
    takeTurn: (lane, rate) => asked((opened) => takeTurns(opened, lane, { rate, turns: 1, near: NEAR })),
    takeTurns: (lane, rate, turns) => asked((opened) => takeTurns(opened, lane, { rate, turns, near: 0 })),
    close: () => link.close(),
  }
}

type Asked = <Answer>(ask: (client: Client) => Promise<Answer>) => Promise<Answer>

async function inTime<Answer>(link: Link, ask: (client: Client) => Promise<Answer>): Promise<Answer> {
  const { client } = link
  const timer = setTimeout(() => link.drop(client), PATIENCE)
  try {
    return await ask(client)
  } catch (error) {
    throw failureOf(error)
  } finally {
    clearTimeout(timer)
  }
}

/** A lock belongs to the connection, so who leads here is remembered beside it: asked twice, it would be given twice. */
function leading(schema: string, link: Link, asked: Asked): Cluster['lead'] {
  const led = new Set<string>()
  const locked = (client: Client, does: 'pg_try_advisory_lock' | 'pg_advisory_unlock', name: string) =>
    client.query({
      text: `SELECT ${does}(hashtextextended($1, 0))::int`,
      values: [`tocsin.${schema}.${name}`],
      rowMode: 'array',
    })
  return async (name, work) => {
    if (led.has(name)) return null
    led.add(name)
    try {
      const { client, lost } = link
      const { rows } = await asked((opened) => locked(opened, 'pg_try_advisory_lock', name))
      if (Number((rows[0] as unknown[])[0]) !== 1) return null
      try {
        return await work(lost)
      } finally {
        // Of a connection that broke meanwhile, the lock is free already.
        if (!lost.aborted) await locked(client, 'pg_advisory_unlock', name).catch(() => {})
      }
    } finally {
      led.delete(name)
    }
  }
}
