/** The processors as operators see and change them: EntityEventProcessorFilterUnitTest, enabling, settings as a file. */
import { beforeEach, describe, expect, it } from 'vitest'
import { localPrincipal, type Principal } from '../access/principal.js'
import { createSealer } from '../access/sealer.js'
import type { TocsinError } from '../errors.js'
import { ResourceTypes } from '../event/resource-types.js'
import { openMemoryStore } from '../store/memory/store.js'
import { LineUp } from './line-up.js'
import type { Predefined } from './overview.js'
import type { Processor } from './processor.js'
import type { ProcessorFilter } from './processor-filter.js'
import { Processors } from './processors.js'

const operator = localPrincipal('default')
const reader: Principal = { ...operator, id: 'r', roles: ['reader'] }
const publisher: Principal = { ...operator, id: 'p', roles: ['publisher'] }

const resources = new ResourceTypes([
  { name: 'entity' },
  { name: 'identity', implements: ['entity'] },
  { name: 'role', implements: ['entity'] },
])

const REGISTERED: readonly Processor[] = [
  {
    ...{ name: 'core:save', kind: 'judge', order: 0, description: 'Keeps the identity.', closable: true },
    ...{ resourceTypes: ['identity'], types: ['user.created', 'user.updated'], run: () => undefined },
  },
  {
    ...{ name: 'core:init', kind: 'judge', order: -5, disableable: false, module: 'bootstrap', run: () => undefined },
  },
  {
    ...{ name: 'acc:provision', kind: 'asynchronous', order: 100, titles: { cs: 'Účty', en: 'Accounts' } },
    ...{ resourceTypes: ['role'], priority: () => null, when: () => true, run: () => undefined },
    options: { system: 'ldap', token: 't0p', deep: { password: 'p4ss' }, plain: 'x' },
    optionsSchema: {
      type: 'object',
      properties: {
        system: { type: 'string', enum: ['ldap', 'ad'] },
        token: { type: 'string', writeOnly: true },
        deep: { type: 'object', properties: { password: { type: 'string', writeOnly: true } } },
        plain: { type: 'string' },
        size: { type: 'integer', minimum: 1 },
      },
      additionalProperties: false,
    },
  },
  { name: 'notify', kind: 'witness', types: ['user.*'], options: { apiKey: 'k3y' }, run: () => undefined },
]

const PREDEFINED: readonly Predefined[] = ['core:save', 'core:their-own'].map((name) => ({
  ...{
    origin: 'czechidm',
    name,
    module: 'core',
    description: 'Theirs.',
    resourceType: 'identity',
    types: ['user.created'],
  },
  ...{
    order: -10,
    asynchronous: false,
    votes: false,
    disableable: true,
    closable: false,
    conditional: true,
    since: '9.5',
  },
}))

const store = openMemoryStore()
const sealer = createSealer({}, true)
const place = (record: string) => ({ tenant: '', record, path: 'options' })

let audited: { action: string; object: string; detail: unknown }[]
let isOpen: boolean
let line: LineUp
let processors: Processors

async function open(...registered: readonly Processor[]): Promise<void> {
  audited = []
  isOpen = false
  line = new LineUp((type) => [type], {
    resourceLineage: (type) => resources.lineage(type),
    refusesAsynchronous: (type) => type === 'user.deleted',
  })
  for (const processor of registered) line.register(processor)
  processors = new Processors({
    ...{
      lineUp: line,
      store: store.processors,
      refusing: () => ['user.deleted'],
      typeNames: () => ['user.created', 'user.updated', 'user.renamed', 'user.deleted'],
      openTypes: () => isOpen,
      predefined: PREDEFINED,
      now: () => 7,
    },
    sealer: {
      seal: (plain, record) => sealer.seal(plain, place(record)),
      open: (sealed, record) => sealer.open(sealed, place(record)),
    },
    audit: async (entry) => void audited.push(entry),
  })
  await processors.load()
}

beforeEach(async () => {
  for (const { name } of await store.processors.settings()) {
    await store.processors.put({
      name,
      enabled: null,
      order: null,
      types: null,
      options: null,
      updatedAt: 0,
      updatedBy: '',
    })
  }
  await open(...REGISTERED)
})

