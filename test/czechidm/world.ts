/**
 * What the acceptance tests of CzechIdM's event engine share: every store, a small identity catalogue, and a few verbs.
 * CzechIdM's words: an event's owner is the subject, its content type the resource type, a queue row the chain's task.
 */
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, vi } from 'vitest'
import {
  createHub,
  type EventInput,
  type Hub,
  isTocsinError,
  type Plugin,
  type Principal,
  type Processor,
  type Receipt,
  type TaskQuery,
  type TaskView,
} from '../../src/index.js'
import { isLacking } from '../faults/tools.js'
import { freshSchema, POSTGRES } from '../services.js'

interface Place {
  readonly name: string
  /** What was acknowledged outlives the process. */
  readonly survives: boolean
  readonly database: (folder: string) => string | Promise<{ readonly url: string; readonly schema: string }>
}

/** Every store that exists: one line each. */
export const STORES: readonly Place[] = [
  { name: 'memory', survives: false, database: () => 'memory' },
  { name: 'sqlite', survives: true, database: (folder) => join(folder, 'test.db') },
  // What becomes of it when processes are killed is tried with processes (faults/nodes).
  ...(isLacking(POSTGRES) ? [] : [{ name: 'postgres', survives: false, database: () => freshSchema() }]),
]

const schema = {
  type: 'object',
  properties: { before: { type: 'object' }, content: { type: 'object' }, requestId: { type: 'string' } },
}
const type = (name: string, resourceType: string, more: object = {}) => ({
  ...{ name, title: name, category: 'user' as const, resourceType, schema },
  state: ['content', 'requestId'],
  ...more,
})

export const IDM: Plugin = {
  name: 'idm',
  resourceTypes: [
    { name: 'dto' },
    { name: 'identity', implements: ['dto'] },
    { name: 'contract', implements: ['dto'] },
    { name: 'role', implements: ['dto'] },
  ],
  catalogue: [
    type('identity.create', 'identity'),
    type('identity.update', 'identity'),
    type('identity.notify', 'identity'),
    type('identity.delete', 'identity', { asynchronous: false }),
    type('contract.update', 'contract'),
    type('contract.notify', 'contract'),
    type('role.create', 'role'),
    type('role.update', 'role'),
    type('role.delete', 'role'),
  ],
}

export const CHAIN = 'local.processors'

/** An `identity.notify` about somebody, unless it is said otherwise. */
export const about = (subject: string, more: Partial<EventInput> = {}): EventInput => ({
  type: 'identity.notify',
  source: '/idm',
  subject,
  data: { content: { name: subject } },
  ...more,
})

export class World {
  readonly place: Place
  readonly #folder = mkdtempSync(join(tmpdir(), 'tocsin-idm-'))
  readonly #crashed: Promise<void>[] = []
  #database: string | null = null
  #store: object = { thread: 'main' }
  #lives = 0
  #config: object = {}
  #hub: Hub | null = null

  constructor(place: Place) {
    this.place = place
  }

