/**
 * A hub in a test: on a store of its own, in a folder that goes with it.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { expect } from 'vitest'
import {
  type AnyEvent,
  type ConfigInput,
  createHub,
  type Hub,
  type HubOptions,
  type Processor,
} from '../../src/index.js'
import { isLacking } from '../faults/tools.js'
import { freshSchema, POSTGRES } from '../services.js'

/** Every store there is here. */
export const STORES: readonly Kind[] = ['memory', 'sqlite', ...(isLacking(POSTGRES) ? [] : (['postgres'] as const))]

type Kind = 'memory' | 'sqlite' | 'postgres'

export interface Ground {
  /** Another hub on the same store, once the one before is closed; with `memory` an empty one. */
  open(options?: Omit<HubOptions, 'database'>): Promise<Hub>
  remove(): void
}

export function createGround(kind: Kind): Ground {
  if (kind === 'postgres') return onPostgres()
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-'))
  const database = kind === 'memory' ? kind : join(folder, 'test.db')
  return {
    open: ({ config, ...options } = {}) => createHub({ ...options, database, config: { ...QUIET, ...config } }),
    remove: () => rmSync(folder, { recursive: true }),
  }
}

/** Its database goes with the file of tests. */
function onPostgres(): Ground {
  let place: ReturnType<typeof freshSchema> | null = null
  return {
    async open({ config, ...options } = {}) {
      place ??= freshSchema()
      const { url: database, schema } = await place
      return createHub({ ...options, database, config: { ...QUIET, store: { schema, pool: 4 }, ...config } })
    },
    remove: () => {},
  }
}

export const QUIET: ConfigInput = {
  log: { level: 'silent' },
  store: { thread: 'main' },
  sealing: { key: Buffer.alloc(32, 'k7').toString('base64') },
}

export const user = (subject: string, more: object = {}) => ({
  type: 'user.created',
  source: '/hr',
  subject,
  data: { name: subject },
  ...more,
})

/** An asynchronous processor that does nothing, unless `more` says otherwise. */
export const useIn = (hub: Hub, name: string, more: Partial<Processor> = {}) =>
  hub.use({ name, kind: 'asynchronous', types: ['user.*', 'device.*', 'resource.*'], run: () => {}, ...more })

/** What a subscriber in this process hears. */
export async function listenIn(hub: Hub, types: readonly string[]): Promise<readonly AnyEvent[]> {
  const heard: AnyEvent[] = []
  const name = `handler-${Math.random()}`
  hub.handle(name, (event) => void heard.push(event))
  await hub.subscriptions.create(hub.local, { name, types, transport: 'local', target: { handler: name } })
  return heard
}

/** Opens when told to. */
export function gate() {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { open: () => open(), opened }
}

/** The task of an event's asynchronous processors. */
export const chainOf = (hub: Hub, sequence: string | null) =>
  hub.tasks.get(hub.local, `${Number(sequence)}.local.processors`)

/** Waits until that has ended. */
export const endOf = (hub: Hub, sequence: string | null) =>
  expect.poll(async () => (await chainOf(hub, sequence)).state).toMatch(/^(done|exhausted|not-executed)$/)

/** A log whose lines are kept. */
export const logInto = (lines: Record<string, unknown>[]) =>
  pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) })