const names = (filter?: ProcessorFilter) => processors.list(reader, filter).map(({ name }) => name)
const EVERY = ['core:init', 'core:save', 'notify', 'acc:provision']

async function refusal(work: () => unknown): Promise<TocsinError> {
  try {
    await work()
  } catch (error) {
    return error as TocsinError
  }
  throw new Error('it was accepted')
}

describe('testFindProcessors and EntityEventProcessorFilterUnitTest', () => {
  it('no filter, and the most general content, give the same full list by order', () => {
    expect(names()).toEqual(EVERY)
    expect(names({})).toEqual(EVERY)
    expect(names({ implements: '*' })).toEqual(EVERY)
  })

  it.each<[string, ProcessorFilter, readonly string[]]>([
    ['name, exactly', { name: 'notify' }, ['notify']],
    ['not a part of the name', { name: 'core' }, []],
    ['module, exactly', { module: 'core' }, ['core:save']],
    ['module as the processor says', { module: 'bootstrap' }, ['core:init']],
    ['kind', { kind: 'judge' }, ['core:init', 'core:save']],
    ['a part of the description', { description: 'KEEPS the' }, ['core:save']],
    ['one event type', { types: ['user.updated'] }, ['core:init', 'core:save', 'notify', 'acc:provision']],
    ['all event types', { types: ['user.updated', 'user.renamed'] }, ['core:init', 'notify', 'acc:provision']],
    ['a type that refuses asynchronous ones', { types: ['user.deleted'] }, ['core:init', 'notify']],
    ['entity, exactly', { resourceType: 'identity' }, ['core:save']],
    ['not a base of the entity', { resourceType: 'entity' }, []],
    ['content class', { implements: 'role' }, ['acc:provision']],
    ['a super-class of the content', { implements: 'entity' }, ['core:save', 'acc:provision']],
    ['text in a name', { text: 'NOTI' }, ['notify']],
    ['text in a description', { text: 'identity' }, ['core:save']],
    ['text in a localised name', { text: 'účty' }, ['acc:provision']],
    ['enabled', { enabled: false }, []],
    ['several: all hold', { kind: 'judge', text: 'core', implements: 'entity' }, ['core:save']],
  ])('%s', (_, filter, expected) => {
    expect(names(filter)).toEqual(expected)
  })

  it('an id is nothing to filter by', async () => {
    const filter = { id: '1', nam: 'x' } as ProcessorFilter
    expect(await refusal(() => names(filter))).toMatchObject({ code: 'invalid_filter', field: 'id' })
    expect((await refusal(() => names({ nam: 'x' } as ProcessorFilter))).message).toContain('Did you mean "name"?')
  })
})

describe('a view', () => {
  it('tells what it is and how it is set, and no secret', () => {
    expect(processors.get(reader, 'acc:provision')).toMatchObject({
      ...{
        module: 'acc',
        kind: 'asynchronous',
        enabled: true,
        disableable: true,
        closable: false,
        order: 100,
        types: [],
      },
      ...{ resourceTypes: ['role'], conditional: true, votes: true, deadline: 30_000, onError: 'reject', set: [] },
      ...{ titles: { cs: 'Účty', en: 'Accounts' }, asynchronousRefused: ['user.deleted'] },
      options: { system: 'ldap', token: '***', deep: { password: '***' }, plain: 'x' },
    })
    expect(processors.get(reader, 'notify').options).toEqual({ apiKey: '***' })
    expect(processors.get(reader, 'core:save')).toMatchObject({ asynchronousRefused: [], closable: true })
    expect(JSON.stringify(processors.list(reader))).not.toMatch(/t0p|p4ss|k3y/)
  })

  it('is for those who may, and of those that are there', async () => {
    expect(await refusal(() => processors.list(publisher))).toMatchObject({ code: 'forbidden' })
    expect(await refusal(() => processors.get(publisher, 'notify'))).toMatchObject({ code: 'forbidden' })
    expect(await refusal(() => processors.get(reader, 'nobody'))).toMatchObject({ code: 'not_found' })
  })
})

