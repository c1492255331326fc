import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { exportOf, loadModule, resolveModule } from './load-module.js'

const folder = mkdtempSync(join(tmpdir(), 'tocsin-modules-'))
afterAll(() => rmSync(folder, { recursive: true }))

function write(path: string, text: string): string {
  const file = join(folder, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
  return file
}

const here = { from: folder, entry: 'plugins[3]', deadline: 5_000 }
const load = (specifier: string, source: object = {}) => loadModule(specifier, { ...here, ...source })

describe('loadModule', () => {
  it('takes a path relative to the folder, an absolute one, and a URL', async () => {
    const file = write('deep/one.mjs', 'export const answer = 42')
    for (const specifier of ['./deep/one.mjs', file, pathToFileURL(file).href])
      expect((await load(specifier)).answer).toBe(42)
  })

  it('takes packages from the node_modules of the folder, those for import alone too', async () => {
    write('node_modules/@acme/esm/package.json', '{"type":"module","exports":{"./sink":{"import":"./sink.js"}}}')
    write('node_modules/@acme/esm/sink.js', 'export default "an ES module"')
    write('node_modules/old/package.json', '{"main":"main.js"}')
    write('node_modules/old/main.js', 'module.exports = { answer: 43 }')
    expect((await load('@acme/esm/sink')).default).toBe('an ES module')
    expect((await load('old')).default).toEqual({ answer: 43 })
  })

  it.each([
    ['a file that is not there', './none.mjs', /none\.mjs is not there/],
    ['a package that is not installed', 'none', /Cannot find package 'none'/],
    ['a part that a package does not export', '@acme/esm/other', /not defined by "exports"/],
    ['a module of Node', 'node:fs', /a module of Node/],
    ['another protocol', 'https://example.com/x.mjs', /https: is not read/],
    ['nothing', '', /no name/],
  ])('refuses %s', async (_, specifier, why) => {
    await expect(load(specifier)).rejects.toMatchObject({
      code: 'module_not_found',
      field: 'plugins[3]',
      message: expect.stringMatching(why),
      data: { entry: 'plugins[3]', module: specifier },
    })
  })

  it.each([
    ['a syntax error', 'export const = 1', 'syntax', /Unexpected token/],
    ['a throw', 'throw new RangeError("no licence")', 'threw', /no licence/],
    ['a throw of a SyntaxError', 'JSON.parse("{")', 'threw', /JSON/],
    ['something thrown that is no error', 'throw { toString() { throw 1 } }', 'threw', /cannot be told/],
    ['a dependency that is missing', 'import "not-installed"', 'threw', /not-installed/],
    ['an export that its dependency lacks', 'import { nothing } from "node:fs"', 'syntax', /nothing/],
    ['no end', 'await new Promise((done) => setTimeout(done, 60_000).unref())', 'timeout', /within 200 ms/],
  ])('tells why a module with %s is broken', async (_, text, reason, why) => {
    const name = `./broken-${text.length}.mjs`
    write(name, text)
    await expect(load(name, { deadline: reason === 'timeout' ? 200 : 5_000 })).rejects.toMatchObject({
      code: 'module_broken',
      message: expect.stringMatching(why),
      data: { entry: 'plugins[3]', module: name, reason },
    })
  })

  it('loads a file anew for another version', async () => {
    write('changing.mjs', 'export default 1')
    expect((await load('./changing.mjs')).default).toBe(1)
    write('changing.mjs', 'export default 2')
    expect((await load('./changing.mjs')).default).toBe(1)
    expect((await load('./changing.mjs', { version: '2' })).default).toBe(2)
  })

  it('resolves without loading', () => {
    write('throwing.mjs', 'throw 1')
    expect(resolveModule('./throwing.mjs', here).href).toBe(pathToFileURL(join(folder, 'throwing.mjs')).href)
  })
})

describe('exportOf', () => {
  const fits = (value: unknown): value is number => typeof value === 'number'
  const wanted = { what: 'a number', fits }

  it('takes the named one, else default, else the only one that fits', () => {
    expect(exportOf({ default: 1, other: 2 }, 'p', { ...wanted, name: 'other' })).toBe(2)
    expect(exportOf({ default: 1, other: 2 }, 'p', wanted)).toBe(1)
    expect(exportOf({ default: 'no', other: 2 }, 'p', wanted)).toBe(2)
  })

  it.each([
    ['several', { one: 1, two: 2 }, undefined, 'exports one, two'],
    ['none', {}, undefined, 'exports nothing'],
    ['one of another kind', { one: 1, sink: 'x' }, 'sink', 'exports no sink that is a number'],
    ['only inherited ones', { one: 1 }, 'toString', 'exports no toString'],
  ])('refuses %s', (_, module, name, text) => {
    expect(() => exportOf(module, 'plugins[0]', { ...wanted, name })).toThrowError(
      expect.objectContaining({ code: 'module_unfit', message: expect.stringContaining(text) }),
    )
  })
})
