import { describe, expect, it } from 'vitest'
import { type DigestReport, digestKillsOnFile, digestKillsOnNodes, judge, type Told } from '../faults/digest-kills.js'
import { rounds, seedOfRun } from '../faults/random.js'
import { isLacking, named } from '../faults/tools.js'
import { POSTGRES } from '../services.js'

const MINUTES = 60_000

function expectHeld(report: DigestReport): void {
  const { again, ...verdict } = judge(report)
  expect({ seed: report.seed, ...verdict }).toEqual({ seed: report.seed, lost: [], needless: [], disorder: [] })
  expect(report.promised.length).toBeGreaterThan(0)
  // Each kill leaves one message of which nobody knows.
  expect(again).toBeLessThanOrEqual(report.kills.length)
}

describe('kill -9 of who tells digests', () => {
  it('loses nothing, and tells again only what was being told', { timeout: 5 * MINUTES }, async () => {
    expectHeld(await digestKillsOnFile(rounds(6), seedOfRun()))
  })
})

describe.skipIf(isLacking(POSTGRES))(named('kill -9 of one of two nodes that tell digests', POSTGRES), () => {
  it('loses nothing, and tells again only what was being told', { timeout: 5 * MINUTES }, async () => {
    expectHeld(await digestKillsOnNodes(rounds(4), seedOfRun()))
  })
})

const told = (event: number, message: number, more: Partial<Told> = {}): Told => ({
  ...{ event: `e${event}`, sequence: `${event}`.padStart(20, '0'), message, at: message * 10, taken: true },
  ...more,
})

describe('the comparison of digests (controls)', () => {
  it('finds nothing wrong where what was refused, or killed in the middle, comes again', () => {
    const ledger = [told(1, 1, { taken: false }), told(1, 2), told(2, 2), told(1, 3), told(2, 3), told(3, 3)]
    const verdict = judge({ promised: ['e1', 'e2', 'e3'], told: ledger, kills: [25] })
    expect(verdict).toEqual({ lost: [], needless: [], again: 1, disorder: [] })
  })

  it.each([
    ['lost', [told(1, 1, { taken: false })], ['e1']],
    ['needless', [told(1, 1), told(1, 2)], ['e1']],
    ['disorder', [told(2, 1), told(1, 1)], ['e1']],
    ['disorder', [told(2, 1), told(1, 2)], ['e1']],
  ] as const)('finds what is %s', (fault, ledger, found) => {
    expect(new Set(judge({ promised: ['e1'], told: ledger, kills: [99] })[fault])).toEqual(new Set(found))
  })
})
