/** Registrations on every store: order, instances, restart, failures, secrets, other nodes. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ClassTable, Hub, JsonSchema, Plugin, Registrar } from '../../src/index.js'
import { createGround, type Ground, gate, STORES, user } from './ground.js'

const SECRET = 'canary-5f1c9e'

interface Handler {
  handle(event: { subject?: string }): void | Promise<void>
  close?(): void
  readonly frame?: { readonly optionsSchema: JsonSchema }
}

/** Its classes are made with their data. */
const registrar: Registrar = {
  name: 'test',
  title: 'For the test',
  className: (text) => text.trim(),
  check: ({ class: name, ...rest }) => {
    if (name.trim() === '') throw new (class extends Error {})()
    return { ...rest, class: name.trim() }
  },
  frame: ({ class: name, event }, known) => ({
    name: `test:${name}`,
    kind: known?.asynchronous ? 'asynchronous' : 'witness',
    types: event === undefined ? ['user.*'] : [event],
  }),
  async start({ data = '' }, known) {
    const Class = (await known.load()) as new (data: string) => Handler
    const handler = new Class(data)
    return {
      ...(handler.frame && { frame: handler.frame }),
      run: (event) => handler.handle(event),
      close: () => handler.close?.(),
    }
  },
  shown: (data) => (data.includes(SECRET) ? '***' : data),
  before: () => [{ name: 'test:first', kind: 'witness', types: ['user.*'], run: () => void told.push('first') }],
}

let told: string[] = []
let open = Promise.resolve()

class Writes implements Handler {
  readonly data: string
  constructor(data: string) {
    told.push(`made ${data}`)
    this.data = data
  }
  async handle({ subject }: { subject?: string }) {
    await open
    told.push(`${this.data} ${subject}`)
  }
  close() {
    told.push(`closed ${this.data}`)
  }
}
class Refuses {
  constructor(data: string) {
    throw new Error(`Cannot log in with ${data}`)
  }
}

class Describes extends Writes {
  readonly frame = { optionsSchema: { type: this.data } }
}

const classes: ClassTable = {
  Writes,
  Describes,
  ' Refuses ': Refuses,
  Hangs: { load: () => new Promise(() => {}), deadline: 20 },
  Later: { load: async () => Writes, asynchronous: true },
}
const plugins: readonly Plugin[] = [{ name: 'test', registrars: [registrar] }]

const writes = (data: string, event?: string) => ({ class: 'Writes', data, ...(event !== undefined && { event }) })

