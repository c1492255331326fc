/**
 * The bench runs to its end and prints what it promises. Never how fast: a test machine is no place to tell.
 */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const BUILT = existsSync(new URL('../dist/src/index.js', import.meta.url))

const bench = async (...args: readonly string[]) => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', 'bench/main.ts', 'spine', '--quick', ...args],
    { cwd: ROOT, timeout: 150_000 },
  )
  return stdout
}

describe.skipIf(!BUILT)('npm run bench -- spine', () => {
  it('prints an array of rows with --json', { timeout: 160_000 }, async () => {
    const rows = JSON.parse(await bench('--json')) as Record<string, unknown>[]
    expect(rows).toHaveLength(12)
    for (const row of rows) {
      expect(row).toMatchObject({
        work: expect.any(String),
        unit: expect.any(String),
        ours: expect.any(Number),
        against: expect.any(Object),
        ratio: expect.any(Object),
        runs: 1,
        min: expect.any(Number),
        max: expect.any(Number),
      })
      expect(Object.keys(row.ratio as object)).toEqual(Object.keys(row.against as object))
    }
    expect(rows.filter(({ goal }) => goal !== undefined)).toHaveLength(7)
    expect(rows.filter(({ atMost }) => atMost !== undefined)).toHaveLength(1)
  })

  it('prints a table for people', { timeout: 60_000 }, async () => {
    const lines = (await bench('--only', 'dispatch')).trimEnd().split('\n')
    expect(lines[0]).toMatch(/^work +unit +ours +range +against +its value +ratio +wanted/)
    expect(lines).toHaveLength(4)
  })
})
