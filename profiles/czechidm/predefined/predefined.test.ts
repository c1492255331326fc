import { describe, expect, it } from 'vitest'
import { catalogue } from '../catalogue.js'
import { resourceTypes } from '../resource-types.js'
import { predefinedProcessor, predefinedProcessors } from './index.js'
import { readProcessors } from './read.js'

const names = new Set(catalogue.map((type) => type.name))
const resources = new Set(resourceTypes.map((type) => type.name))
const count = (holds: (processor: (typeof predefinedProcessors)[number]) => boolean) =>
  predefinedProcessors.filter(holds).length
const inModule = (module: string) => count((processor) => processor.module === module)

describe('the predefined processors', () => {
  it('are 320, by module as the source counts them', () => {
    expect(predefinedProcessors).toHaveLength(320)
    expect(['core', 'acc', 'vs', 'rpt', 'ic'].map(inModule)).toEqual([203, 101, 10, 5, 1])
  })
  it('are as many of each nature as the source counts', () => {
    expect(count(({ since }) => since === '9.5')).toBe(177)
    expect(count(({ disableable }) => !disableable)).toBe(46)
    expect(count(({ asynchronous }) => asynchronous)).toBe(19)
    expect(count(({ closable }) => closable)).toBe(3)
    expect(count(({ conditional }) => conditional)).toBe(122)
    expect(predefinedProcessors.filter(({ votes }) => votes).map(({ name }) => name)).toEqual([
      'acc:identity-save-processor',
    ])
  })
  it('have a name of their own, though modules share names', () => {
    expect(new Set(predefinedProcessors.map(({ name }) => name)).size).toBe(320)
    expect(
      predefinedProcessors.filter(({ name }) => name.endsWith(':role-delete-processor')).map(({ module }) => module),
    ).toEqual(['core', 'acc', 'vs'])
    for (const { name } of predefinedProcessors) expect(name).toMatch(/^[a-z]+:[a-z-]{1,100}$/)
  })
  it('name resource types and event types that the catalogue has', () => {
    for (const { name, resourceType, types } of predefinedProcessors) {
      expect(resources, `${name}: ${resourceType}`).toContain(resourceType)
      for (const type of types) expect(names, `${name}: ${type}`).toContain(type)
      expect(new Set(types).size, name).toBe(types.length)
    }
  })
  it.each([
    ['core', 'identity-save-processor', 0, 'Identity', ['CREATE', 'UPDATE'], '9.5'],
    ['core', 'identity-delete-processor', 0, 'Identity', ['DELETE'], '9.5'],
    ['core', 'identity-publish-change-processor', 10_000, 'Identity', ['CREATE', 'UPDATE', 'EAV_SAVE'], '9.5'],
    ['core', 'entity-event-start-processor', -1000, 'EntityEvent', ['EXECUTE'], '9.5'],
    ['core', 'core-form-attribute-validate-processor', -50, 'FormAttribute', ['UPDATE'], '9.5'],
    ['acc', 'acc-init-remote-server-processor', -10_020, 'ModuleDescriptor', ['INIT'], 'after 9.5'],
    ['vs', 'vs-request-realization-processor', 0, 'VsRequest', ['EXCECUTE'], '9.5'],
  ])('%s:%s stands where the source puts it', (module, name, order, entity, types, since) => {
    expect(predefinedProcessor(module, name)).toMatchObject({
      order,
      resourceType: `czechidm.${entity}`,
      types: types.map((type) => `czechidm.${entity}.${type}`),
      since,
    })
  })
  it('say all that is known of one', () => {
    expect(predefinedProcessor('acc', 'identity-save-processor')).toEqual({
      name: 'acc:identity-save-processor',
      module: 'acc',
      description: expect.stringContaining('pushes the changed identity'),
      resourceType: 'czechidm.Identity',
      types: ['czechidm.Identity.NOTIFY'],
      order: 1000,
      asynchronous: true,
      votes: true,
      disableable: true,
      closable: false,
      conditional: true,
      since: '9.5',
    })
  })
  it('of every event type name none', () => {
    expect(count(({ types }) => types.length === 0)).toBe(1)
    expect(predefinedProcessor('acc', 'provisioning-common-password-notification-processor')?.types).toEqual([])
  })
  it('of a base type name the types of all that implement it', () => {
    const formable = predefinedProcessor('core', 'core-formable-save-processor')?.types ?? []
    expect(formable).toContain('czechidm.Identity.UPDATE')
    expect(formable).not.toContain('czechidm.Token.UPDATE')
    expect(formable).not.toContain('czechidm.UPDATE')
    const any = predefinedProcessor('core', 'core-entity-generate-values-processor')?.types ?? []
    expect(any).toEqual(expect.arrayContaining(['czechidm.Token.CREATE', 'czechidm.CREATE']))
    expect(any.every((type) => type.endsWith('.CREATE'))).toBe(true)
    expect(predefinedProcessor('acc', 'acc-sync-config-save-processor')?.types).toEqual([
      'czechidm.CREATE',
      'czechidm.UPDATE',
    ])
  })
  it('are not found under another module or an unknown name', () => {
    expect(predefinedProcessor('vs', 'identity-save-processor')).toBeUndefined()
    expect(predefinedProcessor('core', 'toString')).toBeUndefined()
  })
})

describe('a table of processors', () => {
  it.each(['', '0 | name | Identity | CREATE | -', 'x | name | Identity | CREATE | - | Does.'])('refuses %j', (line) =>
    expect(() => readProcessors('core', line)).toThrow('no line of a table'),
  )
})
