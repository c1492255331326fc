import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { integer, names, number, objectFile, pairs, point, span, spans } from './arguments.js'
import { path, queryOf } from './client.js'
import { specOf } from './spec.js'

const fileWith = (text: string): string => {
  const file = join(mkdtempSync(join(tmpdir(), 'tocsin-cli-')), 'f.yaml')
  writeFileSync(file, text)
  return file
}

describe('arguments', () => {
  it('reads whole numbers within bounds', () => {
    expect(integer(-5, 10)('-5')).toBe(-5)
    for (const text of ['11', '1.5', '', 'x', '1e3', ' 1']) expect(() => integer(-5, 10)(text)).toThrow('from -5 to 10')
  })

  it('reads numbers', () => {
    expect(['7', '-1', '0.25'].map(number)).toEqual([7, -1, 0.25])
    for (const text of ['', 'x', '1e3', '.5', '1.', 'Infinity', '0x1'])
      expect(() => number(text)).toThrow('It must be a number')
  })

  it('reads names, again and again', () => {
    expect(names('c', names('a, b'))).toEqual(['a', 'b', 'c'])
    expect(() => names('a,,b')).toThrow('separated by commas')
  })

  it('reads pairs, JSON where it is JSON', () => {
    expect(pairs('a=b=c', pairs('n=1', pairs('t="1"')))).toEqual({ t: '1', n: 1, a: 'b=c' })
    expect(pairs('x=null')).toEqual({ x: null })
    expect(() => pairs('=1')).toThrow('NAME=VALUE')
  })

  it('reads sequences and times', () => {
    expect(point('0042')).toBe(42)
    expect(point('2026-01-31T12:00:00+01:00')).toBe('2026-01-31T11:00:00.000Z')
    for (const text of ['yesterday', '99999999999999999999', '2026-13-01', ''])
      expect(() => point(text)).toThrow('sequence such as')
  })

  it('reads spans', () => {
    expect(['2d', '3h', '4m', '5s', '6ms'].map(span)).toEqual([172_800_000, 10_800_000, 240_000, 5000, 6])
    expect(spans('3m', spans('1s, 2s'))).toEqual([1000, 2000, 180_000])
    for (const text of ['2', 'd', '1w', '-1d', '1.5h', '1S']) expect(() => span(text)).toThrow('such as 30d')
  })

  it('reads an object from YAML and JSON', () => {
    expect(objectFile(fileWith('name: a\ntypes: ["*"]\n'))).toEqual({ name: 'a', types: ['*'] })
    expect(objectFile(fileWith('{"name": "a"}'))).toEqual({ name: 'a' })
    expect(() => objectFile(fileWith('- a\n'))).toThrow('does not hold an object')
    expect(() => objectFile(fileWith('a: [\n'))).toThrow('not valid YAML or JSON')
    expect(() => objectFile('/nowhere.yaml')).toThrow('cannot be read')
  })
})

describe('requests', () => {
  it('escapes what goes into a path', () => {
    expect(path`/v1/events/${'a/b?c=#é'}/timeline`).toBe('/v1/events/a%2Fb%3Fc%3D%23%C3%A9/timeline')
  })

  it('leaves out of a query what was not given and repeats lists', () => {
    expect(queryOf({ type: ['a', 'b c'], limit: 5, cursor: undefined })).toBe('?type=a&type=b+c&limit=5')
    expect(queryOf({ a: undefined })).toBe('')
  })
})

describe('a subscription from flags', () => {
  it('says only what was said', () => {
    expect(specOf({ name: 'a', url: 'https://h/x', types: ['*'] }, {})).toEqual({
      name: 'a',
      types: ['*'],
      transport: 'webhook',
      target: { url: 'https://h/x' },
    })
    expect(specOf({}, {})).toEqual({})
  })

  it('lies over the file', () => {
    const base = {
      name: 'a',
      transport: 'webhook',
      target: { url: 'https://old', headers: { x: 'y' } },
      retry: { attempts: 3, maxDelay: 9 },
    }
    expect(
      specOf(
        {
          url: 'https://new',
          attempts: 5,
          scope: 'door-1',
          start: 12,
          cel: ['data.a == 1'],
          filter: [{ exact: { source: '/a' } }],
        },
        base,
      ),
    ).toEqual({
      ...base,
      target: { url: 'https://new', headers: { x: 'y' } },
      retry: { attempts: 5, maxDelay: 9 },
      scope: { resource: 'door-1' },
      start: 12,
      filters: [{ exact: { source: '/a' } }, { cel: 'data.a == 1' }],
    })
  })
})
