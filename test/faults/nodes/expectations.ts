import { expect } from 'vitest'
import type { FullDisk } from './disk-full.js'
import type { Report } from './rounds.js'

/** Milliseconds until every node accepts again after a fault is over. */
const LATEST = 10_000

/** The figures are shown whether it passes or not. */
export function expectHeld(report: Report): void {
  const { paths, ...figures } = report
  const duplicates = Object.values(paths).reduce((sum, path) => sum + path.duplicates, 0)
  process.stdout.write(`${JSON.stringify({ ...figures, duplicates })}\n`)
  for (const [path, verdict] of Object.entries(paths))
    expect(verdict, path).toMatchObject({ lost: [], renamed: [], disorder: [], needless: [] })
  expect(figures).toMatchObject({ strange: [], twoHeads: [], stolen: [], misread: [], open: 0 })
  expect(figures.promised).toBeGreaterThan(0)
  expect(figures.healing).toBeLessThan(LATEST)
}

export function expectFullDiskTold({ promised, refusals, ...found }: FullDisk): void {
  process.stdout.write(`${JSON.stringify({ promised, refusals: refusals.length })}\n`)
  expect(promised).toBeGreaterThan(5)
  for (const refusal of refusals) expect(refusal).toEqual({ status: 503, code: 'unavailable' })
  expect(found).toEqual({ lost: [], disorder: [], missing: [] })
}
