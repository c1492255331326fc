/** Portable acceptance: EntityEventProcessorUnitTest and the selection rows of CzechIdM's own event tests. */
import { describe, expect, it } from 'vitest'
import { ResourceTypes } from '../event/resource-types.js'
import { LineUp } from './line-up.js'
import type { Processor } from './processor.js'
import { typeList } from './setting.js'

const resources = new ResourceTypes([
  { name: 'entity' },
  { name: 'person', implements: ['entity'] },
  { name: 'identity', implements: ['person', 'auditable'] },
  { name: 'role', implements: ['entity'] },
])

function lineUp(...processors: readonly Partial<Processor>[]): LineUp {
  const line = new LineUp((type) => (type === 'idm.identity-delete' ? [type, 'user.deleted'] : [type]), {
    resourceLineage: (type) => resources.lineage(type),
    resourceType: (type) => (type.startsWith('role.') ? 'role' : null),
    refusesAsynchronous: (type) => type.endsWith('.deleted'),
  })
  processors.forEach((processor, index) => {
    line.register({ name: `p${index}`, kind: 'judge', run: () => undefined, ...processor })
  })
  return line
}

const names = (line: LineUp, type: string, resourceType: string | null = null) => {
  const { judges, witnesses, asynchronous } = line.for(type, resourceType)
  return [...judges, ...witnesses, ...asynchronous].map(({ processor }) => processor.name)
}

describe('EntityEventProcessorUnitTest', () => {
  it('testSupportAllIdentityEvents: no declared types is every type of that content, and no other content', () => {
    const line = lineUp({ resourceTypes: ['identity'] })
    expect(names(line, 'anything.created', 'identity')).toEqual(['p0'])
    expect(names(line, 'invented', 'identity')).toEqual(['p0'])
    expect(names(line, 'anything.created', 'role')).toEqual([])
    expect(names(line, 'anything.created')).toEqual([])
  })

  it('testSupportRoleDeleteOnly: declared types only', () => {
    const line = lineUp({ resourceTypes: ['role'], types: ['role.deleted'] })
    expect(names(line, 'role.deleted', 'role')).toEqual(['p0'])
    expect(names(line, 'role.created', 'role')).toEqual([])
    expect(names(line, 'role.deleted', 'identity')).toEqual([])
  })

  it('testSuppotsAll: a processor of a base type hears all that implement it', () => {
    const line = lineUp({ name: 'base', resourceTypes: ['entity'] }, { name: 'exact', resourceTypes: ['person'] })
    expect(names(line, 'x', 'identity')).toEqual(['base', 'exact'])
    expect(names(line, 'x', 'role')).toEqual(['base'])
    expect(names(line, 'x', 'unknown')).toEqual([])
    expect(names(lineUp({ resourceTypes: ['auditable'] }), 'x', 'identity')).toEqual(['p0'])
  })

  it('testHasEventType: types are the same by name, and a case of a native type is one of it', () => {
    const line = lineUp({ types: ['user.deleted'] })
    expect(names(line, 'user.deleted')).toEqual(['p0'])
    expect(names(line, 'idm.identity-delete')).toEqual(['p0'])
    expect(names(line, 'user.deleted.too')).toEqual([])
  })

  it('testOverwriteOfEventTypes: a setting replaces the declared types; spaces and empty parts do not count', () => {
    const line = lineUp({ types: ['user.created'] })
    line.set('p0', { types: typeList(' user.updated, ,user.renamed,') })
    expect(names(line, 'user.updated')).toEqual(['p0'])
    expect(names(line, 'user.renamed')).toEqual(['p0'])
    expect(names(line, 'user.created')).toEqual([])
  })
})

describe('a processor is chosen', () => {
  it('by what the event type is about when the registry does not know the subject', () => {
    const line = lineUp({ resourceTypes: ['role'] })
    expect(names(line, 'role.created')).toEqual(['p0'])
    expect(names(line, 'role.created', 'identity')).toEqual([])
  })

  it('with a look at the registry only when that can matter', () => {
    const line = lineUp({ types: ['user.*'] }, { types: ['role.*'], resourceTypes: ['role'] })
    expect(line.needsResourceType('user.created')).toBe(false)
    expect(line.needsResourceType('role.created')).toBe(true)
    line.set('p1', { enabled: false })
    expect(line.needsResourceType('role.created')).toBe(false)
  })

  it('anew after each change of settings or registrations', () => {
    const line = lineUp({ types: ['user.*'] })
    expect(names(line, 'user.created', 'person')).toEqual(['p0'])
    const leave = line.register({ name: 'late', kind: 'judge', order: -1, run: () => undefined })
    expect(names(line, 'user.created', 'person')).toEqual(['late', 'p0'])
    line.set('late', { order: 5 })
    expect(names(line, 'user.created', 'person')).toEqual(['p0', 'late'])
    leave()
    expect(names(line, 'user.created', 'person')).toEqual(['p0'])
  })
})

describe('order', () => {
  it('testProcessorSameOrder, testSameOrderBeansOrder: equal orders run all, in registration order', () => {
    const seven = Array.from({ length: 7 }, (_, index) => ({ name: `n${6 - index}`, order: 2 }))
    expect(names(lineUp(...seven), 'x')).toEqual(seven.map(({ name }) => name))
  })

  it('witnesses run by order too, also when it is changed', () => {
    const line = lineUp({ kind: 'witness', order: 2 }, { kind: 'witness', order: 1 }, { kind: 'witness', order: 2 })
    expect(names(line, 'x')).toEqual(['p1', 'p0', 'p2'])
    line.set('p1', { order: 3 })
    expect(names(line, 'x')).toEqual(['p0', 'p2', 'p1'])
  })
})

