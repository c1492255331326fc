import { describe, expect, it } from 'vitest'
import { InvalidInput } from '../errors.js'
import { TypeCatalogue, type TypeDefinition } from './catalogue.js'

const define = (name: string, caseOf?: string): TypeDefinition => ({
  name,
  title: name,
  category: 'credential',
  ...(caseOf && { caseOf }),
})

const refusal = (definitions: readonly TypeDefinition[]): InvalidInput => {
  try {
    new TypeCatalogue(definitions)
  } catch (error) {
    if (error instanceof InvalidInput) return error
  }
  throw new Error('it was not refused')
}

describe('a catalogue', () => {
  const catalogue = new TypeCatalogue([
    define('activid-cms.20003', 'credential.suspended'),
    define('credential.suspended'),
    define('http://aps-standard.org/core/events/changed'),
  ])

  it('knows its types by name and lists them in order', () => {
    expect(catalogue.get('credential.suspended')?.title).toBe('credential.suspended')
    expect(catalogue.get('credential.*')).toBeUndefined()
    expect(catalogue.list().map((type) => type.name)).toEqual([
      'activid-cms.20003',
      'credential.suspended',
      'http://aps-standard.org/core/events/changed',
    ])
  })

  it('answers the type itself and then the native type it is a case of', () => {
    expect(catalogue.lineage('activid-cms.20003')).toEqual(['activid-cms.20003', 'credential.suspended'])
    expect(catalogue.lineage('credential.suspended')).toEqual(['credential.suspended'])
    expect(catalogue.lineage('open.type')).toEqual(['open.type'])
    expect(catalogue.lineage('constructor')).toEqual(['constructor'])
  })

  it('refuses double names', () => {
    const error = refusal([define('a.b'), define('c.d'), define('a.b')])
    expect(error).toMatchObject({ code: 'invalid_config', field: 'catalogue[2].name' })
  })

  it.each(['', 'credential.*', 'two words', 'naïve.type', 'line\nbreak'])('refuses the name %j', (name) => {
    expect(refusal([define(name)])).toMatchObject({ code: 'invalid_config', field: 'catalogue[0].name' })
  })

  it('refuses a case of something unknown, of itself, and of another case', () => {
    expect(refusal([define('x.y', 'credential.lost')])).toMatchObject({ field: 'catalogue[0].caseOf' })
    expect(refusal([define('x.y', 'x.y')])).toMatchObject({ field: 'catalogue[0].caseOf' })
    const chain = [define('n.v'), define('p.Q', 'n.v'), define('p.R', 'p.Q')]
    expect(refusal(chain)).toMatchObject({ field: 'catalogue[2].caseOf', expected: 'n.v' })
  })
})