describe('testEnableDisableProcessorById', () => {
  it('is reflected at once, audited, and after a restart', async () => {
    expect(await processors.configure(operator, 'notify', { enabled: false })).toMatchObject({
      enabled: false,
      set: ['enabled'],
    })
    expect(names({ enabled: false })).toEqual(['notify'])
    expect(line.for('user.created').witnesses).toEqual([])
    expect(audited).toMatchObject([
      { action: 'processor.configure', object: 'notify', detail: { enabled: false, before: { enabled: null } } },
    ])
    await open(...REGISTERED)
    expect(names({ enabled: false })).toEqual(['notify'])
    expect(await processors.configure(operator, 'notify', { enabled: null })).toMatchObject({ enabled: true, set: [] })
  })

  it('is refused by who may not be disabled, and to who may not', async () => {
    expect(await refusal(() => processors.configure(operator, 'core:init', { enabled: false }))).toMatchObject({
      code: 'wrong_state',
      field: 'enabled',
    })
    expect(await refusal(() => processors.configure(reader, 'notify', { enabled: false }))).toMatchObject({
      code: 'forbidden',
    })
    expect(await refusal(() => processors.configure(operator, 'nobody', { order: 1 }))).toMatchObject({
      code: 'not_found',
    })
    expect(audited).toEqual([])
  })

  it('that changes nothing is no news', async () => {
    await processors.configure(operator, 'notify', { enabled: null })
    expect(audited).toEqual([])
  })
})

describe('testConfigPropertyEventTypeOverwrite', () => {
  it('an event type that no processor names is heard once it is set', async () => {
    const line2 = () => line.for('wait.anything', 'identity').judges.map(({ processor }) => processor.name)
    expect(line2()).toEqual(['core:init'])
    isOpen = true
    await processors.configure(operator, 'core:save', { types: [' wait.anything '] })
    expect(line2()).toEqual(['core:init', 'core:save'])
  })
})

describe('event types that nobody knows', () => {
  const unknown = (field: string) => ({
    ...{ code: 'invalid_request', field },
    message: 'No event type is called "user.craeted". Did you mean "user.created"?',
  })
  const file = { processors: { notify: { types: ['user.updated', 'user.craeted'] } } }

  it('are refused with the field, alone and in a file', async () => {
    const set = () => processors.configure(operator, 'notify', { types: ['user.updated', 'user.craeted'] })
    expect(await refusal(set)).toMatchObject(unknown('types[1]'))
    const field = 'processors.notify.types[1]'
    expect(await refusal(() => processors.apply(operator, file))).toMatchObject(unknown(field))
    expect(await refusal(() => processors.diff(operator, file))).toMatchObject(unknown(field))
    expect(audited).toEqual([])
  })

  it('are taken where the tenant is open, of a processor that is not here, and where they are set or named by the code', async () => {
    isOpen = true
    await processors.apply(operator, file)
    isOpen = false
    await processors.configure(operator, 'notify', { types: ['user.*', 'user.craeted'], order: 3 })
    await processors.configure(operator, 'core:init', { types: ['*', 'user.*'] })
    await processors.apply(operator, { processors: { 'not:here': { types: ['acme.unheard-of'] } } })
    line.register({ name: 'of:own', kind: 'witness', types: ['acme.own'], run: () => undefined })
    await processors.configure(operator, 'of:own', { types: ['acme.own', 'user.created'] })
  })
})

describe('a setting is refused', () => {
  it.each<[string, string, object, string]>([
    ['an order that is none', 'notify', { order: 1.5 }, 'order'],
    ['an order beyond bounds', 'notify', { order: 2 ** 31 }, 'order'],
    ['an empty type', 'notify', { types: ['user.created', ' '] }, 'types[1]'],
    ['types in one text', 'notify', { types: 'user.created' }, 'types'],
    ['a type that refuses it', 'acc:provision', { types: ['user.deleted'] }, 'types[0]'],
    ['enabled as text', 'notify', { enabled: 'yes' }, 'enabled'],
    ['another member', 'notify', { ordr: 1 }, 'ordr'],
    ['options that are none', 'notify', { options: [] }, 'options'],
    ['an option with the name of what is sealed', 'notify', { options: { $sealed: 'x' } }, 'options.$sealed'],
    ['an unknown option', 'acc:provision', { options: { sise: 1 } }, 'options.sise'],
    ['an option of another kind', 'acc:provision', { options: { size: 'big' } }, 'options.size'],
    ['an option out of range', 'acc:provision', { options: { size: 0 } }, 'options.size'],
    ['an option that is none of those', 'acc:provision', { options: { system: 'sql' } }, 'options.system'],
    ['an option inside another', 'acc:provision', { options: { deep: { password: 7 } } }, 'options.deep.password'],
  ])('%s, with its field', async (_, name, patch, field) => {
    const error = await refusal(() => processors.configure(operator, name, patch))
    expect(error).toMatchObject({ code: 'invalid_request', field })
    expect(error.expected).toBeTruthy()
    expect(audited).toEqual([])
  })

  it('with a hint what was meant', async () => {
    const error = await refusal(() => processors.configure(operator, 'acc:provision', { options: { sise: 1 } }))
    expect(error.message).toContain('Did you mean "size"?')
  })
})

