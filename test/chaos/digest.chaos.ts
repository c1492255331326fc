import { describe, expect, it } from 'vitest'
import { type DigestReport, digestKillsOnFile, digestKillsOnNodes, judge } from '../faults/digest-kills.js'
import { seedOfRun } from '../faults/random.js'
import { isLacking, named } from '../faults/tools.js'
import { POSTGRES } from '../services.js'

const expectHeld = (report: DigestReport) =>
  expect({ seed: report.seed, ...judge(report) }).toMatchObject({ lost: [], needless: [], disorder: [] })

describe('kill -9 of who tells digests', () => {
  it('loses nothing in 200 rounds', async () => expectHeld(await digestKillsOnFile(200, seedOfRun())))
})

describe.skipIf(isLacking(POSTGRES))(named('kill -9 of one of two nodes that tell digests', POSTGRES), () => {
  it('loses nothing in 100 rounds', async () => expectHeld(await digestKillsOnNodes(100, seedOfRun())))
})
