import { describe, expect, it } from 'vitest'
import { type ResourceTypeDefinition, ResourceTypes } from './resource-types.js'

const refusal = (...definitions: readonly ResourceTypeDefinition[]) => {
  try {
    new ResourceTypes(definitions)
  } catch (error) {
    return error
  }
  throw new Error('it was accepted')
}

describe('resource types', () => {
  it('know themselves and all they implement, near ones first, each once', () => {
    const types = new ResourceTypes([
      { name: 'd', implements: ['b', 'c'] },
      { name: 'b', implements: ['a'] },
      { name: 'c', implements: ['a'] },
      { name: 'a', title: 'The base' },
    ])
    expect(types.lineage('d')).toEqual(['d', 'b', 'c', 'a'])
    expect(types.lineage('a')).toEqual(['a'])
    expect(types.list().map(({ name }) => name)).toEqual(['d', 'b', 'c', 'a'])
    expect(types.get('a')?.title).toBe('The base')
  })

  it('that are not known stand for themselves', () => {
    expect(new ResourceTypes([]).lineage('x')).toEqual(['x'])
    expect(new ResourceTypes([{ name: 'a', implements: ['other'] }]).lineage('a')).toEqual(['a', 'other'])
  })

  it('are refused when they lead back to themselves, have a bad name or come twice', () => {
    expect(refusal({ name: 'a', implements: ['b'] }, { name: 'b', implements: ['a'] })).toMatchObject({
      code: 'invalid_config',
      field: 'resourceTypes[0].implements',
    })
    expect(refusal({ name: 'a', implements: ['a'] })).toMatchObject({ field: 'resourceTypes[0].implements' })
    expect(refusal({ name: 'a*' })).toMatchObject({ field: 'resourceTypes[0].name' })
    expect(refusal({ name: 'a' }, { name: 'a' })).toMatchObject({ field: 'resourceTypes[1].name' })
  })

  it('a circle further up does not hang who stands below it', () => {
    expect(
      refusal({ name: 'x', implements: ['a'] }, { name: 'a', implements: ['b'] }, { name: 'b', implements: ['a'] }),
    ).toMatchObject({ field: 'resourceTypes[1].implements' })
  })
})
