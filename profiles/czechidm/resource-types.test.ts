import { describe, expect, it } from 'vitest'
import { ResourceTypes } from '../../src/index.js'
import { catalogue, typesOf } from './catalogue.js'
import { ENTITIES } from './entities.js'
import { resourceTypes } from './resource-types.js'

const types = new ResourceTypes(resourceTypes)
const definition = (name: string) => catalogue.find((type) => type.name === name)

describe('the resource types', () => {
  it('are the entities and the base types, and each is an entity', () => {
    for (const entity of ENTITIES.keys()) expect(types.get(`czechidm.${entity}`), entity).toBeDefined()
    expect(resourceTypes).toHaveLength(ENTITIES.size + 4)
    for (const { name } of resourceTypes) expect(types.lineage(name), name).toContain('czechidm.Entity')
  })
  it.each([
    ['czechidm.Identity', ['czechidm.Identity', 'czechidm.Formable', 'czechidm.Entity']],
    ['czechidm.SysSystem', ['czechidm.SysSystem', 'czechidm.Formable', 'czechidm.Entity']],
    ['czechidm.Token', ['czechidm.Token', 'czechidm.Entity']],
    [
      'czechidm.IdentityRole',
      ['czechidm.IdentityRole', 'czechidm.Formable', 'czechidm.RoleAssignment', 'czechidm.Entity'],
    ],
    [
      'czechidm.AccAccountRoleAssignment',
      ['czechidm.AccAccountRoleAssignment', 'czechidm.RoleAssignment', 'czechidm.Entity'],
    ],
  ])('%s is heard by who hears its base types', (name, lineage) => expect(types.lineage(name)).toEqual(lineage))
})

describe('an event type', () => {
  it('says what its events are about', () => {
    for (const { name, resourceType = '' } of catalogue) {
      expect(types.get(resourceType), name).toBeDefined()
      if (name.split('.').length === 3) expect(name.startsWith(`${resourceType}.`), name).toBe(true)
    }
    expect(definition('czechidm.DELETE')?.resourceType).toBe('czechidm.Entity')
    expect(definition('czechidm.custom')?.resourceType).toBe('czechidm.Entity')
  })
  it('says what makes no difference between two events: the content, not the properties or the original', () => {
    for (const { name, state = [] } of catalogue) {
      expect(state, name).toEqual(
        expect.arrayContaining(['content', 'id', 'requestId', 'creatorId', 'before.modified']),
      )
      for (const compared of ['properties', 'before', 'entity', 'eventType']) expect(state).not.toContain(compared)
    }
  })
  it('is found by entity, or by every entity of a base type', () => {
    expect(typesOf('Identity', ['CREATE', 'WAIT'])).toEqual(['czechidm.Identity.CREATE', 'czechidm.custom'])
    expect(typesOf('Token', ['NOTIFY'])).toEqual(['czechidm.NOTIFY'])
    expect(typesOf('RoleAssignment', ['DELETE', 'NOTIFY'])).toEqual([
      'czechidm.AccAccountRoleAssignment.DELETE',
      'czechidm.IdentityRole.DELETE',
      'czechidm.IdentityRole.NOTIFY',
    ])
    expect(typesOf('SyncConfig', ['CREATE'])).toEqual(['czechidm.CREATE'])
  })
})