describe.each(STORES)('registrations on %s', (kind) => {
  let ground: Ground
  let hub: Hub
  beforeEach(async () => {
    told = []
    open = Promise.resolve()
    ground = createGround(kind)
    hub = await ground.open({ plugins, classes })
  })
  afterEach(async () => {
    await hub.close()
    ground.remove()
  })

  const replace = (...registrations: readonly { class: string; event?: string; data?: string }[]) =>
    hub.registrations.replace(hub.local, 'test', registrations)
  const publish = (subject: string) => hub.publish(user(subject))

  it('are called one after another in their order, inside the publishing call', async () => {
    await replace(writes('a'), writes('b'), writes('a'), writes('no', 'user.deleted'))
    const made = told.splice(0)
    const { results } = await publish('mia')
    expect(made).toEqual(['made a', 'made b', 'made a', 'made no'])
    expect(told).toEqual(['first', 'a mia', 'b mia', 'a mia'])
    expect(results.map(({ processor, order }) => [processor, order])).toEqual([
      ['test:first', 0],
      ['test:Writes', 1],
      ['test:Writes:2', 2],
      ['test:Writes:3', 3],
    ])
  })

  it('are moved by an operator, and stay where they were put', async () => {
    await replace(writes('a'), writes('b'), writes('c'))
    await hub.processors.configure(hub.local, 'test:Writes', { order: 9 })
    told = []
    await publish('mia')
    await replace(writes('d'), writes('b'), writes('c'))
    await publish('eve')
    const calls = told.filter((each) => !/first|made|closed/.test(each))
    expect(calls).toEqual(['b mia', 'c mia', 'a mia', 'b eve', 'c eve', 'd eve'])
    await hub.processors.configure(hub.local, 'test:Writes', { order: null })
    told = []
    await publish('ada')
    expect(told).toEqual(['first', 'd ada', 'b ada', 'c ada'])
  })

  it('change together or not at all: where one is refused all stay as they were', async () => {
    await replace(writes('a'))
    const refused = replace(writes('b'), { class: 'Later', event: 'user.deleted', data: 'c' })
    await expect(refused).rejects.toMatchObject({ code: 'invalid_request' })
    expect(told.splice(0)).toEqual(['made a', 'made b', 'made c', 'closed b', 'closed c'])
    await publish('mia')
    expect(told).toEqual(['first', 'a mia'])
    expect(hub.registrations.list(hub.local, 'test')).toMatchObject([{ data: 'a' }])
    if (kind === 'memory') return
    await hub.close()
    hub = await ground.open({ plugins, classes })
    expect(hub.registrations.list(hub.local, 'test')).toMatchObject([{ data: 'a' }])
  })

  it('change without a restart: who stays keeps its instance, who goes ends after its last call', async () => {
    await replace(writes('a'), writes('b'))
    const { open: release, opened } = gate()
    open = opened
    const publishing = publish('mia')
    while (!told.includes('first')) await new Promise((resolve) => setTimeout(resolve, 1))
    told.splice(0)
    await replace(writes('c'), writes('b'))
    expect(told).toEqual(['made c'])
    release()
    await publishing
    expect(told).toEqual(['made c', 'a mia', 'closed a', 'b mia'])
    told.splice(0)
    await publish('eve')
    expect(told).toEqual(['first', 'c eve', 'b eve'])
  })

  it('that cannot be started fail at each event and say why, and the others run', async () => {
    const views = await replace(
      { class: 'Nowhere' },
      { class: 'Refuses', data: SECRET },
      { class: 'Hangs' },
      writes('a'),
    )
    expect(views.map(({ state }) => state)).toEqual(['failed', 'failed', 'failed', 'running'])
    expect(views.map(({ failure }) => failure)).toEqual([
      'The class Nowhere is not in the table of classes.',
      'Cannot log in with ***',
      'Its initialiser did not end within 20 ms.',
      null,
    ])
    const { state, results } = await publish('mia')
    expect(state).toBe('admitted')
    expect(results.map((result) => [result.state, result.message])).toEqual([
      ['executed', null],
      ['exception', 'It was not started: The class Nowhere is not in the table of classes.'],
      ['exception', 'It was not started: Cannot log in with ***'],
      ['exception', 'It was not started: Its initialiser did not end within 20 ms.'],
      ['executed', null],
    ])
  })

  it('whose instance describes what cannot be let it go and fail, and the others run', async () => {
    const views = await replace({ class: 'Describes', data: 'nonsense' }, { class: 'Describes', data: 'object' })
    expect(views).toMatchObject([
      { state: 'failed', failure: expect.stringContaining('The options schema of test:Describes is no JSON Schema') },
      { state: 'running' },
    ])
    expect(told).toEqual(['made nonsense', 'made object', 'closed nonsense'])
  })

  it('that are slow may work from the queue', async () => {
    await replace({ class: 'Later', data: 'later' })
    const { results, queued, transactionId } = await hub.publish(user('mia', { transactionId: 'one' }))
    expect([results.length, queued]).toEqual([1, ['test:Later']])
    await hub.settled(transactionId ?? '')
    expect(told).toEqual(['made later', 'first', 'later mia'])
  })

  it('are only tried in a dry run', async () => {
    await replace(writes('a'))
    const registrations = [writes('a'), writes('b'), { class: 'Nowhere' }]
    const views = await hub.registrations.replace(hub.local, 'test', registrations, { dryRun: true })
    expect(views.map(({ state }) => state)).toEqual(['running', 'new', 'failed'])
    expect(told).toEqual(['made a'])
    expect(hub.registrations.list(hub.local)).toHaveLength(1)
  })

  it('are for whoever may set processors', async () => {
    const reader = { ...hub.local, roles: ['reader'] as const }
    await replace(writes('a'))
    expect(hub.registrations.list(reader, 'test')).toEqual([
      {
        ...{ system: 'test', position: 1, class: 'Writes', event: null, data: 'a' },
        ...{ processor: 'test:Writes', kind: 'witness', state: 'running', failure: null },
      },
    ])
    await expect(hub.registrations.replace(reader, 'test', [])).rejects.toMatchObject({ code: 'forbidden' })
    await expect(hub.registrations.replace(hub.local, 'nobody', [])).rejects.toMatchObject({ code: 'not_found' })
    expect(hub.registrations.list(hub.local)).toHaveLength(1)
  })

  it('show a secret to nobody', async () => {
    await replace(writes(`Password=${SECRET}`))
    const audit = await hub.audit.list(hub.local, {})
    expect(JSON.stringify([hub.registrations.list(hub.local), audit])).not.toContain(SECRET)
    expect(JSON.stringify(audit)).toContain('registrations.replace')
    if (kind !== 'sqlite') return
    const folder = dirname(hub.config.database)
    const files = readdirSync(folder).map((name) => readFileSync(`${folder}/${name}`))
    expect(files.some((bytes) => bytes.includes('registrations.test'))).toBe(true)
    expect(files.some((bytes) => bytes.includes(SECRET))).toBe(false)
  })

  if (kind !== 'memory')
    it('are there again after a restart, each made once', async () => {
      await replace(writes('a'), writes('b'))
      await hub.close()
      told = []
      hub = await ground.open({ plugins, classes })
      await publish('mia')
      expect(told).toEqual(['made a', 'made b', 'first', 'a mia', 'b mia'])
    })

  if (kind === 'postgres')
    it('are followed by the other nodes', async () => {
      const other = await ground.open({ plugins, classes, config: { node: 'other' } })
      try {
        await replace(writes('a'))
        const start = Date.now()
        while (other.registrations.list(other.local).length === 0 && Date.now() - start < 5_000)
          await new Promise((resolve) => setTimeout(resolve, 5))
        told = []
        await other.publish(user('mia'))
        expect(told).toEqual(['first', 'a mia'])
      } finally {
        await other.close()
      }
    })
})
