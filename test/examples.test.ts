/** Every program of examples/ and the one in README.md run against the built package and print what they say they print. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const programs = readdirSync(join(ROOT, 'examples')).filter((name) => name.endsWith('.ts'))
// Inside the package, so that it finds `tocsin` as the package itself.
const copies = join(ROOT, '.cache', `readme-${process.pid}`)

const textOf = (path: string): string => readFileSync(join(ROOT, path), 'utf8')

/** What its first comment says after `Prints:`. */
const promised = (text: string): string => {
  const [, lines = ''] = /^\/\*\*[\s\S]*?Prints:\n([\s\S]*?)\n \*\//.exec(text) ?? []
  return lines.replaceAll(/^ \* {3}/gm, '')
}

/** Standard output, in a working folder of its own. */
function run(file: string): string {
  const cwd = mkdtempSync(join(tmpdir(), 'tocsin-example-'))
  const loader = fileURLToPath(import.meta.resolve('tsx'))
  return execFileSync(process.execPath, ['--import', loader, file], {
    cwd,
    encoding: 'utf8',
    timeout: 60_000,
  }).trimEnd()
}

beforeAll(() => {
  if (!existsSync(join(ROOT, 'dist', 'src', 'index.js'))) throw new Error('The package is not built: npm run build')
  mkdirSync(copies, { recursive: true })
})

afterAll(() => rmSync(copies, { recursive: true, force: true }))

describe('the examples', () => {
  it.each(programs)('%s prints what it promises', { timeout: 60_000 }, (name) => {
    expect(promised(textOf(`examples/${name}`))).not.toBe('')
    expect(run(join(ROOT, 'examples', name))).toBe(promised(textOf(`examples/${name}`)))
  })

  it('README.md begins with a program that runs', { timeout: 60_000 }, () => {
    const [, program = ''] = /```ts\n([\s\S]*?)```/.exec(textOf('README.md')) ?? []
    writeFileSync(join(copies, 'program.ts'), program)
    expect(run(join(copies, 'program.ts'))).toBe(promised(textOf('examples/hello.ts')))
  })
})
