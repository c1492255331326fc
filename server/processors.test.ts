/**
 * Processors over HTTP: EntityEventProcessorControllerRestTest and what ours can besides. A disabled processor does not run.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { profiles } from '../profiles/index.js'
import { type Plugin, reject } from '../src/index.js'
import { MATRIX_PLUGIN } from './objects.js'
import { type Answer, type Call, call, startWorld, type World } from './testing.js'

const PLUGIN: Plugin = {
  name: 'acme',
  resourceTypes: [
    { name: 'acme.thing' },
    { name: 'acme.badge', implements: ['acme.thing'] },
    { name: 'acme.visitor-badge', implements: ['acme.badge'] },
  ],
  processors: [
    {
      name: 'acme:veto',
      kind: 'judge',
      order: -10,
      description: 'Refuses everything about disabled users.',
      types: ['user.disabled', 'user.deleted'],
      run: () => reject('no', 'Not this one.'),
    },
    {
      name: 'acme:badges',
      kind: 'witness',
      module: 'badges',
      titles: { en: 'Badge printer', cs: 'Tiskárna karet' },
      types: ['user.created'],
      resourceTypes: ['acme.badge'],
      options: { printer: 'p1', token: 'hunter2' },
      run: () => undefined,
    },
    { name: 'acme:fixed', kind: 'witness', disableable: false, types: ['device.*'], run: () => undefined },
    { name: 'acme:later', kind: 'asynchronous', order: 7, types: ['user.*'], run: () => undefined },
  ],
}

let world: World
beforeAll(async () => {
  world = await startWorld({}, { plugins: [MATRIX_PLUGIN, PLUGIN, ...profiles] })
})
afterAll(() => world.close())

const as = (method: string, path: string, given: Call = {}) =>
  call(world, method, path, { key: world.keys.operator, ...given })

const named = ({ json }: Answer): readonly unknown[] =>
  (json.items as readonly { readonly name: string }[]).map(({ name }) => name)

const listed = async (query: string): Promise<readonly unknown[]> => named(await as('GET', `/v1/processors?${query}`))

const configure = (name: string, body: object) => as('PATCH', `/v1/processors/${name}`, { body })

describe('EntityEventProcessorControllerRestTest', () => {
  it.each([
    ['name=acme:veto', ['acme:veto']],
    ['module=badges', ['acme:badges']],
    ['module=acme&kind=witness', ['acme:fixed']],
    ['description=DISABLED+users', ['acme:veto']],
    ['text=tisk%C3%A1rna', ['acme:badges']],
    ['type=user.disabled&module=acme', ['acme:veto', 'acme:later']],
    ['type=user.disabled&type=user.created&module=acme', ['acme:later']],
    // A deletion refuses asynchronous processors.
    ['type=user.deleted&module=acme', ['acme:veto']],
    ['type=user.disabled&type=device.issued', []],
    ['resourceType=acme.badge', ['acme:badges']],
    ['resourceType=acme.thing', []],
    ['implements=acme.thing', ['acme:badges']],
    ['implements=acme.visitor-badge', []],
  ])('filters by %s', async (query, expected) => {
    expect(await listed(query)).toEqual(expected)
  })

  it('testNotFound: nothing has that name', async () => {
    expect(await listed('name=acme:nobody')).toEqual([])
    expect(await as('GET', '/v1/processors/acme:nobody')).toMatchObject({ status: 404, json: { code: 'not_found' } })
  })

  it('refuses to filter by id, and by words it does not know', async () => {
    expect(await as('GET', '/v1/processors?id=7')).toMatchObject({ status: 422, json: { field: 'id' } })
    expect(await as('GET', '/v1/processors?kind=spy')).toMatchObject({
      status: 422,
      json: { field: 'kind', expected: 'one of judge, witness, asynchronous' },
    })
    expect(await as('GET', '/v1/processors?enabled=1')).toMatchObject({ status: 422, json: { field: 'enabled' } })
    expect(await as('GET', '/v1/processors?type=user.*')).toMatchObject({ status: 422, json: { field: 'type' } })
  })

  it('testEnable: what is disabled is shown so, and does not run', async () => {
    const publish = () => as('POST', '/v1/events', { body: { type: 'user.deleted', source: '/hr', data: {} } })
    expect((await publish()).status).toBe(422)
    expect(await configure('acme:veto', { enabled: false })).toMatchObject({ status: 200, json: { enabled: false } })
    expect(await listed('enabled=false&module=acme')).toEqual(['acme:veto'])
    expect((await publish()).status).toBe(202)
    expect(await configure('acme:veto', { enabled: true })).toMatchObject({ json: { enabled: true } })
    expect(await listed('enabled=false&module=acme')).toEqual([])
    expect((await publish()).status).toBe(422)
  })

  it('keeps what may not be disabled', async () => {
    expect(await configure('acme:fixed', { enabled: false })).toMatchObject({
      status: 409,
      json: { code: 'wrong_state', field: 'enabled' },
    })
    expect((await as('GET', '/v1/processors/acme:fixed')).json).toMatchObject({ enabled: true, disableable: false })
  })
})

describe('a setting', () => {
  it('is taken back by null, and never shows a secret', async () => {
    const set = await configure('acme:badges', { order: 3, types: ['user.updated'], options: { printer: 'p2' } })
    expect(set).toMatchObject({
      status: 200,
      json: { order: 3, types: ['user.updated'], options: { printer: 'p2', token: '***' } },
    })
    const reset = await configure('acme:badges', { order: null, types: null, options: null })
    expect(reset.json).toMatchObject({ order: 0, types: ['user.created'], options: { printer: 'p1', token: '***' } })
    expect(set.text + reset.text).not.toContain('hunter2')
  })

  it('is refused with the field that is wrong', async () => {
    expect(await configure('acme:badges', { order: 1.5 })).toMatchObject({ status: 422, json: { field: 'order' } })
    expect(await configure('acme:badges', { types: ['a b'] })).toMatchObject({ json: { field: 'types[0]' } })
    expect(await configure('acme:badges', { colour: 1 })).toMatchObject({ status: 422, json: { field: 'colour' } })
    expect(await configure('acme:badges', {})).toMatchObject({ status: 422 })
  })
})

describe('the overview', () => {
  interface Group {
    readonly resourceType: string | null
    readonly types: readonly { type: string; processors: readonly { name: string; origin: string; order: number }[] }[]
  }
  const overview = async (query = ''): Promise<readonly Group[]> =>
    (await as('GET', `/v1/processors/overview${query}`)).json.items as readonly Group[]
  const processorsOf = (groups: readonly Group[]) =>
    groups.flatMap(({ types }) => types.flatMap(({ processors }) => processors))

  it('shows ours and the 320 of CzechIdM, by what events are about and by event type', async () => {
    const groups = await overview()
    expect(groups[0]?.resourceType).toBeNull()
    const badges = groups.find(({ resourceType }) => resourceType === 'acme.badge')
    expect(badges?.types).toMatchObject([
      { type: 'user.created', processors: [{ name: 'acme:badges', origin: 'here' }] },
    ])
    const theirs = processorsOf(groups).filter(({ origin }) => origin === 'czechidm')
    expect(new Set(theirs.map(({ name }) => name)).size).toBeGreaterThan(300)
    for (const { types } of groups)
      for (const { processors } of types) {
        const orders = processors.map(({ order }) => order)
        expect(orders).toEqual([...orders].sort((one, other) => one - other))
      }
  })

  it('keeps to one origin and to the filters', async () => {
    expect(processorsOf(await overview('?origin=here')).every(({ origin }) => origin === 'here')).toBe(true)
    const theirs = processorsOf(await overview('?origin=czechidm&text=identity-password'))
    expect(theirs.length).toBeGreaterThan(0)
    expect(theirs.every(({ name, origin }) => name.includes('identity-password') && origin === 'czechidm')).toBe(true)
    expect(await overview('?origin=nobody')).toEqual([])
  })
})

describe('the file', () => {
  const PATH = '/v1/processors/file'
  const LINES = {
    processors: { 'acme:veto': { order: 5 }, 'acme:badges': { options: { printer: 'p9', token: 'new' } } },
  }

  it('is compared, tried, applied, audited, and written out so that nothing differs', async () => {
    const changes = [
      { processor: 'acme:veto', registered: true, before: { order: null }, after: { order: 5 } },
      {
        processor: 'acme:badges',
        registered: true,
        before: { options: null },
        after: { options: { printer: 'p9', token: '***' } },
      },
    ]
    expect(await as('POST', `${PATH}/diff`, { body: LINES })).toMatchObject({ status: 200, json: { changes } })
    expect(await as('PUT', `${PATH}?dryRun=true`, { body: LINES })).toMatchObject({ status: 200, json: { changes } })
    expect((await as('GET', '/v1/processors/acme:veto')).json.order).toBe(-10)
    expect(await as('PUT', PATH, { body: LINES })).toMatchObject({ status: 200, json: { changes } })
    expect((await as('GET', '/v1/processors/acme:veto')).json.order).toBe(5)
    const written = await as('GET', PATH)
    expect(written.text).not.toContain('"new"')
    expect((await as('POST', `${PATH}/diff?prune=true`, { body: written.json })).json).toEqual({ changes: [] })
    const audit = (await as('GET', '/v1/audit?limit=2')).json.items
    expect(audit).toMatchObject([
      { action: 'processor.configure', object: 'acme:badges' },
      { action: 'processor.configure', object: 'acme:veto' },
    ])
  })

  it('keeps what it does not name, unless it prunes', async () => {
    await as('PUT', PATH, { body: LINES })
    const body = { processors: { 'acme:veto': { enabled: true } } }
    await as('PUT', PATH, { body })
    expect((await as('GET', PATH)).json).toMatchObject({ processors: { 'acme:veto': { order: 5, enabled: true } } })
    const pruned = await as('PUT', `${PATH}?prune=true`, { body: { processors: {} } })
    expect(pruned.json.changes).toHaveLength(2)
    expect((await as('GET', PATH)).json).toEqual({ processors: {} })
  })

  it('is taken whole or not at all, with the field that is wrong', async () => {
    const body = { processors: { 'acme:veto': { order: 1 }, 'acme:fixed': { enabled: false } } }
    expect(await as('PUT', PATH, { body })).toMatchObject({
      status: 409,
      json: { field: 'processors.acme:fixed.enabled' },
    })
    expect((await as('GET', PATH)).json).toEqual({ processors: {} })
    const wrong = { processors: { 'acme:later': { types: ['user.*', ''] } } }
    expect(await as('PUT', PATH, { body: wrong })).toMatchObject({
      status: 422,
      json: { field: 'processors.acme:later.types[1]' },
    })
    expect(await as('PUT', PATH)).toMatchObject({ status: 422 })
  })
})
