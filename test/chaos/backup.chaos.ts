import { describe, it } from 'vitest'
import { backUpWhilePublishing } from '../faults/backup.js'
import { expectPrefix } from '../faults/expectations.js'

describe('a backup while events are published', () => {
  it('is a beginning of the log without gaps, ten times', async () => {
    for (const report of await backUpWhilePublishing(10)) expectPrefix(report)
  })
})
