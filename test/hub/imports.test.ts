import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Hub, reject } from '../../src/index.js'
import { createGround, type Ground, STORES } from './ground.js'

const lines = (...values: readonly unknown[]): AsyncIterable<Uint8Array> =>
  text(values.map((each) => JSON.stringify(each)).join('\n'))

/** In pieces that end in the middle of lines, and of characters. */
async function* text(whole: string): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(whole)
  for (let at = 0; at < bytes.length; at += 7) yield bytes.subarray(at, at + 7)
}

/** Breaks off after that many lines. */
async function* broken(count: number, make: (line: number) => unknown): AsyncGenerator<Uint8Array> {
  for (let line = 1; line <= count; line++) yield Buffer.from(`${JSON.stringify(make(line))}\n`)
  throw new Error('The line was cut.')
}

const card = (id: string, more: object = {}) => ({ id, type: 'device', ...more })
const to = (...ends: readonly string[]) => ({ links: ends.map((end) => ({ relation: 'holds', to: end })) })

describe.each(STORES)('imports on %s', (kind) => {
  let ground: Ground
  let hub: Hub
  beforeEach(async () => {
    ground = createGround(kind)
    const plan = { name: 'plan', schema: { properties: { seats: { type: 'integer' } } } }
    hub = await ground.open({ plugins: [{ name: 'plans', resourceTypes: [plan] }] })
  })
  afterEach(async () => {
    await hub.close()
    ground.remove()
  })
  const run = (input: AsyncIterable<Uint8Array>, options: Parameters<Hub['imports']['run']>[2] = {}) =>
    hub.imports.run(hub.local, input, options)
  const found = (id: string) => hub.resources.get(hub.local, id)
  const eventCount = async () => (await hub.events.list(hub.local, {}, {})).items.length

  it('take lines in any order, tell the bad ones, and tell no subscriber', async () => {
    const bad = [
      { id: 'x' },
      card('y', { colour: 'red' }),
      card('z', { links: [{ relation: 'holds', to: 'z' }] }),
      { id: 'p', type: 'plan', properties: { seats: 'many' } },
    ]
    const good = [card('ada', to('late', 'nobody')), card('late', { owner: 'ada', status: 'ü', properties: { a: 1 } })]
    const whole = [good[0], ...bad, good[1]].map((each) => JSON.stringify(each))
    const view = await run(text(`${whole[0]}\n\n${whole.slice(1).join('\n')}\n{"id": "cut", `))
    expect(view).toMatchObject({ state: 'done', line: 8, created: 2, links: 1, refused: 6, moreProblems: 0 })
    expect(view.problems.map(({ line, code, field }) => [line, code, field])).toEqual([
      [1, 'invalid_request', 'links[1].to'],
      [3, 'invalid_request', 'type'],
      [4, 'invalid_request', 'colour'],
      [5, 'invalid_request', 'links[0].to'],
      [6, 'invalid_data', 'properties.seats'],
      [8, 'invalid_json', null],
    ])
    expect(await found('late')).toMatchObject({
      owner: 'ada',
      status: 'ü',
      properties: { a: 1 },
      links: [{ from: 'ada' }],
    })
    expect(await eventCount()).toBe(0)
    const { items } = await hub.audit.list(hub.local, {})
    expect(items.map(({ action }) => action)).toEqual(['import.finish', 'import.begin'])
  })

  it('go on where they stopped: nothing twice, nothing left out', async () => {
    const make = (line: number) => card(`c-${line}`, to(`c-${3001 - line}`))
    await expect(run(broken(2_400, make), { id: 'big' })).rejects.toThrow('cut')
    const at = await hub.imports.get(hub.local, 'big')
    expect([at.state, at.line, at.created]).toEqual(['open', 2_000, 2_000])
    await hub.close()
    hub = await ground.open()
    // What memory held is gone with it.
    const after = kind === 'memory' ? 0 : 2_000
    const all = Array.from({ length: 3_000 }, (_, index) => make(index + 1))
    await expect(run(lines(...all), { id: 'big', after: after + 1 })).rejects.toMatchObject({
      code: 'wrong_state',
      data: { line: after },
    })
    const view = await run(lines(...all), { id: 'big' })
    expect(view).toMatchObject({ state: 'done', line: 3_000, created: 3_000, changed: 0, links: 3_000, refused: 0 })
    expect((await found('c-1')).links).toHaveLength(2)
    await expect(run(lines(), { id: 'big' })).rejects.toMatchObject({ code: 'wrong_state' })
    expect(await run(lines(...all), { id: 'again' })).toMatchObject({ created: 0, unchanged: 3_000, links: 0 })
  })

  it('come in several parts, each after the one before', async () => {
    const first = await run(lines(card('a', to('b'))), { id: 'parts', after: 0, more: true })
    expect(first).toMatchObject({ state: 'open', line: 1, problems: [] })
    expect(await run(lines(card('b'), card('a', { type: 'user' })), { id: 'parts', after: 1 })).toMatchObject({
      ...{ state: 'done', line: 3, links: 1, refused: 1 },
      problems: [{ line: 3, field: 'type', expected: 'device' }],
    })
  })

  it('stop before the first bad line if they are strict', async () => {
    const view = await run(lines(card('a'), card('b'), { id: 'c' }, card('d')), { id: 's', strict: true })
    expect(view).toMatchObject({ state: 'open', line: 2, created: 2, refused: 0, problems: [{ line: 3 }] })
    await expect(found('d')).rejects.toMatchObject({ code: 'not_found' })
    const repaired = [card('a'), card('b'), card('c'), card('d')]
    expect(await run(lines(...repaired), { id: 's', strict: true })).toMatchObject({
      state: 'done',
      created: 4,
      line: 4,
    })
  })

  it('write nothing in a dry run, and say the same', async () => {
    await run(lines(card('old', { status: 'new' })))
    const input = [card('a', to('b', 'old', 'nobody')), card('old', { status: 'old' }), card('b'), { id: 1 }]
    const dry = await run(lines(...input), { dryRun: true })
    await expect(found('a')).rejects.toMatchObject({ code: 'not_found' })
    const real = await run(lines(...input))
    expect({ ...dry, import: real.import, dryRun: false }).toEqual(real)
    expect(real).toMatchObject({ created: 2, changed: 1, links: 2, refused: 2 })
  })

  it('are changes like any other if they are to be events', async () => {
    hub.use({
      name: 'test:no',
      kind: 'judge',
      types: ['resource.available'],
      run: ({ subject }) => (subject === 'no' ? reject('acme.no', 'Not this one.') : undefined),
    })
    await run(lines(card('old', { properties: { keep: { a: 1, b: 2 }, gone: 1 } }), card('same', { status: 's' })))
    const input = [
      card('ada', to('late', 'nobody')),
      card('old', { properties: { keep: { b: 3 } } }),
      card('same', { status: 's' }),
      card('no'),
      card('late'),
      { id: 'old', type: 'user' },
    ]
    const view = await run(lines(...input), { events: true })
    expect(view).toMatchObject({ state: 'done', created: 2, changed: 1, unchanged: 1, links: 1, refused: 3 })
    expect(view.problems.map(({ line, code }) => [line, code])).toEqual([
      [1, 'invalid_request'],
      [4, 'rejected'],
      [6, 'invalid_request'],
    ])
    expect((await found('old')).properties).toEqual({ keep: { b: 3 } })
    const { items } = await hub.events.list(hub.local, {}, {})
    expect(items.map(({ event }) => `${event.type} ${event.subject}`).sort()).toEqual([
      'resource.available ada',
      'resource.available late',
      'resource.changed old',
      'resource.linked ada',
    ])
  })

  it('are for who governs the tenant, and of that tenant alone', async () => {
    const other = { ...hub.local, tenant: 'other' }
    await run(lines(card('a')), { id: 'mine' })
    await expect(hub.imports.get(other, 'mine')).rejects.toMatchObject({ code: 'not_found' })
    expect(await hub.imports.run(other, lines(card('b', to('a'))), { id: 'mine' })).toMatchObject({
      created: 1,
      problems: [{ field: 'links[0].to' }],
    })
    for (const caller of [
      { ...hub.local, roles: ['publisher'] as const },
      { ...hub.local, roles: ['admin'] as const, resource: 'a' },
    ])
      await expect(hub.imports.run(caller, lines())).rejects.toMatchObject({ code: 'forbidden' })
    await expect(run(lines(), { id: 'a b' })).rejects.toMatchObject({ code: 'invalid_request', field: 'import' })
  })
})
