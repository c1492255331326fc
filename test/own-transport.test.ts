/** The transport of one's own in `docs/transports.md` keeps the contract, by the test that stands beside it there. */
import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
// Inside the package, so that it finds `tocsin` as the package itself.
const folder = join(ROOT, '.cache', `own-transport-${process.pid}`)
const page = readFileSync(join(ROOT, 'docs', 'transports.md'), 'utf8')
const blocks = new Map(
  [...page.matchAll(/```ts\n\/\/ (\S+)\n([\s\S]*?)```/g)].map(([, name = '', text = '']) => [name, text]),
)

beforeAll(() => {
  mkdirSync(folder, { recursive: true })
  for (const [name, text] of blocks) writeFileSync(join(folder, name), text)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const run = (...args: readonly string[]) =>
  promisify(execFile)(process.execPath, ['--import', fileURLToPath(import.meta.resolve('tsx')), ...args], {
    cwd: folder,
  })

it('keeps it', { timeout: 60_000 }, async () => {
  const { stdout } = await run('--test', '--test-reporter=tap', 'line.test.ts')
  expect(stdout).toMatch(/# pass 10\n# fail 0/)
})
