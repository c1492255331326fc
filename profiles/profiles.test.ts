import { describe, expect, it } from 'vitest'
import { NATIVE_TYPES } from '../src/index.js'
import { profiles } from './index.js'

const types = profiles.flatMap((profile) => profile.catalogue ?? [])

describe('the profiles in the box', () => {
  it('are five, each with a translator of its name', () => {
    expect(profiles.map((profile) => profile.name)).toEqual(['activid-cms', 'fim-cm', 'uw-registry', 'aps', 'czechidm'])
    for (const profile of profiles)
      expect(profile.translators?.map((translator) => translator.name)).toEqual([profile.name])
  })
  it('name every type once, under their own prefix or as a URI', () => {
    expect(new Set(types.map((type) => type.name)).size).toBe(types.length)
    for (const profile of profiles) {
      for (const { name } of profile.catalogue ?? [])
        expect(name.startsWith(`${profile.name}.`) || /^http:\/\//.test(name), name).toBe(true)
    }
  })
  it('make their types cases of native ones, of the same category', () => {
    const natives = new Map<string, string>(NATIVE_TYPES.map((type) => [type.name, type.category]))
    const cases = types.filter((type) => type.caseOf !== undefined)
    expect(cases.length).toBe(types.length - 1)
    for (const type of cases) expect(natives.get(type.caseOf ?? ''), type.name).toBe(type.category)
  })
})