describe('a secret option', () => {
  const patch = { options: { system: 'ad', token: 'n3w', deep: { password: 'als0' } } }

  it('holds at once and is nowhere to be read: not in views, audit, the file, the store or errors', async () => {
    const view = await processors.configure(operator, 'acc:provision', patch)
    expect(line.get('acc:provision').options).toMatchObject({ token: 'n3w', deep: { password: 'als0' } })
    const told = [view, audited, processors.export(operator), await store.processors.settings()]
    expect(JSON.stringify(told)).not.toMatch(/n3w|als0|t0p/)
    await open(...REGISTERED)
    expect(line.get('acc:provision').options).toMatchObject({ token: 'n3w', deep: { password: 'als0' } })
  })

  it('given back masked stays what it is', async () => {
    await processors.configure(operator, 'acc:provision', patch)
    const { options } = processors.get(operator, 'acc:provision')
    await processors.configure(operator, 'acc:provision', { options: { ...options, plain: 'y' } })
    expect(line.get('acc:provision').options).toMatchObject({ token: 'n3w', deep: { password: 'als0' }, plain: 'y' })
  })

  it('never set and given back masked is the code’s own', async () => {
    const { options } = processors.get(operator, 'acc:provision')
    await processors.configure(operator, 'acc:provision', { options: { ...options, system: 'ad' } })
    expect(line.setting('acc:provision').options).not.toHaveProperty('token')
    expect(line.get('acc:provision').options).toMatchObject({ token: 't0p', deep: { password: 'p4ss' }, system: 'ad' })
  })
})