  get hub(): Hub {
    if (!this.#hub) throw new Error('The hub is not open.')
    return this.#hub
  }

  get local(): Principal {
    return this.hub.local
  }

  async open(config: object = this.#config): Promise<void> {
    this.#config = config
    this.#hub = await createHub({
      database: this.#database ?? (await this.#begin()),
      plugins: [IDM],
      config: {
        log: { level: 'silent' },
        store: this.#store,
        delivery: { workers: 400, shutdown: 0 },
        sealing: { key: Buffer.alloc(32, 'k7').toString('base64') },
        ...config,
      },
    })
  }

  async #begin(): Promise<string> {
    const place = await this.place.database(this.#folder)
    if (typeof place !== 'string') this.#store = { schema: place.schema, pool: 4 }
    this.#database = typeof place === 'string' ? place : place.url
    return this.#database
  }

  /** Ends it properly and opens it again, perhaps with another configuration. */
  async restart(config?: object): Promise<void> {
    await this.hub.close()
    await this.open(config)
  }

  /** Leaves the file as a killed process does and goes on with that; the other's end changes nothing any more. */
  async crash(): Promise<void> {
    const next = join(this.#folder, `life-${++this.#lives}.db`)
    for (const ending of ['', '-wal'])
      if (existsSync(this.#database + ending)) copyFileSync(this.#database + ending, next + ending)
    this.#crashed.push(this.hub.close())
    this.#database = next
    await this.open()
  }

  async close(): Promise<void> {
    await this.hub.close()
    await Promise.all(this.#crashed)
    rmSync(this.#folder, { recursive: true, force: true })
  }

  judge(name: string, order: number, run: Processor['run'], more: Partial<Processor> = {}): () => void {
    return this.hub.use({ name, kind: 'judge', order, run, ...more })
  }

  later(name: string, run: Processor['run'], more: Partial<Processor> = {}): () => void {
    return this.hub.use({ name, kind: 'asynchronous', run, ...more })
  }

  publish(event: EventInput, options: object = {}): Promise<Receipt> {
    return this.hub.publish(event, options)
  }

  /** Keeps accepting, works nothing off. */
  async stop(): Promise<void> {
    await this.hub.processing.set(this.local, { stopped: true })
  }

  async go(): Promise<void> {
    await this.hub.processing.set(this.local, { stopped: false })
  }

  /** The queue row of an event's asynchronous processors. */
  row(receipt: Pick<Receipt, 'sequence'>): Promise<TaskView> {
    return this.hub.tasks.get(this.local, rowId(receipt))
  }

  async rows(query: TaskQuery = {}): Promise<readonly TaskView[]> {
    const { items } = await this.hub.tasks.list(this.local, { subscription: CHAIN, ...query }, { limit: 1_000 })
    return [...items].reverse()
  }

  async until(receipt: Pick<Receipt, 'sequence'>, state: TaskView['state'], timeout = 5_000): Promise<TaskView> {
    return vi.waitFor(
      async () => {
        const row = await this.row(receipt)
        expect(row.state).toBe(state)
        return row
      },
      { timeout, interval: 5 },
    )
  }

  /** One line a result: `processor state code`. */
  async results(receipt: Pick<Receipt, 'id'>): Promise<readonly string[]> {
    const { results } = await this.hub.events.timeline(this.local, receipt.id)
    return results.map(({ processor, state, code }) =>
      [processor, state, code].filter((part) => part !== null).join(' '),
    )
  }

  async event(receipt: Pick<Receipt, 'id'>): Promise<Readonly<Record<string, unknown>>> {
    return (await this.hub.events.get(this.local, receipt.id)).event
  }

  async key(name: string, roles: readonly string[]): Promise<Principal> {
    const { key } = await this.hub.keys.create(this.local, { name, roles } as never)
    const principal = await this.hub.keys.authenticate(key)
    if (!principal) throw new Error('The key just made must work.')
    return principal
  }
}

export const rowId = ({ sequence }: Pick<Receipt, 'sequence'>): string => `${Number(sequence)}.${CHAIN}`

/** One line a result of a receipt: `processor state`. */
export const told = ({ results }: Receipt): readonly string[] =>
  results.map(({ processor, state }) => `${processor} ${state}`)

/** What somebody waits for until it is opened. */
export function gate() {
  let open: () => void = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open: () => open() }
}

export async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
  } catch (error) {
    if (isTocsinError(error)) return error.code
    throw error
  }
  return 'nothing was refused'
}

/** The same tests over each store, each with a hub of its own. */
export function onEveryStore(
  title: string,
  tests: (world: () => World, place: Place) => void,
  config: object = {},
): void {
  describe.each(STORES.map((place) => [place.name, place] as const))(`${title} (%s)`, (_, place) => {
    let world: World
    beforeEach(async () => {
      world = new World(place)
      await world.open(config)
    })
    afterEach(() => world.close())
    tests(() => world, place)
  })
}
