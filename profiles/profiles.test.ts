import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadConfig, NATIVE_TYPES } from '../src/index.js'
import { profiles, profilesFor } from './index.js'

const types = profiles.flatMap((profile) => profile.catalogue ?? [])

describe('the profiles in the box', () => {
  it('are six, each with a translator of its name, but for what speaks another API', () => {
    expect(profiles.map((profile) => profile.name)).toEqual([
      'activid-cms',
      'fim-cm',
      'uw-registry',
      'aps',
      'czechidm',
      'aws',
    ])
    for (const profile of profiles.filter(({ name }) => name !== 'aws'))
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
    expect(cases.length).toBe(types.length - 2)
    for (const type of cases) expect(natives.get(type.caseOf ?? ''), type.name).toBe(type.category)
  })
  it('know the numbers of an installation that its settings name, and say what is wrong with them', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tocsin-profiles-'))
    const event = '{ id: 10007, token: CardReplace, title: Device Replaced, caseOf: device.issued }'
    const typesOf = (catalogue: string) => {
      writeFileSync(join(folder, 'tocsin.yaml'), 'profiles: { actividCms: { catalogue: ./numbers.yaml } }')
      writeFileSync(join(folder, 'numbers.yaml'), catalogue)
      return profilesFor(loadConfig({ folder, environment: {} }).config).flatMap((profile) => profile.catalogue ?? [])
    }
    expect(typesOf(`events: [${event}]`).map(({ name }) => name)).toContain('activid-cms.10007')
    expect(() => typesOf('events: [{ id: x }]')).toThrow(expect.objectContaining({ code: 'invalid_config' }))
    rmSync(join(folder, 'numbers.yaml'))
    const missing = {
      profiles: {
        actividCms: { catalogue: join(folder, 'numbers.yaml') },
        uwRegistry: {},
        aws: { region: 'us-east-1' },
      },
    }
    expect(() => profilesFor(missing)).toThrow(expect.objectContaining({ field: 'profiles.actividCms.catalogue' }))
    rmSync(folder, { recursive: true })
  })
})