describe('settings as a file', () => {
  const file = { processors: { notify: { enabled: false, order: 3 }, 'core:save': { types: ['user.*'] } } }

  it('are told before, applied, audited for each, and written out again', async () => {
    expect(await processors.diff(reader, file)).toEqual([
      {
        processor: 'notify',
        registered: true,
        before: { enabled: null, order: null },
        after: { enabled: false, order: 3 },
      },
      { processor: 'core:save', registered: true, before: { types: null }, after: { types: ['user.*'] } },
    ])
    expect(await processors.apply(operator, file, { dryRun: true })).toHaveLength(2)
    expect(audited).toEqual([])
    expect(processors.export(reader)).toEqual({ processors: {} })
    expect(await processors.apply(operator, file)).toHaveLength(2)
    expect(audited.map(({ object }) => object)).toEqual(['notify', 'core:save'])
    expect(processors.export(reader)).toEqual(file)
    expect(await processors.apply(operator, processors.export(reader))).toEqual([])
    expect(processors.get(reader, 'notify')).toMatchObject({ enabled: false, order: 3, set: ['enabled', 'order'] })
  })

  it('leave alone what they do not name, unless they are the whole truth', async () => {
    await processors.apply(operator, file)
    await processors.apply(operator, { processors: { notify: { order: null } } })
    expect(processors.export(reader).processors).toEqual({
      notify: { enabled: false },
      'core:save': { types: ['user.*'] },
    })
    expect(await processors.apply(operator, { processors: { notify: { order: 9 } } }, { prune: true })).toMatchObject([
      { processor: 'notify', after: { enabled: null, order: 9 } },
      { processor: 'core:save', after: { types: null } },
    ])
    expect(processors.export(reader)).toEqual({ processors: { notify: { order: 9 } } })
  })

  it('may name a processor that is not here yet', async () => {
    expect(await processors.apply(operator, { processors: { 'late:one': { order: 5 } } })).toMatchObject([
      { processor: 'late:one', registered: false },
    ])
    line.register({ name: 'late:one', kind: 'judge', run: () => undefined })
    expect(processors.get(reader, 'late:one')).toMatchObject({ order: 5 })
  })

  it.each<[string, unknown, string]>([
    ['no object', [], 'file'],
    ['another member', { procesors: {} }, 'procesors'],
    ['processors that are none', { processors: [] }, 'processors'],
    ['a bad name', { processors: { 'a b': {} } }, 'processors.a b'],
    ['another setting', { processors: { notify: { ordre: 1 } } }, 'processors.notify.ordre'],
    ['a bad order', { processors: { 'late:one': { order: 'first' } } }, 'processors.late:one.order'],
    ['a bad type', { processors: { notify: { types: ['a', '*x'] } } }, 'processors.notify.types[1]'],
    [
      'a bad option',
      { processors: { 'acc:provision': { options: { size: 0 } } } },
      'processors.acc:provision.options.size',
    ],
    [
      'a disabled one that may not be',
      { processors: { notify: { order: 4 }, 'core:init': { enabled: false } } },
      'processors.core:init.enabled',
    ],
  ])('are refused whole for %s, with the field', async (_, wrong, field) => {
    expect(await refusal(() => processors.apply(operator, wrong))).toMatchObject({ field })
    expect(await refusal(() => processors.diff(operator, wrong))).toMatchObject({ field })
    expect(audited).toEqual([])
    expect(processors.export(reader)).toEqual({ processors: {} })
  })

  it('with a hint what was meant', async () => {
    const error = await refusal(() => processors.diff(operator, { processors: { notify: { ordre: 1 } } }))
    expect(error.message).toContain('Did you mean "order"?')
  })

  it('are applied by who may', async () => {
    expect(await refusal(() => processors.apply(reader, file))).toMatchObject({ code: 'forbidden' })
  })

  it('changed by two at once are all there', async () => {
    await Promise.all([
      processors.configure(operator, 'notify', { order: 1 }),
      processors.configure(operator, 'notify', { enabled: false }),
      processors.apply(operator, { processors: { notify: { types: ['user.created'] } } }),
    ])
    expect(processors.export(reader).processors.notify).toEqual({ order: 1, enabled: false, types: ['user.created'] })
  })
})

describe('the overview', () => {
  it('lays out content by event type by processor, those of another system beside ours', () => {
    const shape = processors.overview(reader).map(({ resourceType, types }) => ({
      [String(resourceType)]: types.map(({ type, processors: each }) => [type, ...each.map(({ name }) => name)]),
    }))
    expect(shape).toEqual([
      {
        null: [
          ['*', 'core:init'],
          ['user.*', 'notify'],
        ],
      },
      {
        identity: [
          ['user.created', 'core:their-own', 'core:save'],
          ['user.updated', 'core:save'],
        ],
      },
      { role: [['*', 'acc:provision']] },
    ])
  })

  it('tells of each who runs it, its module, order, description, state and configuration', () => {
    const found = processors.overview(reader).flatMap(({ types }) => types.flatMap((type) => type.processors))
    expect(found.find(({ name }) => name === 'core:their-own')).toMatchObject({
      ...{
        origin: 'czechidm',
        module: 'core',
        kind: 'judge',
        order: -10,
        enabled: null,
        conditional: true,
        description: 'Theirs.',
      },
    })
    expect(found.find(({ name }) => name === 'acc:provision')).toMatchObject({
      ...{ origin: 'here', enabled: true, votes: true, options: { system: 'ldap', token: '***' } },
    })
  })

  it('takes the filters of the list', () => {
    const names = (filter: ProcessorFilter) =>
      processors
        .overview(reader, filter)
        .flatMap(({ types }) => types.flatMap((type) => type.processors.map(({ name }) => name)))
    expect(names({ module: 'core', types: ['user.created'] })).toEqual(['core:their-own', 'core:save', 'core:save'])
    expect(names({ text: 'theirs' })).toEqual(['core:their-own'])
    expect(names({ enabled: true, kind: 'witness' })).toEqual(['notify'])
    expect(() => processors.overview(reader, { id: 1 } as ProcessorFilter)).toThrow(/no id/)
  })
})
