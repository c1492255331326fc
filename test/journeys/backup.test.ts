import { describe, expect, it } from 'vitest'
import { backUpWhilePublishing, copyOfFile } from '../faults/backup.js'
import { expectPrefix } from '../faults/expectations.js'

describe('a backup while events are published', () => {
  it('is a beginning of the log without gaps, and a restore of it begins another epoch', {
    timeout: 240_000,
  }, async () => {
    const reports = await backUpWhilePublishing(2)
    for (const report of reports) expectPrefix(report)
  })

  it('is none if only the file is copied (the control)', { timeout: 120_000 }, async () => {
    const outcome = await backUpWhilePublishing(1, copyOfFile).catch((error: Error) => error.message)
    // Either it is no database at all, or it lacks what was promised.
    if (typeof outcome === 'string') expect(outcome).toContain('is no backup')
    for (const report of typeof outcome === 'string' ? [] : outcome) expect(() => expectPrefix(report)).toThrow()
  })
})