describe('settings', () => {
  it('of a run lie over those of the file, those over the code', () => {
    const line = lineUp({ order: 1, options: { a: 1, b: 1, c: 1 } })
    line.setFromFile('p0', { order: 2, enabled: false, options: { b: 2, c: 2 } })
    expect(line.get('p0')).toMatchObject({ order: 2, enabled: false, options: { a: 1, b: 2, c: 2 } })
    line.set('p0', { enabled: true, options: { c: 3 } })
    expect(line.get('p0')).toMatchObject({ order: 2, enabled: true, options: { a: 1, b: 2, c: 3 } })
    line.set('p0', { order: 4 })
    line.setFromFile('p0', { order: 3 })
    expect(line.get('p0')).toMatchObject({ order: 4, enabled: true, options: { a: 1, b: 1, c: 1 } })
    line.set('p0', {})
    expect(line.get('p0')).toMatchObject({ order: 3 })
  })

  it('of a file need not hold what was given at run time', () => {
    const needy: Partial<Processor> = {
      optionsSchema: { type: 'object', required: ['url', 'password'], properties: { url: {}, password: {} } },
    }
    const line = lineUp()
    line.setFromFile('needy', { options: { url: 'x' } })
    const come = () => line.register({ name: 'needy', kind: 'judge', run: () => undefined, ...needy })
    expect(come).toThrow(expect.objectContaining({ field: 'processors.needy.options.password' }))
    line.set('needy', { options: { password: 'y' } })
    come()
    expect(line.get('needy').options).toEqual({ url: 'x', password: 'y' })
  })

  it('that disable what may not be are refused from a file, and do nothing from an older run', () => {
    const line = lineUp({ disableable: false })
    expect(() => line.setFromFile('p0', { enabled: false })).toThrow(
      expect.objectContaining({ code: 'wrong_state', field: 'processors.p0.enabled' }),
    )
    line.set('p0', { enabled: false })
    expect(names(line, 'x')).toEqual(['p0'])
    line.setFromFile('later', { enabled: false })
    expect(() => line.register({ name: 'later', kind: 'judge', disableable: false, run: () => undefined })).toThrow(
      expect.objectContaining({ code: 'wrong_state' }),
    )
  })
})

describe('a type that refuses asynchronous processors', () => {
  it('is refused when one names it, with the place', () => {
    const naming: Partial<Processor> = { kind: 'asynchronous', types: ['user.created', 'user.deleted'] }
    expect(() => lineUp(naming)).toThrow(expect.objectContaining({ code: 'invalid_request', field: 'types[1]' }))
    expect(names(lineUp({ ...naming, kind: 'witness' }), 'user.deleted')).toEqual(['p0'])
  })

  it('is passed over by patterns and by who hears everything', () => {
    const line = lineUp({ kind: 'asynchronous', types: ['user.*'] }, { kind: 'asynchronous' }, { kind: 'witness' })
    expect(names(line, 'user.created')).toEqual(['p0', 'p1', 'p2'].sort((a) => (a === 'p2' ? -1 : 0)))
    expect(names(line, 'user.deleted')).toEqual(['p2'])
  })

  it('is refused by a setting too', () => {
    const line = lineUp({ kind: 'asynchronous' })
    expect(() => line.setFromFile('p0', { types: ['user.deleted'] })).toThrow(
      expect.objectContaining({ field: 'processors.p0.types[0]' }),
    )
  })
})

describe('a registration is refused', () => {
  it.each<[string, Partial<Processor>, string]>([
    ['without a name', { name: '' }, 'name'],
    ['with half an order', { order: 1.5 }, 'order'],
    ['with an order beyond bounds', { order: 2_147_483_648 }, 'order'],
    ['with an empty type', { types: ['user.created', ''] }, 'types[1]'],
    ['with a star inside a type', { types: ['user.*.x'] }, 'types[0]'],
    ['without time', { deadline: 0 }, 'deadline'],
    ['that fails in a way of its own', { onError: 'ignore' as never }, 'onError'],
    ['of a witness that would refuse', { kind: 'witness', onError: 'reject' }, 'onError'],
    ['of a witness that is tried half a time', { kind: 'witness', retries: 0.5 }, 'retries'],
    ['of a judge that is tried again', { kind: 'judge', retries: 1 }, 'retries'],
  ])('%s', (_, processor, field) => {
    expect(() => lineUp(processor)).toThrow(expect.objectContaining({ code: 'invalid_request', field }))
  })

  it.each<[string, Partial<Processor>]>([
    ['a vote of one that is not asynchronous', { priority: () => 'high' }],
    ['an options schema that is none', { optionsSchema: { type: 'thing' } }],
  ])('with %s, which is the programmer’s fault', (_, processor) => {
    expect(() => lineUp(processor)).toThrow(TypeError)
  })

  it('under a name that is taken', () => {
    expect(() => lineUp({ name: 'a' }, { name: 'a' })).toThrow(expect.objectContaining({ code: 'already_exists' }))
  })
})
